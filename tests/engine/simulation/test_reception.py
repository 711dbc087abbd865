# SPDX-License-Identifier: Apache-2.0
"""How an insert is taken: which way each lever moves it, all else equal."""

import numpy as np
import pytest

from engine.simulation import coefficients, reception
from engine.simulation.handling import of_people
from engine.simulation.reception import Lots, Reception, Sight
from tests.engine.simulation.test_handling import resolved

ROWS = 20_000
KNOW = coefficients.shipped().known()


def sight(*, seen: float = 0.0, unwilling: float = 0.0, **levers: int | str | bool) -> Sight:
    arm = resolved(**levers)
    return Sight(
        arms=of_people([arm], np.zeros(ROWS, np.int64)),
        implied=np.full(ROWS, arm.implied),
        unwilling=np.full(ROWS, unwilling),
        seen=np.full(ROWS, seen),
        crowd=np.zeros(ROWS),
    )


def lots() -> Lots:
    rng = np.random.default_rng(9)
    return Lots(
        knew=rng.random(ROWS),
        surprised=rng.random(ROWS),
        advert=rng.random(ROWS),
        sooner=rng.random(ROWS),
    )


def taken(seen: Sight) -> Reception:
    return reception.receive(KNOW, seen, lots())


def test_without_having_been_asked_more_are_surprised_take_it_for_an_ad_and_fewer_knew_why() -> (
    None
):
    ours, theirs = taken(sight()), taken(sight(policy="instagram-2025", unwilling=1.0))
    assert ours.knew.mean() > 0.7
    assert theirs.knew.mean() < 0.3
    assert theirs.surprised.mean() > 3 * ours.surprised.mean()
    assert theirs.advert.mean() > 3 * ours.advert.mean()


@pytest.mark.parametrize(
    ("levers", "question", "more"),
    [
        ({"preview": False}, "knew", False),
        ({"notice": "vague"}, "knew", False),
        ({"notice": "plain"}, "knew", True),
        ({"visible_to": "Imagined for you"}, "advert", True),
        ({"visible_to": "Imagined for you"}, "surprised", True),
        ({"first": 3}, "surprised", True),
        ({"first": 3}, "advert", True),
    ],
)
def test_each_lever_moves_it_one_way_for_everybody(
    levers: dict[str, int | str | bool], question: str, more: bool
) -> None:
    ours, theirs = getattr(taken(sight()), question), getattr(taken(sight(**levers)), question)
    fewer, others = (ours, theirs) if more else (theirs, ours)
    assert not (fewer & ~others).any()
    assert others.sum() > fewer.sum()


def test_what_was_seen_before_surprises_less() -> None:
    assert taken(sight(seen=1.0)).surprised.mean() < taken(sight()).surprised.mean()


def test_who_was_surprised_engages_less_refuses_more_and_trusts_less() -> None:
    calm = Reception(knew=np.ones(1, bool), surprised=np.zeros(1, bool), advert=np.zeros(1, bool))
    upset = Reception(knew=np.zeros(1, bool), surprised=np.ones(1, bool), advert=np.ones(1, bool))
    one = Sight(
        arms=of_people([resolved()], np.zeros(1, np.int64)),
        implied=np.zeros(1), unwilling=np.zeros(1), seen=np.zeros(1), crowd=np.zeros(1),
    )  # fmt: skip
    assert reception.engage(KNOW, one, upset) < reception.engage(KNOW, one, calm)
    assert reception.refuse(KNOW, one, upset) > reception.refuse(KNOW, one, calm)
    assert reception.withdraw(KNOW, one, upset) > reception.withdraw(KNOW, one, calm)
    assert reception.trust(KNOW, upset) < 0 < reception.trust(KNOW, calm)


def test_who_took_it_for_an_ad_hides_it_sooner_and_the_median_is_the_coefficient() -> None:
    none = np.zeros(ROWS, bool)
    calm = Reception(knew=none, surprised=none, advert=none)
    upset = Reception(knew=none, surprised=~none, advert=~none)
    slow, fast = reception.seconds(KNOW, calm, lots()), reception.seconds(KNOW, upset, lots())
    assert (fast < slow).all()
    assert np.median(slow) == pytest.approx(np.exp(KNOW["seconds.rest"]), rel=0.03)
