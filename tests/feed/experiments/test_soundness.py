# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from typing import Any

import pytest

from feed.experiments import files
from feed.experiments.plan import Arm, Experiment, Guardrail, Ramp
from feed.experiments.soundness import faults

SOUND = files.load("label")
SIMULATED = files.load("cohort")


def _with(**changes: Any) -> Experiment:
    return replace(SOUND, **changes)


def _arms(**levers: Any) -> Experiment:
    return replace(SOUND, arms=(SOUND.arms[0], Arm(id="b", title="B", levers=levers)))


def _guarded(*guardrails: Guardrail, **changes: Any) -> Experiment:
    return replace(SOUND, guardrails=guardrails, **changes)


def test_every_shipped_experiment_is_sound() -> None:
    assert {name: faults(files.load(name)) for name in files.names()} == dict.fromkeys(
        files.names(), ()
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id": "../etc"}, "id is small letters, digits and dashes"),
        ({"id": ""}, "id is small letters"),
        ({"namespace": "Feed"}, "namespace is small letters"),
        ({"title": " "}, "title is empty"),
        ({"question": ""}, "question is empty"),
        ({"policy": "lax"}, "no policy 'lax'; shipped are"),
        ({"segments": (10, 10)}, "segments go from 0 up to 1000"),
        ({"segments": (-1, 10)}, "segments go from 0"),
        ({"segments": (0, 1001)}, "segments go from 0"),
        ({"days": 0}, "days must be 1 to 366, got 0"),
        ({"days": 400}, "days must be 1 to 366, got 400"),
        ({"needed": 0}, "needed must be 1 to"),
        ({"confidence": 1.0}, "confidence must be 0.5 to below 1"),
        ({"confidence": 0.2}, "confidence must be 0.5 to below 1"),
        ({"looks": (10, 10, 30)}, "looks are days that rise to the last one, 30"),
        ({"looks": (0, 30)}, "looks are days that rise to the last one, 30"),
        ({"looks": (10, 20)}, "looks are days that rise to the last one, 30"),
        ({"metrics": (*SOUND.metrics, "smiles")}, "unknown metric 'smiles'; known are withdrew"),
        ({"metrics": (*SOUND.metrics, "kept")}, "metrics names one twice"),
        ({"metrics": (*SOUND.metrics, "surprised")}, "'surprised' is measured in simulation only"),
        ({"primary": "visits"}, "the primary metric 'visits' is not among the metrics"),
        ({"arms": SOUND.arms[:1]}, "has 2 to 8 arms, got 1"),
        ({"arms": SOUND.arms[:1] * 2}, "two arms are called 'only-you'"),
        ({"arms": (SOUND.arms[0], Arm(id="holdout", title="B"))}, "not 'holdout', got 'holdout'"),
        ({"arms": (SOUND.arms[0], Arm(id="b", title=""))}, "arm 'b' has no title"),
        ({"arms": (SOUND.arms[0], Arm(id="b", title="B", share=0))}, "'b' has a share of 0"),
        ({"ramp": ()}, "the ramp begins on day 1"),
        ({"ramp": (Ramp(day=2, percent=5),)}, "the ramp begins on day 1"),
        ({"ramp": (Ramp(day=1, percent=0),)}, "the ramp never lets anybody in"),
        ({"ramp": (Ramp(day=1, percent=101),)}, "out of bounds: day 1, 101 percent"),
        ({"ramp": (Ramp(day=1, percent=5), Ramp(day=31, percent=9))}, "out of bounds: day 31"),
        ({"ramp": (Ramp(day=1, percent=9), Ramp(day=3, percent=5))}, "only widens, day by day"),
        ({"ramp": (Ramp(day=1, percent=9), Ramp(day=1, percent=9))}, "only widens, day by day"),
    ],
)
def test_each_fault_is_one_sentence(changes: dict[str, Any], words: str) -> None:
    assert any(words in sentence for sentence in faults(_with(**changes)))


