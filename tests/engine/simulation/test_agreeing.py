# SPDX-License-Identifier: Apache-2.0
"""Who says yes hangs on what their arm asks; who they are does not."""

import numpy as np
import pytest

from engine.simulation import coefficients
from engine.simulation.agreeing import Answers, Inclined, agreed, answer
from engine.simulation.handling import of_people
from tests.engine.simulation.test_handling import resolved

PEOPLE = 20_000
KNOW = coefficients.shipped().known()


def inclined() -> Inclined:
    rng = np.random.default_rng(5)
    return Inclined(
        willing=rng.normal(size=PEOPLE),
        experiments=rng.random(PEOPLE),
        tool=rng.random(PEOPLE),
        inserts=rng.random(PEOPLE),
        later=rng.random(PEOPLE),
        card=rng.random(PEOPLE),
    )


def answers(**levers: int | str | bool) -> Answers:
    arms = of_people([resolved(**levers)], np.zeros(PEOPLE, np.int64))
    return answer(KNOW, arms, inclined())


def test_whoever_has_the_tool_and_is_asked_says_exactly_one_thing() -> None:
    said = answers()
    each = said.later.astype(int) + said.never + said.declined + said.explicit
    assert (each == said.tool).all()
    assert not said.implied.any()


def test_where_use_counts_as_a_yes_nobody_is_asked_and_all_users_hold_it() -> None:
    said = answers(policy="instagram-2025")
    assert (said.implied == said.tool).all()
    assert not (said.explicit | said.later | said.never | said.declined).any()


def test_an_arm_changes_nothing_of_who_somebody_is() -> None:
    ours, theirs = answers(), answers(policy="instagram-2025")
    for trait in ("tool", "would"):
        assert (getattr(ours, trait) == getattr(theirs, trait)).all()


def test_without_a_card_nobody_declines_and_everybody_willing_holds_a_basis() -> None:
    said = answers(preview=False)
    assert not said.declined.any()
    assert (said.explicit == (said.tool & said.would)).all()


def test_a_card_is_shown_whatever_the_basis_and_who_declines_it_holds_none() -> None:
    said = answers(policy="instagram-2025", preview=True)
    assert (said.implied | said.declined == said.tool).all()
    assert not (said.implied & said.declined).any()
    would, wouldnt = said.tool & said.would, said.tool & ~said.would
    assert said.implied[would].mean() == pytest.approx(KNOW["agreeing.card"], abs=0.02)
    assert said.implied[wouldnt].mean() == pytest.approx(KNOW["agreeing.card-unwilling"], abs=0.02)


def test_a_vague_notice_is_said_yes_to_more_often_and_by_all_who_would_anyway() -> None:
    plain, vague = answers(), answers(notice="vague")
    assert vague.would.sum() > plain.would.sum()
    assert not (plain.would & ~vague.would).any()


def test_shares_are_those_of_the_coefficients() -> None:
    by = inclined()
    assert agreed(KNOW, by).mean() == pytest.approx(KNOW["agreeing.experiments"], abs=0.02)
    assert answers().tool.mean() == pytest.approx(KNOW["agreeing.tool"], abs=0.02)
