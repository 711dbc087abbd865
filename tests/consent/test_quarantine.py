# SPDX-License-Identifier: Apache-2.0
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from consent import bundle, effects, policies, quarantine, tables, verify
from consent.errors import Broken, Denied, Misused
from consent.gate import Permit
from consent.replay import loading
from consent.replay.run import replay
from consent.story import story
from consent.words import DAY, SECOND, ObjectId, Purpose, Reason, Step, Subject, public_id
from tests.consent.findings import found_in
from tests.consent.forge import Forge, Operator
from tests.rooms import Rooms

IMAGINE = Purpose.IMAGINE
PICTURE = b"a picture that a gate held back"


@pytest.fixture
def ada(rooms: Rooms) -> Subject:
    return rooms.person("Ada", Purpose.LIKENESS, IMAGINE)


@pytest.fixture
def held(rooms: Rooms, ada: Subject) -> ObjectId:
    return rooms.held_back(ada, IMAGINE, PICTURE)


def moderate(rooms: Rooms, subject: Subject, obj: ObjectId) -> Permit[Any]:
    return rooms.ask(Step.MODERATE, subject, IMAGINE, obj, request=obj)


def again(rooms: Rooms, permit: Permit[Any], reason: Reason = Reason.NSFW) -> None:
    """Spend a permit on an appeal that found the same."""
    with rooms.consent.ledger.write() as writing:
        row = {"reason": reason}
        effects.spend(writing, [permit], tables.appealed, [row], reasons=[reason])


def pardon(rooms: Rooms, subject: Subject, obj: ObjectId) -> None:
    """Let a picture pass on appeal."""
    part = rooms.consent.vault.quarantine
    permit = moderate(rooms, subject, obj)
    content = part.open(permit)
    store = rooms.ask(Step.STORE, subject, IMAGINE, obj, request=obj)
    sealed = rooms.consent.vault.seal(store, content).columns()
    with rooms.consent.ledger.write() as writing:
        blob = part.release(writing, permit)
        effects.spend(writing, [permit], tables.moderated, [{"verdict": "pass"}])
        ends = {"expires_at": writing.now + 30 * DAY}
        effects.spend(writing, [store], tables.asset, [sealed | ends])
    part.forget([blob] if blob else [])


def test_the_gates_open_it_under_a_permit_of_its_own(
    rooms: Rooms, ada: Subject, held: ObjectId
) -> None:
    assert rooms.consent.vault.quarantine.open(moderate(rooms, ada, held)) == PICTURE


def test_a_permit_that_was_spent_opens_nothing(rooms: Rooms, ada: Subject, held: ObjectId) -> None:
    permit = moderate(rooms, ada, held)
    again(rooms, permit)
    with pytest.raises(Denied):
        rooms.consent.vault.quarantine.open(permit)


def test_a_permit_that_has_run_out_opens_nothing(
    rooms: Rooms, ada: Subject, held: ObjectId
) -> None:
    permit = moderate(rooms, ada, held)
    rooms.clock.advance(600)
    with pytest.raises(Denied):
        rooms.consent.vault.quarantine.open(permit)


def test_another_persons_permit_opens_nothing(rooms: Rooms, held: ObjectId) -> None:
    bob = rooms.person("Bob", Purpose.LIKENESS, IMAGINE)
    with pytest.raises(Denied):
        rooms.consent.vault.quarantine.open(moderate(rooms, bob, held))


def test_what_is_past_its_time_does_not_open_though_nobody_swept(
    rooms: Rooms, ada: Subject, held: ObjectId
) -> None:
    rooms.clock.advance(7 * DAY / SECOND)
    with pytest.raises(Denied):
        rooms.consent.vault.quarantine.open(moderate(rooms, ada, held))


def test_its_owner_cannot_look_at_it(rooms: Rooms, ada: Subject, held: ObjectId) -> None:
    with pytest.raises(Misused) as refused:
        rooms.look(ada, held, IMAGINE, tables.asset_view)
    assert refused.value.reason is Reason.PERMIT_USED
    assert rooms.count(tables.asset_view) == 0


