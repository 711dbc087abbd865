# SPDX-License-Identifier: Apache-2.0
"""Acts on the real system, each compared at once with what the model says must come of it."""

from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import Table, select

from consent import effects
from consent.companions import Companion
from consent.effects import Spent
from consent.errors import Broken, Denied, Misused
from consent.gate import Ask, Denial, Permit
from consent.tables import metadata, permit
from consent.words import (
    DAY,
    HOUR,
    SECOND,
    Actor,
    Epoch,
    Kind,
    Micros,
    ObjectId,
    Purpose,
    Step,
    Subject,
    parent_of,
)
from feed.friends import Friends
from feed.shares import Audience, Shared, Shares
from generation.tables import conditioning
from tests.properties.model import LETTERS, NOTHING, SHARED, SHOWN, Basis, Model, Row, holding_of
from tests.rooms import Rooms

NAMES = ("Ada", "Bob", "Cy")
PURPOSES = (
    *(Purpose.LIKENESS, Purpose.IMAGINE, Purpose.FEED_INSERT),
    *(Purpose.STORY, Purpose.PERSONALISATION),
)
TABLE_OF = {
    Step.ENROL: "selfie",
    Step.SELECT: "request",
    Step.READ: "selfie_read",
    Step.GENERATE: "rendered",
    Step.MODERATE: "moderated",
    Step.STORE: "asset",
    Step.INSERT: "feed_insert",
    Step.SHARE: SHARED,
    Step.LEARN: "learned",
}
KEPT = {"asset": 3_600, "selfie": 7_200, "feed_insert": 1_800, SHARED: 900}
"""Seconds that contents, inserts and shares last here."""
OWN = {
    "moderated": {"verdict": "pass"},
    "feed_insert": {"scenario": "astronaut"},
    "learned": {"kind": "like", "scenario": "astronaut"},
}


