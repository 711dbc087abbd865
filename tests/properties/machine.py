# SPDX-License-Identifier: Apache-2.0
"""Three people say yes and no, are drawn, shown, shared and forgotten, in any order at all.

Every act is compared with the model (`world`), and after every act so is all that is written
(`invariants`). Acts are steered: towards what is alive, in flight or just gone, where mistakes
would be, and towards the very moments at which something ends.
"""

import hashlib
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from sqlalchemy import select

from consent.errors import Denied, Misused
from consent.tables import metadata
from consent.words import Actor, Micros, ObjectId, Purpose, Step, Subject
from feed import inserts
from tests.properties import beginnings
from tests.properties.invariants import Invariants
from tests.properties.model import PARENT, SHARED, Row
from tests.properties.observer import Log
from tests.properties.world import PURPOSES, TABLE_OF, World
from tests.rooms import Rooms

ANY = st.integers(0, 1_000_000)
MADE_FOR = (Purpose.FEED_INSERT, Purpose.IMAGINE)
AFTER = {
    Step.GENERATE: "request",
    Step.MODERATE: "rendered",
    Step.STORE: "moderated",
    Step.INSERT: "asset",
    Step.SHARE: "asset",
    Step.READ: "selfie",
}
VIEWED = {"feed_insert": "feed_view", "asset": "asset_view", "selfie": "selfie_view"}
ELSEWHERE = {"request": "rendered", "learned": "request", "asset_view": "feed_view"}


def in_the_home(home: Path) -> AbstractContextManager[str]:
    """Give the database that was copied with its home."""
    return nullcontext(f"sqlite:///{home}/onlyou.db")


