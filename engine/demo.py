# SPDX-License-Identifier: Apache-2.0
"""The main job, end to end, with synthetic people on a virtual clock.

Day 1 09:00  everybody arrives and says what they say yes to; the card that asks is answered
      10:00  those who want a portrait on request ask for one
Each  12:00  the plan runs: selected, drawn, judged, sealed, inserted
day   15:00  (day 2) one person withdraws
      17:00  (day 2) one person shows a portrait to friends
      18:00  people read their feeds and say how they take it
Every stage is journalled and safe to repeat: a demo that was killed goes on where it was.
"""

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from sqlalchemy import select

from consent.accounts import Account
from consent.clocks import VirtualClock
from consent.gate import Ask, View
from consent.words import HOUR, Actor, Micros, Purpose, Step, Subject, public_id
from engine import asking, cycle, sharing
from engine.cast import Member, Role, friends_of, reaction
from engine.rooms import Rooms
from engine.tables import stage
from feed.acts import Event, Kind
from feed.items import PREVIEW_ID, Imagined, Post, Preview
from feed.shares import Audience
from feed.tables import feed_view
from generation import album
from generation.portraits import Request
from generation.selfies import Attested

MORNING_OF_DAY_ONE: Final = Micros(1_767_603_600_000_000)
"""2026-01-05 09:00 UTC, a Monday."""
_EVENTS: Final = uuid.UUID("6f6e6c79-6f75-4000-8000-000000000000")


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """One demo home: who takes part and for how long."""

    rooms: Rooms
    clock: VirtualClock
    members: Sequence[Member]
    days: int


Stage = tuple[str, Micros, Callable[[], None]]
"""What to tell whoever watches, the time it happens at, and what happens."""


def play(demo: Demo, watch: Callable[[str, int, int], None]) -> None:
    """Play every stage that has not been played yet, in order.

    The journal knows stages by number: a person's name is in their account and nowhere else.
    """
    stages = list(_stages(demo))
    done = _done(demo.rooms)
    for number, (name, at, act) in enumerate(stages, start=1):
        watch(name, number, len(stages))
        demo.clock.turn_to(at)
        if (known := f"stage {number}") not in done:
            act()
            _journal(demo.rooms, known)


