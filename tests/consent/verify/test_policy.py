# SPDX-License-Identifier: Apache-2.0
"""The policy's words decide the same here as at the gate, over every fact."""

from pathlib import Path

import pytest

from consent import bundle, policies, verify
from consent.gate import Ask
from consent.verify.policy import decide, read_policy
from consent.words import Purpose
from tests.conftest import Opener
from tests.consent.facts import CELLS, decided, each_policy, listed


@pytest.mark.parametrize("policy_id", each_policy())
def test_the_verifier_decides_as_the_gate_does_on_all_facts(policy_id: str) -> None:
    """Two codes that share nothing, over every fact that a policy can tell apart."""
    policy = policies.load(policy_id)
    second = read_policy(policy.text.encode())
    assert second is not None
    for step, purpose in CELLS:
        mine = decided(policy_id, step, purpose)
        told = [one.opening() for one in listed(policy_id, step, purpose)]
        said = [decide(second, step, purpose, one) or "allow" for one in told]
        assert said == mine


@pytest.mark.parametrize("policy_id", policies.names())
def test_an_honest_history_under_any_policy_has_no_finding(
    policy_id: str, open_rooms: Opener, sqlite_url: str, tmp_path: Path
) -> None:
    """What is implied and bundled included, which only the policy's file makes honest."""
    rooms = open_rooms(sqlite_url, policy=policy_id)
    ada = rooms.person("Ada", Purpose.LIKENESS)
    rooms.selfie(ada)
    for purpose in rooms.consent.policy.consent.implies:
        rooms.grant(ada, purpose)
        rooms.consent.grants.imply(ada, purpose)
    asks = [Ask(step=s, subject=ada, purpose=p, object=rooms.object()) for s, p in CELLS]
    answers = rooms.consent.gate.ask_all(asks)
    bundle.export(rooms.consent, tmp_path / "bundle")
    report = verify.verify(tmp_path / "bundle")
    assert report["findings"] == []
    assert report["checked"]["recomputed"] == len(answers) + 1
    assert {type(answer).__name__ for answer in answers} == {"Permit", "Denial"}
