# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from consent.errors import Broken, Denied, Misused
from consent.gate import Ask, Denial, Permit, denied
from consent.policies import load
from consent.tables import permit as permits
from consent.words import DAY, ROOTS, SECOND, Purpose, Reason, Step, Subject
from tests.conftest import Opener
from tests.rooms import Rooms

HELD = [purpose for purpose in Purpose if purpose not in {Purpose.ADS, Purpose.TRAINING}]


def test_a_yes_becomes_a_permit_a_row_and_an_entry(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    obj = rooms.object()
    permit = rooms.ask(Step.SELECT, ada, Purpose.IMAGINE, obj, request=obj)
    epoch = rooms.consent.grants.show(ada)[Purpose.IMAGINE].epoch
    assert (permit.subject, permit.step, permit.purpose) == (ada, Step.SELECT, Purpose.IMAGINE)
    assert (permit.object, permit.epoch, permit.slot) == (obj, epoch, 0)
    body = rooms.consent.entry(permit.seq)
    assert (body["t"], body["verdict"], body["step"]) == ("decision", "allow", "select")
    assert (body["policy"], body["epoch"]) == (rooms.consent.policy.sha256, epoch)
    assert body["not_after"] == permit.not_after
    assert rooms.count(permits, ada) == 1


def test_a_no_is_an_entry_with_its_reason_and_no_permit_row(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.person("Ada", Purpose.LIKENESS)
    with pytest.raises(Denied) as closed:
        rooms.ask(Step.SELECT, ada, Purpose.IMAGINE, rooms.object())
    assert (closed.value.reason, closed.value.step) == (Reason.NOT_GRANTED, Step.SELECT)
    body = rooms.entries("decision")[-1]
    assert (body["verdict"], body["reasons"]) == ("deny", ["not-granted"])
    assert body["seq"] == closed.value.seq
    assert rooms.count(permits) == 0
    assert {"basis", "epoch", "not_after"}.isdisjoint(body)


def test_what_is_foreseen_is_what_is_decided_and_leaves_no_trace(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    ledger, gate = rooms.consent.ledger, rooms.consent.gate
    for purpose in (Purpose.IMAGINE, Purpose.AVATAR_PACK, Purpose.ADS):
        obj = rooms.object()
        ask: Ask[Any] = Ask(
            step=Step.SELECT, subject=ada, purpose=purpose, object=obj, request=obj
        )
        size, now = ledger.head()[0], ledger.now()
        with ledger.read() as connection:
            foreseen = gate.foresee(connection, now, ask)
        assert ledger.head()[0] == size
        assert rooms.count(permits) == 0
        (decided,) = gate.ask_all([ask]) if foreseen else (None,)
        assert foreseen == (decided.reason if isinstance(decided, Denial) else None)
    assert isinstance(rooms.ask(Step.SELECT, ada, Purpose.IMAGINE, obj, request=obj), Permit)


def test_holding_one_purpose_opens_no_door_of_another(open_rooms: Opener, sqlite_url: str) -> None:
    """Twelve purposes held, twelve asked for: only the diagonal, and the parent's own."""
    rooms = open_rooms(sqlite_url)
    people = {}
    for purpose in HELD:
        parents = () if purpose in ROOTS else (Purpose.LIKENESS,)
        people[purpose] = rooms.person(str(purpose), *parents, purpose)
    for purpose in (Purpose.ADS, Purpose.TRAINING):
        people[purpose] = rooms.person(str(purpose), Purpose.LIKENESS)
    opened = set()
    for held, asked in product(Purpose, Purpose):
        questions = [
            Ask(step=s, subject=people[held], purpose=asked, object=rooms.object(), confirmed=True)
            for s in Step
        ]
        answers = rooms.consent.gate.ask_all(questions)
        if any(isinstance(answer, Permit) for answer in answers):
            opened.add((held, asked))
    expected = {(purpose, purpose) for purpose in HELD}
    expected |= {(held, Purpose.LIKENESS) for held in Purpose if held not in ROOTS}
    assert opened == expected


def test_an_edit_tool_used_once_opens_the_feed_under_the_rules_of_2025_only(
    open_rooms: Opener, sqlite_url: str
) -> None:
    rooms = open_rooms(sqlite_url, policy="instagram-2025")
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    with pytest.raises(Denied):
        rooms.ask(Step.SELECT, ada, Purpose.FEED_INSERT, rooms.object())
    assert rooms.consent.grants.imply(ada, Purpose.IMAGINE) == (Purpose.FEED_INSERT,)
    permit = rooms.ask(Step.SELECT, ada, Purpose.FEED_INSERT, rooms.object())
    assert rooms.consent.entry(permit.seq)["basis"] == "implied"


def test_answers_come_in_the_order_of_the_questions_yes_and_no_mixed(
    rooms_on_both: Rooms,
) -> None:
    rooms = rooms_on_both
    people = [rooms.person("Ada", Purpose.LIKENESS), rooms.person("Bob")] * 3
    questions = [
        Ask(step=Step.ENROL, subject=p, purpose=Purpose.LIKENESS, object=rooms.object())
        for p in people
    ]
    answers = rooms.consent.gate.ask_all(questions, run="a plan")
    kinds = [Permit, Denial] * 3
    assert [type(answer) for answer in answers] == kinds
    assert rooms.count(permits) == 3
    assert [answer.subject for answer in answers] == people
    assert [answer.object for answer in answers] == [q.object for q in questions]
    assert {body["run"] for body in rooms.entries("decision")} == {"a plan"}


def test_no_question_writes_nothing(rooms: Rooms) -> None:
    before = rooms.consent.ledger.head()
    assert rooms.consent.gate.ask_all([]) == ()
    assert rooms.consent.ledger.head() == before


def test_who_was_erased_while_a_batch_was_in_flight_is_denied_alone(
    rooms_on_both: Rooms,
) -> None:
    rooms = rooms_on_both
    people = [rooms.person(name, Purpose.LIKENESS) for name in ("Ada", "Bob", "Cy")]
    questions = [
        Ask(step=Step.ENROL, subject=person, purpose=Purpose.LIKENESS, object=rooms.object())
        for person in people
    ]
    rooms.consent.erasures.erase(people[1])
    before = rooms.consent.ledger.head()[0]
    ada, bob, cy = rooms.consent.gate.ask_all(questions)
    assert (type(ada), type(cy)) == (Permit, Permit)
    assert isinstance(bob, Denial)
    assert (bob.reason, bob.seq) == (Reason.UNKNOWN_SUBJECT, None)
    assert rooms.consent.ledger.head()[0] == before + 2, "something was said of the erased"
    assert rooms.count(permits, people[1]) == 0


def test_a_stranger_alone_is_the_callers_fault_and_leaves_no_trace(rooms: Rooms) -> None:
    before = rooms.consent.ledger.head()
    with pytest.raises(Misused) as stranger:
        rooms.ask(Step.ENROL, Subject(404), Purpose.LIKENESS, rooms.object())
    assert stranger.value.reason is Reason.UNKNOWN_SUBJECT
    assert rooms.consent.ledger.head() == before
    assert rooms.count(permits) == 0


def test_a_permit_lasts_as_long_as_the_policy_says(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    read = rooms.ask(Step.READ, ada, Purpose.IMAGINE, rooms.object())
    view = rooms.ask(Step.VIEW, ada, Purpose.IMAGINE, rooms.object())
    terms = rooms.consent.policy.consent
    assert read.not_after - rooms.clock.now() == terms.permit_seconds * SECOND
    assert view.not_after - rooms.clock.now() == terms.view_seconds * SECOND


def test_a_cap_counts_other_portraits_and_a_retry_is_no_second_use(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    one, other = rooms.object(), rooms.object()
    rooms.ask(Step.SELECT, ada, Purpose.FEED_INSERT, one)
    rooms.ask(Step.SELECT, ada, Purpose.FEED_INSERT, one)
    with pytest.raises(Denied) as capped:
        rooms.ask(Step.SELECT, ada, Purpose.FEED_INSERT, other)
    assert capped.value.reason is Reason.CAP


def test_caps_of_a_week_hold_over_days_and_with_the_clock_set_back(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    for _ in range(3):
        rooms.ask(Step.SELECT, ada, Purpose.FEED_INSERT, rooms.object())
        rooms.clock.advance(DAY / SECOND)
    rooms.clock.advance(-30 * DAY / SECOND)
    with pytest.raises(Denied) as capped:
        rooms.ask(Step.SELECT, ada, Purpose.FEED_INSERT, rooms.object())
    assert capped.value.reason is Reason.CAP
    rooms.clock.advance(37 * DAY / SECOND)
    rooms.ask(Step.SELECT, ada, Purpose.FEED_INSERT, rooms.object())


def test_two_who_ask_in_one_batch_share_no_cap(rooms: Rooms) -> None:
    people = [rooms.inserted_person(name) for name in ("Ada", "Bob")]
    questions = [
        Ask(step=Step.SELECT, subject=p, purpose=Purpose.FEED_INSERT, object=rooms.object())
        for p in people
    ]
    assert all(isinstance(a, Permit) for a in rooms.consent.gate.ask_all(questions))


def test_one_who_asks_twice_in_a_batch_gets_no_more_than_the_cap(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    question = Ask(
        step=Step.SELECT, subject=ada, purpose=Purpose.FEED_INSERT, object=rooms.object()
    )
    other = replace(question, object=rooms.object())
    first, second, retry = rooms.consent.gate.ask_all([question, other, question])
    assert isinstance(first, Permit)
    assert isinstance(second, Denial)
    assert second.reason is Reason.CAP
    assert isinstance(retry, Permit)


def test_without_keys_there_is_no_permit(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    before = rooms.consent.ledger.head()
    rooms.consent.keys.destroy_secret(ada)
    with pytest.raises(Broken):
        rooms.ask(Step.ENROL, ada, Purpose.LIKENESS, rooms.object())
    assert rooms.consent.ledger.head() == before


def test_without_a_clock_there_is_no_permit(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)

    def stopped() -> int:
        raise OSError("the clock is unreachable")

    monkeypatch.setattr(rooms.clock, "now", stopped)
    with pytest.raises(OSError, match="unreachable"):
        rooms.ask(Step.ENROL, ada, Purpose.LIKENESS, rooms.object())
    assert rooms.count(permits) == 0


def test_a_denial_becomes_the_exception_of_a_closed_door(rooms: Rooms) -> None:
    ada = rooms.person("Ada")
    obj = rooms.object()
    (answer,) = rooms.consent.gate.ask_all(
        [Ask(step=Step.VIEW, subject=ada, purpose=Purpose.IMAGINE, object=obj)]
    )
    assert isinstance(answer, Denial)
    door = denied(answer)
    assert (door.reason, door.step, door.purpose, door.seq) == (
        answer.reason,
        Step.VIEW,
        Purpose.IMAGINE,
        answer.seq,
    )


def test_the_policy_in_force_is_named_in_every_decision(
    open_rooms: Opener, sqlite_url: str
) -> None:
    rooms = open_rooms(sqlite_url, policy="instagram-2025")
    ada = rooms.person("Ada", Purpose.LIKENESS)
    rooms.ask(Step.ENROL, ada, Purpose.LIKENESS, rooms.object())
    (body,) = rooms.entries("decision")
    (policy,) = rooms.entries("policy.publish")
    assert body["policy"] == policy["policy"] == load("instagram-2025").sha256
    assert policy["seq"] < body["seq"]
