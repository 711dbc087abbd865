# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from pathlib import Path

import pytest

from consent.clocks import VirtualClock
from consent.words import public_id
from engine import wiring
from generation.moderation import OpenNsfw
from generation.portraits import HeldBack, Request
from tests.engine.cli.conftest import Onlyou
from tests.engine.town import NINE, Town
from tests.generation.test_moderation import Fixed


@pytest.fixture
def held(town_home: Path) -> str:
    """Draw a portrait of Bo now that no scorer could judge; then let the home go."""
    rooms = wiring.open_home(town_home)
    town = Town(rooms, VirtualClock(NINE), {"Bo": rooms.consent.accounts.find("Bo").subject})
    workshop = rooms.studio._workshop
    failing = replace(workshop.inspector, scorer=Fixed(RuntimeError("broke")))
    rooms.studio.__dict__["_workshop"] = replace(workshop, inspector=failing)
    permit, wish = town.selected("Bo")
    (request,) = rooms.studio.order([permit], [wish])
    assert isinstance(request, Request)
    (made,) = rooms.studio.make([request])
    assert isinstance(made, HeldBack)
    rooms.consent.ledger.engine.dispose()
    return public_id(made.request.id)


def test_what_passes_is_said_to_have_passed(onlyou: Onlyou, town_home: Path, held: str) -> None:
    said = onlyou("appeal", "Bo", held, home=town_home)
    assert (said.status, said.out) == (0, "✓ it passed: its owner can see it now\n")
    again = onlyou("appeal", "Bo", held, "--json", home=town_home)
    assert (again.status, again.json["reason"]) == (2, "unknown-key")


def test_what_does_not_pass_stays_and_is_printed_as_http_has_it(
    onlyou: Onlyou, town_home: Path, held: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OpenNsfw, "score", lambda _self, _pixels: 0.9)
    said = onlyou("appeal", "Bo", held, "--json", home=town_home)
    assert said.status == 1
    told = {name: said.json[name] for name in ("id", "state", "reason", "appeal", "image_url")}
    assert told == {
        "id": held,
        "state": "quarantined",
        "reason": "nsfw",
        "appeal": "used",
        "image_url": None,
    }
    used = onlyou("appeal", "Bo", held, home=town_home)
    assert used.status == 2
    assert "quota" in used.err


def test_somebody_elses_is_not_there(onlyou: Onlyou, town_home: Path, held: str) -> None:
    for wrong in (("Ada", held), ("Bo", "x")):
        said = onlyou("appeal", *wrong, "--json", home=town_home)
        assert (said.status, said.json["reason"]) == (2, "unknown-key")
