# SPDX-License-Identifier: Apache-2.0
"""Being forgotten: afterwards nothing opens, nothing is left, and everything still verifies."""

import hmac
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from consent import bundle, certificates, entries, envelopes, tables, verify
from consent.errors import Broken, Misused, OnlyouError
from consent.tables import erasure, metadata
from consent.words import DAY, ROOTS, SECOND, Actor, Purpose, Reason, Subject
from feed import tables as feed_tables
from generation.tables import conditioning as kept
from tests.conftest import Opener
from tests.consent import history
from tests.rooms import Rooms

CONTENTS = 6
"""Sealed contents of `full_person`: four selfies and two portraits."""
DESCRIBED = 1
"""And what is kept beside one of the selfies, in its row."""
KEPT = {"notice_served", "granted"}
"""What a person's number may still stand in: the seqs that the ledger's entries rest on."""


def full_person(rooms: Rooms, name: str = "Ada") -> Subject:
    """Somebody of whom there is a row in every table that can hold one."""
    ada = rooms.inserted_person(name)
    for purpose in (Purpose.IMAGINE, Purpose.PERSONALISATION, Purpose.TELEMETRY):
        rooms.grant(ada, purpose)
    rooms.consent.withdrawals.withdraw(ada, Purpose.TELEMETRY)
    history.insert(rooms, ada)
    gone = history.imagine(rooms, ada)
    rooms.consent.withdrawals.destroy(ada, gone)
    history.imagine(rooms, ada)
    history.refused(rooms, ada, Purpose.STORY)
    rooms.describe(ada, Purpose.FEED_INSERT, b"a face in numbers")
    with rooms.consent.ledger.write() as writing:
        person = {"subject": ada, "event": "1", "at": writing.now}
        writing.insert(feed_tables.feed_event, [person])
        writing.insert(feed_tables.post_act, [person | {"item": 1, "kind": "like"}])
    return ada


def left_of(rooms: Rooms, person: Subject) -> dict[str, int]:
    """Count a person's rows in every table of every room."""
    found = {}
    with rooms.consent.ledger.read() as connection:
        for table in metadata.sorted_tables:
            if "subject" in table.c and table is not erasure:
                mine = select(func.count()).where(table.c.subject == person)
                if rows := connection.execute(mine).scalar_one():
                    found[table.name] = rows
    return found


