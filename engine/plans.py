# SPDX-License-Identifier: Apache-2.0
"""Plans: one per policy and slot, whoever ticks and how often; a row with a UNIQUE key.

A plan that was broken off is resumed while its slot lasts. Where the slot passes first nobody goes
on with it: it is closed with the next one, as passed. Whoever it would have chosen is asked for in
that one; what it had ordered is made.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from consent.ledger import Ledger
from consent.words import HOUR, Micros, ObjectId, Subject
from engine.tables import plan_run

PASSED: Final[Mapping[str, int]] = {"passed": 1}
"""What came of a plan whose slot was over before it was closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One slot of one policy. `outcome` is what came of it, once it is closed."""

    policy: str
    slot: Micros
    outcome: Mapping[str, int] | None

    @property
    def run(self) -> str:
        """Name the plan in the ledger's entries."""
        return hashlib.sha256(f"{self.policy}|{self.slot}".encode()).hexdigest()[:16]

    def request_id(self, subject: Subject, key: bytes) -> ObjectId:
        """Derive the id of the one request that this plan may make for a person.

        The same plan and person give the same id, so a crash or a second planner repeats nothing.
        """
        name = f"{self.policy}|{self.slot}|{subject}".encode()
        return ObjectId((int.from_bytes(hmac.digest(key, name, "sha256")[:8], "big") >> 1) or 1)


class Plans:
    """Open and close plans."""

    def __init__(self, ledger: Ledger, policy: str) -> None:
        self._ledger = ledger
        self._policy = policy

    def open(self, slot: Micros) -> Plan:
        """Open the plan of a slot, or find it open or closed."""
        try:
            with self._ledger.write() as writing:
                row = {"policy": self._policy, "slot": slot, "opened_at": writing.now}
                writing.insert(plan_run, [row])
        except IntegrityError:
            return self._find(slot)
        return Plan(policy=self._policy, slot=slot, outcome=None)

    def _find(self, slot: Micros) -> Plan:
        return Plan(policy=self._policy, slot=slot, outcome=self.recall(slot))

    def recall(self, slot: Micros) -> Mapping[str, int] | None:
        """Say what came of a slot's plan; None while it is open, or was never begun."""
        mine = (plan_run.c.policy == self._policy, plan_run.c.slot == slot)
        closed = select(plan_run.c.outcome).where(*mine, plan_run.c.closed_at.is_not(None))
        with self._ledger.read() as connection:
            outcome = connection.execute(closed).scalar_one_or_none()
        return None if outcome is None else json.loads(outcome)

    def close(
        self, plan: Plan, outcome: Mapping[str, int], *, present: Micros | None = None
    ) -> None:
        """Record what came of a plan; from now on its slot is done.

        What is open of slots before the `present` one, under whatever policy, has passed.
        """
        mine = (plan_run.c.policy == plan.policy, plan_run.c.slot == plan.slot)
        left = (plan_run.c.closed_at.is_(None), plan_run.c.slot < (present or 0))
        with self._ledger.write() as writing:
            for which, came in ((mine, outcome), (left, PASSED)):
                closed = {"closed_at": writing.now, "outcome": json.dumps(dict(came))}
                writing.connection.execute(update(plan_run).where(*which).values(closed))

    def last_closed(self) -> Micros | None:
        """Say when a plan of this policy was last done; None before the first."""
        newest = select(func.max(plan_run.c.closed_at)).where(plan_run.c.policy == self._policy)
        with self._ledger.read() as connection:
            at = connection.execute(newest).scalar()
        return None if at is None else Micros(at)


def slot_of(moment: Micros, hours: int) -> Micros:
    """Return the slot a moment lies in: whole multiples of `hours` since 1970."""
    return Micros(moment - moment % (hours * HOUR))
