# SPDX-License-Identifier: Apache-2.0
"""Who got how far, and where the others stayed: consent is most of the steps.

People stand in one place at the end of a run, so that what is lost between two stages adds up.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from engine.simulation.agreeing import Flags
from engine.simulation.block import ENDLESS, NEVER, Block
from feed.experiments.record import Loss, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """What of each person decides how far they got. Shapes: each (n,)."""

    agreed: Flags  #: may be experimented on
    in_arm: Flags
    block: Block


def funnel(steps: Iterable[Steps]) -> tuple[Stage, ...]:
    """Count the stages over blocks of people."""
    blocks = [_stages(one) for one in steps]
    return tuple(_join(stages) for stages in zip(*blocks, strict=True)) if blocks else ()


def _stages(of: Steps) -> tuple[Stage, ...]:
    came, everybody = of.block.standing.came != NEVER, np.ones(len(of.block), np.bool_)
    opened = of.in_arm & came
    no_arm = "held out, not among its people, or its arm was stopped"
    return (
        _stage("In the service", everybody, everybody, ()),
        _stage("Agreed to experiments", everybody, of.agreed, [("never said yes", ~of.agreed)]),
        _stage("In an arm", of.agreed, of.in_arm, [(no_arm, ~of.in_arm)]),
        _stage("Opened the app", of.in_arm, opened, [("did not open it", ~came)]),
        *_consent(of.block, opened),
    )


def _consent(block: Block, opened: Flags) -> tuple[Stage, ...]:
    """Count who holds a basis, and whom it led to a portrait."""
    answers, shown = block.standing.answers, block.counted["shown"] > 0
    tool = opened & answers.tool
    held = tool & (answers.explicit | answers.implied)
    gone = block.standing.withdrew != ENDLESS
    refusals = [
        ("said not now", answers.later),
        ("said no", answers.never),
        ("said no to the preview", answers.declined),
    ]
    unseen = [
        ("turned it off before", ~shown & gone),
        ("not due, or did not come to it", ~shown & ~gone),
    ]
    return (
        _stage("Have an enrolled face", opened, tool, [("without one", ~answers.tool)]),
        _stage("Portraits in the feed are on", tool, held, refusals),
        _stage("Shown at least one", held, held & shown, unseen),
    )


def _stage(title: str, before: Flags, here: Flags, lost: Iterable[tuple[str, Flags]]) -> Stage:
    return Stage(
        title=title,
        people=int(here.sum()),
        lost=tuple(Loss(why=why, people=int((before & ~here & who).sum())) for why, who in lost),
    )


def _join(stages: Iterable[Stage]) -> Stage:
    """Add up one stage of several blocks."""
    first, *others = stages
    pairs = [
        [stage.lost[at].people for stage in (first, *others)] for at in range(len(first.lost))
    ]
    return Stage(
        title=first.title,
        people=sum(stage.people for stage in (first, *others)),
        lost=tuple(
            Loss(why=loss.why, people=sum(counts))
            for loss, counts in zip(first.lost, pairs, strict=True)
        ),
    )
