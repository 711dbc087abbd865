# SPDX-License-Identifier: Apache-2.0
"""A real browser on a real server over a copy of the small home."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from tests.engine.homes import Home

PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def chromium() -> str:
    """Find Chromium; without one the suite says so, and CI fails."""
    found = os.environ.get("ONLYOU_CHROMIUM") or shutil.which("chromium")
    if found is None:
        missing = "no Chromium: install it or set ONLYOU_CHROMIUM to try the pages in a browser"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return found


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """Start one browser a test process."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium, args=["--disable-dev-shm-usage"]
        )
        yield started
        started.close()


@dataclass(frozen=True)
class Visit:
    """People at one server, each with a browser context of their own."""

    home: Home
    url: str
    context: Callable[..., BrowserContext]
    complaints: list[str]  #: what the browser's console said, by any page

    def enter(self, name: str, **options: object) -> Page:
        """Sign in as a person and see their feed."""
        page = self.context(**options).new_page()
        page.on("console", lambda said: self.complaints.append(said.text))
        page.goto(f"{self.url}/enter")
        page.get_by_role("button", name=name).click()
        page.wait_for_url(f"{self.url}/")
        return page


@pytest.fixture
def visit(home: Home, browser: Browser) -> Iterator[Visit]:
    """Serve a copy of the home on a free port, and open browser contexts on it."""
    server = uvicorn.Server(
        uvicorn.Config(home.client.app, port=0, log_level="error", access_log=False)
    )
    running = threading.Thread(target=server.run, daemon=True)
    running.start()
    while not server.started:
        running.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    contexts: list[BrowserContext] = []

    def context(**options: object) -> BrowserContext:
        contexts.append(browser.new_context(**{"viewport": PHONE, **options}))  # type: ignore[arg-type]
        return contexts[-1]

    yield Visit(home=home, url=f"http://127.0.0.1:{port}", context=context, complaints=[])
    for one in contexts:
        one.close()
    server.should_exit = True
    running.join(10)
