# SPDX-License-Identifier: Apache-2.0
"""An honest year of four people: everything that an entry can record today happens in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from consent import effects, tables
from consent.errors import Denied
from consent.gate import Permit
from consent.words import DAY, SECOND, ObjectId, Purpose, Step, Subject
from tests.rooms import Rooms

HALF_A_YEAR = 180 * DAY // SECOND
ONE_DAY = DAY // SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Who lived it, and the portraits they will be asked about."""

    ada: Subject  #: wants inserts, renews half-way, holds everything at the end
    bob: Subject  #: wants only portraits he asks for, destroys one, lets all run out
    cy: Subject  #: wanted inserts and withdrew
    dee: Subject  #: never said anything
    inserted: ObjectId
    imagined: ObjectId
    withdrawn: ObjectId


def live(rooms: Rooms) -> History:
    """Let the year pass."""
    ada = rooms.inserted_person("Ada Byron")
    bob = rooms.person("Bob Noyce", Purpose.LIKENESS, Purpose.IMAGINE)
    cy = rooms.inserted_person("Cy Twombly")
    dee = rooms.person("Dee Hock")
    inserted = insert(rooms, ada)
    refused(rooms, ada, Purpose.FEED_INSERT)  # the day's one insert is made
    imagined = imagine(rooms, bob)
    refused(rooms, bob, Purpose.FEED_INSERT)
    refused(rooms, dee, Purpose.IMAGINE)
    withdrawn = insert(rooms, cy)
    rooms.clock.advance(ONE_DAY)
    rooms.consent.withdrawals.withdraw(cy, Purpose.FEED_INSERT)
    rooms.consent.withdrawals.withdraw(cy, Purpose.FEED_INSERT)
    rooms.consent.withdrawals.withdraw(dee, Purpose.STORY)
    refused(rooms, cy, Purpose.FEED_INSERT)
    rooms.consent.withdrawals.destroy(bob, imagined)
    rooms.clock.advance(HALF_A_YEAR)
    rooms.grant(ada, Purpose.LIKENESS)
    rooms.grant(ada, Purpose.FEED_INSERT)
    rooms.clock.advance(HALF_A_YEAR + 5 * ONE_DAY)
    refused(rooms, bob, Purpose.IMAGINE)  # expired, not yet swept
    rooms.consent.retention.sweep()
    insert(rooms, ada)
    return History(
        ada=ada,
        bob=bob,
        cy=cy,
        dee=dee,
        inserted=inserted,
        imagined=imagined,
        withdrawn=withdrawn,
    )


def sleep(rooms: Rooms, lived: History) -> None:
    """Let two nights pass: everybody is decided on in a block, by day somebody is erased."""
    people = [lived.ada, lived.bob, lived.cy, lived.dee]
    rooms.clock.advance(ONE_DAY)
    nightly(rooms, people)
    nightly(rooms, people[::2])
    rooms.consent.erasures.erase(lived.bob)
    rooms.clock.advance(ONE_DAY)
    nightly(rooms, [lived.dee, lived.ada])


def insert(rooms: Rooms, subject: Subject) -> ObjectId:
    """Make a portrait from a selfie, place it, and look at it twice."""
    obj = rooms.requested(subject, Purpose.FEED_INSERT)
    read(rooms, subject, Purpose.FEED_INSERT, obj)
    rooms.stored(subject, Purpose.FEED_INSERT, obj)
    rooms.insert(subject, obj)
    with rooms.consent.ledger.write() as writing:
        writing.append("label.shown", subject=subject, object=obj)
    assert rooms.look(subject, obj) == rooms.look(subject, obj) == b"portrait"
    return obj


def imagine(rooms: Rooms, subject: Subject) -> ObjectId:
    """Make a portrait that was asked for, and look at it."""
    rooms.selfie(subject)
    obj = rooms.portrait(subject, Purpose.IMAGINE)
    rooms.look(subject, obj, Purpose.IMAGINE, tables.asset_view)
    return obj


def read(rooms: Rooms, subject: Subject, purpose: Purpose, request: ObjectId) -> None:
    """Open a selfie for a portrait."""
    selfie = rooms.selfie(subject)
    permit = rooms.ask(Step.READ, subject, purpose, selfie, request=request)
    assert rooms.consent.vault.read([permit]) == (b"selfie",)


def nightly(rooms: Rooms, people: Sequence[Subject]) -> None:
    """Decide for everybody in one block; whoever it allows gets an insert, as long as it may."""
    objects = {subject: rooms.object() for subject in people}
    night = rooms.consent.gate.decide_all(Step.SELECT, Purpose.FEED_INSERT, people)
    for permit in night.permits(objects):
        with rooms.consent.ledger.write() as writing:
            going = rooms.consent.gate.go_on(writing, [permit])
            may = [one for one in going if isinstance(one, Permit)]
            effects.spend(writing, may, tables.request)
        if not may:
            continue
        read(rooms, permit.subject, Purpose.FEED_INSERT, permit.object)
        rooms.stored(permit.subject, Purpose.FEED_INSERT, permit.object)
        rooms.insert(permit.subject, permit.object)
        assert rooms.look(permit.subject, permit.object) == b"portrait"


def refused(rooms: Rooms, subject: Subject, purpose: Purpose) -> None:
    """Ask for a portrait that may not be made."""
    obj = rooms.object()
    try:
        rooms.ask(Step.SELECT, subject, purpose, obj, request=obj)
    except Denied:
        return
    raise AssertionError(f"{purpose} was allowed")
