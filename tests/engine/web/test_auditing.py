# SPDX-License-Identifier: Apache-2.0
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from consent.room import ConsentRoom
from engine.audit import live
from engine.audit.live import Live
from tests.engine.browsing import page
from tests.engine.homes import Home, named
from tests.engine.web.conftest import Visit


def enter(home: Home) -> None:
    """Sign in as staff by the button on the door."""
    assert 'action="/audit/enter"' in page(home, "/enter")
    answer = home.client.post("/audit/enter", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/audit")


def test_the_page_says_first_whether_the_log_verifies(home: Home) -> None:
    enter(home)
    shown = page(home, "/audit")
    assert "The history verifies" in shown
    size = home.rooms.consent.ledger.head()[0]
    assert f"{size:,} entries hash to the signed root" in shown


@pytest.mark.parametrize("mode", ["pointwise", "closed-loop"])
def test_a_replay_is_shown_under_the_policy_that_was_chosen(home: Home, mode: str) -> None:
    enter(home)
    shown = page(home, f"/audit?policy=lensa-2022&mode={mode}")
    assert "<option selected>lensa-2022</option>" in shown
    told = home.client.get(
        f"/v1/audit/replay?policy=lensa-2022&mode={mode}", headers=home.as_(None, "audit:read")
    ).json()
    cells = told["table"]
    both = cells["allow_allow"] + cells["allow_deny"]
    assert f"{cells['allow_deny']:,} of {both:,} allowed steps would have been denied" in shown
    assert told["caveat"] in shown


def test_no_page_of_it_names_anybody_shows_a_face_or_runs_anything(home: Home) -> None:
    enter(home)
    portrait = home.insert("Anna")["portrait_id"]
    shown = page(home, "/audit") + home.client.get("/v1/audit/report").text
    assert not re.search(r"<(img|script|iframe)", shown)
    assert named(shown) == []
    assert portrait not in shown


def test_the_report_is_handed_out_as_a_file(home: Home) -> None:
    enter(home)
    answer = home.client.get("/v1/audit/report")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.text.startswith("<!doctype html>")


def test_a_staff_cookie_opens_no_feed(home: Home) -> None:
    enter(home)
    assert home.client.get("/", headers={"Accept": "text/html"}).status_code == 403


def test_another_site_cannot_sign_staff_in(home: Home) -> None:
    answer = home.client.post("/audit/enter", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_a_log_that_does_not_verify_is_shown_as_that(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = live.bundle.export

    def spoilt(room: ConsentRoom, directory: Path) -> object:
        manifest = write(room, directory)
        next((directory / "notices").iterdir()).write_text("something else")
        return manifest

    monkeypatch.setattr(live.bundle, "export", spoilt)
    enter(home)
    shown = page(home, "/audit")
    assert "The history does not verify" in shown
    assert "Nothing is replayed" in shown
    assert home.client.get("/v1/audit/report").status_code == 503
    staff = home.as_(None, "audit:read")
    assert home.client.get("/v1/audit", headers=staff).json()["verified"]["ok"] is False
    query = {"policy": "lensa-2022"}
    assert home.client.get("/v1/audit/replay", headers=staff, params=query).status_code == 503


def test_the_same_log_is_verified_once(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    times: list[int] = []
    write = live.bundle.export

    def counted(*given: object) -> object:
        times.append(1)
        return write(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(live.bundle, "export", counted)
    looking = Live(home.rooms.consent)
    assert looking.look() is looking.look()
    assert len(times) == 1


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1280), ("light", 320)])
def test_the_page_is_closed_to_nobody(visit: Visit, scheme: str, width: int) -> None:
    viewport = {"width": width, "height": 800}
    shown = visit.context(viewport=viewport, color_scheme=scheme).new_page()
    shown.on("console", lambda said: visit.complaints.append(said.text))
    shown.goto(f"{visit.url}/enter")
    shown.get_by_role("button", name="Look as an auditor").click()
    shown.wait_for_url(f"{visit.url}/audit")
    shown.get_by_label("replayed under").select_option("lensa-2022")
    shown.get_by_role("button", name="Replay").click()
    expect(shown.locator(".quad caption")).to_contain_text("lensa-2022")
    assert Axe().run(shown).violations_count == 0
    assert shown.evaluate("document.documentElement.scrollWidth") == width
    assert visit.complaints == []
