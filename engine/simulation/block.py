# SPDX-License-Identifier: Apache-2.0
"""Some people of a run at a moment of it: what they feel, hold, wait for and have done.

Arrays that a day changes in place, one entry a person: a run of millions makes no objects. A
person's numbers depend on nobody else's, so any block of people can be lived by itself.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.simulation import streams
from engine.simulation.agreeing import Answers, Flags
from engine.simulation.people import People, draw
from engine.simulation.rows import Rows
from engine.simulation.setup import Setup
from engine.simulation.streams import Numbers, Stream
from feed.features import Matrix

NEVER: Final = -(1 << 30)
"""A minute before all others."""
ENDLESS: Final = 1 << 30
NOBODY: Final = -1
LATELY: Final = 32
"""As many listings back are remembered; no policy allows more in a week."""
READY: Final = 2
"""The newest portrait, and the one before it while it has not expired."""

Minutes = NDArray[np.int64]
Counts = NDArray[np.int64]

COUNTED: Final = (
    "visits", "posts", "listed", "shown", "engaged", "kept", "hidden", "fewer", "reported",
    "surprised", "knew_why", "taken_for_ad", "seconds",
)  # fmt: skip
"""What is counted for every person, from the first day on. `seconds` are those to hide, summed."""


@dataclass(slots=True, kw_only=True)
class Standing:
    """What somebody said, and what came of it. Shapes: each (n,)."""

    came: Minutes  #: when they first came, NEVER before that
    answers: Answers
    withdrew: Minutes  #: when they turned portraits off, ENDLESS if not
    exposed: Minutes  #: when they were first chosen for, ENDLESS if not yet


@dataclass(slots=True, kw_only=True)
class Mood:
    """What somebody feels. Shapes: each (n,)."""

    fatigue: Numbers
    annoyance: Numbers
    trust: Numbers
    alarm: Numbers  #: what today's inserts add to the logarithm of the hazard


@dataclass(slots=True, kw_only=True)
class Feed:
    """What somebody's feed has held. Shapes: (n,), shown (n, LATELY), had (n, scenarios)."""

    shown: Minutes  #: when inserts were first listed, the last ones
    had: Minutes  #: when each scenario was last listed
    quiet: Minutes  #: nothing is placed before
    planned: Minutes  #: the plan in which an idea was last chosen
    liked: Flags  #: they have shown that they like this
    scenario: Counts  #: (n, READY), NOBODY for none
    row: Counts  #: (n, READY): the choice in the log
    until: Minutes  #: (n, READY): when it expires
    listed: Flags  #: (n, READY): a page has held it
    seen: Flags  #: (n, READY): they have looked at it


@dataclass(slots=True, kw_only=True)
class Lessons:
    """What the ranking may know. Shapes: (n,), tastes (n, themes)."""

    tastes: Matrix  #: signed likes of each theme, as feed/features sums them
    tired: Numbers  #: the fatigue that features tell, as of `tired_at`
    tired_at: Minutes


@dataclass(slots=True, kw_only=True)
class Block:
    """Everything about some people that a day changes. Set `regime` before a day, no more."""

    setup: Setup
    people: People
    regime: NDArray[np.int64]  #: (n,): what each lives under, a place in the setup's regimes
    standing: Standing
    mood: Mood
    feed: Feed
    lessons: Lessons
    counted: dict[str, Counts]  #: by name of COUNTED, each (n,)
    rows: Rows  #: the log
    day: int = 0  #: days that have passed
    visit: int = 0  #: visits of today that have passed

    def __len__(self) -> int:
        return len(self.people)

    def lots(self, stream: Stream, who: NDArray[np.int64], parts: int = 1) -> Numbers:
        """Draw numbers in (0, 1) for people on this visit. Shapes: who (n,); (4 parts, n)."""
        name, today = self.people.draw_key[who], self.setup.first_day + self.day
        return streams.numbers(self.setup.key, name, today, stream, visit=self.visit, parts=parts)

    def holds(self) -> Flags:
        """Say who has a basis on which an insert can be shown now. Shapes: (n,)."""
        answers = self.standing.answers
        used = self.setup.regimes.of_handling("implied", self.regime) > 0.0
        basis = answers.explicit | (answers.implied & used)
        return np.asarray(basis & (self.standing.withdrew == ENDLESS))


def begin(setup: Setup, first: int, count: int, *, full: bool = False) -> Block:
    """Stand at the first midnight with people from number `first` on: nobody has come yet.

    With `full` the log also holds what a ranker is trained on and weighed by.
    """
    return settle(setup, draw(setup, first, count), full=full)


def settle(setup: Setup, people: People, *, full: bool = False) -> Block:
    """Stand at the first midnight with any people, in the order of their numbers."""
    count, ideas = len(people), len(setup.catalogue.scenarios)
    return Block(
        setup=setup,
        people=people,
        regime=np.zeros(count, np.int64),
        standing=Standing(
            came=np.full(count, NEVER),
            answers=_unanswered(count),
            withdrew=np.full(count, ENDLESS),
            exposed=np.full(count, ENDLESS),
        ),
        mood=Mood(
            fatigue=np.zeros(count),
            annoyance=np.zeros(count),
            trust=people.trusts.copy(),
            alarm=np.zeros(count),
        ),
        feed=_empty(count, ideas),
        lessons=Lessons(
            tastes=np.zeros_like(people.tastes),
            tired=np.zeros(count),
            tired_at=np.full(count, NEVER),
        ),
        counted={name: np.zeros(count, np.int64) for name in COUNTED},
        rows=Rows(actions=1 + ideas, full=full),
    )


def _unanswered(n: int) -> Answers:
    return Answers(**{name: np.zeros(n, np.bool_) for name in Answers.__slots__})


def _empty(n: int, scenarios: int) -> Feed:
    return Feed(
        shown=np.full((n, LATELY), NEVER, np.int32),
        had=np.full((n, scenarios), NEVER, np.int32),
        quiet=np.full(n, NEVER),
        planned=np.full(n, NEVER),
        liked=np.zeros(n, np.bool_),
        scenario=np.full((n, READY), NOBODY),
        row=np.full((n, READY), NOBODY),
        until=np.full((n, READY), NEVER),
        listed=np.zeros((n, READY), np.bool_),
        seen=np.zeros((n, READY), np.bool_),
    )
