# SPDX-License-Identifier: Apache-2.0
"""A walk: the machine's acts one after the other, drawn from a seed, likelier where life is.

Hypothesis finds short histories; a walk of a few hundred steps gets deep into one. The same seed
walks the same way, so a mutant is killed at the same step everywhere.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from hypothesis.stateful import INVARIANT_MARKER, RULE_MARKER

from consent.words import Step
from tests.properties.machine import MADE_FOR, FeedMachine
from tests.properties.world import PURPOSES

WEIGHTS: Mapping[str, int] = MappingProxyType(
    {
        "ask": 20,
        "spend": 14,
        "say_yes": 5,
        "want_everything": 6,
        "make_a_portrait": 5,
        "look": 6,
        "a_moment_comes": 5,
        "misspend": 4,
        "spend_again": 4,
        "say_no_and_yes_again": 3,
        "say_no": 3,
        "answer_the_preview": 3,
        "read_a_page": 3,
        "destroy_something": 3,
        "time_passes": 3,
        "sweep": 4,
        "sign_the_log": 2,
        "say_it_again": 2,
        "say_yes_to_what_was_not_read": 2,
        "plans_decide_about_everybody": 4,
        "those_of_a_plan_go_on": 5,
        "a_guardian_says_yes": 3,
        "pause_everything": 2,
        "let_it_go_on": 2,
        "be_forgotten": 1,
        "somebody_turns_out_to_be_a_minor": 1,
    }
)
"""How often each act is tried."""
SHARING: Mapping[str, int] = MappingProxyType(
    {
        "show_to_friends": 8,
        "look_at_what_is_shown": 6,
        "show_it_no_more": 3,
        "name_a_friend": 2,
    }
)
"""Acts that others see; a walk that looks for something else takes none of them."""
OFTEN = 30
HOW = ("another thing", "another step", "another's")


class Walk:
    """One machine, one seed; one act may be tried more often than the others."""

    def __init__(self, kind: type[FeedMachine], seed: int, often: str = "") -> None:
        self.machine = kind()
        self.draws = np.random.default_rng(seed)
        shows = not often or often in SHARING
        self.weights = {**WEIGHTS, **(SHARING if shows else {})}
        self.weights |= {often: OFTEN} if often else {}
        self.steps = 0

    def go(self, steps: int) -> None:
        """Take so many steps, looking at everything after each; leave nothing behind."""
        try:
            self.look()
            chances = np.array(list(self.weights.values())) / sum(self.weights.values())
            for name in self.draws.choice(list(self.weights), steps, p=chances):
                self.steps += 1
                if all(there(self.machine) for there in _rule(name).preconditions):
                    getattr(self.machine, name)(**self.arguments(name))
                    self.look()
        finally:
            self.machine.teardown()

    def look(self) -> None:
        """Take the look that all invariants share, then ask each."""
        for name in invariants():
            getattr(self.machine, name)()

    def arguments(self, name: str) -> dict[str, Any]:
        """Draw what an act takes."""
        given: dict[str, Any] = {}
        for wanted in _rule(name).arguments:
            n = int(self.draws.integers(1_000_000))
            given[wanted] = _ARGUMENTS.get(wanted, int)(n)
            if (name, wanted) == ("make_a_portrait", "purpose"):
                given[wanted] = MADE_FOR[n % 2]
        return given


_STEPS = tuple(Step)
_SECONDS = (1, 60, 599, 600, -30, 3_600, -1, 600, 86_400)
_ARGUMENTS: Mapping[str, Any] = MappingProxyType(
    {
        "purpose": lambda n: PURPOSES[n % len(PURPOSES)],
        "step": lambda n: _STEPS[n % len(_STEPS)],
        "confirmed": lambda n: n % 3 > 0,
        "accepted": lambda n: n % 4 > 0,
        "still": lambda n: n % 3 > 0,
        "anew": lambda n: n % 2 > 0,
        "at_an_end": lambda n: n % 3 > 0,
        "just_before": lambda n: n % 2 > 0,
        "how": lambda n: HOW[n % 3],
        "seconds": lambda n: _SECONDS[n % len(_SECONDS)],
    }
)


def _rule(name: str) -> Any:
    """Return what Hypothesis knows of an act: when it may happen, and what it takes."""
    return getattr(getattr(FeedMachine, name), RULE_MARKER)


def invariants() -> list[str]:
    """Name what is compared, the look that all share first."""
    marked = (n for n in dir(FeedMachine) if hasattr(getattr(FeedMachine, n), INVARIANT_MARKER))
    return sorted(marked)
