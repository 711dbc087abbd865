# SPDX-License-Identifier: Apache-2.0
"""A choice is eligible, weighed, recorded and the same in every batch."""

from dataclasses import replace

import numpy as np
import pytest

from consent import policies
from consent.words import DAY, Micros
from feed import draws, model, reasons
from feed.features import PERSON, Act, History, Matrix, scenes
from feed.ranking import Candidate, Decision, Round, choose, explain, values
from feed.scenarios import shipped

CATALOGUE = shipped()
MODEL = model.shipped()
STRICT = policies.load("strict-opt-in")
NOW = Micros(20_700 * DAY)
RENDERS = frozenset({"aurora", "jazz", "chef", "knight", "manor", "kite"})
TERMS = Round(seed=7, now=NOW, policy=STRICT, renders=RENDERS)
FOND = History(
    acts=tuple(Act(kind="like", scenario="aurora", at=Micros(NOW - DAY)) for _ in range(4)),
    shown=(Micros(NOW - 3 * DAY),),
    since=Micros(NOW - 30 * DAY),
)
WARY = replace(FOND, acts=tuple(replace(act, kind="report") for act in FOND.acts))


def crowd(count: int, history: History | None = None) -> tuple[Candidate, ...]:
    return tuple(Candidate(draw_key=n * 7919 + 1, history=history) for n in range(count))


def chosen(*candidates: Candidate, terms: Round = TERMS) -> tuple[Decision, ...]:
    return choose(MODEL, CATALOGUE, candidates, terms)


def test_only_what_is_eligible_is_ever_chosen() -> None:
    picked = {decision.scenario for decision in chosen(*crowd(3_000))}
    assert picked == {None, "aurora", "jazz", "chef", "knight", "kite"}


def test_the_policy_lets_in_what_it_bears() -> None:
    bold = replace(STRICT, slots=replace(STRICT.slots, most_sensitive="eerie"))
    picked = {d.scenario for d in chosen(*crowd(3_000), terms=replace(TERMS, policy=bold))}
    assert "manor" in picked


def test_what_was_had_lately_is_not_chosen() -> None:
    weary = [replace(c, without=frozenset({"aurora", "jazz", "gone"})) for c in crowd(1_000)]
    decisions = chosen(*weary)
    assert {d.scenario for d in decisions} == {None, "chef", "knight", "kite"}
    assert {d.eligible for d in decisions} == {4}


def test_no_insert_is_an_action_but_not_for_somebody_who_asked() -> None:
    asked = [replace(c, asked=True) for c in crowd(1_000)]
    assert any(d.scenario is None for d in chosen(*crowd(1_000)))
    decisions = chosen(*asked)
    assert all(d.scenario for d in decisions)
    assert {d.eligible for d in decisions} == {5}


def test_nothing_eligible_means_no_insert() -> None:
    nothing = replace(TERMS, renders=frozenset())
    (decision,) = chosen(*crowd(1), terms=nothing)
    assert decision.scenario is None
    assert (decision.propensity, decision.eligible, decision.value) == (1.0, 1, 0.0)
    with pytest.raises(ValueError, match="nothing is eligible"):
        chosen(Candidate(draw_key=1, asked=True), terms=nothing)


def test_every_propensity_is_above_the_floor() -> None:
    for decision in chosen(*crowd(500), *crowd(500, FOND)):
        assert decision.propensity >= decision.exploration / decision.eligible
        assert decision.exploration == STRICT.ranking.exploration


def test_logged_propensities_are_the_frequencies_of_what_is_chosen() -> None:
    decisions = chosen(*crowd(8_000))
    for idea in ("aurora", "jazz", None):
        logged = next(d.propensity for d in decisions if d.scenario == idea)
        seen = np.mean([d.scenario == idea for d in decisions])
        assert abs(seen - logged) < 4 * (logged / 8_000) ** 0.5


@pytest.mark.parametrize("chunk", [1, 7, 2_000])
def test_a_decision_does_not_depend_on_the_chunk(chunk: int) -> None:
    people = (*crowd(150), *crowd(150, FOND), *crowd(20, WARY))
    assert choose(MODEL, CATALOGUE, people, TERMS, chunk=chunk) == chosen(*people)


def test_a_decision_does_not_depend_on_the_company() -> None:
    people = crowd(40)
    assert chosen(*people[::-1])[::-1] == chosen(*people)


def test_the_same_seed_person_and_day_choose_the_same() -> None:
    assert chosen(*crowd(200)) == chosen(*crowd(200))
    other_seed = [d.scenario for d in chosen(*crowd(200), terms=replace(TERMS, seed=8))]
    other_day = [
        d.scenario for d in chosen(*crowd(200), terms=replace(TERMS, now=Micros(NOW + DAY)))
    ]
    assert len({*map(tuple, (other_seed, other_day))} | {tuple(_ideas())}) == 3


