# SPDX-License-Identifier: Apache-2.0
"""Histories to replay: drawn from a seed, wilder than any engine would write; their columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from consent import policies, verify
from consent.policy import Facts, Policy, decide
from consent.replay.recorded import Recorded, Told
from consent.replay.recorder import Recorder
from consent.verify import Changed, Decided, Done
from consent.words import DAY, HOUR, Kind, Purpose, Step

Event = Decided | Done | Changed
NOON = 1_780_000_000_000_000
TOLD = Told(origin="onlyou.test/log", size=0, root="00" * 32, served=0, erased=0)
PURPOSES = (Purpose.FEED_INSERT, Purpose.IMAGINE, Purpose.LIKENESS, Purpose.PERSONALISATION)
AGREED = Facts(kind=Kind.EXPLICIT, preview=True, confirmed=True)
KINDS = (Kind.EXPLICIT, Kind.EXPLICIT, Kind.PARENTAL, Kind.IMPLIED, None)


@cache
def shipped(name: str) -> Policy:
    """Read a shipped policy once."""
    return policies.load(name)


class Collector:
    """Remember all that a verifier tells."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.decision = self.effect = self.change = self.events.append


def of_bundle(bundle: Path) -> list[Event]:
    """Verify a bundle and return what was told of it."""
    collector = Collector()
    assert verify.verify(bundle, observer=collector)["findings"] == []
    return collector.events


def columns(events: Sequence[Event], *used: str) -> Recorded:
    """Write events as columns; `used` are the policies that the bundle holds."""
    recorder = Recorder()
    for event in events:
        match event:
            case Decided():
                recorder.decision(event)
            case Done():
                recorder.effect(event)
            case Changed():
                recorder.change(event)
    held = [shipped(name) for name in used]
    return recorder.columns(TOLD, {policy.sha256: policy.text for policy in held})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A decision to be written down; its verdict follows from policy and facts."""

    step: Step = Step.SELECT
    purpose: Purpose = Purpose.FEED_INSERT
    tag: str = "ada"
    object: str = "portrait"
    request: str | None = None
    at: int = NOON
    spent: bool = True
    opened: bool = True
    facts: Facts = AGREED


def told(asks: Sequence[Ask], policy: str = "strict-opt-in") -> list[Event]:
    """Let a policy decide on asks in order; an allowed one is spent at once unless it says not."""
    ruling = shipped(policy)
    events: list[Event] = []
    for ask in asks:
        verdict = decide(ruling, ask.step, ask.purpose, ask.facts)
        reason = getattr(verdict, "reason", None)
        seq = len(events)
        decided = Decided(
            seq,
            None,
            ask.at,
            ask.step,
            ask.purpose,
            ask.tag,
            ruling.sha256,
            None if reason is None else str(reason),
            ask.object,
            ask.facts.opening() if ask.opened else None,
            ask.request,
            ask.facts.kind,
        )
        events.append(decided)
        if reason is None and ask.spent:
            events.append(
                Done(seq + 1, ask.at, (seq, None), ask.tag, ask.step, ask.object, ask.request)
            )
    return events


def drawn(seed: int, length: int, policy: str, *, opened: float = 0.97) -> list[Event]:
    """Draw a history: few people and things, many steps, in days that overlap weeks."""
    return told(list(_asks(np.random.default_rng(seed), length, opened)), policy)


def blocked(events: Sequence[Event]) -> list[Event]:
    """Take every select for a block of one slot: it names nothing, its effect does."""
    return [
        event if isinstance(event, Changed) or event.step != Step.SELECT else _in_a_block(event)
        for event in events
    ]


def _in_a_block(event: Decided | Done) -> Event:
    if isinstance(event, Decided):
        return event._replace(slot=0, object=None, request=None)
    return event._replace(of=(event.of[0], 0))


def _asks(chance: np.random.Generator, length: int, opened: float) -> Iterator[Ask]:
    at = NOON
    for _ in range(length):
        at += int(chance.integers(0, 9 * HOUR)) if chance.random() < 0.7 else 0
        person = f"person {chance.integers(0, 3)}"
        thing = f"thing {chance.integers(0, 5)} of {person}"
        request = f"request of {thing}" if chance.random() < 0.7 else None
        yield Ask(
            step=_one(chance, tuple(Step)),
            purpose=_one(chance, PURPOSES),
            tag=person,
            object=f"selfie of {person}" if chance.random() < 0.2 else thing,
            request=request,
            at=at,
            spent=chance.random() < 0.85,
            opened=chance.random() < opened,
            facts=_facts(chance),
        )


def _facts(chance: np.random.Generator) -> Facts:
    kind = _one(chance, KINDS)
    day = int(chance.integers(0, 4)) if kind else 0
    return Facts(
        kind=kind,
        withdrawn=bool(kind is None and chance.random() < 0.5),
        expired=bool(kind is not None and chance.random() < 0.05),
        notice_current=chance.random() < 0.9,
        preview=chance.random() < 0.8,
        confirmed=chance.random() < 0.7,
        used_day=day,
        used_week=day + int(chance.integers(0, 3)) if kind else 0,
        age_band=_one(chance, (None, "adult", "adult", "minor")),
        region=_one(chance, (None, None, "US-IL", "DE")),
        paused=chance.random() < 0.05,
    )


def _one(chance: np.random.Generator, among: Sequence[Any]) -> Any:
    return among[int(chance.integers(0, len(among)))]


def days(number: float) -> int:
    """Return so many days in microseconds."""
    return round(number * DAY)
