# SPDX-License-Identifier: Apache-2.0
"""Very many choices at once are the same choices, whatever the chunk or who is beside them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace

import numpy as np
import pytest

from consent import policies
from feed import choices, draws, exploration, model, ranking, training
from feed.choices import BEST, EXPLORE, UNIFORM, Choices, Lottery, People
from feed.features import GRAIN, PERSON, SCENE
from feed.model import HEADS

MODEL = model.shipped()
WEIGHTS = policies.load("strict-opt-in").ranking
LOTTERY = Lottery(weights=WEIGHTS, run_key=draws.run_key(7), day=20_700)
SCENES = 45


def places(count: int = SCENES) -> np.ndarray:
    return np.random.default_rng(4).integers(0, 2, (count, len(SCENE))).astype(np.float64)


def crowd(count: int, scenes: int = SCENES, seed: int = 3) -> People:
    rng = np.random.default_rng(seed)
    mask = rng.random((count, 1 + scenes)) < 0.7
    mask[:, 0] = True
    return People(
        x=rng.integers(-GRAIN, GRAIN + 1, (count, len(PERSON))).astype(np.int8),
        eligible=choices.pack(mask),
        draw_keys=rng.integers(1, 2**63, count).astype(np.uint64),
        rankers=rng.choice([EXPLORE, EXPLORE, BEST, UNIFORM], count).astype(np.uint8),
    )


def masks(people: People) -> np.ndarray:
    return np.unpackbits(people.eligible, axis=1)[:, : 1 + SCENES].astype(bool)


def part(people: People, rows: slice) -> People:
    return People(
        x=people.x[rows],
        eligible=people.eligible[rows],
        draw_keys=people.draw_keys[rows],
        rankers=None if people.rankers is None else people.rankers[rows],
    )


def columns(made: Choices) -> Iterator[bytes]:
    return (getattr(made, field.name).tobytes() for field in fields(made))


def made(people: People, chunk: int = 300) -> Choices:
    return choices.choose(MODEL, places(), people, LOTTERY, chunk=chunk)


@pytest.mark.parametrize("chunk", [1, 7, 2_000])
def test_a_choice_does_not_depend_on_the_chunk(chunk: int) -> None:
    people = crowd(2_100 if chunk > 1 else 210)
    assert list(columns(made(people, chunk))) == list(columns(made(people)))


def test_a_choice_does_not_depend_on_the_worker_nor_on_the_company() -> None:
    """Three at a time, in parts of their own; what processes do the simulator's tests show."""
    people = crowd(1_001)
    whole = made(people)
    parts = [slice(start, start + 167) for start in range(0, 1_001, 167)]
    with ThreadPoolExecutor(3) as pool:
        found = pool.map(made, [part(people, rows) for rows in parts])
        for rows, theirs in zip(parts, found, strict=True):
            ours = [getattr(whole, field.name)[rows].tobytes() for field in fields(whole)]
            assert list(columns(theirs)) == ours


def test_grains_may_come_in_any_width() -> None:
    people = crowd(100)
    for kind in (np.float32, np.float64):
        same = replace(people, x=(people.x / GRAIN).astype(kind))
        assert list(columns(made(same))) == list(columns(made(people)))


def test_a_choice_is_drawn_from_the_lottery_that_is_logged() -> None:
    people = crowd(1_000)
    x, rows, found = people.x / GRAIN, np.arange(1_000), made(people)
    worth = np.hstack([np.zeros((1_000, 1)), ranking.values(MODEL, x, places(), WEIGHTS)])
    at = draws.uniform(LOTTERY.run_key, people.draw_keys, LOTTERY.day)
    lotteries = {
        EXPLORE: exploration.lottery(worth, masks(people), temperature=0.5, share=0.05),
        BEST: exploration.best(worth, masks(people)),
        UNIFORM: masks(people) / masks(people).sum(axis=1, keepdims=True),
    }
    for way, lottery in lotteries.items():
        mine = people.rankers == way
        same = found.action[mine] == exploration.draw(lottery, at)[mine]
        assert same.mean() > 0.99
        off = lottery[rows, found.action][mine][same] - found.propensity[mine][same]
        assert np.abs(off).max() < 1e-6
    assert np.abs(worth[rows, found.action] - found.value).max() < 1e-12


