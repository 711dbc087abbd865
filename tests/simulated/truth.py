# SPDX-License-Identifier: Apache-2.0
"""What must be so after every step, read from the outside: database, sealed bytes, the log.

Names as in DESIGN section 8. It shares with the product the words, the tables and nothing else.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, func, literal, select, union_all

from consent import database, entries, merkle
from consent.chance import SystemChance
from consent.errors import Broken
from consent.keys import UnsafeFileKeys
from consent.policies import load
from consent.room import ConsentRoom
from consent.tables import (
    BASIS,
    asset,
    basis,
    block,
    chain,
    effect_tables,
    entry,
    permit,
    quarantined,
    selfie,
    subject_key,
)
from consent.words import DAY, HOUR, SECOND, ObjectId, Purpose, Step, Subject, public_id
from engine import settings
from engine.tables import plan_run
from tests.properties.observer import Log

SEALED = (asset, quarantined, selfie)


@dataclass(slots=True)
class Truth:
    """An observer of a home: follows the log, compares it with what holds."""

    home: Path
    url: str = ""  #: another way to the database than the home's own
    log: Log = field(default_factory=Log)
    latest: int = 0
    looks: int = 0
    engine: Any = None
    keys: Any = None

    def __post_init__(self) -> None:
        self.engine = database.connect(self.url or settings.read(self.home).database)
        self.keys = UnsafeFileKeys(self.home / "keys", SystemChance())

    def look(self) -> None:
        """Read what is new, and all that must fit it. Errors: AssertionError, naming which."""
        with database.reading(self.engine) as connection:
            known = len(self.log.bodies)
            if not self._follow(connection, known):
                return
            self.looks += 1
            self._folds(connection)
            self._effects(connection, known)
            self._caps(connection)
        self.sealed()

    def _follow(self, connection: Connection, known: int) -> bool:
        """I4: the log only grows, its entries follow each other, its time never goes back."""
        rows = connection.execute(_ENTRIES, {"known": known}).all()
        for n, (seq, body, leaf, records) in enumerate(rows, known):
            assert seq == n, "I4: a gap"
            assert merkle.leaf_hash(bytes(body)) == bytes(leaf), "I4: a leaf is not its entry's"
            decoded = entries.decode(bytes(body))
            assert decoded["at"] >= self.latest, "I4: time went back"
            self.latest = decoded["at"]
            self.log.leaves.append(bytes(leaf))
            self.log.follow(decoded, bytes(records or b""))
        return bool(rows)

    def _folds(self, connection: Connection) -> None:
        """I7 and I10: what the log says holds is what holds, and has the one key there is."""
        tags = dict(connection.execute(_TAGS).all())
        held = {(tags.get(s), p, e) for s, p, e in connection.execute(_HELD)}
        keys = {(tags.get(s), p, e) for s, p, e in connection.execute(_KEYS)}
        said = {(tag, purpose, epoch) for (tag, purpose), epoch in self.log.holds.items()}
        assert held == said, "I7: what holds is not what was said"
        assert keys == held, "I10: keys are not those of what holds"
        assert self.log.keys == said, "I7: the keys of the log are not those of what holds"

    def _effects(self, connection: Connection, known: int) -> None:
        """I1, one gate at a time, I3 and I6: no row without its permit, basis, entry, allow."""
        for name, step, wrong in connection.execute(_unfounded(effect_tables())):
            assert not wrong, f"I1 {step}: {name} holds a row without permit or basis"
        used = connection.execute(_places(effect_tables())).all()
        places = [(seq, slot) for _, seq, slot, _ in used]
        assert len(set(places)) == len(places), "I6: a permit was used twice"
        for step, seq, slot, effect in used:
            if effect >= known:
                self._told(step, seq, slot, effect)

    def _told(self, step: str, seq: int, slot: int, effect: int) -> None:
        own, decision = self.log.bodies[effect], self.log.decided(seq, slot)
        assert (own["t"], own["step"]) == ("effect", step), f"I1 {step}: a row without its entry"
        named = [decision.get(part) for part in ("step", "verdict", "tag")]
        assert named == [step, "allow", own["tag"]], f"I1 {step}: an effect without an allow"

    def _caps(self, connection: Connection) -> None:
        """I11: in no day are more portraits begun for somebody's feed than the policy allows."""
        begun = defaultdict(list)
        for subject, obj, at in connection.execute(_SELECTED):
            begun[subject].append((at, obj))
        most = load("strict-opt-in").caps[Purpose.FEED_INSERT].per_day
        for asked in begun.values():
            for at, _ in asked:
                day = {obj for then, obj in asked if at - DAY < then <= at}
                assert len(day) <= most, "I11: more portraits in a day than the policy allows"

    def sealed(self) -> None:
        """I9: no row without its bytes, where those lie in a folder."""
        if not (self.home / "blobs").is_dir():
            return
        with database.reading(self.engine) as connection:
            for table in SEALED:
                for name in connection.execute(select(table.c.blob)).scalars():
                    there = (self.home / "blobs" / name).exists()
                    assert there, f"I9: a row of {table.name} without its bytes"

    def seen(self, consent: ConsentRoom, person: Subject, obj: ObjectId) -> bool:
        """I1h: say whether the log holds a look at this by its owner, within one session."""
        self.look()
        try:
            secret = self.keys.secret(person)
        except Broken:
            return True  # erased meanwhile: nobody can say any more whose entries are whose
        named = entries.object_commitment(secret, public_id(obj))
        since = self.latest - consent.policy.consent.view_seconds * SECOND - HOUR
        recent = (one for one in reversed(self.log.bodies) if one["at"] >= since)
        return any(one.get("step") == "view" and one.get("object") == named for one in recent)

    def plans(self) -> int:
        """Count the plans that are closed."""
        with database.reading(self.engine) as connection:
            closed = select(func.count()).where(plan_run.c.closed_at.is_not(None))
            return int(connection.execute(closed).scalar_one())

    def close(self) -> None:
        self.engine.dispose()