def _ideas() -> list[str | None]:
    return [d.scenario for d in chosen(*crowd(200))]


def test_without_exploration_the_best_is_chosen_with_propensity_one() -> None:
    decisions = chosen(*crowd(20), terms=replace(TERMS, explore=False))
    assert len({d.scenario for d in decisions}) == 1
    assert {d.propensity for d in decisions} == {1.0}
    assert {d.exploration for d in decisions} == {0.0}
    assert decisions[0].value >= 0


def test_a_history_moves_the_choice_and_none_moves_nothing() -> None:
    bare, fond = chosen(*crowd(1), *crowd(1, FOND))
    assert not bare.personalised
    assert fond.personalised
    likes = [_worth(history, "aurora") for history in (WARY, None, FOND)]
    assert likes[0] < likes[1] < likes[2]


def test_who_is_new_is_as_people_are_until_something_was_shown() -> None:
    new = History(acts=(), shown=(), since=Micros(NOW - 30 * DAY))
    assert chosen(*crowd(50, new)) == chosen(*crowd(50))
    seen = replace(new, shown=(Micros(NOW - DAY),))
    assert all(decision.personalised for decision in chosen(*crowd(50, seen)))
    assert _worth(seen, "aurora") != _worth(new, "aurora") == _worth(None, "aurora")


def test_who_has_not_granted_personalisation_is_the_mean_person() -> None:
    weights = STRICT.ranking
    expected = values(MODEL, MODEL.population[np.newaxis], _z("aurora"), weights)[0, 0]
    assert _worth(None, "aurora") == float(expected)


def _z(idea: str) -> Matrix:
    return scenes([CATALOGUE.of(idea)])


def _worth(history: History | None, idea: str) -> float:
    only = replace(TERMS, renders=frozenset({idea}))
    return chosen(Candidate(draw_key=1, history=history, asked=True), terms=only)[0].value


def test_each_weight_of_the_policy_moves_the_value() -> None:
    x = MODEL.population[np.newaxis]
    usual = values(MODEL, x, _z("aurora"), STRICT.ranking)[0, 0]
    for name in ("engage", "fewer", "report", "withdrawal"):
        more = replace(STRICT.ranking, **{name: getattr(STRICT.ranking, name) * 2})
        change = values(MODEL, x, _z("aurora"), more)[0, 0] - usual
        assert change > 0 if name == "engage" else change < 0
    dear = replace(STRICT.ranking, cost_per_insert=STRICT.ranking.cost_per_insert + 1)
    assert values(MODEL, x, _z("aurora"), dear)[0, 0] == pytest.approx(usual - 1)


def test_a_dear_insert_is_not_made() -> None:
    dear = replace(STRICT, ranking=replace(STRICT.ranking, cost_per_insert=9.0))
    picked = [d.scenario for d in chosen(*crowd(400), terms=replace(TERMS, policy=dear))]
    assert picked.count(None) > 0.9 * 400


def test_the_record_holds_what_a_replay_needs() -> None:
    (decision,) = chosen(Candidate(draw_key=0xABC))
    assert decision.model_sha256 == MODEL.sha256
    assert decision.policy_sha256 == STRICT.sha256
    assert decision.temperature == STRICT.ranking.temperature
    assert decision.draw_key == "0000000000000abc"
    assert decision.run_key == f"{draws.run_key(7):016x}"
    assert decision.day == 20_700
    fewer = chosen(Candidate(draw_key=0xABC, without=frozenset({"jazz"})))[0]
    assert decision.eligible_sha256 != fewer.eligible_sha256


@pytest.mark.parametrize("history", [None, FOND, WARY])
def test_the_parts_of_a_value_sum_to_it(history: History | None) -> None:
    candidate = Candidate(draw_key=1, history=history)
    for idea in ("aurora", "jazz", "manor"):
        parts = explain(MODEL, CATALOGUE.of(idea), candidate, CATALOGUE, TERMS)
        assert sum(p.effect for p in parts) == pytest.approx(_any_worth(history, idea), abs=1e-9)


def _any_worth(history: History | None, idea: str) -> float:
    bold = replace(STRICT, slots=replace(STRICT.slots, most_sensitive="eerie"))
    only = replace(TERMS, renders=frozenset({idea}), policy=bold)
    return chosen(Candidate(draw_key=1, history=history, asked=True), terms=only)[0].value


def test_nothing_personal_is_said_of_somebody_who_is_not_to_be_known() -> None:
    parts = explain(MODEL, CATALOGUE.of("aurora"), Candidate(draw_key=1), CATALOGUE, TERMS)
    assert not any(part.personal for part in parts)
    assert not {part.feature for part in parts} & set(PERSON)
    assert reasons.PEOPLE in {part.feature for part in parts}
