# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from typing import Any

import pytest

from consent import effects
from consent.effects import Spent
from consent.errors import Misused
from consent.gate import Ask, Denial, Permit
from consent.tables import asset_view, moderated, rendered, request, selfie
from consent.words import ObjectId, Purpose, Reason, Step, Subject
from feed.tables import feed_insert, feed_view
from tests.rooms import Rooms


@pytest.fixture
def ada(rooms_on_both: Rooms) -> Subject:
    return rooms_on_both.inserted_person()


def select(rooms: Rooms, subject: Subject, obj: ObjectId | None = None) -> Permit[Any]:
    obj = obj or rooms.object()
    return rooms.ask(Step.SELECT, subject, Purpose.FEED_INSERT, obj, request=obj)


def test_a_spent_permit_is_a_row_and_an_entry_that_names_the_decision(
    rooms_on_both: Rooms, ada: Subject
) -> None:
    permit = select(rooms_on_both, ada)
    done = rooms_on_both.spend(permit, request)
    assert isinstance(done, Spent)
    body = rooms_on_both.consent.entry(done.seq)
    assert (body["t"], body["step"], body["effect_of"]) == ("effect", "select", permit.seq)
    decision = rooms_on_both.consent.entry(permit.seq)
    assert [body[name] for name in ("tag", "object", "request")] == [
        decision[name] for name in ("tag", "object", "request")
    ]
    assert rooms_on_both.count(request, ada) == 1


def refused(rooms: Rooms, permit: Permit[Any], table: Any, columns: Any = None) -> None:
    before = rooms.consent.ledger.head()[0], rooms.count(table)
    with pytest.raises(Misused) as error:
        rooms.spend(permit, table, columns)
    assert error.value.reason is Reason.PERMIT_USED
    assert (rooms.consent.ledger.head()[0], rooms.count(table)) == before


def test_a_permit_is_spent_once(rooms_on_both: Rooms, ada: Subject) -> None:
    permit = select(rooms_on_both, ada)
    rooms_on_both.spend(permit, request)
    refused(rooms_on_both, permit, request)


def test_a_permit_is_spent_once_though_what_it_made_is_gone(
    rooms_on_both: Rooms, ada: Subject
) -> None:
    rooms = rooms_on_both
    obj = rooms.object()
    permit = rooms.ask(Step.ENROL, ada, Purpose.LIKENESS, obj)
    sealed = rooms.consent.vault.seal(permit, b"selfie")
    columns = sealed.columns() | {"expires_at": permit.not_after}
    rooms.spend(permit, selfie, columns)
    rooms.consent.withdrawals.destroy(ada, obj)
    refused(rooms, permit, selfie, columns)


def test_one_permit_to_look_opens_one_place(rooms_on_both: Rooms, ada: Subject) -> None:
    rooms = rooms_on_both
    obj = rooms.portrait(ada, Purpose.FEED_INSERT)
    rooms.insert(ada, obj)
    permit = rooms.ask(Step.VIEW, ada, Purpose.FEED_INSERT, obj)
    rooms.spend(permit, asset_view)
    refused(rooms, permit, feed_view)


def test_a_permit_is_spent_in_time(rooms_on_both: Rooms, ada: Subject) -> None:
    permit = select(rooms_on_both, ada)
    rooms_on_both.clock.turn_to(permit.not_after)
    refused(rooms_on_both, permit, request)


@pytest.mark.parametrize(
    "forge",
    [
        lambda permit: replace(permit, seq=permit.seq + 1_000),
        lambda permit: replace(permit, slot=1),
        lambda permit: replace(permit, object=ObjectId(7)),
        lambda permit: replace(permit, not_after=permit.not_after + 1),
    ],
    ids=["another number", "another slot", "another object", "more time"],
)
def test_a_forged_permit_is_worth_nothing(rooms_on_both: Rooms, ada: Subject, forge: Any) -> None:
    refused(rooms_on_both, forge(select(rooms_on_both, ada)), request)


def test_a_permit_made_out_to_another_person_is_worth_nothing(
    rooms_on_both: Rooms, ada: Subject
) -> None:
    bob = rooms_on_both.inserted_person("Bob")
    mine, his = select(rooms_on_both, ada), select(rooms_on_both, bob)
    refused(rooms_on_both, replace(mine, subject=bob, epoch=his.epoch), request)


def test_a_permit_is_for_one_step(rooms_on_both: Rooms, ada: Subject) -> None:
    permit = select(rooms_on_both, ada)
    refused(rooms_on_both, permit, feed_view)


def test_a_step_needs_the_step_before_it(rooms_on_both: Rooms, ada: Subject) -> None:
    obj = rooms_on_both.object()
    permit = rooms_on_both.ask(Step.GENERATE, ada, Purpose.FEED_INSERT, obj)
    refused(rooms_on_both, permit, rendered)


def test_an_object_takes_a_step_once_however_many_permits_there_are(
    rooms_on_both: Rooms, ada: Subject
) -> None:
    obj = rooms_on_both.object()
    first, second = (select(rooms_on_both, ada, obj) for _ in range(2))
    rooms_on_both.spend(first, request)
    refused(rooms_on_both, second, request)