class FeedMachine(Invariants, RuleBasedStateMachine):
    """Act, and compare with the model after every step."""

    template: ClassVar[Path]
    begun: ClassVar[World]
    scratch: ClassVar[Path]
    prepare: ClassVar[Callable[[Path], None] | None] = None
    place: ClassVar[Callable[[Path], AbstractContextManager[str]]] = in_the_home
    numbers: ClassVar[Any] = count()

    def __init__(self) -> None:
        super().__init__()
        self.home = self.scratch / str(next(self.numbers))
        shutil.copytree(self.template, self.home)
        if self.prepare is not None:
            type(self).prepare(self.home)  # type: ignore[misc]
        self.placed = ExitStack()
        url = self.placed.enter_context(type(self).place(self.home))
        rooms = Rooms.open(url, self.home, policy=self.begun.model.policy)
        self.world = World(rooms=rooms, model=self.begun.model.copy())
        self.world.people, self.world.tags = list(self.begun.people), dict(self.begun.tags)
        self.log, self.told_of = Log(), set()

    def teardown(self) -> None:
        self.world.rooms.close()
        self.placed.close()
        shutil.rmtree(self.home)

    def person(self, n: int) -> Subject:
        return self.world.people[n % len(self.world.people)]

    # --- yes and no

    @rule(n=ANY, purpose=st.sampled_from(PURPOSES))
    def say_yes(self, n: int, purpose: Purpose) -> None:
        self.world.grant(self.person(n), purpose)

    @rule(n=ANY, purpose=st.sampled_from(PURPOSES))
    def a_guardian_says_yes(self, n: int, purpose: Purpose) -> None:
        self.world.grant(self.person(n), purpose, Actor.GUARDIAN)

    @precondition(lambda self: not self.world.model.minors)
    @rule(n=ANY)
    def somebody_turns_out_to_be_a_minor(self, n: int) -> None:
        person = self.person(n)
        self.world.rooms.consent.attestations.attest(person, age_band="minor")
        self.world.model.minors.add(person)

    @rule(n=ANY, purpose=st.sampled_from(PURPOSES), other=ANY)
    def say_yes_to_what_was_not_read(self, n: int, purpose: Purpose, other: int) -> None:
        """Quote nothing, another's serving, or one of another purpose."""
        consent = self.world.rooms.consent
        consent.notices.serve(self.person(n), purpose)
        wrong = PURPOSES[(PURPOSES.index(purpose) + 1 + other) % len(PURPOSES)]
        foreign = consent.notices.serve(self.person(n + 1), purpose).served_id
        elsewhere = consent.notices.serve(self.person(n), wrong).served_id
        quoted = ("0" * 13, foreign, elsewhere)[other % 3]
        if len(self.world.people) > 1 and (quoted != elsewhere or wrong is not purpose):
            self.refuses(lambda: consent.grants.grant(self.person(n), purpose, quoted))

    def refuses(self, act: Callable[[], object]) -> None:
        try:
            act()
        except (Denied, Misused):
            return
        raise AssertionError("I7: a yes without the notice served before it")

    @rule(n=ANY, accepted=st.booleans())
    def answer_the_preview(self, n: int, accepted: bool) -> None:
        """Answer the card, and ask at once: without a yes to it no portrait is made."""
        person, obj = self.person(n), self.world.rooms.object()
        self.world.answer_preview(person, accepted=accepted)
        self.world.ask(Step.SELECT, person, Purpose.FEED_INSERT, obj)

    @rule(n=ANY)
    def say_no(self, n: int) -> None:
        held = self.world.model.held
        in_flight = [(one.subject, one.purpose) for one in self.world.flying]
        choices = [key for key in in_flight if key in held] or sorted(held)
        if choices:
            self.world.withdraw(*choices[n % len(choices)])

    @rule(n=ANY)
    def say_no_and_yes_again(self, n: int) -> None:
        """Tempt what was asked for before the no to live again with the new yes."""
        flying = [one for one in self.world.flying if one.purpose is not Purpose.LIKENESS]
        if flying:
            given = flying[n % len(flying)]
            self.world.withdraw(given.subject, given.purpose)
            if n % 2:
                self.world.grant(given.subject, given.purpose)
            self.world.land(given, self.place_of(given, n))

    @rule(n=ANY)
    def pause_everything(self, n: int) -> None:
        """Stop everything of somebody, at best while something is in flight; let it land."""
        held = self.world.model.held.items()
        planned = [who for (who, wanted), one in held if wanted in MADE_FOR and one.preview]
        flying = [one.subject for one in self.world.flying if one.subject in self.world.people]
        choices = (planned if n % 3 == 0 else flying) or self.world.people
        person = choices[n // 3 % len(choices)]
        self.world.pause(person, (60, 600, None)[n % 3])
        if n % 3 == 0:
            self.world.plan()
        for given in [one for one in self.world.flying if one.subject == person][:2]:
            self.world.land(given, self.place_of(given, n))
        self.world.ask(Step.SELECT, person, MADE_FOR[n % 2], self.world.rooms.object())
        if n % 8:
            self.world.resume(person)

    @rule(n=ANY)
    def let_it_go_on(self, n: int) -> None:
        stopped = sorted(self.world.model.paused)
        self.world.resume(stopped[n % len(stopped)] if stopped else self.person(n))

    @rule(n=ANY)
    def destroy_something(self, n: int) -> None:
        """Destroy something, and try at once to make it again with the permits that made it."""
        model = self.world.model
        if rows := model.of("asset", "selfie"):
            row = rows[n % len(rows)]
            made = [one for one in model.rows if one.object == row.object]
            self.world.destroy(self.person(n) if n % 5 == 0 else row.owner, row.object)
            for one in made[:2]:
                self.world.land(model.permits[one.permit][0], one.table)

    @precondition(lambda self: len(self.world.erased) < 2)
    @rule(n=ANY)
    def be_forgotten(self, n: int) -> None:
        self.world.erase(self.person(n))
        self.world.join(f"Newcomer {len(self.world.erased)}")

    @rule(n=ANY)
    def want_everything(self, n: int) -> None:
        """Say yes to all there is, and give a selfie: where life begins again."""
        beginnings.begin(self.world, self.person(n))

    # --- asking and doing

    @rule(n=ANY, step=st.sampled_from(Step), confirmed=st.booleans())
    def ask(self, n: int, step: Step, confirmed: bool) -> None:
        person, purpose, obj = self.aim(n, step)
        given = self.world.ask(step, person, purpose, obj, confirmed=confirmed)
        if given is not None:
            self.world.flying.append(given)

    def aim(self, n: int, step: Step) -> tuple[Subject, Purpose, ObjectId]:
        """Choose whom and what to ask for: what is next in some life, at times another's."""
        wanted = AFTER.get(step)
        rows = self.world.model.of(*(VIEWED if step is Step.VIEW else (wanted,) if wanted else ()))
        if rows:
            row = rows[-1 - n % len(rows)]
            person = self.person(n) if n % 7 == 0 else row.owner
            return person, self.purpose_at(step, row.holding[1], n), row.object
        plain = {Step.ENROL: Purpose.LIKENESS, Step.LEARN: Purpose.PERSONALISATION}
        purpose, fresh = plain.get(step, MADE_FOR[n // 3 % 2]), self.world.rooms.object()
        willing = [who for who, held in self.world.model.held if held is purpose]
        person = willing[n % len(willing)] if willing and n % 5 else self.person(n)
        return person, purpose, fresh

    @staticmethod
    def purpose_at(step: Step, of_row: Purpose, n: int) -> Purpose:
        fixed = {Step.SHARE: Purpose.STORY, Step.READ: MADE_FOR[n // 3 % 2]}
        return fixed.get(step, of_row)

    @rule(n=ANY)
    def plans_decide_about_everybody(self, n: int) -> None:
        """Up to three plans: what each allows alone may be too much together."""
        for _ in range(1 + n % 3):
            self.world.plan()
        if n % 2:
            self.those_of_a_plan_go_on()

    @rule()
    def those_of_a_plan_go_on(self) -> None:
        for given in [one for one in self.world.flying if one.block]:
            self.world.land(given, "request")

    @precondition(lambda self: self.world.flying)
    @rule(n=ANY)
    def spend(self, n: int) -> None:
        given = self.world.flying.pop(-1 - n % len(self.world.flying))
        self.world.land(given, self.place_of(given, n))
        if n % 3 == 0:
            self.world.land(given, self.place_of(given, n))

    def place_of(self, given: Any, n: int) -> str:
        """Name the table in which a permit may land; for a view, that of some place."""
        if given.step is not Step.VIEW:
            return TABLE_OF[given.step]
        inserted = self.world.model.find("feed_insert", given.object, given.subject)
        if given.purpose is Purpose.LIKENESS:
            return "selfie_view"
        return "feed_view" if inserted and n % 2 else "asset_view"

    @precondition(lambda self: self.world.flying)
    @rule(n=ANY, how=st.sampled_from(["another thing", "another step", "another's"]))
    def misspend(self, n: int, how: str) -> None:
        """Use a permit for what it was not given for."""
        given = self.world.flying[-1 - n % len(self.world.flying)]
        table = self.place_of(given, n)
        if how == "another step":
            table = "request" if table in {"learned", SHARED} else "learned"
        elif how == "another thing":
            rows = self.world.model.of(PARENT.get(table, "request"))
            other = rows[n % len(rows)].object if rows else self.world.rooms.object()
            given = replace(given, object=ObjectId(other))
        else:
            given = replace(given, subject=self.person(n))
        if table not in {"asset", "selfie"}:
            self.world.land(given, table)

    @precondition(lambda self: self.world.model.permits)
    @rule(n=ANY)
    def spend_again(self, n: int) -> None:
        """Use a permit that was used already, or asked for long ago."""
        known = [given for given, _ in self.world.model.permits.values()]
        given = known[-1 - n % min(len(known), 6)]
        self.world.land(given, self.place_of(given, n))

    @rule(n=ANY, purpose=st.sampled_from(MADE_FOR))
    def make_a_portrait(self, n: int, purpose: Purpose) -> None:
        beginnings.portrait(self.world, self.person(n), purpose)

    # --- showing to others

    @rule(n=ANY, other=ANY, still=st.booleans())
    def name_a_friend(self, n: int, other: int, still: bool) -> None:
        self.world.name(self.person(n), self.person(other), still=still or n % 3 > 0)

    @precondition(lambda self: self.world.model.of("asset"))
    @rule(n=ANY)
    def show_to_friends(self, n: int) -> None:
        """Show a portrait, at times to a friend who is one, and let them look at once."""
        rows = self.world.model.of("asset")
        row, friend = rows[-1 - n % len(rows)], self.person(n)
        given = self.world.ask(Step.SHARE, row.owner, Purpose.STORY, row.object, confirmed=True)
        if given is not None and n % 3 == 0:
            self.world.land(given, SHARED)
        self.world.show(row.owner, row.object)
        if n % 2:
            self.befriend(row.owner, friend)
        self.look_at_what_is_shown(n=n // 2, viewer=n)

    @precondition(lambda self: self.world.model.of(SHARED))
    @rule(n=ANY, anew=st.booleans())
    def show_it_no_more(self, n: int, anew: bool) -> None:
        """End a share, then look once more; at times it is shown again."""
        rows = self.world.model.of(SHARED)
        row = rows[-1 - n % len(rows)]
        self.world.unshare(self.person(n) if n % 4 == 0 else row.owner, row.share)
        self.world.look_at_share(self.person(n + 1), row.share)
        self.world.unshare(row.owner, row.share)
        if anew:
            self.world.show(row.owner, row.object)

    @precondition(lambda self: self.world.model.of(SHARED))
    @rule(n=ANY, viewer=ANY)
    def look_at_what_is_shown(self, n: int, viewer: int) -> None:
        """Look at a share as anybody, and list what there is for them."""
        who, rows = self.person(viewer), self.world.model.of(SHARED)
        row = rows[-1 - n % len(rows)] if rows else None
        if row is not None:
            self.tempt(n, who, row)
            self.world.look_at_share(who, row.share)
        self.world.list_shares(who)
        if row is not None and n % 6 == 1:
            self.world.resume(row.owner)

    def befriend(self, one: Subject, other: Subject) -> None:
        self.world.name(one, other, still=True)
        self.world.name(other, one, still=True)

    def tempt(self, n: int, viewer: Subject, row: Row) -> None:
        """Bring about the moment at which a look at a share would be a mistake."""
        match n % 6:
            case 0:
                self.world.name(row.owner, viewer, still=False)
                self.world.name(viewer, row.owner, still=True)
            case 1:
                self.befriend(viewer, row.owner)
                self.world.pause(row.owner, None)
            case 2 | 3 if row.until > self.world.now:
                self.befriend(viewer, row.owner)
                self.world.rooms.clock.turn_to(row.until)
                if n % 6 == 3:
                    self.world.sweep()
            case _:
                pass

    # --- looking

    @precondition(lambda self: self.world.model.of(*VIEWED))
    @rule(n=ANY, viewer=ANY)
    def look(self, n: int, viewer: int) -> None:
        rows = self.world.model.of(*VIEWED)
        row = rows[-1 - n % len(rows)]
        person = self.person(viewer) if viewer % 3 == 0 else row.owner
        for _ in range(1 + n % 2):
            self.world.look(person, row.object, row.holding[1], VIEWED[row.table])

    @rule(viewer=ANY)
    def read_a_page(self, viewer: int) -> None:
        person, now, model = self.person(viewer), self.world.now, self.world.model
        with self.world.rooms.consent.ledger.read() as connection:
            found = inserts.ready(connection, person, placed_by=now, now=now)
        mine = {row.object for row in model.of("feed_insert") if row.owner == person}
        fresh = {
            row.object for row in model.of("feed_insert") if row.object in mine and row.until > now
        }
        assert {one.object for one in found} <= mine, "I3: a page holds another's portrait"
        assert {one.object for one in found} == fresh, "I2: a page holds what has gone"

    # --- time, and what is done by itself

    @rule(seconds=st.sampled_from([1, 60, 599, 600, 86_400, -30]))
    def time_passes(self, seconds: int) -> None:
        self.world.rooms.clock.advance(seconds)

    @rule(n=ANY, just_before=st.booleans())
    def a_moment_comes(self, n: int, just_before: bool) -> None:
        """Turn the clock to where something ends, or to the microsecond before."""
        ends = [one.not_after for one in self.world.flying] if n % 2 else []
        ends += [row.until for row in self.world.model.rows if row.until]
        ends += [one.end for one in self.world.model.held.values()]
        ends += [end for end in self.world.model.paused.values() if end is not None]
        later = sorted({end for end in ends if end > self.world.now})
        if later:
            self.world.rooms.clock.turn_to(Micros(later[n % min(len(later), 5)] - just_before))

    @rule(n=ANY, at_an_end=st.booleans())
    def sweep(self, n: int, at_an_end: bool) -> None:
        if at_an_end:
            self.a_moment_comes(n=n, just_before=False)
        self.world.sweep()

    @rule()
    def sign_the_log(self) -> None:
        self.sign()

    @rule(n=ANY)
    def say_it_again(self, n: int) -> None:
        """Repeat what is done: it succeeds, and nothing stored is another."""
        before = self.everything()
        for act in self.repeatable(n):
            act()
        assert self.everything() == before, "I8: what was repeated changed something"

    def repeatable(self, n: int) -> list[Callable[[], object]]:
        consent, world = self.world.rooms.consent, self.world
        again: list[Callable[[], object]] = [consent.publish]
        over = [one for one in world.model.ended if one[0] in world.people]
        gone = [one for one in over if one[:2] not in world.model.held]
        if gone:
            person, purpose, _ = gone[n % len(gone)]
            again.append(lambda: consent.withdrawals.withdraw(person, purpose))
        if world.erased:
            again.append(lambda: consent.erasures.erase(world.erased[-1]))
        return again

    def everything(self) -> str:
        """Hash every row of every table; the head's time alone may move."""
        seen = hashlib.sha256()
        with self.world.rooms.consent.ledger.read() as connection:
            for table in metadata.sorted_tables:
                columns = [c for c in table.c if (table.name, c.name) != ("log_head", "now")]
                rows = connection.execute(select(*columns)).all()
                seen.update(repr((table.name, sorted(map(repr, rows)))).encode())
        return seen.hexdigest()
