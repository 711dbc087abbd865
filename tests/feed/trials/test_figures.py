# SPDX-License-Identifier: Apache-2.0
"""What people did with portraits that their pages held since they were exposed, and before."""

from collections.abc import Mapping

from sqlalchemy import Connection

from consent.words import Purpose
from feed.experiments.tallies import Moments
from feed.trials import figures
from feed.trials.figures import Exposed
from tests.feed.trying import METRICS, gather, plan, sets
from tests.rooms import Rooms


def _alone(connection: Connection, who: Exposed) -> Mapping[str, Moments]:
    """Sum up one person."""
    found = figures.sums(connection, [who], METRICS)
    assert set(found) == {who.arm}
    return found[who.arm]


def test_acts_count_once_a_portrait_from_the_exposure_on(rooms: Rooms) -> None:
    trial = gather(rooms, 2)
    one, other = trial.people
    early = trial.meet([one])[one]
    trial.home.say(one, "like", early)
    trial.home.later(days=1.1)
    trial.start()
    late = trial.meet([one, other], "jazz")
    trial.home.later(hours=0.01)
    for kind in ("like", "share_intent", "hide"):
        trial.home.say(one, kind, late[one])
    trial.home.say(one, "report", early)
    with rooms.consent.ledger.read() as connection:
        there = figures.exposed(connection, "deeper")
        did = {who.subject: _alone(connection, who) for who in there}
        both = figures.sums(connection, there, METRICS)
    assert set(did) == {one, other}
    whole = sum((sums["shown"] for sums in both.values()), Moments())
    assert whole == did[one]["shown"] + did[other]["shown"]
    mine = did[one]
    whole = Moments(n=1, any=1, y=1, yy=1, d=1, dd=1, yd=1, x=1, xx=1, xy=1)
    assert mine["engaged"] == whole
    assert mine["shown"] == whole
    assert mine["kept"] == Moments(n=1, d=1, dd=1, x=1, xx=1)
    assert mine["hidden"] == Moments(n=1, any=1, y=1, yy=1, d=1, dd=1, yd=1)
    assert mine["reported"] == Moments(n=1, d=1, dd=1), "said of what was shown before"
    took = 36
    assert mine["seconds-to-hide"] == Moments(
        n=1, any=1, y=took, yy=took * took, d=1, dd=1, yd=took
    )
    assert did[other]["kept"] == Moments(n=1, any=1, y=1, yy=1, d=1, dd=1, yd=1)
    assert did[other]["seconds-to-hide"] == Moments(n=1)


def test_what_was_before_they_let_us_is_not_looked_at(rooms: Rooms) -> None:
    trial = gather(rooms, 1)
    (one,) = trial.people
    trial.meet()
    trial.home.later(days=1.1)
    rooms.consent.withdrawals.withdraw(one, Purpose.EXPERIMENT)
    rooms.grant(one, Purpose.EXPERIMENT)
    trial.start()
    trial.meet(scenario="jazz")
    with rooms.consent.ledger.read() as connection:
        (there,) = figures.exposed(connection, "deeper")
        did = {there.subject: _alone(connection, there)}
    assert did[one]["shown"] == Moments(n=1, any=1, y=1, yy=1, d=1, dd=1, yd=1)


def test_what_is_counted_is_what_the_plan_names_and_a_feed_can_tell() -> None:
    one = plan(metrics=("engaged", "surprised"), arms=(sets("a"), sets("b")))
    assert figures.measured(one) == ("withdrew", "engaged")


def test_who_turned_portraits_off_is_one_person_to_whom_it_happened() -> None:
    told = figures.withdrawn({"withdrew": Moments(n=1, d=1, dd=1), "shown": Moments(n=1)})
    assert told["withdrew"] == Moments(n=1, any=1, y=1, yy=1, d=1, dd=1, yd=1)
    assert told["shown"] == Moments(n=1)
    assert figures.withdrawn({"shown": Moments(n=1)}) == {"shown": Moments(n=1)}
