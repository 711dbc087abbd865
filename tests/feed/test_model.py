# SPDX-License-Identifier: Apache-2.0
"""The matrix path is scikit-learn's own prediction, and exact in any batch."""

import json
from dataclasses import replace

import numpy as np
import pytest

from consent.errors import Broken
from feed import model, training
from feed.features import GRAIN, PERSON, SCENE
from feed.model import HEADS, Head, Model, parse, shipped, sigmoid, write


def people(count: int, seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(-GRAIN, GRAIN + 1, (count, len(PERSON))) / GRAIN


def places(count: int, seed: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2, (count, len(SCENE))).astype(np.float64)


def pairs(x: np.ndarray, z: np.ndarray) -> np.ndarray:
    rows = [(a, b) for a in range(len(x)) for b in range(len(z))]
    return training.crossed(x[[a for a, _ in rows]], z[[b for _, b in rows]])


def test_the_matrix_path_equals_predict_proba() -> None:
    x, z = people(60), places(20)
    design = pairs(x, z)
    outcome = np.random.default_rng(5).integers(0, 2, len(design))
    fitted = training.regression(design, outcome)
    expected = fitted.predict_proba(design)[:, 1].reshape(len(x), len(z))
    head = training.head(fitted)
    assert np.abs(sigmoid(head.logits(x, z)) - expected).max() < 1e-12
    stored = parse(write(dict.fromkeys(HEADS, head), np.zeros(len(PERSON)), {}))
    for chances in stored.probabilities(x, z).values():
        assert np.abs(chances - expected).max() < 1e-6


@pytest.mark.parametrize("chunk", [1, 7, 2000])
def test_a_prediction_does_not_depend_on_the_batch(chunk: int) -> None:
    x, z = people(2_100), places(30)
    whole = shipped().probabilities(x, z)
    for name in HEADS:
        parts = [
            shipped().probabilities(x[start : start + chunk], z)[name]
            for start in range(0, len(x), chunk)
        ]
        assert np.vstack(parts).tobytes() == whole[name].tobytes()


def test_the_file_is_data_with_a_hash_and_survives_a_round_trip() -> None:
    loaded = shipped()
    text = write(loaded.heads, loaded.population, loaded.trained_on)
    assert parse(text).sha256 == loaded.sha256
    assert len(loaded.sha256) == 64
    assert loaded.trained_on["log"] == "feed/synthetic.py"


def test_the_starting_model_knows_that_harm_is_rare_and_follows_fatigue() -> None:
    loaded = shipped()
    rested, tired = np.zeros((2, len(PERSON)))
    tired[PERSON.index("fatigue")] = 1
    chances = loaded.probabilities(np.array([rested, tired]), places(50))
    assert chances["engage"].mean() > 20 * chances["fewer"].mean()
    assert chances["report"].max() < 0.01
    assert chances["fewer"][1].mean() > chances["fewer"][0].mean()
    assert chances["engage"][1].mean() < chances["engage"][0].mean()


def test_the_starting_model_knows_a_taste() -> None:
    x = np.zeros((1, len(PERSON)))
    z = np.zeros((2, len(SCENE)))
    x[0, PERSON.index("liked:sky")] = 1
    z[0, SCENE.index("theme:sky")] = z[1, SCENE.index("theme:city")] = 1
    sky, city = shipped().probabilities(x, z)["engage"][0]
    assert sky > city


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("schema", "onlyou-ranking/2"),
        ("person", ["face"]),
        ("scale", 1),
        ("heads", {}),
        ("population", [0.5]),
    ],
)
def test_a_file_for_other_features_is_refused(key: str, value: object) -> None:
    table = json.loads(write(shipped().heads, shipped().population, {}))
    with pytest.raises(Broken, match="ranking model refused"):
        parse(json.dumps(table | {key: value}))


def test_a_file_that_is_not_whole_is_refused() -> None:
    for text in ("", "[]", "{}"):
        with pytest.raises(Broken, match="ranking model refused"):
            parse(text)


def test_a_head_is_what_the_formula_says() -> None:
    head = Head(
        intercept=0.5,
        person=np.ones(len(PERSON)),
        scene=np.full(len(SCENE), 2.0),
        cross=np.full((len(PERSON), len(SCENE)), 3.0),
    )
    x, z = np.zeros((1, len(PERSON))), np.zeros((1, len(SCENE)))
    x[0, 0] = z[0, 0] = 1
    assert head.logits(x, z).tolist() == [[6.5]]
    assert model.sigmoid(np.zeros(1)).tolist() == [0.5]
    assert isinstance(shipped(), Model)


def test_a_scenario_may_have_a_weight_of_its_own_and_a_new_one_has_none() -> None:
    known = np.array([0.5, -0.25, 0.0, 0.125])
    plain = shipped()
    loaded = parse(write(plain.heads, plain.population, {}, {"aurora": known}))
    own = loaded.offsets(["new", "aurora"])
    assert own.T.tolist() == [[0.0] * 4, known.tolist()]
    x, z = people(3), places(2)
    for number, name in enumerate(HEADS):
        logits = plain.heads[name].logits(x, z) + np.array([0.0, known[number]])
        assert loaded.probabilities(x, z, own)[name].tolist() == sigmoid(logits).tolist()
    assert plain.offsets(["aurora"]).tolist() == [[0.0]] * 4
    assert plain.offsets([]).shape == (4, 0)


def test_coefficients_whose_sums_would_not_be_exact_are_refused() -> None:
    plain = shipped()
    engage = plain.heads["engage"]
    wild = {**plain.heads, "engage": replace(engage, cross=engage.cross * 40)}
    with pytest.raises(Broken, match="at most are exact"):
        parse(write(wild, plain.population, {}))
    with pytest.raises(Broken, match="at most are exact"):
        parse(write(plain.heads, plain.population, {}, {"aurora": np.full(4, 2000.0)}))
