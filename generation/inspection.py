# SPDX-License-Identifier: Apache-2.0
"""Look at a drawn picture before anybody else does: is it decent, and does it show its owner.

Rules: both checks must say yes; a check that gives no answer has not said yes; what fails is a
reason, never a picture. Pure but for the models it holds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from consent.policy import Policy
from consent.words import Reason
from generation import identity, moderation
from generation.faces import Faces
from generation.identity import Cohort, Identity
from generation.recipes import Likeness


@cache
def shipped() -> "Inspector":
    """Take the models that come with the base install, once a process; loaded at first use."""
    return Inspector(faces=Faces(), scorer=moderation.OpenNsfw(), cohort=identity.shipped())


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspector:
    """The models that look at what comes in and what goes out."""

    faces: Faces
    scorer: moderation.Scorer
    cohort: Cohort

    def inspect(
        self,
        picture: NDArray[np.uint8],
        owner: Sequence[Likeness],
        others: Sequence[Likeness],
        policy: Policy,
    ) -> Identity | Reason:
        """Judge a picture drawn from `owner`, beside the other people of its batch.

        Shapes: picture (H, W, 3) uint8 RGB.
        """
        verdict = moderation.judge(self.scorer, picture, policy.moderation.nsfw_limit)
        if isinstance(verdict, moderation.Failed):
            return verdict.reason
        found = identity.judge(
            [self.faces.embed(picture, face) for face in self.faces.find(picture)],
            [likeness.vector for likeness in owner],
            [likeness.vector for likeness in others],
            cohort=self.cohort,
            rules=policy.identity,
        )
        return found if found.passed else Reason.IDENTITY_FAILED

    def files(self) -> Mapping[str, str]:
        """Name every model file by its sha256."""
        return {**self.faces.files(), **self.scorer.files()}
