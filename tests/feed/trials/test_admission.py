# SPDX-License-Identifier: Apache-2.0
"""What cannot run here is refused with its reasons, and nothing is started."""

from pathlib import Path

import pytest

from consent.errors import Misused
from consent.words import Reason
from feed.experiments.plan import Experiment
from feed.tables import experiment
from tests.feed.trying import gather, plan, ready, sets
from tests.rooms import Rooms

OTHER = (sets("a"), sets("b", gap=9))
REFUSED = {
    "another policy": (plan(policy="instagram-2025"), Reason.POLICY_FORBIDS, "strict-opt-in"),
    "not admitted": (
        plan(arms=(sets("a"), sets("b", first=1))),
        Reason.POLICY_FORBIDS,
        "first 1 is below the 3",
    ),
    "simulated": (plan(where="simulation"), Reason.POLICY_FORBIDS, "simulated population"),
    "drawn otherwise": (
        plan(arms=(sets("a"), sets("b", recipe="filter"))),
        Reason.POLICY_FORBIDS,
        "drawn with filter",
    ),
    "the same people": (plan(id="two", arms=OTHER), Reason.STALE, "would share people"),
    "the same lever": (plan(id="two", namespace="other"), Reason.STALE, "changes first-slot, too"),
    "the same name": (plan(days=3), Reason.STALE, "name it anew"),
    "too few": (
        plan(id="two", namespace="other", arms=OTHER, needed=40),
        Reason.UNAVAILABLE,
        "needs 40",
    ),
}


def test_what_is_in_the_way_is_said_and_nothing_is_started(tmp_path: Path) -> None:
    trial = ready(tmp_path)
    rooms = trial.home.rooms
    trial.start()
    before = len(trial.home.written())
    for name, (refused, reason, words) in REFUSED.items():
        with pytest.raises(Misused) as said:
            trial.start(refused)
        assert said.value.reason is reason, name
        assert words in said.value.sentence, name
    assert len(trial.home.written()) == before
    assert rooms.count(experiment) == 1


@pytest.mark.parametrize(
    "other",
    [
        plan(id="two", namespace="other", arms=OTHER),
        plan(id="two", segments=(500, 1_000)),
        plan(id="two", arms=(sets("a"), sets("b", first=9, recipe="photobooth")), namespace="x"),
    ],
    ids=["other people", "other segments", "after the first has ended"],
)
def test_what_is_in_nobodys_way_runs_beside_it(rooms: Rooms, other: Experiment) -> None:
    trial = gather(rooms, 2)
    trial.start(plan(segments=(0, 500), days=3))
    trial.home.later(days=3 if other.namespace == "x" else 0)
    assert trial.start(other) == trial.running("two").experiment
