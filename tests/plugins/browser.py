"""For page tests: `site` is the address of a served `fresh_database`, `page` a browser's tab."""

import os
import shutil
from collections.abc import Iterator

import pytest
from pytest_django.live_server_helper import LiveServer

CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
# Playwright runs an event loop in this thread, and Django would refuse its database there.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@pytest.fixture
def site(fresh_database) -> Iterator[str]:
    """The address under which this test's database is served."""
    server = LiveServer("127.0.0.1")
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium, the system's."""
    from playwright.sync_api import sync_playwright

    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        pytest.fail("Chromium is not installed: make install, or apt-get install chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=list(CHROMIUM))
        yield launched
        launched.close()


@pytest.fixture
def page(browser):
    """A tab with a clean profile and no motion."""
    context = browser.new_context(reduced_motion="reduce", viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()
