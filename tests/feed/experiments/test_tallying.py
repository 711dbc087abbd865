# SPDX-License-Identifier: Apache-2.0
"""A log of exposures, added up to a tally for every day, against a plain table of people."""

import numpy as np
import pytest

from feed.experiments import tallying
from feed.experiments.tallies import Moments, Tally
from feed.experiments.tallying import Exposures
from tests.feed.experiments.runs import PLAN, experiment

METRICS = ("engaged", "shown", "hidden", "seconds-to-hide", "visits", "withdrew")
TRIED = experiment(metrics=METRICS, days=6)


def _log(people: int, seed: int = 1) -> Exposures:
    """Make a log in which people come in on different days, some of them several times a day."""
    generator = np.random.Generator(np.random.Philox(seed))
    each = generator.integers(1, 6, people)
    person = np.repeat(np.arange(people), each)
    rows = len(person)
    day = np.empty(rows, np.int64)
    for one in range(people):
        day[person == one] = np.sort(generator.integers(1, 7, each[one]))
    hidden = generator.random(rows) < 0.2
    return Exposures(
        person=person,
        day=day,
        arm=np.repeat(generator.integers(0, 2, people), each),
        done={
            "engaged": generator.integers(0, 3, rows).astype(np.uint8),
            "hidden": hidden.astype(np.uint8),
            "seconds-to-hide": (hidden * generator.integers(1, 9_000, rows)).astype(np.uint16),
            "visits": generator.integers(0, 2, rows).astype(np.uint8),
            "withdrew": (generator.random(rows) < 0.05).astype(np.uint8),
        },
        before={"visits": np.repeat(generator.integers(0, 9, people), each).astype(np.uint8)},
    )


def _plainly(log: Exposures, name: str, per: str, day: int, arm: int) -> Moments:
    """Add the same up person by person."""
    shown = {"shown": np.ones(len(log.person), np.int64)}
    done = shown | {key: column.astype(int) for key, column in log.done.items()}
    whole = Moments()
    for person in np.unique(log.person[(log.arm == arm) & (log.day <= day)]):
        mine = (log.person == person) & (log.day <= day)
        y = int(done[name][mine].sum())
        d = 1 if per == "person" else int(done[per][mine].sum())
        x = int(log.before[name][mine][0]) if name in log.before else 0
        whole += Moments(
            n=1, any=int(y > 0), y=y, yy=y * y, d=d, dd=d * d, yd=y * d, x=x, xx=x * x, xy=x * y
        )
    return whole


@pytest.mark.parametrize(
    ("name", "per"),
    [
        ("engaged", "shown"),
        ("shown", "person"),
        ("seconds-to-hide", "hidden"),
        ("visits", "person"),
        ("withdrew", "person"),
    ],
)
def test_every_day_comes_to_what_people_one_by_one_come_to(name: str, per: str) -> None:
    log = _log(60)
    found = tallying.tallies(TRIED, PLAN, log)
    for day in (1, 3, 6):
        for at, arm in enumerate(TRIED.arms):
            sums = found[day - 1].arms[arm.id]
            assert sums.metrics[name] == _plainly(log, name, per, day, at)
            assert sums.withdrew == sums.metrics["withdrew"].any


@pytest.mark.parametrize("piece", [1, 7, 2_000])
def test_the_pieces_change_nothing(piece: int) -> None:
    log = _log(200, seed=2)
    assert tallying.tallies(TRIED, PLAN, log, piece=piece) == tallying.tallies(TRIED, PLAN, log)


def test_pieces_never_cut_through_a_person() -> None:
    person = np.array([0, 0, 0, 1, 2, 2, 3])
    assert list(tallying.pieces(person, 2)) == [slice(0, 3), slice(3, 6), slice(6, 7)]


def test_a_log_of_nobody_is_days_of_nothing() -> None:
    found: tuple[Tally, ...] = tallying.tallies(TRIED, PLAN, _log(0))
    assert [one.day for one in found] == [1, 2, 3, 4, 5, 6]
    assert found[-1].arms["wider"].metrics["engaged"] == Moments()