def test_its_bytes_do_not_open_where_a_portrait_opens_whatever_row_names_them(
    rooms: Rooms, ada: Subject, held: ObjectId
) -> None:
    """Somebody with the database moves blob and wrapped key into the asset row of that object."""
    permit = moderate(rooms, ada, held)
    with rooms.consent.ledger.write() as writing:
        columns = (tables.quarantined.c.blob, tables.quarantined.c.wrapped_dek)
        blob, wrapped = writing.connection.execute(select(*columns)).one()
        rooms.consent.vault.quarantine.release(writing, permit)
        effects.spend(writing, [permit], tables.moderated, [{"verdict": "pass"}])
    moved = {"blob": blob, "wrapped_dek": wrapped, "expires_at": rooms.clock.now() + DAY}
    rooms.spend(rooms.ask(Step.STORE, ada, IMAGINE, held, request=held), tables.asset, moved)
    with pytest.raises(Broken):
        rooms.look(ada, held, IMAGINE, tables.asset_view)


@pytest.mark.usefixtures("held")
def test_it_lies_under_a_prefix_of_its_own(rooms: Rooms) -> None:
    names = [blob.name for blob in rooms.consent.blobs.list()]
    assert [name.startswith(f"{quarantine.PREFIX}/") for name in names] == [True]
    assert PICTURE not in rooms.consent.blobs.get(names[0])
    assert rooms.consent.retention.strays() == rooms.consent.retention.lost() == 0


def test_what_was_sealed_when_nothing_landed_is_reaped(rooms: Rooms, ada: Subject) -> None:
    obj = rooms.requested(ada, IMAGINE)
    rooms.consent.vault.quarantine.seal(moderate(rooms, ada, obj), PICTURE)
    assert rooms.consent.retention.strays() == 1


def test_a_withdrawal_while_it_is_sealed_leaves_nothing(rooms: Rooms, ada: Subject) -> None:
    obj = rooms.requested(ada, IMAGINE)
    permit = moderate(rooms, ada, obj)
    rooms.consent.withdrawals.withdraw(ada, IMAGINE)
    with pytest.raises(Denied):
        rooms.consent.vault.quarantine.seal(permit, PICTURE)
    assert rooms.consent.blobs.list() == ()


def test_it_ends_with_its_purpose_and_is_counted_and_buried(
    rooms_on_both: Rooms,
) -> None:
    rooms = rooms_on_both
    ada = rooms.person("Ada", Purpose.LIKENESS, IMAGINE)
    held = rooms.held_back(ada, IMAGINE)
    again(rooms, moderate(rooms, ada, held))
    assert rooms.consent.withdrawals.would_destroy(ada, IMAGINE).portraits == 1
    receipt = rooms.consent.withdrawals.withdraw(ada, IMAGINE)
    assert receipt["destroyed"]["portraits"] == 1
    assert rooms.count(tables.quarantined) == rooms.count(tables.appealed) == 0
    assert rooms.count(tables.tombstone, ada) == len(rooms.entries("destroy")) == 1
    assert rooms.consent.blobs.list() == ()


def test_the_sweep_destroys_it_at_the_second_and_leaves_a_stone(
    rooms: Rooms, ada: Subject, held: ObjectId
) -> None:
    rooms.clock.advance(7 * DAY / SECOND - 1)
    assert rooms.consent.retention.sweep().contents == 0
    rooms.clock.advance(1)
    assert rooms.consent.retention.sweep().contents == 1
    assert rooms.count(tables.quarantined) == 0
    assert rooms.consent.blobs.list() == ()
    with rooms.consent.ledger.read() as connection:
        (stone,) = connection.execute(select(tables.tombstone)).all()
    assert (stone.object, stone.kind) == (held, "portrait")
    assert len(rooms.entries("destroy")) == 1
    assert rooms.count(tables.request, ada) == 0


def test_its_owner_may_destroy_it_early(rooms: Rooms, ada: Subject, held: ObjectId) -> None:
    rooms.consent.withdrawals.destroy(ada, held)
    assert rooms.count(tables.quarantined) == 0
    assert rooms.consent.blobs.list() == ()


@pytest.mark.usefixtures("held")
def test_an_erasure_takes_it(rooms: Rooms, ada: Subject) -> None:
    rooms.consent.erasures.erase(ada)
    assert rooms.count(tables.quarantined) == 0
    assert rooms.consent.blobs.list() == ()


def test_what_passes_on_appeal_is_let_go_and_may_be_stored(
    rooms: Rooms, ada: Subject, held: ObjectId
) -> None:
    pardon(rooms, ada, held)
    assert rooms.look(ada, held, IMAGINE, tables.asset_view) == PICTURE
    assert rooms.consent.retention.strays() == rooms.consent.retention.lost() == 0


