# SPDX-License-Identifier: Apache-2.0
"""What the policy values of the consent room do, seen from outside."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from consent import database
from consent.gate import Ask, Gate
from consent.notices import current
from consent.policy import Policy
from consent.words import Purpose, Step
from tests.consent.decisions import table
from tests.probes import probe
from tests.rooms import Rooms


@probe("rule", "caps", "consent.current_notice")
def decisions(policy: Policy) -> object:
    return table(policy)


@contextmanager
def opened(policy: Policy, folder: str) -> Iterator[Rooms]:
    """Open the system under a policy in a folder of its own."""
    url = f"sqlite:///{folder}/onlyou.db"
    engine = database.connect(url)
    database.create(engine)
    engine.dispose()
    rooms = Rooms.open(url, Path(folder), policy=policy)
    yield rooms
    rooms.close()


@probe("consent")
def terms(policy: Policy) -> object:
    with tempfile.TemporaryDirectory() as folder, opened(policy, folder) as rooms:
        ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
        implied = rooms.consent.grants.imply(ada, Purpose.IMAGINE)
        held = rooms.consent.grants.show(ada)[Purpose.LIKENESS]
        permits = [rooms.ask(step, ada, Purpose.IMAGINE, rooms.object()) for step in MEASURED]
        lasting = [permit.not_after - rooms.clock.now() for permit in permits]
        return implied, held.expires_at - held.granted_at, lasting


MEASURED = (Step.READ, Step.VIEW)


@probe("consent.current_notice")
def a_notice_that_changed(policy: Policy) -> object:
    """Say whether a yes to words that are no longer shown still counts."""
    with tempfile.TemporaryDirectory() as folder, opened(policy, folder) as rooms:
        ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
        reworded = [replace(notice, sha256="0" * 64) for notice in rooms.consent.notices.all]
        gate = Gate(rooms.consent.ledger, policy, current(tuple(reworded)))
        question = Ask(step=Step.READ, subject=ada, purpose=Purpose.IMAGINE, object=rooms.object())
        return type(gate.ask_all([question])[0]).__name__
