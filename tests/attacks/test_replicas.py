# SPDX-License-Identifier: Apache-2.0
"""A database that is behind opens nothing: a lagging replica, a copy, a backup put back.

Source: the "new enemy" of Zanzibar, where an old permission meets a new object, or the reverse.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from consent.errors import Broken
from consent.keys import Holding, UnsafeFileKeys
from consent.room import ConsentRoom
from consent.tables import basis, log_head
from consent.words import Purpose, Subject
from tests.conftest import Opener
from tests.engine import homes
from tests.engine.homes import Home

PICTURES = (b"\xff\xd8\xff", b"RIFF", b"\x89PNG")


@pytest.fixture
def behind(home: Home, tmp_path: Path) -> Iterator[Callable[[], Home]]:
    """Keep a copy of a home's database as it is now, to be opened under its later keys."""
    ours = home.rooms.settings.home
    kept = tmp_path / "replica.sqlite3"
    with (
        closing(sqlite3.connect(ours / "onlyou.sqlite3")) as now,
        closing(sqlite3.connect(kept)) as copy,
    ):
        now.backup(copy)
    shutil.copytree(ours / "blobs", tmp_path / "blobs-before")
    opened: list[Home] = []

    def open_it() -> Home:
        shutil.copytree(tmp_path / "blobs-before", ours / "blobs", dirs_exist_ok=True)
        stale = tmp_path / "stale"
        shutil.copytree(ours, stale, ignore=shutil.ignore_patterns("onlyou.sqlite3*"))
        shutil.copy(kept, stale / "onlyou.sqlite3")
        opened.append(homes.open_copy(stale, tmp_path / "answering"))
        return opened[-1]

    yield open_it
    for one in opened:
        one.close()


def withdraw(home: Home) -> None:
    gone = home.client.delete("/v1/consents/feed_insert", headers=home.as_("Anna"))
    assert gone.status_code == 200


def opens(home: Home, url: str) -> bool:
    """Say whether any byte of a picture comes; nothing else may come in its place."""
    answer = home.client.get(url, headers=home.as_("Anna"))
    if answer.content.startswith(PICTURES):
        return True
    assert answer.status_code in {404, 503}, answer.text
    return False


def test_a_copy_from_before_a_withdrawal_opens_nothing(
    home: Home, behind: Callable[[], Home]
) -> None:
    url = home.insert("Anna")["image_url"]
    withdraw(home)
    stale = behind()
    assert not opens(stale, url)
    assert stale.client.get(url, headers=stale.as_("Anna")).status_code == 503


def test_without_the_guard_it_does(
    home: Home, behind: Callable[[], Home], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = home.insert("Anna")["image_url"]
    withdraw(home)
    monkeypatch.setattr(UnsafeFileKeys, "signed", lambda _self: 0)
    assert opens(behind(), url)


def test_a_viewing_session_that_is_under_way_ends_on_it_too(
    home: Home, behind: Callable[[], Home]
) -> None:
    """Looks within a session write nothing, so nothing but the key's opening can refuse them."""
    url = home.insert("Anna")["image_url"]
    assert opens(home, url)
    withdraw(home)
    assert not opens(behind(), url)


@pytest.mark.parametrize("hours", [-1, 0, 1])
def test_whatever_its_clock_says(home: Home, behind: Callable[[], Home], hours: int) -> None:
    url = home.insert("Anna")["image_url"]
    withdraw(home)
    stale = behind()
    stale.clock.advance(hours * 3600)
    assert not opens(stale, url)


def test_a_database_that_is_exchanged_under_a_running_server_opens_nothing(
    home: Home, behind: Callable[[], Home], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = home.insert("Anna")["image_url"]
    withdraw(home)
    replica: Engine = behind().rooms.consent.ledger.engine
    monkeypatch.setattr(home.rooms.consent.ledger, "engine", replica)
    assert not opens(home, url)


def test_a_copy_that_is_not_behind_serves(home: Home, behind: Callable[[], Home]) -> None:
    """Nothing was signed since: the same pictures are everybody's who may see them."""
    assert opens(behind(), home.insert("Anna")["image_url"])


def test_a_view_that_is_a_moment_old_is_no_stale_database(
    open_rooms: Opener, postgres_url: str
) -> None:
    """Somebody signs a later head between the beginning of a view and the opening of its keys."""
    consent = open_rooms(postgres_url).consent
    anna = consent.accounts.add("Anna").subject
    mine = say_yes(consent, anna)
    with consent.ledger.read() as before:
        size = before.execute(select(log_head.c.size)).scalar_one()
        consent.accounts.add("Ben")
        consent.notices.serve(anna, Purpose.LIKENESS)
        consent.ledger.checkpoint()
        assert consent.ledger.head()[0] > size
        assert mine in consent.vault._keys.open(before, [mine])


def say_yes(consent: ConsentRoom, person: Subject) -> Holding:
    """Say yes to one's likeness, and name the key that hangs on it."""
    served = consent.notices.serve(person, Purpose.LIKENESS)
    consent.grants.grant(person, Purpose.LIKENESS, served.served_id)
    return holding(consent, person)


def holding(consent: ConsentRoom, person: Subject) -> Holding:
    of = select(basis.c.epoch).where(basis.c.subject == person, basis.c.purpose == "likeness")
    with consent.ledger.read() as connection:
        return person, Purpose.LIKENESS, connection.execute(of).scalar_one()


def test_it_says_what_is_wrong(home: Home, behind: Callable[[], Home]) -> None:
    mine = holding(home.rooms.consent, home.person("Anna"))
    withdraw(home)
    stale = behind().rooms.consent
    with stale.ledger.read() as connection, pytest.raises(Broken, match="lacks entries"):
        stale.vault._keys.open(connection, [mine])
