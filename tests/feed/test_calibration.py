# SPDX-License-Identifier: Apache-2.0
"""What is foretold comes true as often as it says, and a worse model is told from a good one."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from feed import calibration, model, scenarios, synthetic
from feed.calibration import Line, bent, calibrated, halves, reliability, table, weights, worse
from feed.model import HEADS, Model, sigmoid

MODEL = model.shipped()


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    """12,000 rows of the log that the starting model comes from, with rarer heads made common."""
    found = synthetic.log(scenarios.shipped().scenarios, rows=12_000, seed=11)
    found["person"] = np.arange(len(found)) // 3
    return found


def boastful(slope: float = 2.0, shift: float = 1.0) -> Model:
    """Make the model of somebody too sure of what engages."""
    by = Line(slope=slope, shift=shift, brier=0, before=0, isotonic=0)
    return replace(MODEL, heads={**MODEL.heads, "engage": bent(MODEL.heads["engage"], by)})


def test_a_table_of_known_rows_is_what_can_be_worked_out_by_hand() -> None:
    predicted = np.repeat([0.2, 0.8], 50)
    outcome = np.tile([1.0, 0.0], 50)
    found = table("engage", "x", predicted, outcome, np.ones(100))
    assert (found.n, len(found.bins), {one.n for one in found.bins}) == (100, 10, {10})
    assert found.ece == pytest.approx(0.3)
    assert found.brier == pytest.approx((0.64 + 0.04) / 2)
    heavy = np.where(outcome == 1, 3.0, 1.0)
    assert table("engage", "x", predicted, outcome, heavy).ece == pytest.approx(
        0.5 * 0.55 + 0.5 * 0.05
    )


def test_a_model_that_is_too_sure_is_brought_back(log: pd.DataFrame) -> None:
    heads, lines = calibrated(boastful(), log)
    _, judged = halves(log)
    before = reliability(boastful(), judged)[0]
    after = reliability(replace(MODEL, heads=heads), judged)[0]
    assert lines["engage"].slope == pytest.approx(0.5, abs=0.08)
    assert before.ece > 3 * after.ece
    assert after.brier == pytest.approx(lines["engage"].brier)
    assert before.brier == pytest.approx(lines["engage"].before)
    assert abs(lines["engage"].isotonic - after.brier) < 0.002


def test_a_line_keeps_the_matrix_product() -> None:
    head = MODEL.heads["engage"]
    x, z = np.eye(len(head.person)), np.eye(len(head.scene))
    by = Line(slope=0.7, shift=-0.2, brier=0, before=0, isotonic=0)
    assert np.abs(bent(head, by).logits(x, z) - (0.7 * head.logits(x, z) - 0.2)).max() < 1e-12


def test_a_head_with_few_events_stays_as_it_is(log: pd.DataFrame) -> None:
    heads, lines = calibrated(MODEL, log)
    assert not {"report", "withdrawal"} & set(lines)
    assert heads["report"] is MODEL.heads["report"]


def test_a_line_that_does_not_help_the_other_half_is_not_taken(log: pd.DataFrame) -> None:
    fitted, judged = halves(log)
    turned = judged.assign(engage=1 - judged["engage"])
    timid = boastful(slope=0.2, shift=0.0)
    assert calibration.line(timid, "engage", fitted, judged) is not None
    assert calibration.line(timid, "engage", fitted, turned) is None
    assert calibration.line(boastful(slope=-1.0), "engage", fitted, judged) is None


def test_people_stand_in_one_half_only(log: pd.DataFrame) -> None:
    fitted, judged = halves(log)
    assert not set(fitted["person"]) & set(judged["person"])
    assert len(fitted) + len(judged) == len(log)
    assert len(halves(log.drop(columns="person"))[0]) == len(log) // 2


def test_rows_weigh_by_how_seldom_they_were_drawn_and_not_without_bound() -> None:
    seldom = pd.DataFrame({"propensity": [1.0, 0.5, 0.001]})
    assert weights(seldom).tolist() == [1.0, 2.0, 20.0]
    assert weights(seldom.drop(columns="propensity")).tolist() == [1.0, 1.0, 1.0]


def test_weights_undo_what_the_lottery_left_out() -> None:
    rng = np.random.default_rng(2)
    likely = rng.random(40_000) < 0.5
    propensity = np.where(likely, 0.8, 0.2)
    drawn = rng.random(40_000) < propensity
    chance = np.where(likely, 0.6, 0.2)
    outcome = (rng.random(40_000) < chance).astype(float)
    logged = pd.DataFrame({"propensity": propensity[drawn]})
    told = np.full(drawn.sum(), 0.4)  # true of everybody, not of who was drawn
    flat = table("engage", "", told, outcome[drawn], np.ones(drawn.sum()))
    weighed = table("engage", "", told, outcome[drawn], weights(logged))
    mean = [np.average([b.observed for b in one.bins]) for one in (flat, weighed)]
    assert mean[0] > 0.5
    assert mean[1] == pytest.approx(0.4, abs=0.02)


def test_a_worse_model_is_told_by_its_scores_and_an_equal_one_is_not(log: pd.DataFrame) -> None:
    assert worse(MODEL, MODEL, log) == ()
    assert worse(MODEL, boastful(), log) == ()
    assert worse(boastful(), MODEL, log) == (
        "engage: a worse Brier score than the model in charge",
        "engage: calibrated worse than the model in charge",
    )


def test_models_that_are_equal_but_for_chance_are_seldom_called_worse() -> None:
    rng, called = np.random.default_rng(8), 0
    for _ in range(200):
        chance = sigmoid(rng.normal(-1, 1, 400))
        outcome = (rng.random(400) < chance).astype(float)
        mine, theirs = (np.clip(chance + rng.normal(0, 0.05, 400), 0, 1) for _ in range(2))
        gaps = (mine - outcome) ** 2 - (theirs - outcome) ** 2
        called += calibration._clearly_above(gaps, np.ones(400), 0.0)
    assert called <= 200 * 0.05 + 4 * (200 * 0.05 * 0.95) ** 0.5


def test_an_outcome_that_never_came_condemns_who_cries_wolf_and_nobody_else() -> None:
    """Where nothing happened any higher number scores worse, however little higher."""
    theirs, heavy, never = np.full(1_000, 1e-4), np.ones(1_000), np.zeros(1_000)
    for wolf, mine in ((False, theirs * 1.1), (True, theirs + 0.05)):
        gaps = (mine - never) ** 2 - (theirs - never) ** 2
        room = calibration._one_more(mine, theirs, heavy)
        assert calibration._clearly_above(gaps, heavy, room) is wolf
        assert calibration._clearly_above(gaps, heavy, 0.0)


def test_every_head_has_its_table(log: pd.DataFrame) -> None:
    found = reliability(MODEL, log)
    assert [one.head for one in found] == [*HEADS]
    assert {one.model_sha256 for one in found} == {MODEL.sha256}
    assert all(sum(b.n for b in one.bins) == len(log) for one in found)
