# SPDX-License-Identifier: Apache-2.0
"""What people show of themselves to others: the one way out of "only you can see this".

Rules:
1. a share takes a permit for its own purpose, confirmed each time; it hangs on that basis and on
   the portrait's, and either withdrawal ends it
2. whoever is not of its audience finds no such share (`audiences`)
3. a look by the audience is decided and logged once a viewing session, on the owner's basis for
   the portrait; who looked is not kept
4. what is ended can be shared again: that is another share
"""

from typing import Any

from sqlalchemy import select

from consent import effects, scopes
from consent.chance import Chance, identifier
from consent.errors import Denied, Misused
from consent.gate import Ask, Denial, Gate, Permit, Share, View
from consent.ledger import Ledger
from consent.policy import Policy
from consent.scopes import EVERYBODY, within
from consent.standing import newest_terms
from consent.vault import Vault
from consent.withdrawal import Withdrawals, end_share
from consent.words import HOUR, Micros, ObjectId, Purpose, Reason, Step, Subject
from consent.writing import Writing
from feed.audiences import PURPOSE_OF, Audience, Shared, living, seen_by, shown_to
from feed.tables import asset, feed_share, share_view

__all__ = ["PURPOSE_OF", "Audience", "Shared", "Shares"]


class Shares:
    """Share, list, look at and end what is shared."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        gate: Gate,
        vault: Vault,
        withdrawals: Withdrawals,
        policy: Policy,
        chance: Chance,
    ) -> None:
        self._ledger = ledger
        self._gate = gate
        self._vault = vault
        self._withdrawals = withdrawals
        self._hours = policy.sharing.story_hours
        self._chance = chance

    # --- by the owner

    def share(self, permit: Permit[Share], audience: Audience) -> Shared | Denial:
        """Show a portrait to an audience; what is shown to it already stays as it is.

        A Denial where basis or portrait has gone since, or its time is over. Errors:
        Misused(purpose-mismatch) for a permit of another purpose, Misused(permit-used) for one
        that is spent or too old, and for a portrait that was not made for this.
        """
        with self._ledger.write() as writing:
            return self.put(writing, permit, audience)

    def put(self, writing: Writing, permit: Permit[Share], audience: Audience) -> Shared | Denial:
        """Show a portrait to an audience in a transaction that is open already; as `share`."""
        if permit.purpose is not PURPOSE_OF[audience]:
            raise Misused(Reason.PURPOSE_MISMATCH, f"a permit for {permit.purpose} is another")
        ends_at = _end_of(writing, permit)
        if ends_at is None or ends_at <= writing.now:
            gone = effects.too_late if ends_at is None else effects.expired
            return gone(permit)
        standing = self._standing(writing, permit)
        if standing is not None:
            return standing
        row = self._row(writing, permit, audience)
        (done,) = effects.spend(writing, [permit], feed_share, [row])
        if isinstance(done, Denial):
            return done
        mine = feed_share.c.effect_seq == done.seq
        return living(writing.connection, mine, writing.now)[0]

    def of_owner(self, owner: Subject) -> tuple[Shared, ...]:
        """List what a person shows to others now, the newest first."""
        now = self._ledger.now()
        with self._ledger.read() as connection:
            return living(connection, feed_share.c.subject == owner, now)

    def end(self, owner: Subject, share: ObjectId) -> None:
        """End a share of this person. Errors: Misused(unknown-key) where there is none."""
        mine = (feed_share.c.subject == owner, feed_share.c.share == share)
        with self._ledger.read() as connection:
            row = connection.execute(
                select(feed_share.c.object, feed_share.c.purpose).where(*mine)
            ).one_or_none()
        if row is None:
            raise Misused(Reason.UNKNOWN_KEY, "there is no such share")
        obj, purpose = row
        self._withdrawals.end_share(owner, ObjectId(obj), Purpose(purpose), share=share)

    # --- by whoever may see it

    @within(EVERYBODY)  # whose audience somebody is of, the query says
    def visible_to(self, viewer: Subject) -> tuple[Shared, ...]:
        """List what others show to somebody now, the newest first."""
        now = self._ledger.now()
        with self._ledger.read() as connection:
            return living(connection, shown_to(viewer, now), now)

    @within(EVERYBODY)
    def find(self, viewer: Subject, share: ObjectId) -> Shared | None:
        """Find a share that somebody may see, their own or of others; None for any other."""
        now = self._ledger.now()
        with self._ledger.read() as connection:
            it = (feed_share.c.share == share) & seen_by(viewer, now)
            return next(iter(living(connection, it, now)), None)

    def look(self, viewer: Subject, shared: Shared) -> bytes | None:
        """Open what is shared for somebody of its audience; None where they may not any more.

        Decided and logged once a viewing session. That it is still shown to them is looked at
        last, too, when the bytes are open.
        """
        ask: Ask[View] = Ask(
            step=Step.VIEW,
            subject=shared.owner,
            purpose=shared.made_for,
            object=shared.object,
            request=shared.object,
        )
        try:
            with scopes.also([shared.owner]):
                content = self._vault.view(self._gate, ask, share_view, share=shared.id)
        except (Denied, Misused):
            return None
        return content if self.find(viewer, shared.id) else None

    # --- in the open transaction

    def _standing(self, writing: Writing, permit: Permit[Share]) -> Shared | None:
        """Find the share that this permit would make; one that is over is ended for it."""
        mine = (
            (feed_share.c.subject == permit.subject)
            & (feed_share.c.object == permit.object)
            & (feed_share.c.purpose == permit.purpose)
            & (feed_share.c.epoch == permit.epoch)
        )
        there = writing.connection.execute(select(feed_share.c.share).where(mine)).first()
        if there is None:
            return None
        found = living(writing.connection, mine, writing.now)
        if not found:
            end_share(writing, permit.subject, permit.object, permit.purpose)
        return next(iter(found), None)

    def _row(self, writing: Writing, permit: Permit[Share], audience: Audience) -> dict[str, Any]:
        story, profile = audience is Audience.STORY, audience is Audience.PROFILE
        return {
            "share": identifier(self._chance),
            "audience": audience,
            "ends_at": writing.now + self._hours * HOUR if story else None,
            "made_for": permit.epoch if profile else None,
        }


def _end_of(writing: Writing, permit: Permit[Share]) -> Micros | None:
    """Say until when the portrait of a permit may be seen at all; None where it is gone."""
    mine = (asset.c.subject == permit.subject, asset.c.object == permit.object)
    found = select(asset.c.purpose, asset.c.expires_at).where(*mine)
    row = writing.connection.execute(found).one_or_none()
    if row is None:
        return None
    purpose, expires_at = row
    terms = newest_terms(writing.connection, [permit.subject], [Purpose(purpose)])
    return Micros(min(expires_at, *(term.end for term in terms.values())))
