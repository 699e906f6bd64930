"""What every test may ask for: databases, golden files and a browser (see tests/plugins)."""

pytest_plugins = ["tests.plugins.database", "tests.plugins.golden", "tests.plugins.browser"]
