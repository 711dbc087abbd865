# SPDX-License-Identifier: Apache-2.0
"""What is compared after every act: one invariant a gate, then those of the ledger and the keys.

A later gate would hide what an earlier one let through; so each looks at its own rows and permits.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from hypothesis.stateful import invariant
from sqlalchemy import Table, literal, select, union_all

from consent import entries, merkle, notes
from consent.errors import Broken
from consent.subject_keys import SubjectKeys
from consent.tables import (
    BASIS,
    basis,
    block,
    effect_tables,
    entry,
    opening,
    permit,
    selfie_use,
    subject_key,
)
from consent.words import Epoch, Purpose, Step, Subject
from generation.tables import conditioning
from tests.consent.test_merkle import verify_consistency
from tests.properties.model import LETTERS, Holding, Key
from tests.properties.observer import Log, Seen
from tests.properties.world import World

_GIVEN = ("seq", "slot", "step", "subject", "purpose", "epoch", "object", "not_after")


def a_gate(step: Step) -> Callable[[Any], None]:
    """Make the invariant of one gate: what its step left is what the model says, no more."""
    name = f"I1{LETTERS[step]} {step}"

    def holds(self: "Invariants") -> None:
        model, seen = self.world.model, self.seen
        permits = {
            tuple(getattr(given, part) for part in _GIVEN)
            for given, _ in model.permits.values()
            if given.step is step
        }
        there = seen.permits.get(step, set())
        assert not there - permits, f"{name}: a permit that nobody may have"
        assert not permits - there, f"{name}: a permit is gone"
        rows = {
            (row.table, row.object, row.holding, row.permit)
            for row in model.rows
            if _step_of(row.table) is step
        }
        found = seen.rows.get(step, set())
        assert not found - rows, f"{name}: a row that must not be there"
        assert not rows - found, f"{name}: a row is lost"
        for tag, seq, place in seen.effects.get(step, []):
            self.told(name, step, tag, seq, place)

    holds.__name__ = f"i1{LETTERS[step]}_{step}"
    return invariant()(holds)


def _step_of(table: str) -> Step:
    found: Step = entry.metadata.tables[table].info["step"]
    return found


class Invariants:
    """Everything that is looked at; mixed into the machine."""

    world: World
    log: Log
    seen: Seen
    told_of: set[tuple[int, Key]]

    i1a = a_gate(Step.ENROL)
    i1b = a_gate(Step.SELECT)
    i1c = a_gate(Step.READ)
    i1d = a_gate(Step.GENERATE)
    i1e = a_gate(Step.MODERATE)
    i1f = a_gate(Step.STORE)
    i1g = a_gate(Step.INSERT)
    i1h = a_gate(Step.VIEW)
    i1i = a_gate(Step.SHARE)
    i1j = a_gate(Step.LEARN)

    def told(self, name: str, step: Step, tag: str, seq: int, place: Key) -> None:
        """Check once that a row has an entry of its own, and that its decision allowed it."""
        if (seq, place) in self.told_of:
            return
        self.told_of.add((seq, place))
        effect, decision = self.log.bodies[seq], self.log.decided(*place)
        named = list(place) if place in self.log.slots else place[0]
        own = (effect["t"], effect.get("step"), effect.get("effect_of"), effect.get("tag"))
        assert own == ("effect", step, named, tag), f"{name}: a row without its entry"
        allowed = [decision.get(part) for part in ("t", "step", "verdict", "tag")]
        assert allowed == ["decision", step, "allow", tag], f"{name}: an effect without an allow"

    @invariant()
    def a_look_is_taken(self) -> None:
        """Read everything once; named to come first."""
        known = len(self.log.bodies)
        with self.world.rooms.consent.ledger.read() as connection:
            fresh = connection.execute(
                select(entry.c.seq, entry.c.body, entry.c.leaf, block.c.records)
                .outerjoin(block, block.c.seq == entry.c.seq)
                .where(entry.c.seq >= known)
                .order_by(entry.c.seq)
            ).all()
            effects = connection.execute(_effects(effect_tables())).all()
            given = connection.execute(select(*(permit.c[name] for name in _GIVEN))).all()
            held = connection.execute(select(*(basis.c[name] for name in BASIS))).all()
            keys = connection.execute(select(*(subject_key.c[name] for name in BASIS))).all()
        for n, (seq, body, leaf, records) in enumerate(fresh, known):
            assert seq == n, "I4: a gap"
            assert merkle.leaf_hash(bytes(body)) == bytes(leaf), "I4: a leaf is not its entry's"
            self.log.leaves.append(bytes(leaf))
            self.log.tree.extend([bytes(leaf)])
            self.log.follow(entries.decode(bytes(body)), bytes(records or b""))
        self.seen = Seen(rows={}, effects={}, permits={}, bases=_named(held), keys=_named(keys))
        tags = {person: tag for tag, person in self.world.tags.items()}
        for table, step, person, purpose, epoch, obj, seq, slot, effect in effects:
            holding = (Subject(person), Purpose(purpose), Epoch(epoch))
            self.seen.rows.setdefault(step, set()).add((table, obj, holding, (seq, slot)))
            self.seen.effects.setdefault(step, []).append(
                (tags[Subject(person)], effect, (seq, slot))
            )
        for row in given:
            self.seen.permits.setdefault(row.step, set()).add(tuple(row))

    @invariant()
    def i4_the_log_only_grows(self) -> None:
        tree = self.world.rooms.consent.ledger.tree()
        assert tree.root() == self.log.tree.root(), "I4: the past was rewritten"
        with self.world.rooms.consent.ledger.read() as connection:
            stored = connection.execute(select(entry.c.leaf).order_by(entry.c.seq)).scalars()
            assert list(map(bytes, stored)) == self.log.leaves, "I4: an entry was edited"

    def sign(self) -> None:
        """Sign the log as it is: it must continue everything that was signed before."""
        ledger = self.world.rooms.consent.ledger
        head = notes.parse_checkpoint(ledger.checkpoint())
        for before in self.log.signed:
            proof = ledger.tree().consistency(before.size, head.size)
            honest = verify_consistency(before.size, head.size, proof, before.root, head.root)
            assert honest, "I4: a checkpoint does not continue an earlier one"
        self.log.signed.append(head)

    @invariant()
    def i6_a_permit_becomes_one_row(self) -> None:
        used = [one[3] for rows in self.seen.rows.values() for one in rows]
        assert len(used) == len(set(used)), "I6: a permit was used twice"

    @invariant()
    def i7_the_fold_of_the_log_is_what_holds(self) -> None:
        model, tags = self.world.model, self.world.tags
        held = {(person, purpose, one.epoch) for (person, purpose), one in model.held.items()}
        assert self.seen.bases == held, "I7: what holds is not what was said"
        folded = {(tags[t], Purpose(p), Epoch(e)) for (t, p), e in self.log.holds.items()}
        assert folded == held, "I7: the log folds to something else"
        keys = {(tags[t], Purpose(p), Epoch(e)) for t, p, e in self.log.keys}
        assert keys == held, "I7: the keys of the log are not those of what holds"

    @invariant()
    def i10_no_basis_no_key_and_no_bytes(self) -> None:
        world = self.world
        held = {(*key, one.epoch) for key, one in world.model.held.items()}
        assert self.seen.keys <= held, "I10: a key outlived its basis"
        assert held <= self.seen.keys, "I10: a basis without its key"
        keys = SubjectKeys(world.rooms.consent.keys, world.rooms.chance)
        ended = [one for one in world.model.ended if one[0] not in world.erased]
        with world.rooms.consent.ledger.read() as connection:
            assert not keys.open(connection, ended), "I10: a shredded key opens"
            described = set(connection.execute(select(conditioning.c.selfie)).scalars())
            readable = set(connection.execute(select(selfie_use.c.selfie)).scalars())
            assert described <= readable, "I10: made of a selfie that nobody may read any more"
            openings = set(connection.execute(select(opening.c.subject).distinct()).scalars())
        assert not openings & set(world.erased), "I10: openings of the erased are kept"
        there = {blob.name for blob in world.rooms.consent.blobs.list()}
        needed = {row.blob for row in world.model.of("asset", "selfie")}
        assert needed <= there, "I10: bytes are lost"
        assert there <= needed | world.stray, "I10: bytes outlived their basis"
        for person in world.erased:
            try:
                world.rooms.consent.keys.secret(person)
            except Broken:
                continue
            raise AssertionError("I10: the secret of the erased is kept")


def _named(rows: Any) -> set[Holding]:
    return {(Subject(s), Purpose(p), Epoch(e)) for s, p, e in rows}


@cache
def _effects(tables: tuple[Table, ...]) -> Any:
    """Select all effects of all rooms in one query; a table may be declared by a test."""
    columns = (*BASIS, "object", "permit_seq", "permit_slot", "effect_seq")
    return union_all(
        *(
            select(
                literal(table.name),
                literal(str(table.info["step"])),
                *(table.c[name] for name in columns),
            )
            for table in tables
        )
    )
