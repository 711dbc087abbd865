# SPDX-License-Identifier: Apache-2.0
"""A replay as one would do it by hand: one decision after the other, dictionaries, no columns.

It shares nothing with consent/replay but the scalar `decide` and the list of all facts.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from consent import factspace, policies
from consent.policy import CAPPED, Facts, Policy, decide
from consent.verify import Decided, Done
from consent.words import DAY, Kind, Purpose, Step
from tests.consent.replay.histories import Event, shipped

ORDER = ("select", "read", "generate", "moderate", "store", "insert")
LEAVES = ("view", "share", "learn")


@dataclass
class Replayed:
    """What a replay by hand found: verdicts of the decisions whose facts are known."""

    table: Counter[str] = field(default_factory=Counter)
    flips: Counter[tuple[str, str, str, str, bool]] = field(default_factory=Counter)
    people: set[str] = field(default_factory=set)
    gone: Counter[str] = field(default_factory=Counter)
    seqs: list[int] = field(default_factory=list)


@dataclass
class World:
    """What has happened so far, then and now."""

    then: set[tuple[str, str]] = field(default_factory=set)
    now: set[tuple[str, str]] = field(default_factory=set)
    why: dict[tuple[str, str], str] = field(default_factory=dict)
    uses: list[tuple[tuple[str, str, str], int, str, bool, bool]] = field(default_factory=list)


def replayed(events: Sequence[Event], policy: Policy, *, closed: bool) -> Replayed:
    """Replay events under another policy."""
    done = {event.of: event for event in events if isinstance(event, Done)}
    named = [_named(e, done.get((e.seq, e.slot))) for e in events if isinstance(e, Decided)]
    lives = _requests(named)
    world, found = World(), Replayed()
    for event in named:
        reason, asked = _now(event, policy, world, lives) if closed else (None, True)
        if not closed:
            reason = _said(policy, event, _facts(event))
        if closed:
            _remember(event, reason, world, lives, (event.seq, event.slot) in done)
        if event.facts is not None:
            _count(found, event, reason, (event.seq, event.slot) in done, asked=asked)
    return found


def _named(event: Decided, done: Done | None) -> Decided:
    """Let a decision of a block be about what its effect names, or else about itself alone."""
    if event.slot is None:
        return event
    if done is None:
        return event._replace(object=f"nothing {event.seq} {event.slot}")
    return event._replace(object=done.object, request=done.request)


def _requests(events: Sequence[Decided]) -> dict[str, str]:
    """Find which request an object belongs to, where any decision says so."""
    found: dict[str, str] = {}
    for event in events:
        if (
            event.request is not None
            and event.object is not None
            and event.step not in {"enrol", "read", "learn"}
        ):
            found.setdefault(event.object, event.request)
    return found


def _life(event: Decided, lives: dict[str, str]) -> str:
    assert event.object is not None
    return event.request or lives.get(event.object, event.object)


def _facts(event: Decided) -> Facts:
    opened = dict(event.facts or {})
    kind = opened.pop("kind", None)
    return Facts(kind=None if kind is None else Kind(kind), **opened)


def _said(policy: Policy, event: Decided, facts: Facts) -> str | None:
    if event.facts is None:
        return _agreed(event, policy)
    return _reason(policy, event.step, event.purpose, facts)


def _reason(policy: Policy, step: str, purpose: str, facts: Facts) -> str | None:
    verdict = decide(policy, Step(step), Purpose(purpose), facts)
    reason = getattr(verdict, "reason", None)
    return None if reason is None else str(reason)


def _agreed(event: Decided, policy: Policy) -> str | None:
    """Say what all facts agree on that explain a verdict, or the verdict where they do not."""
    asked = (event.step, event.purpose, event.reason, event.basis)
    by = next(name for name in policies.names() if shipped(name).sha256 == event.policy)
    said = _possible(asked, by, policy.id)
    unanimous = len({reason is None for reason in said}) == 1
    return said[0] if unanimous else event.reason


@cache
def _possible(
    asked: tuple[str, str, str | None, str | None], by: str, policy: str
) -> tuple[str | None, ...]:
    step, purpose, reason, basis = asked
    rulings = (shipped(policy), shipped(by))
    space = factspace.facts(rulings, Step(step), Purpose(purpose))
    met = [space.one(place) for place in factspace.possible(space).nonzero()[0]]
    explain = [facts for facts in met if _reason(rulings[1], step, purpose, facts) == reason]
    likely = [facts for facts in explain if facts.kind == basis] or explain
    return tuple(_reason(rulings[0], step, purpose, facts) for facts in likely)


def _now(
    event: Decided, policy: Policy, world: World, lives: dict[str, str]
) -> tuple[str | None, bool]:
    """Decide as of now in the other world: the reason, and whether it would be asked at all."""
    for place in _before(event, lives):
        if place in world.then and place not in world.now:
            return world.why[place], False
    facts = _facts(event)
    if event.step in CAPPED and event.facts is not None:
        day, week = _more(event, world, DAY), _more(event, world, 7 * DAY)
        facts = replace(facts, used_day=facts.used_day + day, used_week=facts.used_week + week)
    return _said(policy, event, facts), True


def _before(event: Decided, lives: dict[str, str]) -> list[tuple[str, str]]:
    life = _life(event, lives)
    if event.step == "enrol":
        return []
    earlier = ORDER if event.step in LEAVES else ORDER[: ORDER.index(event.step)]
    selfie = [("enrol", str(event.object))] if event.step == "read" else []
    return selfie + [(step, life) for step in earlier]


def _more(event: Decided, world: World, lately: int) -> int:
    key = (event.tag, event.step, event.purpose)
    mine = [
        use
        for use in world.uses
        if use[0] == key and use[1] > event.at - lately and use[2] != event.object
    ]
    return len({u[2] for u in mine if u[4]}) - len({u[2] for u in mine if u[3]})


def _remember(
    event: Decided, reason: str | None, world: World, lives: dict[str, str], spent: bool
) -> None:
    thing = str(event.object) if event.step == "enrol" else _life(event, lives)
    place = (event.step, thing)
    if event.reason is None:
        world.then.add(place)
        if reason is not None:
            world.why.setdefault(place, reason)
    if reason is None:
        world.now.add(place)
    if event.step in CAPPED and event.object is not None:
        was = event.reason is None and spent
        is_now = reason is None and (spent or event.reason is not None)
        key = (event.tag, event.step, event.purpose)
        world.uses.append((key, event.at, event.object, was, is_now))


def _count(
    found: Replayed, event: Decided, reason: str | None, spent: bool, *, asked: bool
) -> None:
    sides = ["allow" if said is None else "deny" for said in (event.reason, reason)]
    found.table["_".join(sides)] += 1
    if sides[0] == sides[1]:
        return
    key = (event.step, event.purpose, sides[0], event.reason or str(reason), asked)
    found.flips[key] += 1
    found.people.add(event.tag)
    found.seqs.append(event.seq)
    if spent and sides[0] == "allow":
        found.gone[event.step] += 1