def test_nothing_of_a_person_is_left_in_any_table_of_any_room(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada, bob = full_person(rooms), full_person(rooms, "Bob")
    before = left_of(rooms, bob)
    assert {"account", "chain", "opening", "permit", "tombstone", "ended"} <= set(before)
    assert {"feed_event", "post_act", "feed_insert", "selfie", "subject_key"} <= set(before)
    assert {"conditioning"} <= set(before)
    rooms.consent.erasures.erase(ada)
    assert set(left_of(rooms, ada)) == KEPT
    assert left_of(rooms, bob) == before
    assert len(rooms.consent.blobs.list()) == CONTENTS


def test_the_entries_tell_the_erasure_in_order(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = full_person(rooms)
    tag = rooms.tag(ada)
    held = set(rooms.consent.grants.show(ada))
    made = rooms.consent.erasures.erase(ada, actor=Actor.OPERATOR)
    told = [one for one in rooms.entries() if one["seq"] >= made["requested_seq"]]
    assert told[0]["t"] == "erase.request"
    assert told[-1]["t"] == "erase.done"
    assert {one["tag"] for one in told if "tag" in one} == {tag}
    ends = [one["purpose"] for one in told if one["t"] == "withdraw"]
    assert set(ends) == held
    assert ends.index("imagine") < ends.index("likeness")
    assert {one["actor"] for one in told if one["t"] == "withdraw"} == {"operator"}
    assert [one["prev"] for one in told if one["t"] == "erase.done"] == [
        max(one["seq"] for one in told[:-1] if "tag" in one)
    ]
    assert made["keys_destroyed"] == len(held) + 1


def test_the_bytes_are_deleted_and_counted(rooms: Rooms) -> None:
    ada = full_person(rooms)
    size = sum(rooms.consent.blobs.size(blob.name) for blob in rooms.consent.blobs.list())
    made = rooms.consent.erasures.erase(ada)
    assert rooms.consent.blobs.list() == ()
    assert made["bytes_destroyed"] == size > 0


def test_nobody_knows_the_person_any_more(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = full_person(rooms)
    served = rooms.consent.notices.serve(ada, Purpose.SHARE)
    rooms.consent.erasures.erase(ada)
    assert "Ada" not in {account.name for account in rooms.consent.accounts.list()}
    size = rooms.consent.ledger.head()[0]
    attempts = (
        lambda: rooms.consent.accounts.find("Ada"),
        lambda: rooms.consent.notices.serve(ada, Purpose.LIKENESS),
        lambda: rooms.consent.grants.grant(ada, Purpose.SHARE, served.served_id),
        lambda: rooms.consent.withdrawals.withdraw(ada, Purpose.LIKENESS),
        lambda: history.refused(rooms, ada, Purpose.IMAGINE),
    )
    for attempt in attempts:
        with pytest.raises(OnlyouError) as refused:
            attempt()
        assert refused.value.reason in {Reason.UNKNOWN_SUBJECT, Reason.NOT_GRANTED}
    assert rooms.consent.ledger.head()[0] == size
    assert rooms.person("Ada") != ada


def test_who_was_never_here_cannot_be_erased(rooms: Rooms) -> None:
    with pytest.raises(Misused) as refused:
        rooms.consent.erasures.erase(Subject(123_456))
    assert refused.value.reason is Reason.UNKNOWN_SUBJECT


def test_a_person_who_never_said_anything_can_be_erased(rooms: Rooms) -> None:
    dee = rooms.person("Dee")
    made = rooms.consent.erasures.erase(dee)
    assert (made["keys_destroyed"], made["bytes_destroyed"]) == (1, 0)
    assert left_of(rooms, dee) == {}


def test_asked_again_it_answers_the_same_certificate_for_two_weeks(rooms: Rooms) -> None:
    ada = full_person(rooms)
    first = rooms.consent.erasures.erase(ada)
    rooms.person("Bob", Purpose.LIKENESS)
    assert rooms.consent.erasures.erase(ada) == first
    rooms.clock.advance(14 * DAY / SECOND - 1)
    rooms.consent.retention.sweep()
    assert rooms.consent.erasures.erase(ada) == first
    rooms.clock.advance(1)
    rooms.consent.retention.sweep()
    assert rooms.count(erasure) == 0
    with pytest.raises(Misused):
        rooms.consent.erasures.erase(ada)


def test_a_row_that_lands_late_is_taken_by_the_next_sweep(rooms: Rooms) -> None:
    ada = full_person(rooms)
    rooms.consent.erasures.erase(ada)
    with rooms.consent.ledger.write() as writing:
        row = {"subject": ada, "event": "2", "at": writing.now}
        writing.insert(feed_tables.feed_event, [row])
    rooms.consent.retention.sweep()
    assert set(left_of(rooms, ada)) == KEPT


# --- what a copy can and cannot do


def copied(rooms: Rooms, to: Path) -> Path:
    """Take database and blobs away, as a backup does, and lay it beside the living key store."""
    to.mkdir()
    shutil.copy(rooms.home / "onlyou.db", to / "onlyou.db")
    shutil.copytree(rooms.home / "blobs", to / "blobs")
    (to / "keys").symlink_to(rooms.home / "keys")
    return to


def opened(rooms: Rooms) -> tuple[int, int]:
    """Try every opening and every sealed content of a database: count those that open.

    Contents are selfies, portraits, and what is kept beside a selfie.
    """
    with rooms.consent.ledger.read() as connection:
        sealed = connection.execute(select(tables.opening)).mappings().all()
        keys = connection.execute(select(tables.subject_key)).mappings().all()
        beside = connection.execute(select(kept, tables.selfie).join(tables.selfie)).mappings()
        described = beside.all()
        contents = [
            row
            for table in (tables.selfie, tables.asset)
            for row in connection.execute(select(table)).mappings()
        ]
    key_of = {(row["subject"], row["purpose"]): row for row in keys}
    facts = sum(_opens(lambda row=row: _facts(rooms, row)) for row in sealed)
    bytes_ = sum(
        _opens(lambda row=row: _content(rooms, row, key_of[row["subject"], row["purpose"]]))
        for row in contents
    )
    bytes_ += sum(
        _opens(lambda row=row: _beside(rooms, row, key_of[row["subject"], row["purpose"]]))
        for row in described
    )
    return facts, bytes_


def _opens(attempt: Callable[[], object]) -> bool:
    try:
        return bool(attempt())
    except Broken:
        return False


def _facts(rooms: Rooms, row: Mapping[str, Any]) -> object:
    return rooms.consent.ledger.open_facts(Subject(row["subject"]), bytes(row["sealed"]))


def _content(rooms: Rooms, row: Mapping[str, Any], key: Mapping[str, Any]) -> bytes:
    """Open a content as the vault would, asking nobody."""
    where = envelopes.content_context(row["subject"], row["object"])
    return envelopes.unseal(_dek(rooms, row, key), rooms.consent.blobs.get(row["blob"]), where)


def _beside(rooms: Rooms, row: Mapping[str, Any], key: Mapping[str, Any]) -> bytes:
    """Open what is kept beside a selfie as the vault would, asking nobody."""
    where = envelopes.companion_context(row["subject"], row["object"], row["encoder"])
    inner = hmac.digest(_dek(rooms, row, key), where, "sha256")
    return envelopes.unseal(inner, bytes(row["sealed"]), where)


def _dek(rooms: Rooms, row: Mapping[str, Any], key: Mapping[str, Any]) -> bytes:
    person, purpose = Subject(row["subject"]), Purpose(row["purpose"])
    around = envelopes.key_context(person, purpose, key["epoch"])
    wrapping = rooms.consent.keys.unwrap(person, key["week"], bytes(key["wrapped_key"]), around)
    inner = envelopes.wrap_context(person, row["object"], purpose)
    return envelopes.unseal(wrapping, bytes(row["wrapped_dek"]), inner)


def test_a_copy_taken_before_opens_nothing_of_the_erased_with_the_keys_of_after(
    rooms: Rooms, tmp_path: Path
) -> None:
    ada = full_person(rooms)
    home = copied(rooms, tmp_path / "backup")
    old = Rooms.open(f"sqlite:///{home / 'onlyou.db'}", home)
    facts, contents = opened(old)
    assert facts > 10
    assert contents == CONTENTS + DESCRIBED
    rooms.consent.erasures.erase(ada)
    assert opened(old) == (0, 0)
    old.close()


# --- proof


def test_the_certificate_verifies_offline_and_against_a_later_bundle(
    rooms_on_both: Rooms, tmp_path: Path
) -> None:
    rooms = rooms_on_both
    ada = full_person(rooms)
    made = rooms.consent.erasures.erase(ada)
    assert certificates.flaws(made, rooms.consent.ledger.signer.verifier) == ()
    full_person(rooms, "Bob")
    bundle.export(rooms.consent, tmp_path / "bundle")
    kept = tmp_path / "checkpoint"
    kept.write_text(made["checkpoint"], encoding="utf-8")
    report = verify.verify(tmp_path / "bundle", against=kept)
    assert report["findings"] == []
    assert report["ok"] is True


def test_decisions_of_the_erased_are_counted_as_not_recomputable_and_nothing_else_changes(
    rooms: Rooms, tmp_path: Path
) -> None:
    ada = full_person(rooms)
    full_person(rooms, "Bob")
    decisions = sum(one["tag"] == rooms.tag(ada) for one in rooms.entries("decision"))
    receipt = rooms.consent.last_receipt(ada, Purpose.FEED_INSERT)
    bundle.export(rooms.consent, tmp_path / "before")
    before = verify.verify(tmp_path / "before")["checked"]
    rooms.consent.erasures.erase(ada)
    bundle.export(rooms.consent, tmp_path / "after")
    kept = tmp_path / "receipt"
    assert receipt
    kept.write_text(receipt["checkpoint"], encoding="utf-8")
    report = verify.verify(tmp_path / "after", against=kept)
    after = report["checked"]
    assert report["findings"] == []
    assert decisions > 5
    assert before["not_recomputable"] == 0
    assert after["not_recomputable"] == decisions
    assert after["recomputed"] == before["recomputed"] - decisions


def test_no_opening_of_the_erased_is_exported(rooms: Rooms, tmp_path: Path) -> None:
    rooms.consent.erasures.erase(full_person(rooms))
    bundle.export(rooms.consent, tmp_path / "bundle")
    assert not (tmp_path / "bundle" / "openings").exists()


# --- crashes


CUTS = ("destroy_secret", "size", "measured", "delete", "second delete", "done", "signed")


class Crash(Exception):
    pass


@pytest.mark.parametrize("cut", CUTS)
def test_a_crash_anywhere_is_finished_by_the_next_sweep(
    open_rooms: Opener, database_url: str, monkeypatch: pytest.MonkeyPatch, cut: str
) -> None:
    rooms = open_rooms(database_url)
    ada = full_person(rooms)
    size = sum(rooms.consent.blobs.size(blob.name) for blob in rooms.consent.blobs.list())
    with monkeypatch.context() as patch:
        _cut(patch, rooms, cut)
        with pytest.raises(Crash):
            rooms.consent.erasures.erase(ada)
    assert len(rooms.entries("erase.request")) == 1
    assert len(rooms.entries("erase.done")) == (cut == "signed")
    again = open_rooms(database_url)
    assert set(left_of(again, ada)) == KEPT
    with pytest.raises(OnlyouError):
        history.refused(again, ada, Purpose.IMAGINE)
    assert again.consent.retention.sweep().erased == (cut != "signed")
    assert len(again.entries("erase.request")) == len(again.entries("erase.done")) == 1
    assert again.consent.blobs.list() == ()
    with pytest.raises(Broken):
        again.consent.keys.secret(ada)
    made = again.consent.erasures.erase(ada)
    assert made["bytes_destroyed"] == size
    assert certificates.flaws(made, again.consent.ledger.signer.verifier) == ()
    assert again.consent.retention.sweep().erased == 0


def _cut(patch: pytest.MonkeyPatch, rooms: Rooms, cut: str) -> None:
    """Break off before one of the steps between request and answer."""
    allowed = {"second delete": 1, "measured": 1, "done": 2}.get(cut, 0)
    target, name = {
        "destroy_secret": (rooms.consent.keys, "destroy_secret"),
        "size": (rooms.consent.blobs, "size"),
        "delete": (rooms.consent.blobs, "delete"),
        "second delete": (rooms.consent.blobs, "delete"),
        "signed": (rooms.consent.ledger, "checkpoint"),
    }.get(cut, (rooms.consent.ledger, "write"))
    real = getattr(target, name)
    calls = 0

    def breaking(*given: object) -> object:
        nonlocal calls
        calls += 1
        if calls > allowed:
            raise Crash
        return real(*given)

    patch.setattr(target, name, breaking)


def test_before_the_request_is_committed_nothing_has_happened(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = full_person(rooms)
    before, size = left_of(rooms, ada), rooms.consent.ledger.head()[0]

    def breaking(*_given: object) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr("consent.erasure.purge", breaking)
        with pytest.raises(Crash):
            rooms.consent.erasures.erase(ada)
    assert left_of(rooms, ada) == before
    assert rooms.consent.ledger.head()[0] == size
    assert len(rooms.consent.blobs.list()) == CONTENTS
    assert rooms.consent.keys.secret(ada)


def test_every_root_is_withdrawn_whatever_is_held(rooms: Rooms) -> None:
    ada = rooms.person("Ada", *sorted(ROOTS - {Purpose.EXPERIMENT}))
    made = rooms.consent.erasures.erase(ada)
    assert made["keys_destroyed"] == len(ROOTS)
    told = [entries.decode(entries.from_base64url(one["entry"])) for one in made["proofs"]]
    assert [one["t"] for one in told].count("withdraw") == len(ROOTS) - 1


def test_whose_erasure_was_forgotten_meanwhile_is_known_no_more(rooms: Rooms) -> None:
    ada = rooms.person("Ada")
    rooms.consent.erasures.erase(ada)
    rooms.clock.advance(15 * DAY / SECOND)
    rooms.consent.erasures.finish()
    with pytest.raises(Misused) as refused:
        rooms.consent.erasures._finish(ada)
    assert refused.value.reason is Reason.UNKNOWN_SUBJECT
