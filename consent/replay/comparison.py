# SPDX-License-Identifier: Apache-2.0
"""Then and now, side by side: every recorded decision with what the other policy says of it."""

from dataclasses import dataclass

import numpy as np

from consent.arrays import Flags, Verdicts
from consent.policy import Policy
from consent.replay import closed_loop
from consent.replay.recorded import Recorded
from consent.replay.verdicts import Answers, answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A history under its own policy and under another. Shapes: all (n,).

    `shaky` are those that may come out either way, because facts that they or others of the same
    person rest on cannot be opened.
    """

    recorded: Recorded
    verdict: Verdicts
    unreached: Flags
    shaky: Flags

    @property
    def then(self) -> Flags:
        """Say which were allowed."""
        return self.recorded.allowed

    @property
    def now(self) -> Flags:
        """Say which would be allowed."""
        return np.asarray(self.verdict == 0)

    @property
    def flips(self) -> Flags:
        """Say which would come out differently, of those whose facts are known."""
        return np.asarray((self.then != self.now) & self.recorded.known)


def compare(
    recorded: Recorded, target: Policy, policies: dict[str, Policy], *, closed: bool
) -> Comparison:
    """Put a history beside what another policy says. `policies` are the recorded ones, by hash."""
    said = answers(recorded, target, policies)
    if not closed:
        nowhere = np.zeros(len(recorded), np.bool_)
        return Comparison(
            recorded=recorded, verdict=said.verdict, unreached=nowhere, shaky=said.undecided
        )
    loop = closed_loop.run(recorded, target, said)
    return Comparison(
        recorded=recorded,
        verdict=loop.verdict,
        unreached=loop.unreached,
        shaky=_shaky(recorded, said),
    )


def _shaky(recorded: Recorded, said: Answers) -> Flags:
    """Of people of whom something is undecided, all that the policy does not deny outright."""
    undecided = said.undecided
    people = np.zeros(len(recorded.tags), np.bool_)
    people[recorded.tag[undecided]] = True
    return np.asarray(people[recorded.tag] & (undecided | (said.uncapped == 0)))
