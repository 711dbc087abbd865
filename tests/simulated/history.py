# SPDX-License-Identifier: Apache-2.0
"""What clients asked and were told, in order; and, without any look inside, whether that fits.

Each act is an interval from asking to being told. It ended well (`ok`), was refused (`fail`), or
nobody knows (`info`): a process died, a commit was not answered. What is checked:
1. after a no was acknowledged, and until a yes is asked for again, nothing of that purpose opens
2. what stood before an acknowledged no never opens again, whatever is said later
3. a yes that was acknowledged holds until a no is asked for; a no that was, until a yes is
4. whoever was erased is not known any more
5. one's own bytes always, the same for the same portrait, nobody else's ever
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from consent.words import ObjectId, Purpose, Subject

NEEDS_SOMEBODY = frozenset({"look", "grant", "imagine", "selfie"})
How = Literal["ok", "fail", "info"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One act of a client on its own person's things."""

    client: str
    person: Subject
    act: str
    purpose: Purpose | None
    asked: int
    told: int
    how: How
    answer: Any = None


@dataclass(slots=True)
class History:
    """All that clients did."""

    events: list[Event] = field(default_factory=list)
    clock: int = 0

    def tick(self) -> int:
        """Return the number of a moment: each comes after every earlier one."""
        self.clock += 1
        return self.clock

    def check(self) -> None:
        """Compare all with each other. Errors: AssertionError, naming the two that do not fit."""
        by_person: dict[Subject, list[Event]] = defaultdict(list)
        for event in self.events:
            by_person[event.person].append(event)
        for events in by_person.values():
            _noes(events)
            _erased(events)
            _held(events)
        _bytes(self.events)


def _noes(events: Sequence[Event]) -> None:
    for no in events:
        if no.how != "ok" or no.act not in {"withdraw", "erase"}:
            continue
        before = {one.answer for one in _looks(events) if one.told < no.asked and _under(one, no)}
        for later in _looks(events):
            if later.asked < no.told or not _under(later, no):
                continue
            assert later.answer not in before, f"I2: {later} opened what {no} had ended"
            assert _asked_anew(events, no, later), f"I2: {later} after {no}, with no yes between"


def _looks(events: Sequence[Event]) -> list[Event]:
    """List, one by one, what was opened: the answer is the portrait."""
    return [one for one in events if one.act == "look" and one.how == "ok"]


def _under(look: Event, no: Event) -> bool:
    return no.act == "erase" or no.purpose in {look.purpose, Purpose.LIKENESS}


def _asked_anew(events: Sequence[Event], no: Event, look: Event) -> bool:
    return no.act != "erase" and any(
        one.act == "grant"
        and one.purpose is look.purpose
        and one.told > no.asked
        and one.asked < look.told
        for one in events
    )


def _erased(events: Sequence[Event]) -> None:
    ends = [one.told for one in events if one.act == "erase" and one.how == "ok"]
    for one in events:
        gone = any(one.asked > end for end in ends) and one.act in NEEDS_SOMEBODY
        assert not (gone and one.how == "ok"), f"I2: {one} of somebody erased"


def _held(events: Sequence[Event]) -> None:
    """Compare every list of what holds with the last word on each purpose that was settled."""
    for shown in events:
        if shown.act != "held" or shown.how != "ok":
            continue
        for purpose in (Purpose.FEED_INSERT, Purpose.IMAGINE):
            said = _settled(events, purpose, shown)
            if said is not None:
                fits = (purpose in shown.answer) == (said.act == "grant")
                assert fits, f"I4: {shown} after {said}"


def _settled(events: Sequence[Event], purpose: Purpose, shown: Event) -> Event | None:
    """Return the last word on a purpose, if nothing else was under way when it was shown."""
    about = [
        one
        for one in events
        if one.act in {"grant", "withdraw", "erase"}
        and (one.purpose in {purpose, Purpose.LIKENESS} or one.act == "erase")
        and one.how != "fail"
        and one.asked < shown.told
    ]
    if not about:
        return None
    last = max(about, key=lambda one: one.asked)
    clear = last.how == "ok" and last.told < shown.asked and last.purpose is purpose
    others = (one for one in about if one is not last)
    alone = all(one.told < last.asked and one.how == "ok" for one in others)
    return last if clear and alone else None


def _bytes(events: Sequence[Event]) -> None:
    owner: dict[ObjectId, Subject] = {}
    for look in _looks(events):
        assert owner.setdefault(look.answer, look.person) == look.person, f"I3: {look}"
