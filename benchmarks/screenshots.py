# SPDX-License-Identifier: Apache-2.0
"""Take the README's picture of the pages from a demo home, as a person with a portrait sees them.

    python benchmarks/screenshots.py HOME docs/img/feed.png [--person Sam] [--font Inter]
    python benchmarks/screenshots.py HOME docs/img/pages.png --show feed why likeness

Phones side by side: the feed, why a portrait is there, the control centre. HOME is what
`onlyou demo --no-serve --home HOME` made. It opens the home as `onlyou serve` does, so a label
and views are logged. `--font` stands in for a phone's system font where the machine has none.
"""

import argparse
import io
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal

import uvicorn
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, sync_playwright

from engine import wiring
from engine.rooms import Rooms
from engine.web import site
from feed.items import Imagined

Scheme = Literal["light", "dark"]

PHONE = (390, 844)
SCALE = 1.5
GAP = 36
RADIUS = 44
STAND_IN = """addEventListener("DOMContentLoaded", () =>
    document.documentElement.style.setProperty("--text", "%s, system-ui, sans-serif"));"""
PAPER: Mapping[Scheme, str] = {"light": "#ebe4d6", "dark": "#0b0a08"}


@contextmanager
def serving(rooms: Rooms) -> Iterator[str]:
    """Serve a home on a free port with the development issuer, and give the address."""
    app = site(rooms, replace(rooms.settings, dev_tokens=True))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", access_log=False))
    running = threading.Thread(target=server.run, daemon=True)
    running.start()
    while not server.started:
        running.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    running.join(10)


def somebody(rooms: Rooms) -> str:
    """Find a person whose first page holds a portrait."""
    for account in rooms.consent.accounts.list():
        page = rooms.feed.pages.of(account.subject, None, 12)
        if any(isinstance(item, Imagined) for item in page.items):
            return account.name
    raise SystemExit("nobody in this home has a portrait in their feed; run `onlyou demo` first")


def feed(page: Page) -> None:
    """Scroll until the portrait stands under the end of a post."""
    page.locator("article.mine").evaluate(
        "card => window.scrollTo(0, card.getBoundingClientRect().top + scrollY - 150)"
    )
    page.wait_for_function("document.querySelector('.mine .mat img').complete")


def why(page: Page) -> None:
    """Open the reasons and bring them into sight."""
    page.get_by_role("link", name="Why this?").click()
    page.locator("section.why").wait_for()
    page.locator("article.mine .chips").evaluate(
        "chips => window.scrollTo(0, chips.getBoundingClientRect().top + scrollY - 200)"
    )


def likeness(page: Page) -> None:
    """Go to the control centre."""
    page.goto(page.url.rstrip("/") + "/likeness")


def studio(page: Page) -> None:
    """Go to the styles in the studio; for whoever said yes to packs."""
    page.goto(page.url.rstrip("/") + "/studio")
    page.wait_for_load_state("networkidle")
    page.locator("#pack").evaluate("one => scrollTo(0, one.getBoundingClientRect().top - 80)")


def share(page: Page) -> None:
    """Open the page that names who would see a portrait."""
    page.get_by_role("link", name="Share…").first.click()
    page.wait_for_load_state("networkidle")


def welcome(page: Page) -> None:
    """Join as somebody new, which writes an account and a served notice into the home."""
    page.goto(page.url.rstrip("/") + "/enter")
    page.get_by_label("Your name").fill(f"Somebody {time.time_ns() % 10**6}")
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/welcome")


def experiments(page: Page) -> None:
    """Look, as staff, at the first experiment that ran, from what stopped it on."""
    address = page.url.rstrip("/")
    page.goto(f"{address}/enter")
    page.get_by_role("button", name="Look as an auditor").click()
    page.wait_for_url("**/audit")
    page.goto(f"{address}/experiments")
    page.locator(".runs a").first.click()
    page.locator("#arms").wait_for()


ACTS: Mapping[str, Callable[[Page], None]] = {
    "feed": feed,
    "why": why,
    "likeness": likeness,
    "studio": studio,
    "share": share,
    "welcome": welcome,
    "experiments": experiments,
}


def shots(
    address: str, name: str, look: tuple[Scheme, str], acts: Sequence[str]
) -> Iterator[Image.Image]:
    """Photograph each page as a phone shows it."""
    chromium = os.environ.get("ONLYOU_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        for act in acts:
            yield photograph(browser, address, name, look, ACTS[act])
        browser.close()


def photograph(
    browser: Browser,
    address: str,
    name: str,
    look: tuple[Scheme, str],
    act: Callable[[Page], None],
) -> Image.Image:
    """Sign in, act, and take one picture."""
    scheme, font = look
    context = browser.new_context(
        viewport={"width": PHONE[0], "height": PHONE[1]},
        device_scale_factor=SCALE,
        color_scheme=scheme,
    )
    context.add_init_script(STAND_IN % font if font else "")
    page = context.new_page()
    page.goto(f"{address}/enter")
    page.get_by_role("button", name=name).click()
    page.wait_for_url(f"{address}/")
    act(page)
    page.wait_for_load_state("networkidle")
    taken = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    context.close()
    return taken


def framed(pictures: list[Image.Image], ground: str) -> Image.Image:
    """Lay phones side by side with round corners."""
    gap, radius = round(GAP * SCALE), round(RADIUS * SCALE)
    width = sum(one.width for one in pictures) + gap * (len(pictures) + 1)
    sheet = Image.new("RGB", (width, pictures[0].height + 2 * gap), ground)
    left = gap
    for one in pictures:
        mask = Image.new("L", one.size, 0)
        ImageDraw.Draw(mask).rounded_rectangle((0, 0, *one.size), radius, fill=255)
        sheet.paste(one, (left, gap), mask)
        left += one.width + gap
    return sheet


def main() -> None:
    """Read the arguments and write the picture."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("home", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--person", default="", help="whose feed; the first with a portrait")
    parser.add_argument("--show", nargs="+", choices=sorted(ACTS), default=["feed"])
    parser.add_argument("--font", default="")
    parser.add_argument("--scheme", choices=sorted(PAPER), default="light")
    given = parser.parse_args()
    rooms = wiring.open_home(given.home)
    with serving(rooms) as address:
        person = given.person or somebody(rooms)
        pictures = list(shots(address, person, (given.scheme, given.font), given.show))
    given.out.parent.mkdir(parents=True, exist_ok=True)
    sheet = framed(pictures, PAPER[given.scheme])
    sheet.quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(given.out, optimize=True)
    print(f"{given.out}: {sheet.width} x {sheet.height}, {given.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