def test_what_a_gate_found_stands_in_the_ledger(
    rooms: Rooms, ada: Subject, held: ObjectId
) -> None:
    again(rooms, moderate(rooms, ada, held), Reason.IDENTITY_FAILED)
    found = [e.get("reasons") for e in rooms.entries("effect") if e["step"] == "moderate"]
    assert found == [["nsfw"], ["identity-failed"]]


# --- what outsiders see


@dataclass(frozen=True)
class Lives:
    """Four pictures that were held back, by what became of them, and the bundle of it."""

    rooms: Rooms
    named: dict[str, ObjectId]
    bundle: Path


@pytest.fixture(scope="module")
def lives(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lives]:
    """Hold pictures back: one stays, one passes, one is swept, one goes with a no. Export it."""
    home = tmp_path_factory.mktemp("held")
    shutil.copy(sqlite_template, home / "onlyou.db")
    rooms = Rooms.open(f"sqlite:///{home / 'onlyou.db'}", home)
    ada, bob = (rooms.person(name, Purpose.LIKENESS, IMAGINE) for name in ("Ada", "Bob"))
    named = {"swept": rooms.held_back(ada, IMAGINE), "withdrawn": rooms.held_back(bob, IMAGINE)}
    again(rooms, moderate(rooms, bob, named["withdrawn"]))
    rooms.consent.withdrawals.withdraw(bob, IMAGINE)
    rooms.clock.advance(7 * DAY / SECOND)
    rooms.consent.retention.sweep()
    named |= {name: rooms.held_back(ada, IMAGINE) for name in ("stays", "passes")}
    again(rooms, moderate(rooms, ada, named["stays"]), Reason.IDENTITY_FAILED)
    pardon(rooms, ada, named["passes"])
    rooms.look(ada, named["passes"], IMAGINE, tables.asset_view)
    bundle.export(rooms.consent, home / "bundle")
    yield Lives(rooms, named, home / "bundle")
    rooms.close()


@pytest.fixture
def forge(lives: Lives, tmp_path: Path) -> Forge:
    """Open the workshop of a dishonest operator on a copy."""
    copied = shutil.copytree(lives.bundle, tmp_path / "bundle")
    (copied / "blocks").mkdir(exist_ok=True)  # the workshop looks into it
    return Forge(copied, Operator(lives.rooms.consent.ledger))


def test_a_log_with_pictures_held_back_is_in_order_and_replays(lives: Lives) -> None:
    assert verify.verify(lives.bundle)["findings"] == []
    recorded = loading.load(lives.bundle).recorded
    assert recorded is not None
    found = replay(recorded, policies.load("strict-opt-in"))
    assert (found["flips"], set(found["effects_gone"].values())) == ([], {0})


def test_an_operator_who_stores_what_is_held_back_is_found(forge: Forge) -> None:
    passed = forge.find("effect", step="store")
    seq = forge.find("effect", -1, step="moderate", object=forge.log[passed]["object"])
    forge.edit(seq, reasons=["nsfw"])
    assert ("effect-without-decision", passed) in found_in(forge.close())


def test_an_operator_who_shows_what_is_held_back_is_found(forge: Forge) -> None:
    seq = forge.find("effect", step="view")
    forge.drop(forge.find("effect", step="store"))
    assert ("effect-without-decision", seq - 1) in found_in(forge.close())


def test_a_withdrawal_that_leaves_a_picture_held_back_is_found(forge: Forge) -> None:
    withdrawal = forge.find("withdraw", purpose="imagine")
    forge.drop(forge.find("destroy", tag=forge.log[withdrawal]["tag"]))
    assert ("erasure-false", withdrawal) in found_in(forge.close())


def test_a_picture_that_passed_is_not_destroyed_a_second_time(forge: Forge) -> None:
    seq = forge.find("destroy", 1)
    assert ("erasure-false", forge.add(seq + 1, forge.log[seq])) in found_in(forge.close())


def test_its_story_says_that_it_was_held_back_and_why(lives: Lives) -> None:
    told = story(lives.rooms.consent, public_id(lives.named["stays"]))
    checked = [line for line in told if line.t == "effect" and line.step == "moderate"]
    assert [line.reasons for line in checked] == [("nsfw",), ("identity-failed",)]
    assert checked[0].text.startswith("It was checked and held back (nsfw): nobody sees it")
    passed = [line.text for line in story(lives.rooms.consent, public_id(lives.named["passes"]))]
    assert any(text.startswith("It was checked, as allowed") for text in passed)
