# SPDX-License-Identifier: Apache-2.0
"""What must hold, told a second time in a few lines: bases, permits, rows and what hangs on what.

It shares with the product the words, the pure `decide` and nothing else. What the schema says in
keys and cascades is said here as a table of parents; what the gate reads from rows is remembered.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from consent.gate import Permit
from consent.policy import CAPPED, Allow, Facts, Policy, decide
from consent.words import (
    DAY,
    PORTRAIT_PURPOSES,
    Epoch,
    Kind,
    Micros,
    ObjectId,
    Purpose,
    Step,
    Subject,
    parent_of,
)

Holding = tuple[Subject, Purpose, Epoch]
NEVER = Micros(0)
NOTHING = ObjectId(0)
Key = tuple[int, int]
"""A permit's seq and slot."""

LETTERS: Mapping[Step, str] = MappingProxyType(dict(zip(Step, "abcdefghij", strict=True)))
"""DESIGN section 8: one invariant a gate, I1a to I1j."""
SHARED, SHOWN = "feed_share", "share_view"
"""What people show to others, and looks at it by others."""
PARENT: Mapping[str, str] = MappingProxyType(
    {
        "rendered": "request",
        "moderated": "rendered",
        "asset": "moderated",
        "feed_insert": "asset",
        "feed_view": "feed_insert",
        "asset_view": "asset",
        "selfie_view": "selfie",
        "selfie_read": "selfie",
        SHARED: "asset",
        SHOWN: SHARED,
    }
)
BY_OWNER = frozenset({"selfie_read", SHARED, SHOWN})
"""These hang on their parent by object and person, the others on its basis as well."""
OFTEN = frozenset({"selfie_read", "asset_view", "selfie_view", "feed_view", SHOWN})
"""Of these an object may have many rows, of the others one."""
CONTENT = frozenset({"asset", "selfie"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """A yes that holds."""

    kind: Kind
    epoch: Epoch
    end: Micros
    preview: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An effect that must be there; `until` is the end of content, share or viewing session."""

    table: str
    object: ObjectId
    holding: Holding
    permit: Key
    until: Micros = NEVER
    blob: str = ""
    share: ObjectId = NOTHING  #: the name of a share

    @property
    def owner(self) -> Subject:
        return self.holding[0]


@dataclass(slots=True, kw_only=True)
class Model:
    """Everything that must hold now."""

    policy: Policy
    held: dict[tuple[Subject, Purpose], Basis] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    permits: dict[Key, tuple[Permit[Step], Micros]] = field(default_factory=dict)
    slots: dict[Key, Permit[Step]] = field(default_factory=dict)
    spent: set[Key] = field(default_factory=set)
    ended: list[Holding] = field(default_factory=list)
    minors: set[Subject] = field(default_factory=set)
    named: set[tuple[Subject, Subject]] = field(default_factory=set)
    paused: dict[Subject, Micros | None] = field(default_factory=dict)

    def copy(self) -> "Model":
        return Model(
            policy=self.policy,
            held=dict(self.held),
            rows=list(self.rows),
            permits=dict(self.permits),
            slots=dict(self.slots),
            spent=set(self.spent),
            ended=list(self.ended),
            minors=set(self.minors),
            named=set(self.named),
            paused=dict(self.paused),
        )

    # --- questions

    def alive(self, holding: Holding) -> bool:
        person, purpose, epoch = holding
        basis = self.held.get((person, purpose))
        return basis is not None and basis.epoch == epoch

    def at_rest(self, person: Subject, now: Micros) -> bool:
        """Say whether everything of a person is paused."""
        if person not in self.paused:
            return False
        until = self.paused[person]
        return until is None or now < until

    def of(self, *tables: str) -> list[Row]:
        return [row for row in self.rows if row.table in tables]

    def find(self, table: str, obj: ObjectId, owner: Subject) -> Row | None:
        mine = (row for row in self.of(table) if (row.object, row.owner) == (obj, owner))
        return next(mine, None)

    def allows(
        self, step: Step, key: tuple[Subject, Purpose], obj: ObjectId, now: Micros, confirmed: bool
    ) -> bool:
        """Say whether the policy allows it, on the facts as they are remembered here."""
        basis = self.held.get(key)
        if basis is None:
            return False
        facts = Facts(
            kind=basis.kind,
            expired=basis.end <= now,
            preview=basis.preview,
            confirmed=confirmed,
            used_day=len(self._others(step, key, obj, Micros(now - DAY))),
            used_week=len(self._others(step, key, obj, Micros(now - 7 * DAY))),
            age_band="minor" if key[0] in self.minors else None,
            paused=self.at_rest(key[0], now),
        )
        return isinstance(decide(self.policy, step, key[1], facts), Allow)

    def _others(
        self, step: Step, key: tuple[Subject, Purpose], obj: ObjectId, since: Micros
    ) -> set[ObjectId]:
        if step not in CAPPED:
            return set()
        return {
            permit.object
            for permit, at in self.permits.values()
            if (permit.subject, permit.purpose) == key
            and (permit.step, permit.object) != (step, obj)
            and permit.step is step
            and at > since
        }

    def may_land(self, permit: Permit[Step], table: str, step: Step, now: Micros) -> bool:
        """Say whether a permit whose basis lives may become a row of a table."""
        if (permit.seq, permit.slot) in self.spent or not self._given(permit, now):
            return False
        if step is not Step.VIEW and self.at_rest(permit.subject, now):
            return False
        fits = permit.step is step and now < permit.not_after
        there = self._there(table, permit)
        return fits and self._hangs(table, permit, now) and not there

    def _given(self, permit: Permit[Step], now: Micros) -> bool:
        """Say whether exactly this was permitted; a slot is for any one new thing, within caps."""
        key = (permit.seq, permit.slot)
        if not permit.block:
            known = self.permits.get(key)
            return known is not None and known[0] == permit
        slot, holder = self.slots.get(key), (permit.subject, permit.purpose)
        caps = self.policy.caps[permit.purpose]
        day = self._others(permit.step, holder, permit.object, Micros(now - DAY))
        week = self._others(permit.step, holder, permit.object, Micros(now - 7 * DAY))
        free = len(day) < caps.per_day and len(week) < caps.per_week
        return slot is not None and slot.subject == permit.subject and free

    def _hangs(self, table: str, permit: Permit[Step], now: Micros) -> bool:
        parent = PARENT.get(table)
        if parent is None:
            return True
        above = self.find(parent, permit.object, permit.subject)
        if above is None:
            return False
        if table == "selfie_read":
            return permit.purpose in PORTRAIT_PURPOSES and above.until > now
        return table in BY_OWNER or above.holding == holding_of(permit)

    def _there(self, table: str, permit: Permit[Step]) -> bool:
        if table in OFTEN:
            return False
        return any(
            row.object == permit.object
            and (row.holding == holding_of(permit) or table in CONTENT)
            and row.owner == permit.subject
            for row in self.of(table)
        )

    # --- what happens

    def land(
        self,
        permit: Permit[Step],
        table: str,
        *,
        until: Micros = NEVER,
        blob: str = "",
        share: ObjectId = NOTHING,
    ) -> None:
        key = (permit.seq, permit.slot)
        self.spent.add(key)
        self.rows.append(
            Row(
                table=table,
                object=permit.object,
                holding=holding_of(permit),
                permit=key,
                until=until,
                blob=blob,
                share=share,
            )
        )

    def end(self, person: Subject, purpose: Purpose) -> None:
        """End a purpose with its children; a purpose that does not hold ends nothing."""
        if (person, purpose) not in self.held:
            return
        for key in [k for k in self.held if k[0] == person and purpose in {k[1], parent_of(k[1])}]:
            self.ended.append((*key, self.held.pop(key).epoch))
        self._drop(row for row in self.rows if not self.alive(row.holding))

    def destroy(self, person: Subject, obj: ObjectId) -> None:
        """Destroy one portrait or selfie with all that hangs on it."""
        roots = ("request", "selfie")
        self._drop(row for row in self.of(*roots) if (row.owner, row.object) == (person, obj))

    def end_share(self, row: Row) -> None:
        """End a share with all looks at it."""
        self._drop([row])

    # --- shares

    def shown(self, share: ObjectId) -> Row | None:
        """Find a share by its name."""
        return next((row for row in self.of(SHARED) if row.share == share), None)

    def lives(self, row: Row, now: Micros) -> bool:
        """Say whether a share is to be seen at all: its time, its portrait and both yeses last."""
        kept = self.find("asset", row.object, row.owner)
        if kept is None or min(row.until, kept.until) <= now:
            return False
        return all(self.held[one.holding[:2]].end > now for one in (row, kept))

    def may_see(self, viewer: Subject, row: Row, now: Micros) -> bool:
        """Say whether somebody is the owner, or of the audience, of a living share."""
        if not self.lives(row, now):
            return False
        mutual = {(row.owner, viewer), (viewer, row.owner)} <= self.named
        return viewer == row.owner or (mutual and not self.at_rest(row.owner, now))

    def _drop(self, going: Iterable[Row]) -> None:
        gone = set(going)
        while gone:
            self.rows = [row for row in self.rows if row not in gone]
            gone = {row for row in self.rows if not self._supported(row)}

    def _supported(self, row: Row) -> bool:
        parent = PARENT.get(row.table)
        above = self.find(parent, row.object, row.owner) if parent else row
        return above is not None and (row.table in BY_OWNER or above.holding == row.holding)

    def forget(self, person: Subject) -> None:
        """Let everything of a person go."""
        for purpose in Purpose:
            self.end(person, purpose)
        self.paused.pop(person, None)
        self.permits = {k: v for k, v in self.permits.items() if v[0].subject != person}
        self.named = {pair for pair in self.named if person not in pair}

    def expire(self, now: Micros) -> None:
        """End what is over: bases first, then contents."""
        for person, purpose in [key for key, basis in self.held.items() if basis.end <= now]:
            self.end(person, purpose)
        for row in [row for row in self.of(*CONTENT) if row.until <= now]:
            self.destroy(row.owner, row.object)
        self._drop([row for row in self.of(SHARED) if row.until <= now])


def holding_of(permit: Permit[Step]) -> Holding:
    """Name the basis that a permit was given on."""
    return permit.subject, permit.purpose, permit.epoch
