# SPDX-License-Identifier: Apache-2.0
import shutil
from pathlib import Path

import pytest

from consent.words import Purpose, Step
from tests.conftest import Opener
from tests.rooms import ORIGIN, Rooms


def test_one_portrait_goes_from_a_yes_to_its_owners_eyes(rooms_on_both: Rooms) -> None:
    ada = rooms_on_both.inserted_person()
    portrait = rooms_on_both.portrait(ada, Purpose.FEED_INSERT, b"ada as an astronaut")
    rooms_on_both.insert(ada, portrait)
    assert rooms_on_both.look(ada, portrait) == b"ada as an astronaut"


def test_the_whole_life_of_a_portrait_is_told_by_one_request(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.inserted_person()
    portrait = rooms.portrait(ada, Purpose.FEED_INSERT)
    rooms.insert(ada, portrait)
    rooms.look(ada, portrait)
    (name,) = {found["request"] for found in rooms.entries() if "request" in found}
    told = [
        (found["t"], found["step"]) for found in rooms.entries() if found.get("request") == name
    ]
    steps = (Step.SELECT, Step.GENERATE, Step.MODERATE, Step.STORE, Step.INSERT, Step.VIEW)
    assert told == [(t, str(step)) for step in steps for t in ("decision", "effect")]


def test_the_same_home_opened_again_knows_everything(open_rooms: Opener, sqlite_url: str) -> None:
    before = open_rooms(sqlite_url)
    ada = before.inserted_person()
    portrait = before.portrait(ada, Purpose.FEED_INSERT)
    before.insert(ada, portrait)
    root = before.consent.ledger.tree().root()
    before.close()
    after = open_rooms(sqlite_url)
    assert after.consent.ledger.tree().root() == root
    assert after.consent.ledger.origin == ORIGIN
    assert after.look(ada, portrait) == b"portrait"


def test_the_same_seed_writes_the_same_ledger(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Everything random comes in through one port: two equal homes have one root."""

    def root(seed: int) -> bytes:
        home = tmp_path_factory.mktemp("home")
        shutil.copy(sqlite_template, home / "onlyou.db")
        rooms = Rooms.open(f"sqlite:///{home}/onlyou.db", home, seed=seed)
        rooms.portrait(rooms.inserted_person(), Purpose.FEED_INSERT)
        rooms.close()
        return rooms.consent.ledger.tree().root()

    assert root(7) == root(7) != root(8)