@dataclass(slots=True, kw_only=True)
class World:
    """The system in a home, and the model of it."""

    rooms: Rooms
    model: Model
    people: list[Subject] = field(default_factory=list)
    tags: dict[str, Subject] = field(default_factory=dict)
    erased: list[Subject] = field(default_factory=list)
    flying: list[Permit[Any]] = field(default_factory=list)
    stray: set[str] = field(default_factory=set)

    @property
    def now(self) -> Micros:
        return self.rooms.consent.ledger.now()

    # --- saying yes and no

    def join(self, name: str) -> Subject:
        person = self.rooms.person(name)
        self.people.append(person)
        self.tags[self.rooms.tag(person)] = person
        return person

    def grant(self, person: Subject, purpose: Purpose, actor: Actor = Actor.SELF) -> bool:
        """Read the notice and say yes; a yes of somebody who may not give it is refused."""
        served = self.rooms.consent.notices.serve(person, purpose).served_id
        parent, minor = parent_of(purpose), person in self.model.minors
        due = parent is None or (person, parent) in self.model.held
        try:
            seq = self.rooms.consent.grants.grant(person, purpose, served, actor=actor)
        except (Denied, Misused):
            honest = due and actor is Actor.SELF and not minor
            assert not honest, "a yes was refused though it could be given"
            return False
        assert due, "a yes without its parent"
        assert (actor is Actor.GUARDIAN) == minor, "I13: one spoke for whom they may not"
        self._holds(person, purpose, Epoch(seq), actor)
        return True

    def _holds(self, person: Subject, purpose: Purpose, seq: Epoch, actor: Actor) -> None:
        kind = Kind.PARENTAL if actor is Actor.GUARDIAN else Kind.EXPLICIT
        end = Micros(self.now + self.model.policy.consent.term_days * DAY)
        known = self.model.held.get((person, purpose))
        new = Basis(kind=kind, epoch=seq, end=end)
        self.model.held[person, purpose] = (
            replace(known, kind=kind, end=end) if known is not None else new
        )

    def answer_preview(self, person: Subject, *, accepted: bool) -> None:
        key = (person, Purpose.FEED_INSERT)
        try:
            self.rooms.consent.grants.answer_preview(person, accepted=accepted)
        except Denied:
            assert key not in self.model.held, "the preview card could not be answered"
            return
        self.model.held[key] = replace(self.model.held[key], preview=accepted)

    def withdraw(self, person: Subject, purpose: Purpose) -> None:
        self.rooms.consent.withdrawals.withdraw(person, purpose)
        self.model.end(person, purpose)

    def pause(self, person: Subject, seconds: int | None) -> None:
        """Stop everything of a person for some seconds, or until they say so."""
        until = None if seconds is None else Micros(self.now + seconds * SECOND)
        self.rooms.consent.pauses.pause(person, until)
        self.model.paused[person] = until

    def resume(self, person: Subject) -> None:
        self.rooms.consent.pauses.resume(person)
        self.model.paused.pop(person, None)

    def destroy(self, person: Subject, obj: ObjectId) -> None:
        there = any(self.model.find(table, obj, person) for table in ("asset", "selfie"))
        try:
            self.rooms.consent.withdrawals.destroy(person, obj)
        except Misused:
            assert not there, "what is theirs could not be destroyed"
            return
        assert there, "what is not there was destroyed"
        self.model.destroy(person, obj)

    def erase(self, person: Subject) -> None:
        self.rooms.consent.erasures.erase(person)
        self.people.remove(person)
        self.erased.append(person)
        self.flying = [one for one in self.flying if one.subject != person]
        self.model.forget(person)

    def sweep(self) -> None:
        now = self.now
        self.rooms.consent.retention.sweep()
        self.model.expire(now)
        tables = (metadata.tables[name] for name in ("asset", "selfie"))
        with self.rooms.consent.ledger.read() as connection:
            for table in tables:
                late = connection.execute(select(table).where(table.c.expires_at <= now)).first()
                assert late is None, f"I10: {table.name} is kept beyond its time"
            shared = metadata.tables[SHARED]
            late = connection.execute(select(shared).where(shared.c.ends_at <= now)).first()
            assert late is None, "I10: a share is kept beyond its time"

    # --- asking

    def ask(
        self,
        step: Step,
        person: Subject,
        purpose: Purpose,
        obj: ObjectId,
        *,
        confirmed: bool = False,
    ) -> Permit[Any] | None:
        """Ask for one permit and compare the answer."""
        question = Ask(
            step=step,
            subject=person,
            purpose=purpose,
            object=obj,
            request=obj,
            confirmed=confirmed,
        )
        return self.ask_all([question])[0]

    def ask_all(self, questions: list[Ask[Any]]) -> list[Permit[Any] | None]:
        """Ask for many at once; each answer counts for those that follow."""
        answers = self.rooms.consent.gate.ask_all(questions)
        return [self._heard(q, answer) for q, answer in zip(questions, answers, strict=True)]

    def _heard(self, asked: Ask[Any], answer: Permit[Any] | Denial) -> Permit[Any] | None:
        step, key = asked.step, (asked.subject, asked.purpose)
        gate = f"I1{LETTERS[step]} {step}"
        allowed = self.model.allows(step, key, asked.object, self.now, confirmed=asked.confirmed)
        if isinstance(answer, Denial):
            assert not allowed, f"{gate}: denied ({answer.reason}) what the policy allows"
            return None
        assert allowed, f"{gate}: allowed against the policy"
        assert self.model.held[key].epoch == answer.epoch, f"{gate}: another basis"
        terms = self.model.policy.consent
        lasts = terms.view_seconds if step is Step.VIEW else terms.permit_seconds
        assert answer.not_after == self.now + lasts * SECOND, (
            f"I6 {step}: a permit lasts otherwise"
        )
        self.model.permits[answer.seq, answer.slot] = (answer, self.now)
        return answer

    def plan(self) -> None:
        """Decide about everybody in one block; whoever was allowed may go on."""
        gate, purpose = self.rooms.consent.gate, Purpose.FEED_INSERT
        decided = gate.decide_all(Step.SELECT, purpose, self.people)
        nothing = ObjectId(0)
        for person, reason in decided.reasons().items():
            key = (person, purpose)
            allowed = self.model.allows(Step.SELECT, key, nothing, self.now, confirmed=False)
            assert allowed == (reason is None), f"I1b select: a block says {reason}"
        objects = {person: self.rooms.object() for person in self.people}
        for given in decided.permits(objects):
            self.model.slots[given.seq, given.slot] = given
            self.flying.append(given)

    # --- showing to others

    @property
    def _feed(self) -> Shares:
        consent = self.rooms.consent
        return Shares(
            ledger=consent.ledger,
            gate=consent.gate,
            vault=consent.vault,
            withdrawals=consent.withdrawals,
            policy=consent.policy,
            chance=self.rooms.chance,
        )

    def name(self, person: Subject, friend: Subject, *, still: bool) -> None:
        """Name somebody as a friend, or take it back."""
        friends = Friends(self.rooms.consent.ledger)
        if still:
            friends.befriend(person, friend)
            self.model.named |= {(person, friend)} if person != friend else set()
        else:
            friends.unfriend(person, friend)
            self.model.named.discard((person, friend))

    def show(self, person: Subject, obj: ObjectId) -> None:
        """Put a portrait into a story, as a person does who confirms it."""
        given = self.ask(Step.SHARE, person, Purpose.STORY, obj, confirmed=True)
        if given is None:
            return
        kept, before = (self.model.find(name, obj, person) for name in ("asset", SHARED))
        fresh = kept is not None and kept.until > self.now
        fresh = fresh and kept is not None and self.model.held[kept.holding[:2]].end > self.now
        done = self._feed.share(given, Audience.STORY)
        assert isinstance(done, Shared) == fresh, "I1i share: what can be seen, or not at all"
        if not isinstance(done, Shared):
            return
        if before is not None and self.model.lives(before, self.now):
            assert done.id == before.share, "I8: what is shown already is shown again"
            return
        if before is not None:
            self.model.end_share(before)
        until = Micros(self.now + self.model.policy.sharing.story_hours * HOUR)
        self.model.land(given, SHARED, until=until, share=done.id)

    def unshare(self, person: Subject, share: ObjectId) -> None:
        """End a share; nobody ends another's, or what has ended."""
        row = self.model.shown(share)
        mine = row is not None and row.owner == person
        try:
            self._feed.end(person, share)
        except Misused:
            assert not mine, "what is theirs could not be ended"
            return
        assert mine, "I3: somebody ended what is not theirs"
        assert row is not None
        self.model.end_share(row)

    def list_shares(self, viewer: Subject) -> None:
        """List what others show to somebody: nothing else, and all of it."""
        found = {one.id for one in self._feed.visible_to(viewer)}
        rows = [row for row in self.model.of(SHARED) if row.owner != viewer]
        shown = {row.share for row in rows if self.model.may_see(viewer, row, self.now)}
        assert not found - shown, "I3: somebody is shown what is not for them"
        assert not shown - found, "somebody of the audience is not shown it"

    def look_at_share(self, viewer: Subject, share: ObjectId) -> None:
        """Look at what is shown, or was: only its owner and its audience find it."""
        row = self.model.shown(share)
        visible = row is not None and self.model.may_see(viewer, row, self.now)
        found = self._feed.find(viewer, share)
        assert found is None or visible, "I3: a share is found by whom it is not for"
        assert found is not None or not visible, "somebody of the audience cannot find it"
        if found is not None and row is not None and viewer != row.owner:
            self._open_share(viewer, found, row)

    def _open_share(self, viewer: Subject, found: Shared, row: Row) -> None:
        kept = self.model.find("asset", row.object, row.owner)
        assert kept is not None, "I2: a share outlived its portrait"
        seen = [one for one in self.model.of(SHOWN) if one.object == row.object]
        in_session = any(one.until > self.now for one in seen)
        key = kept.holding[:2]
        allowed = self.model.allows(Step.VIEW, key, row.object, self.now, confirmed=False)
        size = self.rooms.consent.ledger.head()[0]
        content = self._feed.look(viewer, found)
        self._viewed(size, SHOWN)
        assert (content is not None) == (in_session or allowed), "I1h view: of a share"
        assert content in {None, content_of(row.object)}, "I17: another's bytes"

    # --- doing

    def land(self, given: Permit[Any], table: str) -> bool:
        """Turn a permit into a row by the way that its step has; compare what came of it."""
        step: Step = metadata.tables[table].info["step"]
        living = self.model.alive(holding_of(given))
        may = living and self.model.may_land(given, table, step, self.now)
        until = Micros(self.now + KEPT.get(table, 0) * SECOND)
        share = self.rooms.object() if table == SHARED else NOTHING
        try:
            done, blob = self._do(given, table, until, share)
        except Misused:
            assert not may, f"I1{LETTERS[step]} {step}: an honest permit was refused"
            return False
        if not isinstance(done, Spent):
            assert not may, f"I1{LETTERS[step]} {step}: {done.reason} though all holds"
            return False
        assert living, f"I1{LETTERS[step]} {step}: landed though its basis has gone"
        stopped = step is not Step.VIEW and self.model.at_rest(given.subject, self.now)
        assert not stopped, f"I18 {step}: landed though everything is paused"
        assert may, f"I6 {step}: a permit served what it was not given for"
        self.stray.discard(blob)
        if given.block:
            self.model.permits[given.seq, given.slot] = (given, self.now)
        until = given.not_after if step is Step.VIEW else until
        self.model.land(given, table, until=until, blob=blob, share=share)
        return True

    def _do(
        self, given: Permit[Any], table: str, until: Micros, share: ObjectId
    ) -> tuple[Spent | Denial, str]:
        vault = self.rooms.consent.vault
        if table == "selfie_read" and given.step is Step.READ:
            return self._read(given), ""
        own: dict[str, Any] = dict(OWN.get(table, {}))
        if table == SHARED:
            own |= {"audience": "story", "share": share, "ends_at": until}
        elif table in KEPT:
            own |= {"expires_at": until}
        if table not in {"asset", "selfie"}:
            return self._spend(given, metadata.tables[table], own), ""
        try:
            sealed = vault.seal(given, content_of(given.object))
        except Denied as denied:
            return Denial(
                seq=given.seq,
                step=given.step,
                subject=given.subject,
                purpose=given.purpose,
                object=given.object,
                reason=denied.reason,
            ), ""
        self.stray.add(sealed.blob)
        own |= sealed.columns()
        if table == "asset":
            return self.rooms.spend(given, metadata.tables[table], own), sealed.blob
        with self.rooms.consent.ledger.write() as writing:
            (done,) = vault.keep_selfies(writing, [given], [own])
        return done, sealed.blob

    def _spend(self, given: Permit[Any], table: Table, own: dict[str, Any]) -> Spent | Denial:
        """Spend a permit; one of a block goes on in the same transaction."""
        with self.rooms.consent.ledger.write() as writing:
            (answer,) = self.rooms.consent.gate.go_on(writing, [given])
            if isinstance(answer, Denial):
                return answer
            return effects.spend(writing, [answer], table, [own])[0]

    def _read(self, given: Permit[Any]) -> Spent | Denial:
        (opened,) = self.rooms.consent.vault.read_beside([given], DESCRIBED)
        if isinstance(opened, Denial):
            return opened
        assert opened.content == content_of(given.object), "I17: another's bytes"
        said = b"described " + opened.content
        assert opened.beside in {None, said}, "I17: what was made of another's bytes"
        self.rooms.keep_beside(given, said, DESCRIBED)
        return Spent(seq=given.seq, subject=given.subject, object=given.object)

    def look(self, viewer: Subject, obj: ObjectId, purpose: Purpose, table: str) -> None:
        """Look at something as a page does: within a session, or with a permit of its own."""
        view, home = metadata.tables[table], "selfie" if table == "selfie_view" else "asset"
        expected = self._visible(viewer, obj, purpose, table, home)
        size = self.rooms.consent.ledger.head()[0]
        try:
            content = self.rooms.look(viewer, obj, purpose, view)
        except (Denied, Misused, Broken):
            self._viewed(size, table)
            assert not expected, "an owner could not see what is theirs"
            return
        self._viewed(size, table)
        row = self.model.find(home, obj, viewer)
        assert row is not None, "I3: somebody saw what is not theirs, or has gone"
        assert self.model.alive(row.holding), "I2: bytes after an acknowledged withdrawal"
        assert row.until > self.now, "I10: bytes beyond their time"
        assert expected, "I1h view: opened though the model allows no view"
        assert content == content_of(obj)

    def _visible(
        self, viewer: Subject, obj: ObjectId, purpose: Purpose, table: str, home: str
    ) -> bool:
        row = self.model.find(home, obj, viewer)
        place = self.model.find("feed_insert" if table == "feed_view" else home, obj, viewer)
        if row is None or place is None or row.until <= self.now:
            return False
        seen = (one for one in self.model.of(table) if (one.object, one.owner) == (obj, viewer))
        in_session = any(one.until > self.now and one.holding[1] == purpose for one in seen)
        allowed = self.model.allows(Step.VIEW, (viewer, purpose), obj, self.now, confirmed=False)
        return in_session or (allowed and place.holding[1] == purpose)

    def _viewed(self, size: int, table: str) -> None:
        """Take over what a look has written: a permit, and the row if it landed."""
        with self.rooms.consent.ledger.read() as connection:
            new = connection.execute(select(permit).where(permit.c.seq >= size)).mappings().all()
            rows = metadata.tables[table]
            landed = set(
                connection.execute(select(rows.c.permit_seq).where(rows.c.permit_seq >= size))
                .scalars()
                .all()
            )
        for row in new:
            names = ("seq", "slot", "step", "subject", "purpose", "epoch", "object", "not_after")
            given: Permit[Any] = Permit(**{name: row[name] for name in names})
            given = replace(given, step=Step(row["step"]), purpose=Purpose(row["purpose"]))
            key = (given.subject, given.purpose)
            allowed = self.model.allows(Step.VIEW, key, given.object, self.now, confirmed=False)
            assert allowed, "I1h view: allowed against the policy"
            self.model.permits[given.seq, given.slot] = (given, Micros(row["at"]))
            if given.seq in landed:
                self.model.land(given, table, until=given.not_after)


DESCRIBED: Final = Companion(table=conditioning, encoder="described")
"""What every reading keeps beside the selfie it opened."""


def content_of(obj: ObjectId) -> bytes:
    """Return the bytes that stand for the picture of an object."""
    return f"picture {obj}".encode()
