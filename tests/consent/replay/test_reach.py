# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

from consent.policy import Facts
from consent.replay.reach import Reach, people, reach
from consent.replay.run import compared
from consent.words import Kind, Step
from tests.consent.replay.histories import Ask, columns, shipped, told

LIFE = [Ask(step=step) for step in (Step.SELECT, Step.STORE, Step.INSERT, Step.VIEW, Step.VIEW)]
IMPLIED = Facts(kind=Kind.IMPLIED, preview=True)


def test_people_are_counted_once_and_what_they_saw_each_time() -> None:
    theirs = [replace(ask, tag="bob", object="other", facts=IMPLIED) for ask in LIFE]
    recorded = columns(told([*LIFE, *theirs], "instagram-2025"), "instagram-2025")
    assert reach(recorded) == Reach(people=2, drawn=2, inserted=2, viewed=2, inserts=2, views=4)
    strict = compared(recorded, shipped("strict-opt-in"), "closed-loop")
    assert reach(recorded, strict) == Reach(
        people=1, drawn=1, inserted=1, viewed=1, inserts=1, views=2
    )


def test_those_of_whom_most_was_done_come_first() -> None:
    denied = [Ask(tag="cy", facts=Facts()), Ask(tag="cy", facts=Facts())]
    once = [Ask(tag="bob", object="other")]
    listed = people(columns(told([*denied, *once, *LIFE])), 2)
    assert [one.tag for one in listed] == ["ada", "bob"]
    ada = listed[0]
    assert (ada.allowed, ada.denied, ada.portraits, ada.inserts, ada.views) == (5, 0, 1, 1, 2)
