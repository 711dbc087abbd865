# SPDX-License-Identifier: Apache-2.0
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from consent import tables
from consent.errors import Broken, Denied, Misused
from consent.gate import Ask, Denial, View
from consent.tables import asset, asset_view, selfie, selfie_read, selfie_use, selfie_view
from consent.words import DAY, SECOND, Micros, ObjectId, Purpose, Reason, Step, Subject
from feed.tables import feed_view
from tests.rooms import Rooms

FEED = Purpose.FEED_INSERT


def read(rooms: Rooms, subject: Subject, *selfies: ObjectId, purpose: Purpose = FEED) -> Any:
    permits = [rooms.ask(Step.READ, subject, purpose, obj) for obj in selfies]
    return rooms.consent.vault.read(permits)


def uses(rooms: Rooms, subject: Subject) -> set[tuple[int, str]]:
    with rooms.consent.ledger.read() as connection:
        rows = connection.execute(
            select(selfie_use.c.selfie, selfie_use.c.purpose).where(
                selfie_use.c.subject == subject
            )
        ).all()
    return {(obj, purpose) for obj, purpose in rows}


def blobs(rooms: Rooms) -> dict[int, str]:
    with rooms.consent.ledger.read() as connection:
        return dict(connection.execute(select(asset.c.object, asset.c.blob)).all())


# --- sealing


