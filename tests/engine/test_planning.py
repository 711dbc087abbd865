# SPDX-License-Identifier: Apache-2.0
"""However many planners there are, the same comes of it for everybody."""

from pathlib import Path

from consent.clocks import VirtualClock
from consent.words import Subject
from engine import planning
from engine.planning import WHOLE, Part
from engine.plans import Plans
from tests.engine import stubbed
from tests.rooms import NOON

PEOPLE = 24


def planned(folder: Path, parts: int) -> tuple[dict[Subject, object], dict[str, int]]:
    """Plan one slot in so many parts; return everybody's request, and the counts."""
    rooms, _ = stubbed.home(folder, PEOPLE, clock=VirtualClock(NOON), fixed_keys="yes")
    plan = Plans(rooms.consent.ledger, rooms.consent.policy.id).open(NOON)
    requests, counts = {}, dict.fromkeys(("selected", "denied", "none"), 0)
    for number in range(parts):
        done = planning.order(rooms, plan, Part(number=number, of=parts))
        requests |= {one.subject: (one.id, one.purpose, one.wish) for one in done.requests}
        counts = {what: counts[what] + done.counted[what] for what in counts}
    rooms.consent.ledger.engine.dispose()
    return requests, counts


def test_three_planners_order_what_one_would(tmp_path: Path) -> None:
    whole, counts = planned(tmp_path / "one", 1)
    assert counts["selected"] == PEOPLE
    assert len(whole) == PEOPLE - counts["none"]
    assert planned(tmp_path / "three", 3) == (whole, counts)


def test_everybody_belongs_to_exactly_one_part_and_parts_are_alike() -> None:
    people = [Subject(number * 7_919 + 1) for number in range(4_000)]
    assert all(map(WHOLE.holds, people))
    for of in (2, 3, 8):
        parts = [Part(number=number, of=of) for number in range(of)]
        sizes = [sum(map(part.holds, people)) for part in parts]
        assert sum(sizes) == len(people)
        assert min(sizes) > len(people) / of * 0.8
    assert all(sum(Part(number=n, of=3).holds(who) for n in range(3)) == 1 for who in people)
