# SPDX-License-Identifier: Apache-2.0
"""What the policy values of the consent room do, seen from outside."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from consent import policies
from consent.gate import Ask, Gate
from consent.notices import current
from consent.policy import Policy
from consent.words import PORTRAIT_PURPOSES, Kind, Purpose, Step
from tests.consent.decisions import table
from tests.probes import probe
from tests.rooms import Rooms, empty


@probe("rule", "caps", "consent.current_notice", "ages", "regions")
def decisions(policy: Policy) -> object:
    return table(policy)


@contextmanager
def opened(policy: Policy, folder: str) -> Iterator[Rooms]:
    """Open the system under a policy in a folder of its own."""
    rooms = Rooms.open(empty(Path(folder)), Path(folder), policy=policy)
    yield rooms
    rooms.close()


@probe("consent")
def terms(policy: Policy) -> object:
    with tempfile.TemporaryDirectory() as folder, opened(policy, folder) as rooms:
        ada, purpose = rooms.person("Ada", Purpose.LIKENESS), drawn_for(policy)
        held = rooms.consent.grants.show(ada)
        bundled = {of: one.kind for of, one in held.items()}
        rooms.grant(ada, purpose)
        implied = rooms.consent.grants.imply(ada, purpose)
        lasts = held[Purpose.LIKENESS].expires_at - held[Purpose.LIKENESS].granted_at
        permits = [rooms.ask(step, ada, purpose, rooms.object()) for step in MEASURED]
        lasting = [permit.not_after - rooms.clock.now() for permit in permits]
        return bundled, implied, lasts, lasting


def drawn_for(policy: Policy) -> Purpose:
    """Name a purpose for which the policy lets people be drawn who said yes to it."""
    rules = ((purpose, policy.rule(Step.READ, purpose)) for purpose in PORTRAIT_PURPOSES)
    return next(purpose for purpose, rule in rules if rule and Kind.EXPLICIT in rule.kinds)


def hospitable(policy: Policy) -> Policy:
    """Let a policy's values be looked at where its rules would not let anybody come so far."""
    open_house = policies.load("strict-opt-in")
    selfies = replace(policy.selfies, minimum=1, maximum=99)
    return replace(policy, rules=open_house.rules, caps={}, selfies=selfies)


MEASURED = (Step.READ, Step.VIEW)


@probe("consent.current_notice")
def a_notice_that_changed(policy: Policy) -> object:
    """Say whether a yes to words that are no longer shown still counts."""
    with tempfile.TemporaryDirectory() as folder, opened(policy, folder) as rooms:
        purpose = drawn_for(policy)
        ada = rooms.person("Ada", Purpose.LIKENESS, purpose)
        reworded = [replace(notice, sha256="0" * 64) for notice in rooms.consent.notices.all]
        gate = Gate(
            rooms.consent.ledger,
            policy,
            current(tuple(reworded)),
            keys=rooms.consent.keys,
            chance=rooms.chance,
        )
        question = Ask(step=Step.READ, subject=ada, purpose=purpose, object=rooms.object())
        return type(gate.ask_all([question])[0]).__name__
