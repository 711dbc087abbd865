# SPDX-License-Identifier: Apache-2.0
"""What arms of experiments do in a plan: whose turn it is, and how their idea is drawn.

Rules:
1. for whom an arm acts, its caps and its ranker count in place of the policy's
2. whose arm does not act yet is due if any arm would have them due: which one they have shows on
   the page, where the arms first differ
3. where the rankers of two arms would draw different ideas for somebody, that is a difference:
   their exposure is noted before the idea is kept
4. nothing is drawn for who is held out, nor for whom an arm asks first and who has not said yes
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from consent.gate import Permit, Select
from consent.policy import Policy, SlotRules
from consent.words import Micros, Purpose, Step, Subject
from engine import models
from engine.rooms import Rooms
from feed import ranking, readers, turns
from feed.experiments.plan import RANKERS
from feed.ranking import Candidate, Round
from feed.trials.places import NOWHERE, Due, Place, Stand, treated


def not_due(
    rooms: Rooms, connection: Connection, people: Sequence[Subject], now: Micros
) -> frozenset[Subject]:
    """Name those for whom nothing new should be made now, as their arms have it."""
    stands = rooms.feed.trials.stands(connection, people, now)
    policy = rooms.consent.policy
    ways: dict[SlotRules, list[Subject]] = {}
    for person in people:
        for rules in _rules(policy, stands.get(person, NOWHERE)):
            ways.setdefault(rules, []).append(person)
    due: set[Subject] = set()
    for rules, some in ways.items():
        due |= set(some) - turns.not_due(connection, some, rules, now)
    return frozenset(people) - due | _waiting(connection, stands.items(), policy)


def _rules(policy: Policy, stand: Stand) -> frozenset[SlotRules]:
    own = stand.treated(policy).policy
    others = [
        treated(own, [(place.running, arm.id)]).policy.slots
        for place in stand.waiting
        for arm in place.running.arms
    ]
    return frozenset(others or [own.slots])


def _waiting(
    connection: Connection, stands: Collection[tuple[Subject, Stand]], policy: Policy
) -> frozenset[Subject]:
    """Name who is held out, and whom their arm asks first and who has not said yes."""
    held_out = {person for person, stand in stands if stand.held_out}
    asked = [
        person
        for person, stand in stands
        if _asks(stand.treated(policy).policy) and not _asks(policy)
    ]
    unsure = {who for who in asked if not readers.find(connection, who).accepted}
    return frozenset(held_out | unsure)


def _asks(policy: Policy) -> bool:
    rule = policy.rule(Step.INSERT, Purpose.FEED_INSERT)
    return rule is not None and "preview" in rule.needs


def with_rankers(
    rooms: Rooms,
    permits: Sequence[Permit[Select]],
    candidates: Sequence[Candidate],
    terms: Round,
) -> tuple[Candidate, ...]:
    """Say for each person how their idea is drawn; note where their arms first differ in it."""
    who = [permit.subject for permit in permits]
    found = _differing(rooms, who, candidates, terms)
    if found:
        with rooms.consent.ledger.write() as writing:
            writing.know(person for person, _ in found)
            rooms.feed.trials.expose(writing, found)
    stands = _stands(rooms, who, terms.now)
    return tuple(
        replace(one, ranker=stands[person].treated(terms.policy).ranker)
        if person in stands
        else one
        for person, one in zip(who, candidates, strict=True)
    )


def _stands(rooms: Rooms, who: Sequence[Subject], now: Micros) -> dict[Subject, Stand]:
    with rooms.consent.ledger.read() as connection:
        return dict(rooms.feed.trials.stands(connection, who, now))


def _differing(
    rooms: Rooms, who: Sequence[Subject], people: Sequence[Candidate], terms: Round
) -> list[Due]:
    """List whose idea would not be the same under the rankers of all arms."""
    stands = _stands(rooms, who, terms.now)
    asked = [
        (person, one, place)
        for person, one in zip(who, people, strict=True)
        for place in stands.get(person, NOWHERE).waiting
        if place.running.sets("ranker")
    ]
    ways = sorted({ranker for _, _, place in asked for ranker in _rankers(place)})
    model, catalogue = models.in_charge(rooms), rooms.feed.catalogue
    drawn = {
        way: ranking.choose(model, catalogue, [replace(o, ranker=way) for _, o, _ in asked], terms)
        for way in ways
    }
    return [
        (person, place)
        for row, (person, _, place) in enumerate(asked)
        if len({drawn[way][row].scenario for way in _rankers(place)}) > 1
    ]


def _rankers(place: Place) -> set[str]:
    """Name the rankers of an experiment's arms; the usual one of those that set none."""
    return {str(arm.levers.get("ranker", RANKERS[0])) for arm in place.running.arms}
