# SPDX-License-Identifier: Apache-2.0
"""Compose a page as its viewer's arms have it, and find where arms would first differ for them.

Reads only. Rules:
1. without an arm that acts, a page is as the policy says
2. arms are compared by what a reader would meet: what stands where, and whose it says it is. Where
   any two of an experiment differ, its exposure is due, whichever arm is the reader's own
3. whoever is held out meets nothing of it, and no card that asks
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from consent.policy import Policy
from consent.words import Micros
from feed.draft import Asked, Draft, Standing, compose
from feed.items import Item
from feed.readers import Reader
from feed.scenarios import Catalogue
from feed.trials.places import Place, Stand, treated


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One page that one reader asks for at one moment."""

    connection: Connection
    page: Asked
    reader: Reader
    now: Micros
    policy: Policy
    catalogue: Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A page for its viewer, under the policy as their arms set it."""

    draft: Draft
    policy: Policy
    catalogue: Catalogue
    due: tuple[Place, ...] = ()  #: experiments whose arms would differ here for the first time

    @property
    def items(self) -> tuple[Item, ...]:
        """Name everything on the page in order."""
        return self.draft.items(self.policy, self.catalogue)

    @property
    def writes(self) -> bool:
        """Say whether anything of it must be written down before it is shown."""
        return bool(self.draft.blend.placed or self.due)


def composed(at: Reading, stand: Stand) -> Composed:
    """Compose a page for somebody who stands there in the experiments that run."""
    policy = stand.treated(at.policy).policy
    draft = _draft(at, policy, held=at.reader.held(at.now) and not stand.held_out)
    due = tuple(place for place in stand.waiting if _differs(at, draft, policy, place))
    return Composed(draft=draft, policy=policy, catalogue=at.catalogue, due=due)


def _draft(at: Reading, policy: Policy, *, held: bool = True) -> Draft:
    standing = Standing(
        held=held,
        asking=held and at.reader.asking(policy, at.now),
        accepted=held and at.reader.accepted,
        inserts=held and at.reader.inserts,
    )
    rules, catalogue = policy.slots, at.catalogue
    return compose(at.connection, at.page, standing, rules=rules, catalogue=catalogue, now=at.now)


def _differs(at: Reading, draft: Draft, policy: Policy, place: Place) -> bool:
    """Say whether any two arms that act would show this reader something different."""
    if not at.reader.held(at.now):
        return False
    asks = at.reader.asking(policy, at.now)
    seen = set()
    for arm in place.running.arms:
        theirs = treated(policy, [(place.running, arm.id)]).policy
        asked = at.reader.asking(theirs, at.now)
        nothing = not draft.placed and not asked and not asks
        same = nothing or (theirs.slots == policy.slots and asked == asks)
        seen.add((draft if same else _draft(at, theirs)).seen(theirs))
    return len(seen) > 1
