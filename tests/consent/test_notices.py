# SPDX-License-Identifier: Apache-2.0
import hashlib
from importlib.resources import files

import pytest
from sqlalchemy import select

from consent.errors import Misused
from consent.notices import current, read_notices
from consent.tables import notice_served, published
from consent.words import Purpose, Reason
from tests.conftest import Opener
from tests.rooms import Rooms

ASKED_FOR = set(Purpose) - {Purpose.ADS, Purpose.TRAINING}


def test_every_purpose_that_anybody_is_asked_for_has_words_in_english() -> None:
    found = {notice.purpose for notice in read_notices() if notice.language == "en"}
    assert found == ASKED_FOR


def test_a_notice_is_named_by_the_hash_of_the_words_that_are_read() -> None:
    for notice in read_notices():
        name = f"{notice.purpose}.{notice.language}.md"
        file = (files("data") / "notices" / name).read_bytes()
        assert notice.sha256 == hashlib.sha256(notice.text.encode()).hexdigest()
        assert file == f"version: {notice.version}\n{notice.text}".encode()
        assert notice.version
        assert not notice.text.startswith("version")


def test_the_words_for_inserts_say_who_sees_them_and_how_to_stop() -> None:
    (words,) = (n.text for n in read_notices() if n.purpose is Purpose.FEED_INSERT)
    for said in ("Only you", "at any time", "destroyed", "never"):
        assert said.lower() in words.lower()


def test_a_file_without_a_version_is_refused() -> None:
    from consent.notices import _notice  # noqa: PLC0415 - the one private thing tried here

    with pytest.raises(Misused, match="must begin with 'version: '"):
        _notice("likeness.en.md", "# Words\nwithout a version\n")


def test_serving_is_logged_and_remembered_with_what_was_shown(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.person("Ada")
    served = rooms.consent.notices.serve(ada, Purpose.LIKENESS)
    body = rooms.consent.entry(served.seq)
    assert (body["t"], body["purpose"]) == ("notice.served", "likeness")
    assert body["notice"] == served.notice.sha256
    assert body["tag"] == rooms.tag(ada)
    with rooms.consent.ledger.read() as connection:
        row = connection.execute(select(notice_served)).one()
    assert served.served_id in tuple(row)


def test_every_serving_has_an_id_of_its_own(rooms: Rooms) -> None:
    ada = rooms.person("Ada")
    ids = {rooms.consent.notices.serve(ada, Purpose.LIKENESS).served_id for _ in range(5)}
    assert len(ids) == 5


def test_a_language_that_is_not_there_falls_back_to_english(rooms: Rooms) -> None:
    assert rooms.consent.notices.find(Purpose.LIKENESS, "xx").language == "en"


@pytest.mark.parametrize("purpose", [Purpose.ADS, Purpose.TRAINING])
def test_nobody_is_ever_asked_for_advertising_or_training(rooms: Rooms, purpose: Purpose) -> None:
    ada = rooms.person("Ada")
    with pytest.raises(Misused) as nothing:
        rooms.consent.notices.serve(ada, purpose)
    assert nothing.value.reason is Reason.NOTICE_MISSING


def test_the_policy_and_all_notices_are_published_once_and_first(
    open_rooms: Opener, sqlite_url: str
) -> None:
    rooms = open_rooms(sqlite_url)
    size = rooms.consent.ledger.head()[0]
    rooms.consent.publish()
    open_rooms(sqlite_url)
    assert rooms.consent.ledger.head()[0] == size == 1 + len(rooms.consent.notices.all)
    with rooms.consent.ledger.read() as connection:
        contents = connection.execute(select(published.c.sha256, published.c.content)).all()
    assert all(hashlib.sha256(c.encode()).hexdigest() == sha for sha, c in contents)


def test_what_is_in_force_is_told_by_purpose() -> None:
    now = current(read_notices())
    assert set(now) == set(Purpose)
    assert now[Purpose.ADS] == frozenset()
    assert len(now[Purpose.LIKENESS]) >= 1
