# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

from consent.words import public_id
from engine import wiring
from feed.reports import About, Why
from tests.engine.cli.conftest import Onlyou


def test_reports_are_listed_without_a_name_or_a_picture_and_answered_once(
    onlyou: Onlyou, town_home: Path
) -> None:
    rooms = wiring.open_home(town_home)
    ada = rooms.consent.accounts.find("Ada")
    made = rooms.feed.reports.file(ada.subject, About.PORTRAIT, 7, Why.NOT_ME)
    rooms.consent.ledger.engine.dispose()
    own = public_id(made.id)
    said = onlyou("report", "list", home=town_home)
    assert (said.status, own in said.out, "not-me" in said.out) == (0, True, True)
    assert ada.name not in said.out
    assert ada.id not in said.out
    (one,) = onlyou("report", "list", "--json", home=town_home).json["items"]
    assert (one["id"], one["outcome"]) == (own, None)
    answered = onlyou("report", "answer", own, "dismissed", home=town_home)
    assert (answered.status, answered.out) == (0, f"✓ {own} dismissed\n")
    again = onlyou("report", "answer", own, "upheld", "--json", home=town_home)
    assert (again.status, again.json["reason"]) == (2, "stale")
    unknown = onlyou("report", "answer", "x", "upheld", "--json", home=town_home)
    assert (unknown.status, unknown.json["reason"]) == (2, "unknown-key")
    assert onlyou("report", "list", "--json", home=town_home).json == {"items": []}