def _stages(demo: Demo) -> Iterator[Stage]:
    yield "others post", MORNING_OF_DAY_ONE, partial(cycle.talk, demo.rooms)
    for minute, member in enumerate(demo.members):
        at = Micros(MORNING_OF_DAY_ONE + minute * HOUR // 60)
        yield f"{member.name} arrives", at, partial(_arrive, demo, member)
    for member in demo.members:
        if member.role is Role.ASKS:
            at = Micros(MORNING_OF_DAY_ONE + HOUR)
            yield f"{member.name} asks", at, partial(_ask, demo, member)
    for day in range(demo.days):
        yield from _day(demo, day)


def _day(demo: Demo, day: int) -> Iterator[Stage]:
    nine = Micros(MORNING_OF_DAY_ONE + day * 24 * HOUR)
    leaving = [member for member in demo.members if member.leaves]
    amid = leaving if demo.rooms.studio.together and day == 0 else []
    yield f"plan of day {day + 1}", Micros(nine + 3 * HOUR), partial(_plan, demo, amid)
    for member in leaving if not demo.rooms.studio.together and day == 1 else []:
        at = Micros(nine + 6 * HOUR)
        yield f"{member.name} withdraws", at, partial(_leave, demo, member)
    for member in [one for one in demo.members if one.shows and day == 1]:
        at = Micros(nine + 8 * HOUR)
        yield f"{member.name} shows a portrait", at, partial(_show, demo, member)
    for member in demo.members:
        name, at = f"{member.name} reads on day {day + 1}", Micros(nine + 9 * HOUR)
        yield name, at, partial(_look, demo, member, day)


def _account(demo: Demo, member: Member) -> Account:
    known = {account.name: account for account in demo.rooms.consent.accounts.list()}
    return known.get(member.name) or demo.rooms.consent.accounts.add(member.name)


def _arrive(demo: Demo, member: Member) -> None:
    consent, person = demo.rooms.consent, _account(demo, member).subject
    consent.attestations.attest(person, age_band="adult", actor=Actor.OPERATOR)
    for purpose in member.purposes:
        if purpose not in consent.grants.show(person):
            served = consent.notices.serve(person, purpose)
            consent.grants.grant(person, purpose, served.served_id, method="cli")
    if member.purposes and not _selfies(demo, person):
        demo.rooms.studio.enrol(person, member.selfies(), Attested(myself=True, adult=True))
    if member.role is Role.INSERTS:
        _look(demo, member, day=-1)


def _ask(demo: Demo, member: Member) -> None:
    person = _account(demo, member).subject
    if not _images(demo, person):
        asking.imagine(demo.rooms, person)


def _images(demo: Demo, person: Subject) -> tuple[album.Image, ...]:
    with demo.rooms.consent.ledger.read() as connection:
        return album.images(connection, person, demo.clock.now())


def _plan(demo: Demo, amid: Sequence[Member]) -> None:
    """Run the plan; who leaves amid it does so while the pictures of a batch are still noise."""

    def between(_: Sequence[Request]) -> None:
        for member in amid:
            _leave(demo, member)

    cycle.run(demo.rooms, demo.clock.now(), between=between)


def _leave(demo: Demo, member: Member) -> None:
    """Withdraw what they have said yes to; a second time says nothing more."""
    person = _account(demo, member).subject
    if Purpose.FEED_INSERT in demo.rooms.consent.grants.show(person):
        demo.rooms.consent.withdrawals.withdraw(person, Purpose.FEED_INSERT)


def _show(demo: Demo, member: Member) -> None:
    """Say yes to showing a portrait to friends, show the newest one; the friends look at it."""
    consent, shares = demo.rooms.consent, demo.rooms.feed.shares
    person = _account(demo, member).subject
    if Purpose.SHARE not in consent.grants.show(person):
        served = consent.notices.serve(person, Purpose.SHARE)
        consent.grants.grant(person, Purpose.SHARE, served.served_id, method="cli")
    for friend in friends_of(member, demo.members):
        other = _account(demo, friend).subject
        demo.rooms.feed.friends.befriend(person, other)
        demo.rooms.feed.friends.befriend(other, person)
    ready = [one for one in _images(demo, person) if one.state is album.State.READY]
    if ready:
        shown = sharing.share(demo.rooms, person, ready[0].id, Audience.FRIENDS)
        for friend in friends_of(member, demo.members):
            shares.look(_account(demo, friend).subject, shown)


def _look(demo: Demo, member: Member, day: int) -> None:
    """Open the feed, look at what is there, and say how it was taken."""
    person = _account(demo, member).subject
    for item in demo.rooms.feed.pages.of(person).items:
        match item:
            case Post():
                continue
            case Preview():
                _say(demo, member, PREVIEW_ID, Kind.ACCEPT, day)
            case Imagined():
                ask: Ask[View] = Ask(
                    step=Step.VIEW,
                    subject=person,
                    purpose=Purpose.FEED_INSERT,
                    object=item.object,
                    request=item.object,
                )
                demo.rooms.consent.vault.view(demo.rooms.consent.gate, ask, feed_view)
                taken = reaction(demo.rooms.settings.seed, member, day)
                if taken is not None:
                    _say(demo, member, public_id(item.object), Kind(taken), day)


def _say(demo: Demo, member: Member, item: str, kind: Kind, day: int) -> None:
    """Send one act; its id follows from who, when and what, so a repetition is known as one."""
    person = _account(demo, member).subject
    name = f"{demo.rooms.settings.seed}|{member.name}|{day}|{item}|{kind}"
    event = Event(event_id=str(uuid.uuid5(_EVENTS, name)), item_id=item, kind=kind)
    demo.rooms.feed.feedback.record(person, [event])


def _selfies(demo: Demo, person: Subject) -> bool:
    with demo.rooms.consent.ledger.read() as connection:
        return bool(album.selfies(connection, person))


def _done(rooms: Rooms) -> frozenset[str]:
    with rooms.consent.ledger.read() as connection:
        return frozenset(connection.execute(select(stage.c.name)).scalars())


def _journal(rooms: Rooms, name: str) -> None:
    with rooms.consent.ledger.write() as writing:
        writing.insert(stage, [{"name": name, "at": writing.now}])
