# SPDX-License-Identifier: Apache-2.0
"""Let backups die: a wrapping key a week, survivors wrapped anew, old wrapping keys destroyed.

A row that a withdrawal deleted may live on in a backup. It opens only with the wrapping key of its
week, and that is gone two weeks after the week began. So whatever was shredded at any moment
of a week is unrecoverable at most two weeks later. Keys that still hang on a basis are wrapped
anew under the present week's key first; no wrapping key goes while a row needs it.
"""

import logging
from typing import Final

from sqlalchemy import exists, select

from consent import faults
from consent.errors import Broken
from consent.keys import WEEK, KeyStore, Week, week_of
from consent.ledger import Ledger
from consent.scopes import EVERYBODY, within
from consent.subject_keys import SubjectKeys
from consent.tables import subject_key
from consent.telling import told
from consent.words import DAY, Micros, Reason, Subject

PROMISE: Final = Micros(14 * DAY)
"""After this time no copy of a row opens what was shredded (docs/erasure.md)."""
_BATCH: Final = 1_000
_log: Final = logging.getLogger(__name__)


class Rotation:
    """Wrap anew what lives, destroy what is old."""

    def __init__(self, ledger: Ledger, store: KeyStore, keys: SubjectKeys) -> None:
        self._ledger = ledger
        self._store = store
        self._keys = keys

    def rotate(self) -> int:
        """Bring every key under this week's wrapping key; return how many were wrapped anew.

        Batches, so that nobody waits long for the log head. One person's lost secret stops nobody
        else's keys; their week's key stays with theirs. Errors: Broken(unavailable) where the
        secrets of many are lost, and on an older copy of this database, before a key is destroyed
        that its original may need.
        """
        wrapped, lost = 0, set[Subject]()
        while (batch := self._rewrap(lost)) is not None:
            wrapped += batch
        if lost:
            _log.error(
                "keys whose person has no secret stay as they are", extra=told(count=len(lost))
            )
        self._destroy_old()
        return wrapped

    def _rewrap(self, lost: set[Subject]) -> int | None:
        if len(lost) > _BATCH:
            raise Broken(Reason.UNAVAILABLE, "the secrets of many people are not in the store")
        if not self._needed(Week(week_of(self._ledger.now()) - 1)):
            return None
        faults.point("week.wrap.before")
        with self._ledger.write() as writing:
            wrapped = self._keys.rewrap(writing.connection, writing.now, _BATCH, lost)
        faults.point("week.wrap.after")
        return wrapped

    def _destroy_old(self) -> None:
        now = self._ledger.now()
        for week in self._store.weeks():
            if week * WEEK + PROMISE <= now and not self._needed(week):
                faults.point("week.destroy.before")
                self._ledger.whole()
                self._store.destroy_week(week)

    @within(EVERYBODY)  # a key that row security hides is needed, too
    def _needed(self, week: Week) -> bool:
        """Say whether any key is still wrapped under that week's key or an earlier one."""
        with self._ledger.read() as connection:
            held = select(exists().where(subject_key.c.week <= week))
            return bool(connection.execute(held).scalar())