@pytest.mark.parametrize(
    ("levers", "words"),
    [
        ({"colour": "red"}, "sets 'colour'; an arm can set per_day"),
        ({"per_day": 0}, "per_day is a number from 1 up to 10000, got 0"),
        ({"first": True}, "first is a number from 1 up to 10000, got True"),
        ({"gap": -1}, "gap is a number from 0 up to 10000, got -1"),
        ({"preview": "yes"}, "preview is true or false, got 'yes'"),
        ({"ranker": "worst"}, "ranker is one of explore, best, uniform, got 'worst'"),
        ({"visible_to": " "}, "visible_to is words, got ' '"),
        ({"recipe": 4}, "recipe is words, got 4"),
        ({"policy": "instagram-2025"}, "'policy', which can be tried in simulation only"),
        ({"notice": "vague"}, "'notice', which can be tried in simulation only"),
    ],
)
def test_a_lever_is_one_that_there_is_with_a_value_that_it_has(
    levers: dict[str, Any], words: str
) -> None:
    found = faults(_arms(**levers))
    assert len(found) == 1
    assert words in found[0]


def test_a_lever_is_no_larger_than_a_feed_is_long() -> None:
    arm = replace(SOUND.arms[1], levers={"gap": 10**50})
    (words,) = faults(replace(SOUND, arms=(SOUND.arms[0], arm)))
    assert words.endswith("gap is a number from 0 up to 10000, got what is too long to repeat")


def test_what_nobody_must_meet_can_be_simulated_and_is_still_held_to_its_words() -> None:
    def simulated(**levers: Any) -> tuple[str, ...]:
        arms = (SIMULATED.arms[0], Arm(id="b", title="B", levers=levers))
        return faults(replace(SIMULATED, arms=arms))

    assert simulated(policy="instagram-2025", notice="vague") == ()
    assert "policy is one of" in simulated(policy="lax")[0]
    assert "notice is one of shipped, plain, vague" in simulated(notice="none")[0]


WITHDREW = Guardrail(metric="withdrew", level=0.05)


@pytest.mark.parametrize(
    ("rails", "words"),
    [
        ((), "no guardrail for 'withdrew'"),
        ((Guardrail(metric="hidden", level=0.05),), "no guardrail for 'withdrew'"),
        ((WITHDREW, WITHDREW), "two guardrails are for 'withdrew'"),
        ((WITHDREW, Guardrail(metric="smiles", level=0.05)), "there is no such metric"),
        ((WITHDREW, Guardrail(metric="kept", level=0.05)), "does not count people to whom"),
        ((Guardrail(metric="withdrew", level=0.0),), "level must be above 0 and at most 0.5"),
        ((Guardrail(metric="withdrew", level=0.6),), "level must be above 0 and at most 0.5"),
        ((Guardrail(metric="withdrew", level=1e-200),), "its evidence never reaches 1e+200"),
    ],
)
def test_a_guardrail_that_could_not_stop_an_arm_is_named(
    rails: tuple[Guardrail, ...], words: str
) -> None:
    assert any(words in sentence for sentence in faults(_guarded(*rails)))


def test_a_guardrail_is_among_the_metrics() -> None:
    found = faults(_guarded(WITHDREW, metrics=("engaged", "hidden")))
    assert found == (
        "guardrail 'withdrew' could never stop an arm soundly: it is not among the metrics",
    )


def test_evidence_takes_more_people_where_the_arm_is_the_larger_part() -> None:
    def least(share: int) -> bool:
        arms = (SOUND.arms[0], Arm(id="b", title="B", share=share))
        return bool(faults(_guarded(WITHDREW, arms=arms, needed=12)))

    assert (least(1), least(9)) == (False, True)


@pytest.mark.parametrize(("needed", "able"), [(9, False), (10, True)])
def test_the_least_that_stops_an_arm_is_that_of_the_closed_form(needed: int, able: bool) -> None:
    two = replace(SOUND, arms=SOUND.arms[:2])
    found = faults(replace(two, guardrails=(WITHDREW,), needed=needed))
    assert (found == ()) is able


def test_all_faults_are_told_at_once() -> None:
    assert len(faults(_with(days=0, title="", primary="smiles"))) >= 3