def test_the_heads_are_what_scikit_learn_foretells() -> None:
    people, z = crowd(400), places()
    x, rng = people.x / GRAIN, np.random.default_rng(5)
    design = training.crossed(x, z[rng.integers(0, SCENES, 400)])
    fitted = training.regression(design, rng.integers(0, 2, 400))
    theirs = replace(MODEL, heads=dict.fromkeys(HEADS, training.head(fitted)))
    found = choices.choose(theirs, z, people, LOTTERY)
    shown = found.action > 0
    expected = fitted.predict_proba(training.crossed(x[shown], z[found.action[shown] - 1]))[:, 1]
    for head in range(len(HEADS)):
        assert np.abs(found.heads[shown, head] - expected).max() < 1e-6
    assert np.isnan(found.heads[~shown]).all()


def test_the_whole_matrix_is_what_scikit_learn_foretells() -> None:
    people, z = crowd(64), places()
    x = people.x / GRAIN
    actions = choices._Actions.of(MODEL, z, replace(WEIGHTS, cost_per_insert=0.0, temperature=1.0))
    for name in HEADS:
        only = np.array([float(head == name) for head in HEADS])
        alone = replace(actions, worths=only).values(
            actions.towards(x), choices._Desk.of(actions, 64)
        )
        expected = MODEL.probabilities(x, z)[name].T
        assert np.abs(alone[1 : 1 + SCENES] - expected).max() < 1e-6


def test_what_is_known_of_a_scene_alone_moves_its_chances_and_its_heads() -> None:
    people, z = crowd(300), places()
    own = np.zeros((len(HEADS), SCENES))
    own[0, 5], own[0, 6] = 3.0, -3.0
    found = choices.choose(MODEL, z, people, LOTTERY, own=own)
    x, rows = people.x / GRAIN, np.arange(300)
    worth = np.hstack([np.zeros((300, 1)), ranking.values(MODEL, x, z, WEIGHTS, own)])
    lottery = exploration.lottery(worth, masks(people), temperature=0.5, share=0.05)
    mine = people.rankers == EXPLORE
    assert np.abs(lottery[rows, found.action] - found.propensity)[mine].max() < 1e-6
    assert np.abs(worth[rows, found.action] - found.value).max() < 1e-12
    nothing = choices.choose(MODEL, z, people, LOTTERY, own=own * 0)
    assert list(columns(nothing)) == list(columns(made(people)))
    assert list(columns(found)) != list(columns(nothing))


def test_what_never_happens_is_foretold_as_never() -> None:
    head = replace(MODEL.heads["engage"], intercept=-200.0)
    never = replace(MODEL, heads={**MODEL.heads, "engage": head})
    found = choices.choose(never, places(), crowd(200), LOTTERY)
    assert np.nanmax(found.heads[:, 0]) < 1e-30
    assert (found.propensity > 0).all()


def test_every_propensity_is_above_the_floor_or_one() -> None:
    people = crowd(3_000)
    found, ways = made(people), people.rankers
    floor = WEIGHTS.exploration / found.among
    assert (found.propensity[ways == EXPLORE] >= floor[ways == EXPLORE]).all()
    assert (found.propensity[ways == BEST] == 1).all()
    assert np.allclose(found.propensity[ways == UNIFORM], 1 / found.among[ways == UNIFORM])
    assert masks(people)[np.arange(3_000), found.action].all()
    assert (found.among == masks(people).sum(axis=1)).all()


def test_without_rankers_everybody_explores() -> None:
    people = crowd(200)
    explored = replace(people, rankers=np.full(200, EXPLORE, np.uint8))
    assert list(columns(made(replace(people, rankers=None)))) == list(columns(made(explored)))


def test_what_cannot_be_drawn_is_refused() -> None:
    people = crowd(3)
    nothing, beyond = people.eligible.copy(), people.eligible.copy()
    nothing[1] = 0
    beyond[1, -1] |= 1
    for bits in (nothing, beyond):
        with pytest.raises(ValueError, match="nothing is eligible"):
            made(replace(people, eligible=bits))
    with pytest.raises(ValueError, match="expected masks of 6 bytes"):
        made(replace(people, eligible=people.eligible[:, 1:]))


def test_nobody_to_choose_for_is_no_choice() -> None:
    assert len(made(part(crowd(1), slice(0, 0))).action) == 0
