"""What every test may ask for: databases, golden files and a browser (see tests/plugins)."""

from hypothesis import settings

pytest_plugins = ["tests.plugins.database", "tests.plugins.golden", "tests.plugins.browser"]

# A slow machine is no failure: no example has a time limit.
settings.register_profile("house", deadline=None)
settings.load_profile("house")
