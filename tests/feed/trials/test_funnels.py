# SPDX-License-Identifier: Apache-2.0
"""Every stage is the one before, less what was lost on the way."""

from itertools import pairwise

from consent.words import Purpose
from feed.experiments.plan import Ramp
from feed.trials import funnels
from tests.feed.trying import gather, plan
from tests.rooms import Rooms


def test_stages_add_up_and_say_what_kept_people(rooms: Rooms) -> None:
    trial = gather(rooms, 5)
    trial.start()
    for n in range(3):
        rooms.person(f"Other {n}")
    rooms.consent.withdrawals.withdraw(trial.people[0], Purpose.EXPERIMENT)
    rooms.consent.withdrawals.withdraw(trial.people[1], Purpose.FEED_INSERT)
    trial.meet(trial.people[2:4])
    with rooms.consent.ledger.read() as connection:
        people, stages = funnels.funnel(connection, trial.running(), trial.home.feed.trials)
    assert people == 8
    assert [stage.people for stage in stages] == [8, 4, 4, 3, 2]
    for before, after in pairwise(stages):
        assert before.people - after.people == sum(loss.people for loss in after.lost)
    assert [(loss.why, loss.people) for loss in stages[1].lost] == [
        ("took it back", 1),
        ("have not said yes", 3),
    ]
    assert [loss.people for loss in stages[3].lost + stages[4].lost] == [1, 1]


def test_who_the_ramp_keeps_waiting_is_not_in_it(rooms: Rooms) -> None:
    trial = gather(rooms, 3)
    trial.start(plan(ramp=(Ramp(day=1, percent=0), Ramp(day=2, percent=100))))
    with rooms.consent.ledger.read() as connection:
        _, stages = funnels.funnel(connection, trial.running(), trial.home.feed.trials)
    assert [stage.people for stage in stages[1:]] == [3, 0, 0, 0]
    (loss,) = stages[2].lost
    assert (loss.why, loss.people) == ("in another part, or not let in yet", 3)
