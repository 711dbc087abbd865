# SPDX-License-Identifier: Apache-2.0
import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ViewportSize

from consent import bundle, policies
from consent.replay import loading
from engine.audit import report
from engine.web.report import html
from tests.engine.homes import Home, named

PHONE: ViewportSize = {"width": 390, "height": 844}
NARROW: ViewportSize = {"width": 320, "height": 640}
DESK: ViewportSize = {"width": 1280, "height": 900}


@pytest.fixture
def made(home: Home, tmp_path: Path) -> report.Report:
    bundle.export(home.rooms.consent, tmp_path / "bundle")
    loaded = loading.load(tmp_path / "bundle")
    assert loaded.recorded is not None
    every = [policies.load(name) for name in policies.names()]
    return report.build(tmp_path / "bundle", loaded.report, loaded.recorded, every)


@pytest.fixture
def file(made: report.Report, tmp_path: Path) -> Path:
    written = tmp_path / "report.html"
    written.write_text(html(made), "utf-8")
    return written


def test_the_file_needs_nothing_else_and_names_nobody(file: Path) -> None:
    text = file.read_text("utf-8")
    assert not re.search(r"<(script|img|link|iframe|object)|@import|url\(|https?://", text)
    assert not re.search(r"\sstyle=", text)
    assert named(text) == []


def test_it_says_what_was_found_and_under_which_rules(made: report.Report, file: Path) -> None:
    text = file.read_text("utf-8")
    assert "The history verifies" in text
    assert made.root in text
    assert made.caveat in text
    for name in policies.names():
        assert name in text
    for one in made.samples:
        assert one.leaf in text
        assert all(node in text for node in one.proof)


def test_equal_audits_are_equal_bytes(made: report.Report) -> None:
    assert html(made) == html(made)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("scheme", "viewport"), [("light", PHONE), ("dark", DESK), ("light", NARROW)]
)
def test_it_is_closed_to_nobody_and_never_scrolls_sideways(
    browser: Browser, file: Path, scheme: Any, viewport: ViewportSize
) -> None:
    context = browser.new_context(viewport=viewport, color_scheme=scheme)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
    assert Axe().run(page).violations_count == 0
    assert complaints == []
    context.close()


@pytest.mark.browser
def test_on_paper_every_proof_is_open(browser: Browser, file: Path) -> None:
    page = browser.new_page()
    page.goto(file.as_uri())
    proof = page.locator(".samples code").first
    assert not proof.is_visible()
    page.emulate_media(media="print")
    assert proof.is_visible()
    page.close()
