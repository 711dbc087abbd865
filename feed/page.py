# SPDX-License-Identifier: Apache-2.0
"""One page of one viewer's feed.

Rules:
1. inserts are read by subject: a page never holds another's, and there is no other way to one
2. what was withdrawn, hidden or has expired is not on it, and nothing of theirs while they have
   paused everything, whatever the cursor remembers
3. the same cursor gives the same page, but for rule 2
4. listing writes nothing, unless an imagined item stands on the page: then one `label.shown`
5. before the first insert, where the policy asks for it, stands the card that asks
6. an arm of an experiment acts for whom their exposure stands; where the arms would first differ
   for somebody, it is noted in the transaction in which they are shown the difference
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from consent.chance import Chance, identifier
from consent.ledger import Ledger
from consent.policy import Policy
from consent.words import Micros, ObjectId, Purpose, Subject
from consent.writing import Writing
from feed import posts, readers
from feed.composing import Composed, Reading, composed
from feed.contexts import Contexts
from feed.cursors import Cursor, Cursors
from feed.draft import CARD, Asked
from feed.items import FeedPage
from feed.readers import Reader
from feed.scenarios import Catalogue
from feed.tables import feed_listed
from feed.trials.places import NOWHERE, Trials

MOST: Final = 100
USUAL: Final = 50
_PURPOSE: Final = Purpose.FEED_INSERT


class Pages:
    """Read feeds."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        policy: Policy,
        catalogue: Catalogue,
        cursors: Cursors,
        contexts: Contexts,
        chance: Chance,
        trials: Trials,
    ) -> None:
        self._ledger = ledger
        self._policy = policy
        self._catalogue = catalogue
        self._cursors = cursors
        self._contexts = contexts
        self._chance = chance
        self._trials = trials

    def of(self, viewer: Subject, cursor: str | None = None, limit: int = USUAL) -> FeedPage:
        """Read one page of a viewer's own feed.

        Units: limit is items, 1 to 100. Errors: Misused(unknown-key) for a cursor not theirs,
        Misused(unknown-subject) for whom nobody here knows.
        """
        size = min(max(limit, 1), MOST)
        with self._ledger.read() as connection:
            reader = readers.find(connection, viewer)
            now = self._ledger.time(reader.head)
            place = Cursor.start(now) if cursor is None else self._cursors.read(viewer, cursor)
            found = posts.published(
                connection, viewer, before=(place.post_at, place.post_id), count=size + 1
            )
            page = Asked(viewer=viewer, place=place, size=size, found=found)
            made = self._compose(connection, page, reader, now)
        if made.writes:
            made = self._show(page)
        onward, items = made.draft.onward(place), made.items
        return FeedPage(
            items=items,
            cursor=self._cursors.write(viewer, onward) if onward else None,
            req_id=self._contexts.req_id(viewer, identifier(self._chance)),
            contexts=tuple(self._contexts.of(viewer, item.name) for item in items),
        )

    def _compose(
        self, connection: Connection, page: Asked, reader: Reader, now: Micros
    ) -> Composed:
        stand = self._trials.of(connection, page.viewer, now) if reader.tried else NOWHERE
        return composed(
            Reading(
                connection=connection,
                page=page,
                reader=reader,
                now=now,
                policy=self._policy,
                catalogue=self._catalogue,
            ),
            stand,
        )

    def _show(self, page: Asked) -> Composed:
        """Compose again under the log head's lock, and log that the label was shown."""
        return self._ledger.together(self._shown, page)

    def _shown(self, writing: Writing, pages: Sequence[Asked]) -> Sequence[Composed]:
        writing.know(page.viewer for page in pages)
        return [self._show_one(writing, page) for page in pages]

    def _show_one(self, writing: Writing, page: Asked) -> Composed:
        reader = readers.find(writing.reading, page.viewer)
        made = self._compose(writing.reading, page, reader, writing.now)
        due = [(page.viewer, place) for place in made.due]
        if due and self._trials.expose(writing, due):
            made = self._compose(writing.reading, page, reader, writing.now)
        if made.draft.blend.placed:
            self._log(writing, page.viewer, reader, made)
        return made

    def _log(self, writing: Writing, viewer: Subject, reader: Reader, made: Composed) -> None:
        """Log what was shown; also in which words, where they are not those of the policy."""
        draft, placed = made.draft, made.draft.blend.placed
        words = made.policy.labels.visible_to
        one = ObjectId(placed[0].id) if len(placed) == 1 and placed[0] is not CARD else None
        writing.append(
            "label.shown",
            subject=viewer,
            object=one,
            request=one,
            purpose=_PURPOSE,
            policy=self._policy.sha256,
            n=len(placed),
            words=words if words != self._policy.labels.visible_to else None,
        )
        known = {CARD.id, *(shown.id for shown in draft.shown)}
        basis = {"subject": viewer, "purpose": _PURPOSE, "epoch": reader.epoch, "at": writing.now}
        rows = [
            basis | {"object": new.id, "scenario": new.scenario}
            for new in placed
            if new.id not in known
        ]
        writing.insert(feed_listed, rows)
