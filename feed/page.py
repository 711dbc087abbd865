# SPDX-License-Identifier: Apache-2.0
"""One page of one viewer's feed.

Rules:
1. inserts are read by subject: a page never holds another's, and there is no other way to one
2. what was withdrawn, hidden or has expired is not on it, and nothing of theirs while they have
   paused everything, whatever the cursor remembers
3. the same cursor gives the same page, but for rule 2
4. listing writes nothing, unless an imagined item stands on the page: then one `label.shown`
5. before the first insert, where the policy asks for it, stands the card that asks
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, select

from consent.chance import Chance, identifier
from consent.grants import Grants
from consent.ledger import Ledger
from consent.paused import lasting
from consent.policy import Policy
from consent.standing import bases
from consent.tables import basis, pause
from consent.words import Micros, ObjectId, Purpose, Step, Subject
from consent.writing import Writing
from feed import inserts, quiet
from feed.contexts import Contexts
from feed.cursors import Cursor, Cursors
from feed.draft import CARD, NOTHING, Draft, Standing, compose
from feed.items import FeedPage
from feed.scenarios import Catalogue
from feed.slots import Ready
from feed.tables import feed_listed

MOST: Final = 100
USUAL: Final = 50
_PURPOSE: Final = Purpose.FEED_INSERT
_Page = tuple[Subject, Cursor, int, Standing]


class Pages:
    """Read feeds."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        grants: Grants,
        policy: Policy,
        catalogue: Catalogue,
        cursors: Cursors,
        contexts: Contexts,
        chance: Chance,
    ) -> None:
        self._ledger = ledger
        self._grants = grants
        self._policy = policy
        self._catalogue = catalogue
        self._cursors = cursors
        self._contexts = contexts
        self._chance = chance

    def of(self, viewer: Subject, cursor: str | None = None, limit: int = USUAL) -> FeedPage:
        """Read one page of a viewer's own feed.

        Units: limit is items, 1 to 100. Errors: Misused(unknown-key) for a cursor not theirs.
        """
        now = self._ledger.now()
        place = Cursor.start(now) if cursor is None else self._cursors.read(viewer, cursor)
        size = min(max(limit, 1), MOST)
        answered = self._grants.preview_answer(viewer)
        with self._ledger.read() as connection:
            standing = self._standing(connection, viewer, answered, now)
            draft = self._compose(connection, viewer, place, size, standing, now=now)
        if draft.blend.placed:
            draft = self._show(viewer, place, size, standing)
        onward = draft.onward(place)
        items = draft.items(self._policy, self._catalogue)
        return FeedPage(
            items=items,
            cursor=self._cursors.write(viewer, onward) if onward else None,
            req_id=self._contexts.req_id(viewer, identifier(self._chance)),
            contexts=tuple(self._contexts.of(viewer, item.name) for item in items),
        )

    def _standing(
        self,
        connection: Connection,
        viewer: Subject,
        answered: tuple[str, Micros] | None,
        now: Micros,
    ) -> Standing:
        if not _holds(connection, viewer, now):
            return NOTHING
        accepted = answered is not None and answered[0] == "accepted"
        rule = self._policy.rule(Step.INSERT, _PURPOSE)
        needed = rule is not None and "preview" in rule.needs and not accepted
        early = answered is not None and now < quiet.asks_again_at(answered[1], self._policy.slots)
        return Standing(held=True, asking=needed and not early, accepted=accepted)

    def _compose(
        self,
        connection: Connection,
        viewer: Subject,
        place: Cursor,
        size: int,
        standing: Standing,
        *,
        now: Micros,
    ) -> Draft:
        return compose(
            connection,
            viewer,
            place,
            size,
            standing,
            rules=self._policy.slots,
            catalogue=self._catalogue,
            now=now,
        )

    def _show(self, viewer: Subject, place: Cursor, size: int, standing: Standing) -> Draft:
        """Compose again under the log head's lock, and log that the label was shown."""
        return self._ledger.together(self._shown, (viewer, place, size, standing))

    def _shown(self, writing: Writing, pages: Sequence[_Page]) -> Sequence[Draft]:
        writing.know(viewer for viewer, *_ in pages)
        return [self._show_one(writing, *page) for page in pages]

    def _show_one(
        self, writing: Writing, viewer: Subject, place: Cursor, size: int, standing: Standing
    ) -> Draft:
        connection = writing.connection
        still = standing if _holds(connection, viewer, writing.now) else NOTHING
        draft = self._compose(connection, viewer, place, size, still, now=writing.now)
        if draft.blend.placed:
            self._log(writing, viewer, draft.blend.placed)
        return draft

    def _log(self, writing: Writing, viewer: Subject, placed: Sequence[Ready]) -> None:
        one = ObjectId(placed[0].id) if len(placed) == 1 and placed[0] is not CARD else None
        writing.append(
            "label.shown",
            subject=viewer,
            object=one,
            request=one,
            purpose=_PURPOSE,
            policy=self._policy.sha256,
            n=len(placed),
        )
        known = {CARD.id, *(shown.id for shown in inserts.listed(writing.connection, viewer))}
        epoch = bases(writing.connection, [viewer], [_PURPOSE])[viewer, _PURPOSE]
        held = {"subject": viewer, "purpose": _PURPOSE, "epoch": epoch, "at": writing.now}
        rows = [
            held | {"object": new.id, "scenario": new.scenario}
            for new in placed
            if new.id not in known
        ]
        writing.insert(feed_listed, rows)


def _holds(connection: Connection, viewer: Subject, now: Micros) -> bool:
    """Say whether there may be inserts at all: a basis, and no pause."""
    resting = select(pause.c.subject).where(pause.c.subject == viewer, lasting(now))
    mine = (basis.c.subject == viewer, basis.c.purpose == _PURPOSE)
    found = select(basis.c.epoch).where(*mine, basis.c.subject.not_in(resting))
    return connection.execute(found).first() is not None
