# SPDX-License-Identifier: Apache-2.0
"""A batch keeps track of who goes on."""

from collections.abc import Callable

from consent.gate import Denial, Generate
from consent.words import ObjectId, Purpose, Reason, Seq, Step, Subject
from generation.batching import Batch, Granted, ask
from generation.portraits import Portrait, Request, Wish
from generation.recipes import Likeness
from tests.generation.house import House


def request(number: int, subject: int) -> Request:
    return Request(
        id=ObjectId(number),
        subject=Subject(subject),
        purpose=Purpose.IMAGINE,
        wish=Wish(scenario="plain", seed=1),
    )


def test_who_has_an_outcome_or_a_refusal_takes_no_further_step() -> None:
    one, two, three = (request(number, number) for number in (1, 2, 3))
    batch = Batch((one, two, three))
    batch.refused[two.id] = Reason.NSFW
    batch.outcomes[one.id] = Portrait(request=one, recipe="head")
    assert batch.open == (three,)


def test_the_others_are_other_people_even_when_one_person_sits_twice(
    likeness: Callable[[int], Likeness],
) -> None:
    mine, again, theirs = request(1, 1), request(2, 1), request(3, 3)
    batch = Batch((mine, again, theirs))
    batch.likenesses = {
        mine.id: (likeness(1),),
        again.id: (likeness(1),),
        theirs.id: (likeness(3),),
    }
    assert batch.others()(mine) == (likeness(3),)
    assert batch.others()(theirs) == (likeness(1), likeness(1))


def test_nobody_is_compared_with_a_face_that_was_withdrawn(
    likeness: Callable[[int], Likeness],
) -> None:
    mine, gone = request(1, 1), request(3, 3)
    batch = Batch((mine, gone))
    batch.likenesses = {mine.id: (likeness(1),), gone.id: (likeness(3),)}
    batch.outcomes[gone.id] = Denial(
        seq=Seq(1),
        step=Step.GENERATE,
        subject=gone.subject,
        purpose=gone.purpose,
        object=gone.id,
        reason=Reason.WITHDRAWN,
    )
    assert batch.others()(mine) == ()


def test_two_batches_share_nothing() -> None:
    first, second = Batch(()), Batch(())
    first.refused[ObjectId(1)] = Reason.NSFW
    assert not second.refused


def test_who_is_denied_drops_out(house: House) -> None:
    people = [house.rooms.person(name, Purpose.LIKENESS, Purpose.IMAGINE) for name in "ab"]
    requests = [house.order(subject) for subject in people]
    house.rooms.consent.withdrawals.withdraw(people[0], Purpose.IMAGINE)
    batch = Batch(requests)
    permits: Granted[Generate] = ask(house.rooms.consent.gate, batch, Step.GENERATE)
    assert set(permits) == {requests[1].id}
    assert permits[requests[1].id].object == requests[1].id
    assert permits[requests[1].id].request == requests[1].id
    assert isinstance(batch.outcomes[requests[0].id], Denial)
