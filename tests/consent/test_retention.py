# SPDX-License-Identifier: Apache-2.0
import shutil
import time
from pathlib import Path

import pytest
from sqlalchemy import Table

from consent.errors import Denied, Misused
from consent.keys import UnsafeFileKeys
from consent.reaping import GRACE
from consent.tables import (
    asset,
    asset_view,
    basis,
    moderated,
    rendered,
    selfie,
    selfie_use,
    selfie_view,
)
from consent.words import DAY, HOUR, SECOND, Micros, ObjectId, Purpose, Reason, Step, Subject
from consent.writing import Writing
from feed.tables import feed_share
from tests.conftest import Opener
from tests.rooms import Rooms

FEED = Purpose.FEED_INSERT
YEAR = 365 * DAY


def real_now() -> Micros:
    return Micros(time.time_ns() // 1_000)


def test_a_yes_ends_with_its_term_and_everything_with_it(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    start = rooms.clock.now()
    rooms.selfie(ada)
    rooms.clock.turn_to(Micros(start + YEAR - 1))
    rooms.portrait(ada, Purpose.IMAGINE)
    assert rooms.consent.retention.sweep().bases == 0
    rooms.clock.turn_to(Micros(start + YEAR))
    assert rooms.consent.retention.sweep().bases == 2
    assert rooms.count(basis, ada) == rooms.count(asset, ada) == rooms.count(selfie, ada) == 0
    expired = rooms.entries("expire")
    assert {end["purpose"] for end in expired} == {"likeness", "imagine"}
    assert {end["actor"] for end in expired} == {"system"}


def test_a_renewed_yes_does_not_end_with_the_first_term(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.person("Ada", Purpose.LIKENESS)
    rooms.clock.advance(100 * DAY / SECOND)
    rooms.grant(ada, Purpose.LIKENESS)
    rooms.clock.advance(300 * DAY / SECOND)
    assert rooms.consent.retention.sweep().bases == 0
    rooms.clock.advance(65 * DAY / SECOND)
    assert rooms.consent.retention.sweep().bases == 1


def test_a_term_from_before_a_withdrawal_does_not_end_the_new_yes(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    rooms.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    rooms.clock.advance(100 * DAY / SECOND)
    rooms.grant(ada, Purpose.LIKENESS)
    rooms.clock.advance(300 * DAY / SECOND)
    assert rooms.consent.retention.sweep().bases == 0


def test_a_longer_term_from_before_a_withdrawal_does_not_lengthen_the_new_yes(
    open_rooms: Opener, sqlite_url: str
) -> None:
    lax = open_rooms(sqlite_url, policy="instagram-2025")
    ada = lax.person("Ada", Purpose.LIKENESS)
    lax.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    lax.close()
    strict = open_rooms(sqlite_url)
    strict.grant(ada, Purpose.LIKENESS)
    strict.clock.advance(YEAR / SECOND)
    assert strict.consent.retention.sweep().bases == 1


def test_a_yes_that_has_run_out_opens_nothing_even_before_the_sweep(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    rooms.clock.advance(YEAR / SECOND)
    with pytest.raises(Denied, match="run out"):
        rooms.ask(Step.SELECT, ada, Purpose.IMAGINE, rooms.object())


def test_a_portrait_ends_with_its_own_time_to_the_microsecond(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    rooms.portrait(ada, Purpose.IMAGINE)
    end = rooms.clock.now() + 30 * DAY
    rooms.clock.turn_to(Micros(end - 1))
    assert rooms.consent.retention.sweep().contents == 0
    rooms.clock.turn_to(Micros(end))
    assert rooms.consent.retention.sweep().contents == 1
    assert rooms.count(asset, ada) == 0
    assert rooms.consent.blobs.list() == ()
    assert len(rooms.entries("destroy")) == 1


def test_a_second_sweep_finds_nothing_more(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    rooms.selfie(ada)
    rooms.clock.advance(2 * YEAR / SECOND)
    rooms.consent.retention.sweep()
    size = rooms.consent.ledger.head()[0]
    swept = rooms.consent.retention.sweep()
    assert (swept.bases, swept.contents) == (0, 0)
    assert rooms.consent.ledger.head()[0] == size


def test_bytes_that_no_row_knows_are_reaped_after_the_grace_time(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    rooms.portrait(ada, FEED)
    permit = rooms.ask(Step.STORE, ada, FEED, rooms.object())
    stray = rooms.consent.vault.seal(permit, b"never landed").blob
    retention = rooms.consent.retention
    assert retention.strays() == 1
    assert retention.reap(real_now(), apart=Micros(0)) == 0
    assert rooms.consent.blobs.head(stray)
    assert retention.reap(Micros(real_now() + GRACE + SECOND), apart=Micros(0)) == 1
    assert not rooms.consent.blobs.head(stray)
    assert len(rooms.consent.blobs.list()) == 2
    assert (retention.strays(), retention.lost()) == (0, 0)


def test_the_secret_of_an_account_that_a_crash_prevented_is_reaped(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = rooms.person("Ada")

    def crash(*_: object) -> None:
        raise OSError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(Writing, "close", crash)
        with pytest.raises(OSError, match="killed"):
            rooms.person("Bob")
    assert len(rooms.consent.keys.people()) == 2
    rooms.consent.retention.reap(real_now())
    assert rooms.consent.keys.people() == (ada,)


def test_who_joins_while_the_reaper_looks_keeps_the_secret(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The secret is there before the row: what is seen without the log head held is not enough."""
    honest = type(rooms.consent.keys).people
    joined: list[Subject] = []

    def people(keys: UnsafeFileKeys) -> tuple[Subject, ...]:
        if not joined:
            joined.append(rooms.person("Ada"))
            return (*honest(keys), Subject(404))
        return honest(keys)

    monkeypatch.setattr(type(rooms.consent.keys), "people", people)
    assert rooms.consent.erasures.forget_strangers() == 0
    assert rooms.consent.keys.secret(joined[0])


def test_a_row_without_its_bytes_is_counted_as_lost(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    rooms.selfie(ada)
    for blob in rooms.consent.blobs.list():
        rooms.consent.blobs.delete(blob.name)
    assert rooms.consent.retention.lost() == 1


def test_the_grace_time_is_longer_than_a_permit_lasts(rooms: Rooms) -> None:
    assert rooms.consent.policy.consent.permit_seconds * SECOND < GRACE


def test_bytes_whose_row_lands_while_the_reaper_looks_are_kept(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = rooms.inserted_person()
    blobs, retention = rooms.consent.blobs, rooms.consent.retention
    listed = blobs.list

    def landing_meanwhile() -> object:
        found = listed()
        monkeypatch.setattr(blobs, "list", listed)
        rooms.portrait(ada, FEED)
        return (*found, *listed())

    monkeypatch.setattr(blobs, "list", landing_meanwhile)
    assert retention.reap(Micros(real_now() + GRACE + SECOND), apart=Micros(0)) == 0
    assert retention.lost() == 0


def test_who_renews_while_the_sweep_is_looking_keeps_everything(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    rooms.selfie(ada)
    rooms.clock.advance(YEAR / SECOND - 1)
    retention = rooms.consent.retention
    due = retention._due_bases

    def renewing_meanwhile(now: Micros) -> object:
        found = due(Micros(now + SECOND))
        rooms.grant(ada, Purpose.LIKENESS)
        rooms.clock.advance(1)
        return found

    monkeypatch.setattr(retention, "_due_bases", renewing_meanwhile)
    monkeypatch.setattr(retention, "_due_contents", lambda _now: ())
    retention.sweep()
    assert rooms.count(basis, ada) == rooms.count(selfie, ada) == 1
    assert not rooms.entries("expire")


def test_what_somebody_destroys_meanwhile_does_not_stop_the_sweep(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    for n in range(2):
        rooms.portrait(ada, Purpose.IMAGINE, b"%d" % n)
    rooms.clock.advance(31 * DAY / SECOND)
    retention = rooms.consent.retention
    due = retention._due_contents

    def destroying_one(now: Micros) -> object:
        found = due(now)
        rooms.consent.withdrawals.destroy(*found[0])
        return found

    monkeypatch.setattr(retention, "_due_contents", destroying_one)
    retention.sweep()
    assert rooms.count(asset, ada) == 0


def test_what_lasts_five_minutes_opens_to_the_second_and_from_no_copy_afterwards(
    rooms_on_both: Rooms, tmp_path: Path
) -> None:
    """As tiktok-avatars-2023 promises of selfies and avatars alike."""
    rooms = rooms_on_both
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    kept = _for_five_minutes(rooms, ada)
    folder = rooms.home / "blobs"
    copy = shutil.copytree(folder, tmp_path / "copy of the blobs")
    rooms.clock.advance(299)
    for obj, purpose, table in kept:
        assert rooms.look(ada, obj, purpose, table) == b"for five minutes"
    rooms.clock.advance(2)
    for obj, purpose, table in kept:
        with pytest.raises((Denied, Misused)):
            rooms.look(ada, obj, purpose, table)
    assert rooms.consent.retention.sweep().contents == 2
    assert not [file for file in folder.rglob("*") if file.is_file()]
    shutil.copytree(copy, folder, dirs_exist_ok=True)
    for obj, purpose, table in kept:
        with pytest.raises((Denied, Misused)):
            rooms.look(ada, obj, purpose, table)
    assert rooms.count(selfie) == rooms.count(asset) == rooms.count(selfie_use) == 0, "no key"
    assert len(rooms.entries("destroy")) == 2


Kept = tuple[ObjectId, Purpose, Table]


def _for_five_minutes(rooms: Rooms, ada: Subject) -> tuple[Kept, Kept]:
    """Keep a selfie and a portrait for 300 seconds."""
    ends, content = {"expires_at": rooms.clock.now() + 300 * SECOND}, b"for five minutes"
    face, drawn = rooms.object(), rooms.requested(ada, Purpose.IMAGINE)
    for step, table, columns in (
        (Step.GENERATE, rendered, {}),
        (Step.MODERATE, moderated, {"verdict": "pass"}),
    ):
        permit = rooms.ask(step, ada, Purpose.IMAGINE, drawn, request=drawn)
        rooms.spend(permit, table, columns)
    store = rooms.ask(Step.STORE, ada, Purpose.IMAGINE, drawn, request=drawn)
    sealed = rooms.consent.vault.seal(store, content)
    rooms.spend(store, asset, sealed.columns() | ends)
    enrol = rooms.ask(Step.ENROL, ada, Purpose.LIKENESS, face)
    sealed = rooms.consent.vault.seal(enrol, content)
    with rooms.consent.ledger.write() as writing:
        rooms.consent.vault.keep_selfies(writing, [enrol], [sealed.columns() | ends])
    return (face, Purpose.LIKENESS, selfie_view), (drawn, Purpose.IMAGINE, asset_view)


def test_a_story_ends_with_its_time_and_its_portrait_stays(rooms: Rooms) -> None:
    ada, obj, share = told(rooms)
    rooms.clock.advance(24 * HOUR / SECOND)
    rooms.consent.retention.sweep()
    assert rooms.count(feed_share, ada) == 0
    assert rooms.count(asset, ada) == 1
    with pytest.raises(Misused) as refused:
        rooms.consent.withdrawals.end_share(ada, obj, Purpose.STORY, share=share)
    assert refused.value.reason is Reason.UNKNOWN_KEY


def test_a_story_that_somebody_ends_meanwhile_does_not_stop_the_sweep(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, _, _ = told(rooms)
    rooms.clock.advance(24 * HOUR / SECOND)
    retention = rooms.consent.retention
    due = retention._due_shares

    def ending_it(now: Micros) -> object:
        found = due(now)
        for subject, obj, purpose, share in found:
            rooms.consent.withdrawals.end_share(subject, obj, purpose, share=share)
        return found

    monkeypatch.setattr(retention, "_due_shares", ending_it)
    retention.sweep()
    assert rooms.count(feed_share, ada) == 0


def told(rooms: Rooms) -> tuple[Subject, ObjectId, ObjectId]:
    """Let somebody put a portrait into their story for a day."""
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE, Purpose.STORY)
    obj, share = rooms.portrait(ada, Purpose.IMAGINE), rooms.object()
    permit = rooms.ask(Step.SHARE, ada, Purpose.STORY, obj, confirmed=True)
    until = rooms.clock.now() + 24 * HOUR
    rooms.spend(permit, feed_share, {"share": share, "audience": "story", "ends_at": until})
    return ada, obj, share
