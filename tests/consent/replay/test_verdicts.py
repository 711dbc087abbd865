# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from consent.arrays import VERDICTS
from consent.policy import Facts, decide
from consent.replay.run import recorded_policies
from consent.replay.verdicts import _possible, answers, capped
from consent.words import Kind, Purpose, Step
from tests.consent.replay.histories import AGREED, Ask, columns, drawn, shipped, told


@pytest.mark.parametrize("name", ["strict-opt-in", "snapchat-2024", "lensa-2022"])
def test_every_answer_is_that_of_the_policy_itself(name: str) -> None:
    recorded = columns(drawn(11, 300, "instagram-2025"), "instagram-2025")
    target = shipped(name)
    said = answers(recorded, target, recorded_policies(recorded))
    for row in np.flatnonzero(recorded.known):
        facts = recorded.vectors.one(recorded.facts[row])
        step, purpose = list(Step)[recorded.step[row]], list(Purpose)[recorded.purpose[row]]
        verdict = decide(target, step, purpose, facts)
        assert VERDICTS[said.verdict[row]] == getattr(verdict, "reason", "allow")
    known = recorded.known
    assert not said.undecided[known].any()
    assert (said.may_allow == (said.verdict == 0))[known].all()


def unopened(ask: Ask, by: str, target: str) -> tuple[str, bool]:
    """Ask about one decision whose facts nobody can open."""
    recorded = columns(told([ask], by), by)
    said = answers(recorded, shipped(target), recorded_policies(recorded))
    return VERDICTS[said.verdict[0]], bool(said.undecided[0])


def test_what_all_facts_agree_on_is_known_without_them() -> None:
    ask = Ask(opened=False, facts=AGREED)
    assert unopened(ask, "strict-opt-in", "strict-opt-in") == ("allow", False)
    assert unopened(ask, "strict-opt-in", "lensa-2022") == ("policy-silent", False)


def test_what_facts_could_turn_is_open_and_stays_as_recorded() -> None:
    ask = Ask(opened=False, facts=Facts(kind=Kind.EXPLICIT))  # was a preview accepted?
    assert unopened(ask, "instagram-2025", "strict-opt-in") == ("allow", True)


def test_the_kind_that_was_relied_on_narrows_it_down() -> None:
    ask = Ask(opened=False, facts=Facts(kind=Kind.IMPLIED))
    assert unopened(ask, "instagram-2025", "strict-opt-in") == ("policy-forbids", False)


def test_without_the_recorded_policy_anything_could_have_been() -> None:
    recorded = columns(told([Ask(opened=False)]))
    assert answers(recorded, shipped("strict-opt-in"), {}).undecided.all()


def test_only_capped_purposes_of_capped_steps_count() -> None:
    asks = [Ask(), Ask(step=Step.VIEW), Ask(purpose=Purpose.LIKENESS)]
    assert capped(shipped("strict-opt-in"), columns(told(asks))).tolist() == [True, False, False]


def test_a_verdict_that_no_facts_explain_is_open_and_never_an_error() -> None:
    """The recorded policy would never have said so: a log that no honest gate wrote."""
    allow, policy = VERDICTS.index("allow"), shipped("strict-opt-in")
    step, purpose = list(Step).index(Step.GENERATE), list(Purpose).index(Purpose.ADS)
    question = np.array([step, purpose, 0, allow, 0], np.uint8)
    possible = _possible(question, policy, shipped("instagram-2025"))
    assert {VERDICTS[code] for code in possible} == {"allow", "not-granted"}
