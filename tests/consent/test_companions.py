# SPDX-License-Identifier: Apache-2.0
"""What is kept beside a selfie: it opens with it, and goes with it or before it."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from consent import companions
from consent.companions import Companion, Opened, SealedBeside
from consent.errors import Misused
from consent.gate import Denial, Permit
from consent.words import DAY, SECOND, ObjectId, Purpose, Reason, Step, Subject
from generation.tables import conditioning
from tests.consent.test_erasure import copied
from tests.consent.test_erasure import opened as opened_anyhow
from tests.rooms import Rooms

FEED = Purpose.FEED_INSERT
YEAR = 365 * DAY // SECOND
CLIP = Companion(table=conditioning, encoder="c1" * 32)
FACE = Companion(table=conditioning, encoder="fa" * 32)


def opened(rooms: Rooms, permit: Permit[Any], companion: Companion = CLIP) -> Opened:
    (answer,) = rooms.consent.vault.read_beside([permit], companion)
    assert isinstance(answer, Opened)
    return answer


def asked(rooms: Rooms, person: Subject, selfie: ObjectId, purpose: Purpose = FEED) -> Any:
    return rooms.ask(Step.READ, person, purpose, selfie)


def sealed(
    rooms: Rooms, permit: Permit[Any], content: bytes = b"numbers", companion: Companion = CLIP
) -> SealedBeside:
    (done,) = rooms.consent.vault.seal_beside([(permit, content)], companion)
    assert isinstance(done, SealedBeside)
    return done


def keep(rooms: Rooms, *done: SealedBeside) -> tuple[Denial | None, ...]:
    with rooms.consent.ledger.write() as writing:
        return companions.keep(writing, done)


def kept(
    rooms: Rooms,
    person: Subject,
    selfie: ObjectId,
    content: bytes = b"numbers",
    companion: Companion = CLIP,
) -> Permit[Any]:
    """Read a selfie and keep something beside it, as a studio does."""
    permit = asked(rooms, person, selfie)
    opened(rooms, permit)
    assert keep(rooms, sealed(rooms, permit, content, companion)) == (None,)
    return permit


@pytest.fixture
def ada(rooms_on_both: Rooms) -> Subject:
    return rooms_on_both.person("Ada", Purpose.LIKENESS, FEED)


def test_what_is_kept_opens_under_the_next_permit_to_read_the_selfie(
    rooms_on_both: Rooms, ada: Subject
) -> None:
    rooms = rooms_on_both
    selfie = rooms.selfie(ada)
    assert opened(rooms, asked(rooms, ada, selfie)).beside is None
    kept(rooms, ada, selfie)
    again = opened(rooms, asked(rooms, ada, selfie))
    assert (again.content, again.beside) == (b"selfie", b"numbers")


def test_it_opens_for_every_purpose_that_may_read_the_selfie(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, FEED, Purpose.IMAGINE)
    selfie = rooms.selfie(ada)
    kept(rooms, ada, selfie)
    assert opened(rooms, asked(rooms, ada, selfie, Purpose.IMAGINE)).beside == b"numbers"


def test_it_is_found_under_its_own_encoder_alone_and_a_newer_one_takes_its_place(
    rooms: Rooms,
) -> None:
    ada = rooms.inserted_person()
    selfie = rooms.selfie(ada)
    kept(rooms, ada, selfie)
    assert opened(rooms, asked(rooms, ada, selfie), FACE).beside is None
    kept(rooms, ada, selfie, b"a vector", FACE)
    assert rooms.count(conditioning) == 1
    assert opened(rooms, asked(rooms, ada, selfie), FACE).beside == b"a vector"


@pytest.mark.parametrize("moved", ["selfie", "encoder"])
def test_ciphertext_that_was_moved_does_not_open_and_the_selfie_does(
    rooms: Rooms, moved: str
) -> None:
    ada = rooms.inserted_person()
    one, other = rooms.selfie(ada), rooms.selfie(ada)
    kept(rooms, ada, one)
    row = {moved: other if moved == "selfie" else FACE.encoder}
    with rooms.consent.ledger.write() as writing:
        writing.connection.execute(update(conditioning).values(row))
    where = (other, CLIP) if moved == "selfie" else (one, FACE)
    found = opened(rooms, asked(rooms, ada, where[0]), where[1])
    assert (found.content, found.beside) == (b"selfie", None)


def test_two_workers_that_made_the_same_leave_one_row(rooms_on_both: Rooms, ada: Subject) -> None:
    rooms = rooms_on_both
    selfie = rooms.selfie(ada)
    permits = [asked(rooms, ada, selfie) for _ in range(2)]
    for permit in permits:
        opened(rooms, permit)
    done = [sealed(rooms, permit) for permit in permits]
    assert keep(rooms, done[0]) == keep(rooms, done[1]) == (None,)
    assert keep(rooms, *done) == (None, None)
    assert rooms.count(conditioning) == 1


def test_a_withdrawal_before_the_sealing_leaves_no_row(rooms_on_both: Rooms, ada: Subject) -> None:
    rooms = rooms_on_both
    permit = asked(rooms, ada, rooms.selfie(ada))
    opened(rooms, permit)
    rooms.consent.withdrawals.withdraw(ada, FEED)
    (answer,) = rooms.consent.vault.seal_beside([(permit, b"numbers")], CLIP)
    assert isinstance(answer, Denial)
    assert answer.reason is Reason.WITHDRAWN


@pytest.mark.parametrize("ends", ["feed_insert", "likeness", "selfie", "everything"])
def test_whoever_goes_between_sealing_and_writing_gets_no_row(
    rooms_on_both: Rooms, ada: Subject, ends: str
) -> None:
    rooms = rooms_on_both
    selfie = rooms.selfie(ada)
    permit = asked(rooms, ada, selfie)
    opened(rooms, permit)
    done = sealed(rooms, permit)
    match ends:
        case "selfie":
            rooms.consent.withdrawals.destroy(ada, selfie)
        case "everything":
            rooms.consent.erasures.erase(ada)
        case purpose:
            rooms.consent.withdrawals.withdraw(ada, Purpose(purpose))
    (answer,) = keep(rooms, done)
    assert isinstance(answer, Denial)
    assert rooms.count(conditioning) == 0


def test_in_a_pause_nothing_is_kept_of_a_selfie(rooms_on_both: Rooms, ada: Subject) -> None:
    rooms = rooms_on_both
    permit = asked(rooms, ada, rooms.selfie(ada))
    opened(rooms, permit)
    done = sealed(rooms, permit)
    rooms.consent.pauses.pause(ada, None)
    (answer,) = keep(rooms, done)
    assert isinstance(answer, Denial)
    assert answer.reason is Reason.PAUSED
    assert rooms.count(conditioning) == 0
    rooms.consent.pauses.resume(ada)
    assert keep(rooms, done) == (None,)


def test_one_who_went_is_left_out_and_the_others_are_kept(rooms: Rooms) -> None:
    people = [rooms.person(name, Purpose.LIKENESS, FEED) for name in ("Ada", "Bob")]
    done = []
    for person in people:
        permit = asked(rooms, person, rooms.selfie(person))
        opened(rooms, permit)
        done.append(sealed(rooms, permit))
    rooms.consent.withdrawals.withdraw(people[0], FEED)
    told = keep(rooms, *done)
    assert [one is None for one in told] == [False, True]
    assert (rooms.count(conditioning, people[0]), rooms.count(conditioning, people[1])) == (0, 1)


def test_nothing_is_kept_under_a_permit_that_opened_nothing(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    permit = asked(rooms, ada, rooms.selfie(ada))
    with pytest.raises(Misused) as refused:
        keep(rooms, sealed(rooms, permit))
    assert refused.value.reason is Reason.PERMIT_USED
    assert rooms.count(conditioning) == 0


@pytest.mark.parametrize(("before", "after"), [(0, 601), (YEAR - 10, 20)])
def test_nothing_is_kept_once_the_permit_or_the_selfie_is_past_its_time(
    rooms: Rooms, before: int, after: int
) -> None:
    ada = rooms.inserted_person()
    selfie = rooms.selfie(ada)
    rooms.clock.advance(before)
    permit = asked(rooms, ada, selfie)
    opened(rooms, permit)
    done = sealed(rooms, permit)
    rooms.clock.advance(after)
    (answer,) = keep(rooms, done)
    assert isinstance(answer, Denial)
    assert answer.reason is Reason.EXPIRED
    assert rooms.count(conditioning) == 0


def test_it_stays_while_another_purpose_may_read_the_selfie(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.person("Ada", Purpose.LIKENESS, FEED, Purpose.IMAGINE)
    kept(rooms, ada, rooms.selfie(ada))
    rooms.consent.withdrawals.withdraw(ada, FEED)
    assert rooms.count(conditioning) == 1
    rooms.consent.withdrawals.withdraw(ada, Purpose.IMAGINE)
    assert rooms.count(conditioning) == 0


def test_nobody_elses_goes_with_it(rooms: Rooms) -> None:
    ada, bob = rooms.inserted_person("Ada"), rooms.inserted_person("Bob")
    for person in (ada, bob):
        kept(rooms, person, rooms.selfie(person))
    rooms.consent.withdrawals.withdraw(ada, FEED)
    assert (rooms.count(conditioning, ada), rooms.count(conditioning, bob)) == (0, 1)


def test_it_goes_when_its_selfie_runs_out(rooms_on_both: Rooms, ada: Subject) -> None:
    rooms = rooms_on_both
    kept(rooms, ada, rooms.selfie(ada))
    rooms.clock.advance(YEAR)
    rooms.consent.retention.sweep()
    assert rooms.count(conditioning) == 0


# --- what is on the disk


FACE_IN_NUMBERS = b"the numbers of a face " * 200


def on_disk(home: Path) -> bytes:
    """Read every file of a home, whatever is in it: database, journal, blobs, keys."""
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())


def sealed_bytes(rooms: Rooms) -> bytes:
    with rooms.consent.ledger.read() as connection:
        return bytes(connection.execute(select(conditioning.c.sealed)).scalar_one())


def canary(rooms: Rooms) -> tuple[Subject, ObjectId, bytes]:
    """Let something long and telling be kept of somebody; return what stands for it on the disk.

    Its middle, since SQLite cuts what is long into pages.
    """
    ada = rooms.person("Ada", Purpose.LIKENESS, FEED)
    selfie = rooms.selfie(ada)
    kept(rooms, ada, selfie, FACE_IN_NUMBERS)
    return ada, selfie, sealed_bytes(rooms)[1_000:1_200]


def test_no_plain_number_of_it_is_on_the_disk(rooms: Rooms) -> None:
    _, _, text = canary(rooms)
    assert text in on_disk(rooms.home)
    assert b"numbers of a face" not in on_disk(rooms.home)


@pytest.mark.parametrize("ends", ["feed_insert", "likeness", "selfie", "everything", "time"])
def test_afterwards_not_even_its_ciphertext_is_in_the_database_file(
    rooms: Rooms, ends: str
) -> None:
    ada, selfie, text = canary(rooms)
    match ends:
        case "selfie":
            rooms.consent.withdrawals.destroy(ada, selfie)
        case "everything":
            rooms.consent.erasures.erase(ada)
        case "time":
            rooms.clock.advance(YEAR)
            rooms.consent.retention.sweep()
        case purpose:
            rooms.consent.withdrawals.withdraw(ada, Purpose(purpose))
    assert text not in on_disk(rooms.home)


def test_what_an_older_encoder_made_is_overwritten_too(rooms: Rooms) -> None:
    ada, selfie, text = canary(rooms)
    kept(rooms, ada, selfie, b"a vector", FACE)
    assert text not in on_disk(rooms.home)


def test_a_backup_opens_nothing_of_it_once_its_keys_are_gone(rooms: Rooms, tmp_path: Path) -> None:
    ada, _, text = canary(rooms)
    home = copied(rooms, tmp_path / "backup")
    old = Rooms.open(f"sqlite:///{home / 'onlyou.db'}", home)
    everything = opened_anyhow(old)[1]
    rooms.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    rooms.clock.advance(DAY // SECOND)
    rooms.consent.retention.sweep()
    assert opened_anyhow(old)[1] == everything == 2  # selfie and description: a backup must die
    rooms.clock.advance(13 * DAY // SECOND)
    rooms.consent.retention.sweep()
    assert text in on_disk(home)
    assert opened_anyhow(old)[1] == 0
    old.close()


def test_a_backup_opens_nothing_of_the_erased_at_once(rooms: Rooms, tmp_path: Path) -> None:
    ada, _, text = canary(rooms)
    home = copied(rooms, tmp_path / "backup")
    old = Rooms.open(f"sqlite:///{home / 'onlyou.db'}", home)
    rooms.consent.erasures.erase(ada)
    assert text in on_disk(home)
    assert opened_anyhow(old)[1] == 0
    old.close()
