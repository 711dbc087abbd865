# SPDX-License-Identifier: Apache-2.0
"""The words, the answer, turning off and the receipt, as a plain document."""

from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from consent.keepsakes import flaws
from consent.policy import RegionRules
from consent.words import DAY, SECOND, Purpose
from engine import wiring
from engine.rooms import Rooms
from engine.web import site
from tests.engine.api.test_consents import reworded
from tests.engine.browsing import enter, form_of, page, send
from tests.engine.homes import Home


def test_turning_off_is_one_press_and_shows_the_receipt(home: Home) -> None:
    enter(home, "Anna")
    fields = form_of(page(home, "/likeness"), "/likeness/withdraw") | {"purpose": "likeness"}
    text = page(home, send(home, "/likeness/withdraw", fields).headers["location"])
    assert "Off: Use my selfies to draw me" in text
    assert "<dt>Portraits destroyed</dt><dd>2</dd>" in text
    assert "0 on, 12 off" in text
    assert "You have given none." in text
    assert text.count("Its key is gone") == 2
    proof = page(home, "/likeness/receipts/likeness")
    assert "You turned off" in proof
    assert "Signed checkpoint" in proof


def test_turning_on_shows_the_words_first(home: Home) -> None:
    enter(home, "Dora")
    assert "This needs" in page(home, "/likeness/notices/imagine")
    words = page(home, "/likeness/notices/likeness")
    assert "<strong>What for.</strong>" in words
    fields = form_of(words, "/likeness/answer")
    no = send(home, "/likeness/answer", fields | {"answer": "no"})
    assert "Nothing was changed" in page(home, no.headers["location"])
    assert "0 on, 12 off" in page(home, "/likeness")
    yes = send(home, "/likeness/answer", fields | {"answer": "yes"})
    assert "your yes is in the log" in page(home, yes.headers["location"])
    assert "1 on, 11 off" in page(home, "/likeness")


def no_redirects(rooms: Rooms) -> TestClient:
    return TestClient(site(rooms, rooms.settings), follow_redirects=False)


def renewed(home: Home, purpose: str) -> str:
    """Renew as the page offers it: read the words, say yes."""
    words = page(home, f"/likeness/notices/{purpose}")
    fields = form_of(words, "/likeness/answer") | {"answer": "yes"}
    return page(home, send(home, "/likeness/answer", fields).headers["location"])


def test_a_yes_about_to_end_is_said_so_and_renewed_with_the_same_presses(home: Home) -> None:
    enter(home, "Anna")
    assert "needs a look" not in page(home, "/likeness")
    home.clock.advance(340 * DAY // SECOND)
    enter(home, "Anna")
    text = page(home, "/likeness")
    assert "3 of your answers need a look." in text
    assert "Ends by itself in 2" in text
    assert text.count("Renew…") == 3
    assert "2 of your answers need a look." in renewed(home, "feed_insert")
    proof = page(home, "/likeness/receipts/feed_insert")
    assert "You said yes again to" in proof
    assert "2 acts on these pages; turning off takes 1" in proof


def test_a_yes_to_words_that_changed_is_said_so(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = reworded(home, Purpose.FEED_INSERT, monkeypatch)
    enter(newer, "Anna")
    text = page(newer, "/likeness")
    assert "The words have changed since" in text
    assert "1 of your answers needs a look." in text
    assert "needs a look" not in renewed(newer, "feed_insert")


def test_a_yes_that_has_run_out_is_said_so_until_it_is_swept(home: Home) -> None:
    home.clock.advance(366 * DAY // SECOND)
    enter(home, "Anna")
    assert page(home, "/likeness").count("It has run out") == 6
    home.rooms.consent.retention.sweep()
    assert "0 on, 12 off" in page(home, "/likeness")
    assert "Your yes has run out, by itself, to" in page(home, "/likeness/receipts/feed_insert")


def test_a_receipt_says_how_the_yes_was_given_and_what_touched_the_face(home: Home) -> None:
    enter(home, "Anna")
    proof = page(home, "/likeness/receipts/likeness")
    assert "<dt>A notice was shown before</dt><dd>yes</dd>" in proof
    assert "<dt>Ticked for you beforehand</dt><dd>no</dd>" in proof
    assert "The recipe photobooth" in proof
    assert "The checks of your selfies" in proof
    assert "MediaPipe Selfie Segmentation" in proof
    assert "CC0-1.0" in proof
    for kind in ("27560", "kantara"):
        kept = home.client.get(f"/v1/consents/likeness/receipt?format={kind}")
        assert f"/v1/consents/likeness/receipt?format={kind}" in proof
        assert flaws(kept.json(), home.rooms.consent.ledger.signer.verifier) == ()


def test_what_was_implied_is_shown_as_implied_and_never_as_a_yes(
    home: Home,
) -> None:
    chosen = replace(home.rooms.settings, policy="instagram-2025")
    rooms = wiring.build(chosen, home.rooms.consent.ledger.engine, home.clock)
    rooms.consent.publish()
    dora = rooms.consent.accounts.find("Dora").subject
    for purpose in (Purpose.LIKENESS, Purpose.IMAGINE):
        served = rooms.consent.notices.serve(dora, purpose)
        rooms.consent.grants.grant(dora, purpose, served.served_id)
    rooms.consent.grants.imply(dora, Purpose.IMAGINE)
    open_home = Home(rooms=rooms, clock=home.clock, client=no_redirects(rooms))
    enter(open_home, "Dora")
    text = page(open_home, "/likeness")
    assert "Implied since" in text
    assert "You were never asked: it was taken for granted" in text
    assert "Read it…" in text
    proof = page(open_home, "/likeness/receipts/feed_insert")
    assert "Nobody asked you" in proof
    assert "Implied, not agreed to" in proof
    assert "You said yes" not in proof
    renewed(open_home, "feed_insert")
    assert "Read it…" not in page(open_home, "/likeness")


def test_a_minors_pages_ask_the_guardian(home: Home) -> None:
    dora = home.person("Dora")
    home.rooms.consent.attestations.attest(dora, age_band="minor")
    enter(home, "Dora")
    words = page(home, "/likeness/notices/likeness")
    assert "word here, and the log says so" in words
    assert form_of(words, "/likeness/answer")["guardian"] == "true"
    renewed(home, "likeness")
    text = page(home, "/likeness")
    assert "Your parent or guardian said yes" in text
    assert 'name="attest_guardian"' in text
    assert 'name="attest_adult"' not in text
    assert "Your guardian said yes to" in page(home, "/likeness/receipts/likeness")


def test_where_a_policy_stays_out_of_places_the_page_asks_where(home: Home) -> None:
    policy = replace(home.rooms.consent.policy, regions=RegionRules(refused=("US-IL",)))
    home.rooms.consent.gate.policy = policy
    home.rooms.consent.grants._policy = policy
    rooms = replace(home.rooms, consent=replace(home.rooms.consent, policy=policy))
    there = Home(rooms=rooms, clock=home.clock, client=no_redirects(rooms))
    enter(there, "Dora")
    fields = form_of(page(there, "/likeness/notices/likeness"), "/likeness/answer")
    refused = send(there, "/likeness/answer", fields | {"answer": "yes", "region": "US-IL"})
    assert refused.status_code == 403
    assert rooms.consent.attestations.of(home.person("Dora")).region == "US-IL"