_ENTRIES = (
    select(entry.c.seq, entry.c.body, entry.c.leaf, block.c.records)
    .outerjoin(block, block.c.seq == entry.c.seq)
    .where(entry.c.seq >= bindparam("known"))
    .order_by(entry.c.seq)
)
_TAGS = select(chain.c.subject, chain.c.tag)
_HELD = select(*(basis.c[name] for name in BASIS))
_KEYS = select(*(subject_key.c[name] for name in BASIS))
_SELECTED = select(permit.c.subject, permit.c.object, permit.c.at).where(
    permit.c.step == Step.SELECT, permit.c.purpose == Purpose.FEED_INSERT
)
_SAME = ("step", "subject", "purpose", "epoch", "object")


@cache
def _unfounded(tables: tuple[Table, ...]) -> Any:
    """Count, for each table, the rows whose permit or basis is not there or says another thing."""

    def wrong(table: Table) -> Any:
        given = and_(
            permit.c.seq == table.c.permit_seq,
            permit.c.slot == table.c.permit_slot,
            *(permit.c[name] == table.c[name] for name in _SAME),
        )
        holds = and_(*(basis.c[name] == table.c[name] for name in BASIS))
        step = literal(str(table.info["step"]))
        return (
            select(literal(table.name), step, func.count())
            .select_from(table.outerjoin(permit, given).outerjoin(basis, holds))
            .where(permit.c.seq.is_(None) | basis.c.subject.is_(None))
        )

    return union_all(*map(wrong, tables))


@cache
def _places(tables: tuple[Table, ...]) -> Any:
    columns = ("permit_seq", "permit_slot", "effect_seq")
    return union_all(
        *(
            select(literal(str(table.info["step"])), *(table.c[name] for name in columns))
            for table in tables
        )
    )
