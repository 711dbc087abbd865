# SPDX-License-Identifier: Apache-2.0
"""How soon a page shows something in Chromium, and how many bytes it takes without its images.

`onlyou bench first_paint`: `onlyou serve` over a small made home; each load is a new browser
context, so nothing is cached but what the browser always has. First contentful paint is the
browser's own figure (Paint Timing); its floor is that of a page of one word from the ping server,
loaded in turn with ours. Bytes are whole response bodies: document, style and script.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, Response, sync_playwright

from benchmarks.conditions import Result, report
from benchmarks.feed_api import Server, serving
from engine import settings
from tests.engine import homes

PACKAGES: Final = ("fastapi", "starlette", "uvicorn", "jinja2", "playwright")
WHO: Final = "Anna"
PAGES: Final = ("/", "/likeness", "/studio")
MISSING: Final = "no Chromium: install it or set ONLYOU_CHROMIUM"
_SERVE: Final = """
import sys
from pathlib import Path
from engine import wiring
from engine.cli import running
running._serve(wiring.open_home(Path(sys.argv[1]), strict=False), int(sys.argv[2]))
"""
_PAINT: Final = """() => new Promise(done => new PerformanceObserver(list => {
    const seen = list.getEntriesByName('first-contentful-paint');
    if (seen.length) done(seen[0].startTime);
}).observe({type: 'paint', buffered: true}))"""


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Load each page 21 times; smoke: once."""
    del users
    chromium = os.environ.get("ONLYOU_CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        return report("first_paint", smoke=smoke, packages=PACKAGES, results=[]) | {
            "skipped": MISSING
        }
    words = [sys.executable, "-m", "benchmarks.ping"]
    with serving(words) as ping, living() as port, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        found = list(_measured(browser, ping, port, 1 if smoke else 21))
        results = [*found, _version(browser.version)]
        browser.close()
    return report("first_paint", smoke=smoke, packages=PACKAGES, results=results)


@contextmanager
def living() -> Iterator[int]:
    """Serve the small home of the tests, whose clock goes on from where it was made."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        homes.make(home)
        settings.write(replace(settings.read(home), simulated_clock=True))
        with serving([sys.executable, "-c", _SERVE, str(home)]) as server:
            yield server.port


def _measured(browser: Browser, ping: Server, port: int, n: int) -> Iterator[Result]:
    door = browser.new_context()
    _enter(door, port)
    signed_in = door.storage_state()
    door.close()
    for path in PAGES:
        times, floors = [], []
        for _ in range(n):
            floors.append(_paint(browser, f"http://127.0.0.1:{ping.port}/", None)[0])
            took, weight = _paint(browser, f"http://127.0.0.1:{port}{path}", signed_in)
            times.append(took)
        yield _row(f"first contentful paint of {path}, half within", times, floors)
        yield {**_row(f"first contentful paint of {path}, slowest", [max(times)], [max(floors)])}
        yield _plain(f"bytes of {path} without images", weight, "bytes", 1)


def _enter(context: BrowserContext, port: int) -> None:
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{port}/enter")
    page.get_by_role("button", name=WHO).click()
    page.wait_for_url(f"http://127.0.0.1:{port}/")


def _paint(browser: Browser, url: str, signed_in: Any) -> tuple[float, int]:  # noqa: ANN401 - Playwright's own shape
    """Load a page as somebody's first: when it paints, in ms, and its bytes without images."""
    context = browser.new_context(storage_state=signed_in, viewport={"width": 390, "height": 844})
    page, seen = context.new_page(), list[Response]()
    page.on("response", lambda answer: seen.append(answer))  # noqa: PLW0108 - Playwright marks it
    opened = page.goto(url, wait_until="networkidle")
    assert opened is not None
    assert opened.ok, (url, opened.status)
    took = float(page.evaluate(_PAINT))
    weight = sum(len(one.body()) for one in seen if _counts(one))
    context.close()
    return took, weight


def _counts(answer: Response) -> bool:
    return answer.ok and not answer.headers.get("content-type", "").startswith("image/")


def _row(what: str, own: Sequence[float], floors: Sequence[float]) -> Result:
    value, floor = median(own), median(floors)
    plain = _plain(what, round(value, 1), "ms", len(own))
    return plain | {
        "floor": round(floor, 1),
        "ratio": round(value / floor, 2),
        "spread": round(max(own) - min(own), 1),
    }


def _plain(what: str, value: float, unit: str, n: int) -> dict[str, Any]:
    empty = {"floor": None, "ratio": None, "spread": None}
    return {"what": what, "value": value, "unit": unit, "n": n, **empty}


def _version(browser: str) -> Result:
    return _plain(f"Chromium {browser}", 1, "browser", 1)
