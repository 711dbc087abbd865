# SPDX-License-Identifier: Apache-2.0
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ViewportSize

from engine.experiments.records import FILE
from engine.experiments.report import Report, build
from engine.web.experiments import html
from feed.experiments.analysis import analyse
from feed.experiments.record import Record
from tests.engine import homes
from tests.engine.browsing import page
from tests.engine.experiments import runs
from tests.engine.homes import Home, named
from tests.engine.web.conftest import Visit

PHONE: ViewportSize = {"width": 390, "height": 844}
NARROW: ViewportSize = {"width": 320, "height": 640}
DESK: ViewportSize = {"width": 1280, "height": 900}


def made(record: Record) -> Report:
    return build(record, analyse(record))


@pytest.fixture(scope="module")
def staffed(made_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Sign in as staff on a home with several runs; nothing here writes to it."""
    home = homes.open_copy(made_home, tmp_path_factory.mktemp("staffed") / "home")
    folder = home.rooms.settings.home
    runs.kept(folder)
    runs.kept(folder, "uneven", runs.uneven())
    runs.kept(folder, "few", runs.record(people=60))
    (runs.kept(folder, "spoilt") / FILE).write_text("{}")
    home.client.post("/audit/enter", follow_redirects=False)
    yield home
    home.close()


def test_the_list_says_of_every_run_what_it_found(staffed: Home) -> None:
    shown = page(staffed, "/experiments")
    assert 'href="/experiments/gap"' in shown
    assert made(runs.guarded()).verdict.title in shown
    assert "simulated people" in shown


def test_where_nothing_has_run_it_says_how_to_begin_and_a_person_sees_none(home: Home) -> None:
    home.client.post("/audit/enter", follow_redirects=False)
    assert "Nothing has run yet" in page(home, "/experiments")
    home.client.post("/enter", data={"subject": "Anna"})
    for path in ("/experiments", "/experiments/gap"):
        assert home.client.get(path, headers={"Accept": "text/html"}).status_code == 403


def test_a_run_that_cannot_be_read_is_not_missed(staffed: Home) -> None:
    assert "Its record cannot be read" in page(staffed, "/experiments")


def test_one_page_shows_engagement_trust_safety_and_who_could_be_in_it(staffed: Home) -> None:
    shown = page(staffed, "/experiments/gap")
    for heading in ("Arms", "Safety", "Effect", "What people did", "Whether they trust it"):
        assert f">{heading}</h" in shown
    for heading in ("Who could be in it", "Who ran when", "What the ranker foretold"):
        assert f">{heading}</h" in shown
    for word in ("Took it for an ad", "Surprised to see it", "said no", "not asked yet"):
        assert word in shown


def test_an_invalid_split_shows_the_verdict_and_no_effect(staffed: Home) -> None:
    shown = page(staffed, "/experiments/uneven")
    assert "People were not split as meant" in shown
    assert "Split is invalid" in shown
    for heading in ("Effect", "Safety", "What people did"):
        assert f">{heading}</h" not in shown


def test_every_figure_that_few_made_is_withheld(staffed: Home) -> None:
    few, shown = runs.record(people=60), page(staffed, "/experiments/few")
    assert "under 10" in shown
    assert "withheld" in shown
    small = [one for one in analyse(few).arms if 0 < one.withdrew < 10]
    assert small
    for one in small:
        assert f'data-l="Turned off" class="r">{one.withdrew}<' not in shown


def test_the_calculator_answers_what_it_is_asked(staffed: Home) -> None:
    query = "percent=2&times=1.5&per_day=500&days=30"
    shown = page(staffed, f"/experiments/gap?{query}")
    assert '<th scope="row">1.5</th><td class="r">3,823</td>' in shown
    for odd in ("percent=60&times=2", "percent=1e-300", "percent=2&times=1"):
        assert "There is no answer" in page(staffed, f"/experiments/gap?{odd}")
    bad = staffed.client.get("/experiments/gap?percent=-1", headers={"Accept": "text/html"})
    assert bad.status_code == 422


def test_no_page_of_it_names_anybody_shows_a_face_or_runs_anything(staffed: Home) -> None:
    shown = page(staffed, "/experiments") + page(staffed, "/experiments/gap")
    assert not re.search(r"<(img|script|iframe)|\sstyle=", shown)
    assert named(shown) == []


def test_the_report_is_handed_out_as_a_file(staffed: Home) -> None:
    answer = staffed.client.get("/v1/experiments/gap/report")
    assert answer.headers["content-disposition"] == 'attachment; filename="onlyou-gap.html"'
    assert answer.text == html(made(runs.guarded()))


def test_the_file_needs_nothing_else_and_equal_runs_are_equal_bytes() -> None:
    text = html(made(runs.guarded()))
    assert not re.search(r"<(script|img|link|iframe|object)|@import|url\(|https?://", text)
    assert not re.search(r"\sstyle=", text)
    assert text == html(made(runs.guarded()))


def test_what_an_experiments_author_writes_is_never_markup() -> None:
    plan = runs.plan(title="<b>bold</b>", question="<script>alert(1)</script>")
    text = html(made(replace(runs.record(), experiment=plan)))
    assert "<script>" not in text
    assert "&lt;b&gt;bold&lt;/b&gt;" in text


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "viewport"), [("dark", DESK), ("light", PHONE)])
def test_the_file_is_closed_to_nobody_and_never_scrolls_sideways(
    browser: Browser, tmp_path: Path, scheme: Any, viewport: ViewportSize
) -> None:
    file = tmp_path / "report.html"
    file.write_text(html(made(runs.guarded())), "utf-8")
    context = browser.new_context(viewport=viewport, color_scheme=scheme)
    shown = context.new_page()
    complaints: list[str] = []
    shown.on("console", lambda said: complaints.append(said.text))
    shown.goto(file.as_uri())
    assert shown.evaluate("document.documentElement.scrollWidth") == viewport["width"]
    assert Axe().run(shown).violations_count == 0
    assert complaints == []
    context.close()


@pytest.mark.browser
def test_the_pages_are_closed_to_nobody_and_lead_to_each_other(visit: Visit) -> None:
    runs.kept(visit.home.rooms.settings.home)
    shown = visit.context(viewport=NARROW).new_page()
    shown.on("console", lambda said: visit.complaints.append(said.text))
    shown.goto(f"{visit.url}/enter")
    shown.get_by_role("button", name="Look as an auditor").click()
    shown.get_by_role("link", name="Experiments").click()
    assert Axe().run(shown).violations_count == 0
    shown.get_by_role("link", name="How far apart").click()
    shown.get_by_label("Times as many").fill("2")
    shown.get_by_role("button", name="Work it out").click()
    assert shown.locator("#power ~ .scroll").count() == 2
    assert Axe().run(shown).violations_count == 0
    assert shown.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
    assert visit.complaints == []
