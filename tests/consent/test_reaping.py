# SPDX-License-Identifier: Apache-2.0
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url
from typing_extensions import override

from consent import database, tables
from consent.blobs import ObstoreBlobs, Stored
from consent.errors import Broken
from consent.keys import WEEK
from consent.notes import Checkpoint
from consent.reaping import APART, GRACE, Reaper
from consent.roles import REAPER
from consent.scopes import NOBODY, within
from consent.tables import asset, selfie
from consent.vault import Sealed
from consent.words import DAY, SECOND, Micros, Purpose, Reason, Step, Subject
from tests.conftest import BUCKET, Opener
from tests.postgres import Cluster
from tests.rooms import Rooms

FEED = Purpose.FEED_INSERT
AT_ONCE = Micros(0)
"""For looks that need not be two."""


def later() -> Micros:
    return Micros(time.time_ns() // 1_000 + GRACE + SECOND)


@pytest.fixture(params=["folder", BUCKET])
def rooms(request: pytest.FixtureRequest, open_rooms: Opener, sqlite_url: str) -> Rooms:
    """Open the system with its sealed bytes in a folder and in a bucket."""
    if request.param == "folder":
        return open_rooms(sqlite_url)
    return open_rooms(sqlite_url, blobs=request.getfixturevalue("bucket").open())


def stray(rooms: Rooms, person: Subject) -> str:
    """Seal a portrait whose row never lands."""
    permit = rooms.ask(Step.STORE, person, FEED, rooms.object())
    return rooms.consent.vault.seal(permit, b"never landed").blob


def test_bytes_without_a_row_go_and_those_with_one_stay(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    obj = rooms.portrait(ada, FEED)
    left = stray(rooms, ada)
    retention = rooms.consent.retention
    assert (retention.strays(), retention.lost()) == (1, 0)
    assert retention.reap(later(), apart=AT_ONCE) == 1
    assert not rooms.consent.blobs.head(left)
    rooms.insert(ada, obj)
    assert rooms.look(ada, obj) == b"portrait"


def test_a_row_without_bytes_is_named_and_mended_only_by_hand(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    obj = rooms.portrait(ada, FEED)
    lost = next(b.name for b in rooms.consent.blobs.list() if b.name in portraits(rooms))
    rooms.consent.blobs.delete(lost)
    retention = rooms.consent.retention
    assert retention.lost() == 1
    retention.reap(later(), apart=AT_ONCE)
    assert rooms.count(asset, ada) == 1, "looking costs nobody a portrait"
    assert retention.mend() == 1
    assert (retention.lost(), rooms.count(asset, ada), rooms.count(selfie, ada)) == (0, 0, 1)
    assert [end["t"] for end in rooms.entries("destroy")] == ["destroy"]
    assert rooms.count(tables.tombstone, ada) == 1
    assert obj


def test_a_batch_of_which_one_does_not_land_is_nobodys_and_is_reaped(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = rooms.inserted_person()
    permits = [rooms.ask(Step.STORE, ada, FEED, rooms.object()) for _ in range(3)]
    honest, written = rooms.consent.blobs._put, rooms.consent.ledger.head()  # type: ignore[attr-defined]
    failed: list[str] = []

    def put(name: str, content: bytes) -> None:
        if not failed:
            failed.append(name)
            raise Broken(Reason.UNAVAILABLE, "the store of sealed bytes fails: full")
        honest(name, content)

    monkeypatch.setattr(rooms.consent.blobs, "_put", put)
    with pytest.raises(Broken, match="full"):
        rooms.consent.vault.seal_all([(permit, b"portrait") for permit in permits])
    assert rooms.count(asset) == 0
    assert rooms.consent.ledger.head()[0] == written[0], "the ledger says that nothing was made"
    assert rooms.consent.retention.strays() == 2
    assert rooms.consent.retention.reap(later(), apart=AT_ONCE) == 2
    sealed = rooms.consent.vault.seal_all([(permit, b"portrait") for permit in permits])
    assert all(isinstance(one, Sealed) and rooms.consent.blobs.head(one.blob) for one in sealed)


def test_a_clock_that_is_set_forward_costs_no_young_bytes(
    open_rooms: Opener, sqlite_url: str
) -> None:
    rooms, passed = open_rooms(sqlite_url), [Micros(0)]
    reaper = Reaper(rooms.consent.ledger, rooms.consent.blobs, elapsed=lambda: passed[0])
    ada = rooms.inserted_person()
    permit = rooms.ask(Step.ENROL, ada, Purpose.LIKENESS, rooms.object())
    sealed = rooms.consent.vault.seal(permit, b"selfie")
    assert reaper.reap(later()) == 0, "its row is about to land"
    row = sealed.columns() | {"expires_at": rooms.clock.now() + 30 * DAY}
    with rooms.consent.ledger.write() as writing:
        rooms.consent.vault.keep_selfies(writing, [permit], [row])
    left = stray(rooms, ada)
    passed[0] = APART
    assert reaper.reap(later()) == 0, "the first look that finds it"
    passed[0] = Micros(2 * APART - 1)
    assert reaper.reap(later()) == 0
    passed[0] = Micros(2 * APART)
    assert reaper.reap(Micros(0)) == 0, "the other clock says that it is young"
    assert reaper.reap(later()) == 1
    assert not rooms.consent.blobs.head(left)
    assert rooms.consent.blobs.head(sealed.blob)


def test_what_is_too_much_to_remember_waits_its_turn(
    open_rooms: Opener, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms, passed = open_rooms(sqlite_url), [Micros(0)]
    monkeypatch.setattr("consent.reaping._REMEMBERED", 1)
    reaper = Reaper(rooms.consent.ledger, rooms.consent.blobs, elapsed=lambda: passed[0])
    ada = rooms.inserted_person()
    for _ in range(2):
        stray(rooms, ada)
    reaped = []
    for look in range(3):
        passed[0] = Micros(look * APART)
        reaped.append(reaper.reap(later()))
    assert reaped == [0, 1, 1]


def portraits(rooms: Rooms) -> set[str]:
    with rooms.consent.ledger.read() as connection:
        return set(connection.execute(asset.select()).scalars(asset.c.blob))


class Paged(ObstoreBlobs):
    """A folder whose list is asked for one object at a time, and that does `between` pages."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.between: Callable[[], None] = lambda: None

    @override
    def pages(self, prefix: str = "") -> Iterator[tuple[Stored, ...]]:
        for page in super().pages(prefix):
            for one in page:
                yield (one,)
                self.between()


def test_a_reaper_goes_page_by_page(open_rooms: Opener, sqlite_url: str, tmp_path: object) -> None:
    blobs = Paged(f"{tmp_path}/blobs")
    rooms = open_rooms(sqlite_url, blobs=blobs)
    ada = rooms.inserted_person()
    left = [stray(rooms, ada) for _ in range(3)]
    counted: list[int] = []
    blobs.between = lambda: counted.append(sum(map(blobs.head, left)))
    assert Reaper(rooms.consent.ledger, blobs).reap(later(), apart=AT_ONCE) == 3
    assert sorted(set(counted), reverse=True)[-3:] == [2, 1, 0], "each page before the next"


def test_a_row_that_lands_while_the_reaper_looks_keeps_its_bytes(
    open_rooms: Opener, sqlite_url: str, tmp_path: object
) -> None:
    blobs = Paged(f"{tmp_path}/blobs")
    rooms = open_rooms(sqlite_url, blobs=blobs)
    ada = rooms.inserted_person()
    made: list[int] = []

    def land() -> None:
        if not made:
            made.append(rooms.portrait(ada, FEED))

    blobs.between = land
    assert rooms.consent.retention.reap(later(), apart=AT_ONCE) == 0
    assert rooms.consent.retention.lost() == 0


def test_many_names_are_compared_part_by_part(
    rooms_on_both: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms = rooms_on_both
    ada = rooms.inserted_person()
    for _ in range(2):
        rooms.selfie(ada)
    monkeypatch.setattr("consent.reaping._FEW", 2)
    rooms.consent.blobs.delete(rooms.consent.blobs.list()[0].name)
    found = list(Reaper(rooms.consent.ledger, rooms.consent.blobs).lost())
    assert [person for person, _ in found] == [ada]
    assert rooms.consent.retention.strays() == 0


def test_a_store_that_does_not_answer_is_not_an_empty_store(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = rooms.inserted_person()

    def silent(*_: object) -> None:
        raise Broken(Reason.UNAVAILABLE, "the store of sealed bytes fails")

    monkeypatch.setattr(rooms.consent.blobs, "pages", silent)
    for look in (rooms.consent.retention.mend, rooms.consent.retention.lost):
        with pytest.raises(Broken, match="fails"):
            look()
    assert rooms.count(selfie, ada) == 1


class Full(ObstoreBlobs):
    """A store that has no room left."""

    @override
    def put_new(self, name: str, content: bytes) -> None:
        raise Broken(Reason.UNAVAILABLE, "the store of sealed bytes fails: no room")


def test_a_store_that_takes_nothing_is_not_told_as_filled(
    open_rooms: Opener, sqlite_url: str, tmp_path: Path
) -> None:
    rooms = open_rooms(sqlite_url)
    rooms.inserted_person()
    reaper = Reaper(rooms.consent.ledger, Full(str(tmp_path / "full")))
    with pytest.raises(Broken, match="no room"):
        reaper.fill(rooms.consent.blobs)


def test_a_store_that_gives_nothing_is_not_told_as_taken_over(
    open_rooms: Opener, sqlite_url: str, tmp_path: Path
) -> None:
    class Failing(ObstoreBlobs):
        """A store that has its objects and cannot read them."""

        @override
        def get(self, name: str) -> bytes:
            raise Broken(Reason.UNAVAILABLE, "the store of sealed bytes fails: EIO")

    rooms = open_rooms(sqlite_url)
    rooms.inserted_person()
    failing = Failing(str(tmp_path / "failing"))
    for one in rooms.consent.blobs.list():
        failing.put_new(one.name, b"sealed")
    reaper = Reaper(rooms.consent.ledger, ObstoreBlobs(str(tmp_path / "copy")))
    with pytest.raises(Broken, match="EIO"):
        reaper.fill(failing)


def test_what_goes_between_looking_and_taking_is_passed_over(
    open_rooms: Opener, sqlite_url: str, tmp_path: Path
) -> None:
    class Going(ObstoreBlobs):
        """A store whose objects are deleted as soon as somebody looks at them."""

        @override
        def head(self, name: str) -> bool:
            there = super().head(name)
            self.delete(name)
            return there

    rooms = open_rooms(sqlite_url)
    rooms.inserted_person()
    going = Going(str(tmp_path / "going"))
    named = [one.name for one in rooms.consent.blobs.list()]
    for name in named:
        going.put_new(name, rooms.consent.blobs.get(name))
    reaper = Reaper(rooms.consent.ledger, ObstoreBlobs(str(tmp_path / "copy")))
    assert named
    assert reaper.fill(going) == 0
    assert reaper.fill(going) == 0, "and what neither has stays missing"


@pytest.mark.postgres
def test_what_hangs_on_rows_that_are_hidden_stays(open_rooms: Opener, postgres_url: str) -> None:
    rooms = open_rooms(postgres_url)
    ada = rooms.inserted_person()
    obj = rooms.portrait(ada, FEED)
    rooms.insert(ada, obj)
    with within(NOBODY):
        assert rooms.consent.retention.reap(later(), apart=AT_ONCE) == 0
    assert rooms.consent.retention.lost() == 0
    assert rooms.look(ada, obj) == b"portrait"


@pytest.mark.postgres
def test_who_reads_how_bytes_are_named_needs_no_other_right_to_reap(
    open_rooms: Opener, postgres_url: str, cluster: Cluster
) -> None:
    rooms = open_rooms(postgres_url)
    ada = rooms.inserted_person()
    rooms.portrait(ada, FEED)
    left = stray(rooms, ada)
    named = "onlyou_test_reaps"
    owner = database.connect(cluster.owner(postgres_url))
    with owner.begin() as connection:
        if connection.exec_driver_sql(f"SELECT to_regrole('{named}')").scalar() is None:
            connection.exec_driver_sql(f"CREATE ROLE {named} LOGIN IN ROLE {REAPER}")
    owner.dispose()
    url = make_url(postgres_url).set(username=named).render_as_string(hide_password=False)
    reaper = Reaper(rooms.consent.ledger, rooms.consent.blobs, names=url)
    with within(NOBODY):
        assert reaper.strays() == 1
        assert reaper.reap(later(), apart=AT_ONCE) == 1
    assert not rooms.consent.blobs.head(left)
    assert rooms.consent.retention.lost() == 0


def test_who_reads_how_bytes_are_named_connects_once_a_sweep(
    open_rooms: Opener, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms = open_rooms(sqlite_url)
    ada, opened, connect = rooms.inserted_person(), list[str](), database.connect
    for _ in range(3):
        stray(rooms, ada)

    def counted(url: str) -> Engine:
        opened.append(url)
        return connect(url)

    monkeypatch.setattr("consent.blobs._PAGE", 1)
    monkeypatch.setattr(database, "connect", counted)
    assert len(list(rooms.consent.blobs.pages())) > 3
    reaper = Reaper(rooms.consent.ledger, rooms.consent.blobs, names=sqlite_url)
    assert (reaper.strays(), len(opened)) == (3, 1)
    assert (reaper.reap(later(), apart=AT_ONCE), len(opened)) == (3, 2)
    assert (list(reaper.lost()), len(opened)) == ([], 3)


def test_an_older_copy_of_a_database_deletes_nothing(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    left = stray(rooms, ada)
    stranger = Subject(ada + 1)
    rooms.consent.keys.new_secret(stranger)
    size, _ = rooms.consent.ledger.head()
    head = Checkpoint(rooms.consent.ledger.origin, size + 1, bytes(32))
    rooms.consent.keys.advance(head, lambda _: True)
    rooms.clock.advance(3 * WEEK / SECOND)
    weeks = rooms.consent.keys.weeks()
    for act in (
        partial(rooms.consent.retention.reap, later(), apart=AT_ONCE),
        rooms.consent.retention.sweep,
    ):
        with pytest.raises(Broken, match="lacks entries"):
            act()
    assert rooms.consent.blobs.head(left)
    assert rooms.consent.keys.secret(stranger)
    assert set(weeks) <= set(rooms.consent.keys.weeks())


def test_what_was_written_just_now_is_left_alone(open_rooms: Opener, sqlite_url: str) -> None:
    rooms = open_rooms(sqlite_url)
    left = stray(rooms, rooms.inserted_person())
    assert rooms.consent.retention.reap(Micros(0), apart=AT_ONCE) == 0
    assert rooms.consent.blobs.head(left)


def test_what_cannot_be_read_is_not_told_as_gone(
    open_rooms: Opener, sqlite_url: str, tmp_path: Path
) -> None:
    class Mute(ObstoreBlobs):
        """A store that says what it has and gives nothing."""

        @override
        def get(self, name: str) -> bytes:
            raise Broken(Reason.UNAVAILABLE, "the store of sealed bytes fails: mute")

    rooms = open_rooms(sqlite_url)
    rooms.inserted_person()
    mute = Mute(str(tmp_path / "mute"))
    for one in rooms.consent.blobs.list():
        mute.put_new(one.name, rooms.consent.blobs.get(one.name))
    reaper = Reaper(rooms.consent.ledger, ObstoreBlobs(str(tmp_path / "copy")))
    with pytest.raises(Broken, match="mute"):
        reaper.fill(mute)
