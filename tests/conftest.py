"""What every test may ask for: databases, golden files and a browser (see tests/plugins)."""

from hypothesis import settings

pytest_plugins = ["tests.plugins.database", "tests.plugins.golden", "tests.plugins.browser"]

# A slow machine is no failure: no example has a time limit. The house draws the same examples every
# time, so that a red test is the change's; `--hypothesis-profile=long` draws others, and further
# wherever a test does not say how many examples it needs.
settings.register_profile("house", deadline=None, max_examples=40, derandomize=True)
settings.register_profile("long", deadline=None, max_examples=2000)
settings.load_profile("house")