def test_a_rows_own_columns_cannot_speak_over_the_permit(
    rooms_on_both: Rooms, ada: Subject
) -> None:
    obj = rooms_on_both.requested(ada, Purpose.FEED_INSERT)
    permit = rooms_on_both.ask(Step.GENERATE, ada, Purpose.FEED_INSERT, obj)
    other = rooms_on_both.inserted_person("Bob")
    done = rooms_on_both.spend(permit, rendered, {"subject": other, "at": 0, "effect_seq": 0})
    assert isinstance(done, Spent)
    assert rooms_on_both.count(rendered, ada) == 1


def test_a_refused_picture_never_passes_for_a_moderated_one(
    rooms_on_both: Rooms, ada: Subject
) -> None:
    obj = rooms_on_both.requested(ada, Purpose.FEED_INSERT)
    rooms_on_both.spend(rooms_on_both.ask(Step.GENERATE, ada, Purpose.FEED_INSERT, obj), rendered)
    permit = rooms_on_both.ask(Step.MODERATE, ada, Purpose.FEED_INSERT, obj)
    refused(rooms_on_both, permit, moderated, {"verdict": "refuse"})


def test_after_a_withdrawal_a_permit_in_flight_is_answered_with_a_denial(
    rooms_on_both: Rooms, ada: Subject
) -> None:
    permit = select(rooms_on_both, ada)
    rooms_on_both.consent.withdrawals.withdraw(ada, Purpose.FEED_INSERT)
    late = rooms_on_both.spend(permit, request)
    assert isinstance(late, Denial)
    assert late.reason is Reason.WITHDRAWN
    assert rooms_on_both.count(request) == 0
    assert not rooms_on_both.entries("effect")[1:]


def test_an_old_permit_stays_dead_after_a_new_yes(rooms_on_both: Rooms, ada: Subject) -> None:
    permit = select(rooms_on_both, ada)
    rooms_on_both.consent.withdrawals.withdraw(ada, Purpose.FEED_INSERT)
    rooms_on_both.grant(ada, Purpose.FEED_INSERT)
    assert isinstance(rooms_on_both.spend(permit, request), Denial)


def test_one_who_withdrew_does_not_stop_the_batch(rooms_on_both: Rooms, ada: Subject) -> None:
    rooms = rooms_on_both
    others = [rooms.inserted_person(name) for name in ("Bob", "Cy")]
    people = [others[0], ada, others[1]]
    questions = [
        Ask(step=Step.SELECT, subject=p, purpose=Purpose.FEED_INSERT, object=rooms.object())
        for p in people
    ]
    permits = rooms.consent.gate.ask_all(questions)
    rooms.consent.withdrawals.withdraw(ada, Purpose.FEED_INSERT)
    with rooms.consent.ledger.write() as writing:
        done = effects.spend(writing, permits, request)  # type: ignore[arg-type]
    assert [type(one) for one in done] == [Spent, Denial, Spent]
    assert [one.subject for one in done] == people
    assert rooms.count(request) == 2


def test_a_bad_permit_among_good_ones_undoes_the_batch(rooms_on_both: Rooms, ada: Subject) -> None:
    rooms = rooms_on_both
    bob = rooms.inserted_person("Bob")
    good, bad = select(rooms, bob), replace(select(rooms, ada), object=ObjectId(7))
    size = rooms.consent.ledger.head()[0]
    with pytest.raises(Misused), rooms.consent.ledger.write() as writing:
        effects.spend(writing, [good, bad], request)
    assert rooms.count(request) == 0
    assert rooms.consent.ledger.head()[0] == size


def test_spending_nothing_writes_nothing(rooms: Rooms) -> None:
    with rooms.consent.ledger.write() as writing:
        size = writing.size
        assert effects.spend(writing, [], request) == ()
        assert writing.size == size


def test_rows_must_match_permits_one_by_one(rooms_on_both: Rooms, ada: Subject) -> None:
    permit = select(rooms_on_both, ada)
    with pytest.raises(ValueError, match="zip"), rooms_on_both.consent.ledger.write() as writing:
        effects.spend(writing, [permit], request, [{}, {}])


def test_nobodys_portrait_can_be_shown_to_another(rooms_on_both: Rooms, ada: Subject) -> None:
    rooms = rooms_on_both
    bob = rooms.inserted_person("Bob")
    hers = rooms.portrait(ada, Purpose.FEED_INSERT)
    rooms.insert(ada, hers)
    for table, step in ((feed_view, Step.VIEW), (asset_view, Step.VIEW)):
        refused(rooms, rooms.ask(step, bob, Purpose.FEED_INSERT, hers), table)
    his = rooms.ask(Step.INSERT, bob, Purpose.FEED_INSERT, hers)
    refused(rooms, his, feed_insert, {"scenario": "astronaut", "expires_at": 1})


def test_what_another_process_did_meanwhile_is_denied_as_used(rooms: Rooms) -> None:
    permit = select(rooms, rooms.inserted_person())
    denial = effects.used(permit)
    assert denial == replace(effects.too_late(permit), reason=Reason.PERMIT_USED)
    assert (denial.seq, denial.step, denial.object) == (permit.seq, permit.step, permit.object)
