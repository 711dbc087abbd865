# SPDX-License-Identifier: Apache-2.0
"""Three people say yes and no, portraits are made, placed and looked at, in any order at all.

A model of a few lines says what must hold; after every step one invariant a gate compares it with
what the database and the ledger say (the numbers are those of DESIGN section 8). Steps are
steered: they act on what is alive, in flight or just gone, where mistakes would be.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Table, literal, select, union_all

from consent import database, merkle, policies
from consent.effects import Spent
from consent.errors import Denied, Misused
from consent.gate import Permit
from consent.keys import SubjectKeys
from consent.policy import Caps, Policy
from consent.tables import (
    BASIS,
    basis,
    effect_tables,
    entry,
    permit,
    request,
    subject_key,
)
from consent.words import Epoch, ObjectId, Purpose, Step, Subject, parent_of
from feed import inserts
from feed.tables import feed_insert
from tests.rooms import Rooms

NAMES = ("Ada", "Bob", "Cy")
PURPOSES = (Purpose.LIKENESS, Purpose.IMAGINE, Purpose.FEED_INSERT)
MADE_FOR = (Purpose.IMAGINE, Purpose.FEED_INSERT)
ANY = st.integers(0, 1_000_000)
Holding = tuple[Subject, Purpose, Epoch]
EFFECTS = union_all(
    *(
        select(
            literal(str(t.info["step"])), *(t.c[name] for name in (*BASIS, "object", "permit_seq"))
        )
        for t in effect_tables()
    )
)
"""All effects of all rooms in one query."""


@dataclass(slots=True, kw_only=True)
class Life:
    """What the model knows of one portrait."""

    object: ObjectId
    holding: Holding
    stored: bool = False
    inserted: bool = False

    @property
    def owner(self) -> Subject:
        return self.holding[0]

    @property
    def content(self) -> bytes:
        return f"portrait {self.object}".encode()


def roomy() -> Policy:
    """Return the default policy without its caps, which would end every run early."""
    strict = policies.load("strict-opt-in")
    caps = {purpose: Caps(per_day=10**6, per_week=10**6) for purpose in strict.caps}
    return replace(strict, caps=caps)


def settle(home: Path) -> None:
    """Make a home in which the three people have accounts and nothing else; to be copied."""
    url = f"sqlite:///{home}/onlyou.db"
    engine = database.connect(url)
    database.create(engine)
    engine.dispose()
    rooms = Rooms.open(url, home, policy=roomy())
    for name in NAMES:
        rooms.person(name)
    rooms.close()


class FeedMachine(RuleBasedStateMachine):
    """Act, and compare with the model after every step."""

    template: ClassVar[Path]
    scratch: ClassVar[Path]
    prepare: ClassVar[Callable[[Path], None] | None] = None
    numbers: ClassVar[Any] = count()

    def __init__(self) -> None:
        super().__init__()
        self.home = self.scratch / str(next(self.numbers))
        shutil.copytree(self.template, self.home)
        if self.prepare is not None:
            type(self).prepare(self.home)  # type: ignore[misc]
        self.rooms = Rooms.open(f"sqlite:///{self.home}/onlyou.db", self.home, policy=roomy())
        self.people = [account.subject for account in self.rooms.consent.accounts.list()]
        self.held: dict[tuple[Subject, Purpose], Epoch] = {}
        self.ended: list[Holding] = []
        self.lives: list[Life] = []
        self.flying: list[tuple[Permit[Any], Life, Table]] = []
        self.spent: set[int] = set()
        self.seen = 0
        self.checkpoint = (0, merkle.EMPTY_ROOT)

    def teardown(self) -> None:
        self.rooms.close()
        shutil.rmtree(self.home)

    # --- the model

    def alive(self, holding: Holding) -> bool:
        person, purpose, epoch = holding
        return self.held.get((person, purpose)) == epoch

    def person(self, n: int) -> Subject:
        return self.people[n % len(self.people)]

    # --- steps

    @initialize()
    def two_want_inserts_and_one_the_edit_tool(self) -> None:
        for person, purpose in zip(
            self.people, (*MADE_FOR[::-1], Purpose.FEED_INSERT), strict=True
        ):
            self.grant(Purpose.LIKENESS, person)
            self.grant(purpose, person)
            self.begin(person, purpose)
        for life in list(self.lives):
            self.finish(life)
        self.ask_to_insert(0)
        self.spend(0, again=False)

    @rule(n=ANY, purpose=st.sampled_from(PURPOSES))
    def say_yes(self, n: int, purpose: Purpose) -> None:
        self.grant(purpose, self.person(n))

    def grant(self, purpose: Purpose, person: Subject) -> None:
        parent = parent_of(purpose)
        try:
            seq = self.rooms.grant(person, purpose)
        except Denied:
            assert parent is not None
            assert (person, parent) not in self.held, "a yes was refused though its parent holds"
            return
        assert parent is None or (person, parent) in self.held, "a yes without its parent"
        self.held.setdefault((person, purpose), Epoch(seq))

    @precondition(lambda self: self.held)
    @rule(n=ANY)
    def say_no(self, n: int) -> None:
        in_flight = [(p.subject, p.purpose) for p, _, _ in self.flying]
        choices = [key for key in in_flight if key in self.held] or sorted(self.held)
        person, purpose = choices[n % len(choices)]
        self.rooms.consent.withdrawals.withdraw(person, purpose)
        for key in [key for key in self.held if self._falls(key, person, purpose)]:
            self.ended.append((*key, self.held.pop(key)))

    @staticmethod
    def _falls(key: tuple[Subject, Purpose], person: Subject, purpose: Purpose) -> bool:
        return key[0] == person and purpose in {key[1], parent_of(key[1])}

    def begin(self, person: Subject, purpose: Purpose) -> None:
        self.request_a_portrait(person, purpose)
        self.spend(len(self.flying) - 1, again=False)

    @rule(n=ANY, purpose=st.sampled_from(MADE_FOR))
    def ask_for_a_portrait(self, n: int, purpose: Purpose) -> None:
        self.request_a_portrait(self.person(n), purpose)

    def request_a_portrait(self, person: Subject, purpose: Purpose) -> None:
        obj = self.rooms.object()
        granted = self._ask(Step.SELECT, person, purpose, obj)
        if granted is not None:
            life = Life(object=obj, holding=(person, purpose, granted.epoch))
            self.flying.append((granted, life, request))

    def _ask(
        self, step: Step, person: Subject, purpose: Purpose, obj: ObjectId
    ) -> Permit[Any] | None:
        try:
            granted = self.rooms.ask(step, person, purpose, obj, request=obj)
        except Denied:
            assert (person, purpose) not in self.held, f"I1 {step}: denied what is held"
            return None
        assert self.held.get((person, purpose)) == granted.epoch, f"I1 {step}: no such basis"
        return granted

    @precondition(lambda self: any(life.stored and not life.inserted for life in self.lives))
    @rule(n=ANY)
    def ask_to_insert(self, n: int) -> None:
        waiting = [life for life in self.lives if life.stored and not life.inserted]
        life = waiting[n % len(waiting)]
        granted = self._ask(Step.INSERT, life.owner, Purpose.FEED_INSERT, life.object)
        if granted is not None:
            self.flying.append((granted, life, feed_insert))

    @precondition(lambda self: self.flying)
    @rule(n=ANY, again=st.booleans())
    def spend(self, n: int, again: bool) -> None:
        place = n % len(self.flying)
        granted, life, table = self.flying[place] if again else self.flying.pop(place)
        columns = {"scenario": "astronaut", "expires_at": self.rooms.clock.now() + 10**12}
        try:
            done = self.rooms.spend(granted, table, columns if table is feed_insert else {})
        except Misused:
            assert not self._may(granted, life, table), f"{table.name}: an honest permit refused"
            return
        if isinstance(done, Spent):
            assert self._may(granted, life, table), f"I6 {table.name}: spent what must not be"
            self._did(granted, life, table)
        else:
            assert not self.alive((granted.subject, granted.purpose, granted.epoch))

    def _may(self, granted: Permit[Any], life: Life, table: Table) -> bool:
        if not self.alive((granted.subject, granted.purpose, granted.epoch)):
            return table is feed_insert  # a mutant's doing: left to the invariants to find
        fresh = (
            granted.seq not in self.spent and self.rooms.consent.ledger.now() < granted.not_after
        )
        if table is request:
            return fresh and life not in self.lives
        for_feed = life.holding[1] is Purpose.FEED_INSERT
        return fresh and self.alive(life.holding) and for_feed and not life.inserted

    def _did(self, granted: Permit[Any], life: Life, table: Table) -> None:
        self.spent.add(granted.seq)
        if table is request:
            self.lives.append(life)
        else:
            life.inserted = True

    @precondition(lambda self: any(not life.stored for life in self.lives))
    @rule(n=ANY)
    def make(self, n: int) -> None:
        waiting = [life for life in self.lives if not life.stored]
        self.finish(waiting[n % len(waiting)])

    def finish(self, life: Life) -> None:
        person, purpose, epoch = life.holding
        try:
            done = self.rooms.stored(person, purpose, life.object, life.content)
        except (Denied, Misused):
            assert not self.alive(life.holding), "a portrait was not made though all was allowed"
            return
        assert isinstance(done, Spent)
        assert self.held[person, purpose] == epoch, "I1 store: made under a basis that has gone"
        life.stored = True

    @precondition(lambda self: self.lives)
    @rule(n=ANY, viewer=ANY)
    def look(self, n: int, viewer: int) -> None:
        life, person = self.lives[n % len(self.lives)], self.person(viewer)
        try:
            content = self.rooms.look(person, life.object)
        except (Denied, Misused):
            allowed = person == life.owner and life.inserted and self.alive(life.holding)
            assert not allowed, "an owner could not see what is theirs"
            return
        assert person == life.owner, "I3: somebody saw another's portrait"
        assert self.alive(life.holding), "I2: bytes after an acknowledged withdrawal"
        assert content == life.content

    @rule(viewer=ANY)
    def read_a_page(self, viewer: int) -> None:
        person, now = self.person(viewer), self.rooms.consent.ledger.now()
        with self.rooms.consent.ledger.read() as connection:
            found = inserts.ready(connection, person, placed_by=now, now=now)
        mine = {life.object for life in self.lives if life.owner == person and life.inserted}
        for one in found:
            assert one.object in mine, "I3: a page holds another's portrait"
        living = {life.object for life in self.lives if life.inserted and self.alive(life.holding)}
        assert {one.object for one in found} == mine & living, "I2: a page holds what has gone"

    @rule(seconds=st.sampled_from([1, 60, 700, -30]))
    def time_passes(self, seconds: int) -> None:
        self.rooms.clock.advance(seconds)

    # --- the invariants

    @invariant()
    def i1_every_permit_rests_on_the_basis_of_its_own_purpose(self) -> None:
        columns = (permit.c.seq, permit.c.step, permit.c.subject, permit.c.purpose, permit.c.epoch)
        with self.rooms.consent.ledger.read() as connection:
            fresh = connection.execute(select(*columns).where(permit.c.seq >= self.seen)).all()
        for _, step, person, purpose, epoch in fresh:
            known = self.held.get((Subject(person), Purpose(purpose)))
            assert known == epoch, f"I1 {step}: a permit without its basis"

    @invariant()
    def i1_i3_i6_every_effect_is_its_owners_under_a_living_basis_by_a_permit_of_its_own(
        self,
    ) -> None:
        owners = {life.object: life.owner for life in self.lives}
        with self.rooms.consent.ledger.read() as connection:
            rows = connection.execute(EFFECTS).all()
        for step, person, purpose, epoch, obj, _ in rows:
            holding = (Subject(person), Purpose(purpose), Epoch(epoch))
            assert self.alive(holding), f"I1 {step}: a row without its basis"
            assert owners[obj] == person, f"I3: {step} of another's portrait"
        permits = [row[5] for row in rows]
        assert len(permits) == len(set(permits)), "I6: a permit was used twice"

    @invariant()
    def i4_the_ledger_only_grows(self) -> None:
        size, root = self.checkpoint
        tree = self.rooms.consent.ledger.tree()
        with self.rooms.consent.ledger.read() as connection:
            fresh = connection.execute(
                select(entry.c.seq, entry.c.body, entry.c.leaf)
                .where(entry.c.seq >= size)
                .order_by(entry.c.seq)
            ).all()
        assert [seq for seq, _, _ in fresh] == list(range(size, len(tree))), "I4: a gap"
        for _, body, leaf in fresh:
            assert merkle.leaf_hash(bytes(body)) == bytes(leaf), "I4: a leaf is not its entry's"
        assert tree.root(size) == root, "I4: the past was rewritten"
        self.checkpoint = (len(tree), tree.root())

    @invariant()
    def i7_the_fold_of_the_ledger_is_what_holds(self) -> None:
        with self.rooms.consent.ledger.read() as connection:
            rows = connection.execute(select(basis.c.subject, basis.c.purpose, basis.c.epoch))
            stands = {(Subject(s), Purpose(p)): Epoch(e) for s, p, e in rows}
        assert stands == self.held, "I7: what holds is not what was said"
        tags = {self.rooms.tag(person): person for person in self.people}
        folded: dict[tuple[Subject, Purpose], Epoch] = {}
        for one in self.rooms.entries("grant", "withdraw"):
            key = (tags[one["tag"]], Purpose(one["purpose"]))
            if one["t"] == "grant":
                folded[key] = one["seq"]
            else:
                assert folded.pop(key, None) == one.get("epoch"), "I7: an end without a beginning"
        assert folded == self.held, "I7: the ledger folds to something else"

    @invariant()
    def i10_no_basis_no_key(self) -> None:
        keys = SubjectKeys(self.rooms.consent.keys, self.rooms.chance)
        with self.rooms.consent.ledger.read() as connection:
            opened = keys.open(connection, self.ended)
            rows = connection.execute(select(subject_key.c.subject, subject_key.c.purpose)).all()
        assert not opened, "I10: a key outlived its basis"
        assert {(Subject(s), Purpose(p)) for s, p in rows} == set(self.held), "I10: stray keys"
        self.seen = self.checkpoint[0]