def test_no_plain_byte_of_a_person_is_on_the_disk(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    rooms.selfie(ada, content=b"her very own face")
    obj = rooms.portrait(ada, FEED, b"her portrait as an astronaut")
    rooms.insert(ada, obj)
    rooms.look(ada, obj)
    on_disk = b"".join(p.read_bytes() for p in rooms.home.rglob("*") if p.is_file())
    assert b"very own face" not in on_disk
    assert b"portrait as an" not in on_disk


def test_sealed_bytes_open_for_nobody_before_their_row_lands(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    obj = rooms.object()
    permit = rooms.ask(Step.STORE, ada, FEED, obj)
    sealed = rooms.consent.vault.seal(permit, b"portrait")
    assert rooms.consent.blobs.head(sealed.blob)
    assert rooms.count(asset) == 0
    with pytest.raises((Denied, Misused)):
        rooms.look(ada, obj, table=asset_view)


def test_after_a_withdrawal_nothing_can_be_sealed_any_more(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.inserted_person()
    permit = rooms.ask(Step.STORE, ada, FEED, rooms.object())
    rooms.consent.withdrawals.withdraw(ada, FEED)
    before = rooms.consent.blobs.list()
    with pytest.raises(Denied) as late:
        rooms.consent.vault.seal(permit, b"portrait")
    assert late.value.reason is Reason.WITHDRAWN
    assert rooms.consent.blobs.list() == before


def test_two_blobs_that_changed_places_do_not_open(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    rooms.selfie(ada)
    one, other = (rooms.portrait(ada, Purpose.IMAGINE, b"a%d" % n) for n in range(2))
    names = [blob.name for blob in rooms.consent.blobs.list()]
    mine = blobs(rooms)
    contents = {name: rooms.consent.blobs.get(name) for name in names}
    for obj, source in ((one, other), (other, one)):
        rooms.consent.blobs.delete(mine[obj])
        rooms.consent.blobs.put_new(mine[obj], contents[mine[source]])
    with pytest.raises(Broken, match="do not open"):
        rooms.look(ada, one, Purpose.IMAGINE, asset_view)


# --- selfies


def test_a_selfie_is_read_for_the_purposes_its_person_holds(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.person("Ada", Purpose.LIKENESS, FEED, Purpose.IMAGINE)
    one, other = rooms.selfie(ada, content=b"one"), rooms.selfie(ada, content=b"other")
    assert read(rooms, ada, one, other) == (b"one", b"other")
    assert read(rooms, ada, other, purpose=Purpose.IMAGINE) == (b"other",)
    assert rooms.count(selfie_read, ada) == 3


def test_a_purpose_granted_later_gets_keys_of_its_own_to_the_selfies(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, FEED)
    obj = rooms.selfie(ada)
    assert uses(rooms, ada) == {(obj, "feed_insert")}
    rooms.grant(ada, Purpose.IMAGINE)
    assert uses(rooms, ada) == {(obj, "feed_insert"), (obj, "imagine")}
    assert read(rooms, ada, obj, purpose=Purpose.IMAGINE) == (b"selfie",)


def test_a_withdrawn_purpose_loses_its_keys_and_the_others_keep_theirs(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, FEED, Purpose.IMAGINE)
    obj = rooms.selfie(ada)
    rooms.consent.withdrawals.withdraw(ada, FEED)
    assert uses(rooms, ada) == {(obj, "imagine")}
    assert read(rooms, ada, obj, purpose=Purpose.IMAGINE) == (b"selfie",)


def test_purposes_that_make_no_portraits_get_no_key_to_a_selfie(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.STORY, Purpose.PERSONALISATION)
    rooms.selfie(ada)
    assert uses(rooms, ada) == set()


def test_a_selfie_given_for_one_pack_is_read_for_that_pack_alone(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.AVATAR_PACK, FEED)
    obj = rooms.selfie(ada, Purpose.AVATAR_PACK)
    rooms.grant(ada, Purpose.IMAGINE)
    assert uses(rooms, ada) == {(obj, "avatar_pack")}
    assert read(rooms, ada, obj, purpose=Purpose.AVATAR_PACK) == (b"selfie",)
    with pytest.raises(Misused):
        read(rooms, ada, obj)


def test_another_persons_selfie_cannot_be_read(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada, bob = rooms.inserted_person("Ada"), rooms.inserted_person("Bob")
    hers = rooms.selfie(ada)
    with pytest.raises(Misused):
        read(rooms, bob, hers)


def test_one_who_withdrew_meanwhile_is_left_out_of_the_batch(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    people = [rooms.person(name, Purpose.LIKENESS, FEED) for name in ("Ada", "Bob")]
    selfies = [rooms.selfie(p, content=str(n).encode()) for n, p in enumerate(people)]
    permits = [rooms.ask(Step.READ, p, FEED, s) for p, s in zip(people, selfies, strict=True)]
    rooms.consent.withdrawals.withdraw(people[0], FEED)
    denial, opened = rooms.consent.vault.read(permits)
    assert isinstance(denial, Denial)
    assert opened == b"1"


def test_every_reading_is_an_entry_before_the_bytes_are_out(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, FEED)
    obj = rooms.selfie(ada)
    read(rooms, ada, obj)
    effect = rooms.entries("effect")[-1]
    assert (effect["step"], effect["object"]) == (
        "read",
        rooms.entries("decision")[-1]["object"],
    )


def test_a_selfies_owner_may_look_at_it_under_its_own_purpose_only(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    obj = rooms.selfie(ada, content=b"me")
    assert rooms.look(ada, obj, Purpose.LIKENESS, selfie_view) == b"me"
    with pytest.raises(Misused):
        rooms.look(ada, obj, Purpose.IMAGINE, selfie_view)


# --- viewing


def test_a_session_is_one_decision_and_one_effect_however_often_one_looks(
    rooms_on_both: Rooms,
) -> None:
    rooms = rooms_on_both
    ada = rooms.inserted_person()
    obj = rooms.portrait(ada, FEED)
    rooms.insert(ada, obj)
    before = rooms.consent.ledger.head()[0]
    for _ in range(3):
        assert rooms.look(ada, obj) == b"portrait"
    assert rooms.consent.ledger.head()[0] == before + 2
    rooms.clock.advance(rooms.consent.policy.consent.view_seconds)
    rooms.look(ada, obj)
    assert rooms.consent.ledger.head()[0] == before + 4
    assert rooms.count(feed_view, ada) == 2


def test_within_a_session_a_withdrawal_closes_the_door_at_once(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.inserted_person()
    obj = rooms.portrait(ada, FEED)
    rooms.insert(ada, obj)
    rooms.look(ada, obj)
    rooms.consent.withdrawals.withdraw(ada, FEED)
    with pytest.raises(Denied) as closed:
        rooms.look(ada, obj)
    assert closed.value.reason is Reason.WITHDRAWN


def test_a_portrait_that_is_not_in_the_feed_is_not_seen_there(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    obj = rooms.portrait(ada, FEED)
    with pytest.raises(Misused):
        rooms.look(ada, obj)
    assert rooms.look(ada, obj, table=asset_view) == b"portrait"


def test_another_persons_portrait_opens_in_no_place(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada, bob = rooms.inserted_person("Ada"), rooms.inserted_person("Bob")
    hers = rooms.portrait(ada, FEED)
    rooms.insert(ada, hers)
    rooms.look(ada, hers)
    for place in (feed_view, asset_view):
        with pytest.raises(Misused):
            rooms.look(bob, hers, table=place)


def test_a_denied_view_is_logged_and_opens_nothing(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    bob = rooms.person("Bob")
    hers = rooms.portrait(ada, FEED)
    with pytest.raises(Denied):
        rooms.look(bob, hers)
    assert rooms.entries("decision")[-1]["verdict"] == "deny"


def test_a_portrait_whose_key_row_is_gone_does_not_open(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    obj = rooms.portrait(ada, FEED)
    rooms.insert(ada, obj)
    rooms.look(ada, obj)
    with rooms.consent.ledger.write() as writing:
        writing.connection.execute(tables.subject_key.delete())
    with pytest.raises(Exception, match=r"."):
        rooms.look(ada, obj)


def test_a_destroyed_portraits_copy_in_a_backup_of_the_blobs_does_not_open(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    one, other = (rooms.portrait(ada, Purpose.IMAGINE, b"a%d" % n) for n in range(2))
    blob = blobs(rooms)
    saved = rooms.consent.blobs.get(blob[one])
    rooms.consent.withdrawals.destroy(ada, one)
    rooms.consent.blobs.delete(blob[other])
    rooms.consent.blobs.put_new(blob[other], saved)
    with pytest.raises(Broken):
        rooms.look(ada, other, Purpose.IMAGINE, asset_view)


def test_bytes_missing_from_the_store_are_said_to_be_missing(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    obj = rooms.portrait(ada, FEED)
    for blob in rooms.consent.blobs.list():
        rooms.consent.blobs.delete(blob.name)
    with pytest.raises(Broken, match="missing"):
        rooms.look(ada, obj, table=asset_view)


def test_enrolling_takes_one_permit_a_selfie(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    permit = rooms.ask(Step.ENROL, ada, Purpose.LIKENESS, rooms.object())
    sealed = rooms.consent.vault.seal(permit, b"selfie")
    row = sealed.columns() | {"expires_at": rooms.clock.now() + DAY}
    with rooms.consent.ledger.write() as writing:
        rooms.consent.vault.keep_selfies(writing, [permit], [row])
    with pytest.raises(Misused), rooms.consent.ledger.write() as writing:
        rooms.consent.vault.keep_selfies(writing, [permit], [row])
    assert rooms.count(selfie, ada) == 1


def test_a_view_never_lasts_longer_than_ten_minutes(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    permit = rooms.ask(Step.VIEW, ada, FEED, rooms.object())
    assert permit.not_after - rooms.clock.now() <= 600 * SECOND


def test_an_asset_row_cannot_be_changed_to_another_blob(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    rooms.portrait(ada, FEED)
    with pytest.raises(Exception, match="never changed"), rooms.consent.ledger.write() as writing:
        writing.connection.execute(update(asset).values(blob="another"))


def test_the_home_keeps_blobs_in_its_own_folder(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    rooms.selfie(ada)
    (blob,) = rooms.consent.blobs.list()
    assert (Path(rooms.home) / "blobs" / blob.name).is_file()


def test_asking_is_for_the_gate_the_vault_trusts_no_question(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    obj = rooms.portrait(ada, FEED)
    question = Ask(step=Step.VIEW, subject=ada, purpose=Purpose.IMAGINE, object=obj)
    with pytest.raises(Denied):
        rooms.consent.vault.view(rooms.consent.gate, question, asset_view)


def test_a_permit_to_enrol_opens_what_was_given_for_the_same_purpose_before(
    rooms_on_both: Rooms,
) -> None:
    rooms = rooms_on_both
    ada, bob = (
        rooms.person(name, Purpose.LIKENESS, Purpose.AVATAR_PACK) for name in ("Ada", "Bob")
    )
    rooms.selfie(ada, content=b"mine")
    rooms.selfie(ada, Purpose.AVATAR_PACK, content=b"for a pack")
    rooms.selfie(bob, content=b"his")
    permit = rooms.ask(Step.ENROL, ada, Purpose.LIKENESS, rooms.object())
    vault = rooms.consent.vault
    assert vault.beside(permit) == (b"mine",)
    rooms.clock.advance(365 * DAY / SECOND)
    assert vault.beside(permit) == ()


def test_a_permit_to_enrol_opens_nothing_once_its_yes_is_withdrawn(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    rooms.selfie(ada)
    permit = rooms.ask(Step.ENROL, ada, Purpose.LIKENESS, rooms.object())
    rooms.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    rooms.grant(ada, Purpose.LIKENESS)
    rooms.selfie(ada)
    assert rooms.consent.vault.beside(permit) == ()


def test_a_portrait_past_its_time_does_not_open_though_nobody_swept(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    obj = rooms.portrait(ada, Purpose.IMAGINE)
    end = rooms.clock.now() + 30 * DAY
    rooms.clock.turn_to(Micros(end - 1))
    assert rooms.look(ada, obj, Purpose.IMAGINE, asset_view) == b"portrait"
    rooms.clock.turn_to(Micros(end))
    assert rooms.count(asset, ada) == 1
    with pytest.raises(Denied):
        rooms.look(ada, obj, Purpose.IMAGINE, asset_view)


def test_a_selfie_past_its_time_is_not_read_and_the_others_are(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    old = rooms.selfie(ada)
    start = rooms.clock.now()
    rooms.clock.turn_to(Micros(start + DAY))
    rooms.grant(ada, Purpose.LIKENESS)
    rooms.grant(ada, Purpose.IMAGINE)
    new = rooms.selfie(ada)

    def read() -> tuple[object, ...]:
        permits = [rooms.ask(Step.READ, ada, Purpose.IMAGINE, one) for one in (old, new)]
        return rooms.consent.vault.read(permits)

    rooms.clock.turn_to(Micros(start + 365 * DAY - 1))
    assert read() == (b"selfie", b"selfie")
    rooms.clock.turn_to(Micros(start + 365 * DAY))
    late, fresh = read()
    assert isinstance(late, Denial)
    assert late.reason is Reason.EXPIRED
    assert fresh == b"selfie"


def test_two_who_begin_to_look_at_the_same_moment_are_one_session(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    obj = rooms.portrait(ada, FEED, b"mine")
    rooms.insert(ada, obj)
    with ThreadPoolExecutor(8) as threads:
        seen = list(threads.map(lambda _n: rooms.look(ada, obj), range(16)))
    assert seen == [b"mine"] * 16
    views = [one for one in rooms.entries("decision", "effect") if one.get("step") == "view"]
    assert [one["t"] for one in views] == ["decision", "effect"]


def test_a_portrait_that_is_taken_away_is_decided_and_logged_each_time(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    obj = rooms.portrait(ada, FEED, b"hers")
    ask: Ask[View] = Ask(step=Step.VIEW, subject=ada, purpose=FEED, object=obj, request=obj)
    before = len(rooms.entries("effect"))
    vault, gate = rooms.consent.vault, rooms.consent.gate
    assert [vault.take(gate, ask, asset_view) for _ in range(2)] == [b"hers"] * 2
    assert len(rooms.entries("effect")) == before + 2
    rooms.consent.withdrawals.withdraw(ada, FEED)
    with pytest.raises(Denied):
        vault.take(gate, ask, asset_view)


def test_a_selfie_whose_bytes_are_changed_is_not_read_and_the_others_are(
    rooms: Rooms, caplog: pytest.LogCaptureFixture
) -> None:
    ada = rooms.inserted_person()
    spoilt, sound = rooms.selfie(ada), rooms.selfie(ada)
    with rooms.consent.ledger.read() as connection:
        mine = select(selfie.c.blob).where(selfie.c.object == spoilt)
        blob: str = connection.execute(mine).scalar_one()
    (rooms.home / "blobs" / blob).write_bytes(b"not what was sealed")
    answers = read(rooms, ada, spoilt, sound)
    assert isinstance(answers[0], Denial)
    assert answers[0].reason is Reason.UNAVAILABLE
    assert answers[1] == b"selfie"
    assert "selfie" in caplog.text
    assert str(spoilt) not in caplog.text
