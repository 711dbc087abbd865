# SPDX-License-Identifier: Apache-2.0
"""Nobody's face reaches another row, whoever leaves is not decoded, nothing stays behind."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from consent import policies
from generation import provenance
from generation.identity import Identity
from generation.inspection import Inspector
from generation.recipes import CannotRender, Declares, Likeness, Recipe, Row, Sources
from generation.recipes.batched import Batched, Misshapen, Shaped
from generation.recipes.sdxl import Sdxl
from generation.recipes.sdxl.loading import Loaded
from generation.recipes.specs import Spec
from tests.generation.recipes.sdxl.conftest import PROMPTS, SIDE, Drawing, person, pictures, row

pytestmark = pytest.mark.xdist_group("torch")

ROWS = 4
PLACES = {"first": 0, "middle": 2, "last": 3}
WAYS = tuple(product((1.0, 5.0), ("euler-trailing", "lcm"), (1, 3)))


def swapped(rows: list[Row], place: int, *, selfies: int = 1) -> list[Row]:
    """Put a stranger's face into one row, whose words and noise stay."""
    stranger = row(9, selfies=selfies).likenesses
    return [replace(one, likenesses=stranger) if n == place else one for n, one in enumerate(rows)]


def spied(module: Any, seen: list[Any]) -> Any:
    """Note everything that reaches a network. Returns what takes the spy away again."""
    return module.register_forward_pre_hook(lambda _, given: seen.append(given[0].clone()))


# --- isolation


@pytest.mark.parametrize(("guidance", "scheduler", "selfies"), WAYS)
def test_a_swapped_face_changes_its_own_row_and_no_bit_of_another(
    drawing: Drawing, guidance: float, scheduler: str, selfies: int
) -> None:
    recipe = drawing(guidance=guidance, scheduler=scheduler, selfies=selfies)
    rows = [row(n, selfies=selfies) for n in range(ROWS)]
    before = recipe.begin(rows).held.latents
    for place in PLACES.values():
        after = recipe.begin(swapped(rows, place, selfies=selfies)).held.latents
        same = [torch.equal(one, other) for one, other in zip(before, after, strict=True)]
        assert same == [n != place for n in range(ROWS)]
        assert float((before[place] - after[place]).abs().max()) > 0.01


def test_what_is_decoded_of_a_row_is_that_row_alone(drawing: Drawing) -> None:
    recipe, rows = drawing(), [row(n) for n in range(ROWS)]
    before, after = pictures(recipe, rows), pictures(recipe, swapped(rows, 1))
    assert [np.array_equal(a, b) for a, b in zip(before, after, strict=True)] == [
        True, False, True, True,
    ]  # fmt: skip


@pytest.mark.parametrize("guidance", [1.0, 5.0])
def test_a_batch_gives_what_each_would_get_alone(drawing: Drawing, guidance: float) -> None:
    recipe, rows = drawing(guidance=guidance), [row(n) for n in range(ROWS)]
    together = pictures(recipe, rows)
    alone = np.concatenate([pictures(recipe, [one]) for one in rows])
    assert np.abs(together - alone).max() < 1e-5


def test_neither_place_nor_padding_changes_a_bit(drawing: Drawing) -> None:
    recipe, rows = drawing(), [row(n) for n in range(ROWS)]
    here = pictures(recipe, rows)
    assert np.array_equal(pictures(recipe, rows[::-1])[::-1], here)
    padded = pictures(recipe, [rows[0], rows[1], rows[1], rows[1]])
    assert np.array_equal(padded[:2], here[:2])


def test_the_same_pass_gives_the_same_bits_after_another(drawing: Drawing) -> None:
    recipe, rows = drawing(scheduler="lcm"), [row(n) for n in range(ROWS)]
    first = pictures(recipe, rows)
    pictures(recipe, [row(5), row(6)])
    assert np.array_equal(pictures(recipe, rows), first)


def test_seed_words_and_face_each_change_the_picture(drawing: Drawing) -> None:
    recipe, one = drawing(), row(1)
    others = [
        replace(one, seed=2),
        replace(one, scenario="boat"),
        replace(one, likenesses=(person(2),)),
    ]
    drawn = pictures(recipe, [one, *others])
    assert all(not np.array_equal(drawn[0], other) for other in drawn[1:])


# --- who leaves between noise and picture


def test_a_row_that_is_not_kept_never_reaches_the_decoder(
    drawing: Drawing, loaded: Loaded
) -> None:
    recipe, seen = drawing(), []
    begun = recipe.begin([row(n) for n in range(ROWS)])
    withdrawn = begun.held.latents[2].clone()
    vae = loaded.pipeline.vae
    spies = [spied(inside, seen) for inside in (vae.post_quant_conv, vae.decoder)]
    drawn = recipe.finish(begun, [True, True, False, True])
    for spy in spies:
        spy.remove()
    scaled = withdrawn / vae.config.scaling_factor
    assert len(seen) == 2 * 3
    assert not any(torch.allclose(one[0], scaled) for one in seen if one.shape[1:] == scaled.shape)
    assert [one is None for one in drawn] == [False, False, True, False]


def test_the_others_get_what_they_would_have_got_without_the_one_who_left(
    drawing: Drawing,
) -> None:
    recipe, rows = drawing(), [row(n) for n in range(ROWS)]
    drawn = recipe.finish(recipe.begin(rows), [True, True, False, True])
    without = pictures(recipe, [rows[0], rows[1], rows[3], rows[3]])
    for place, other in ((0, 0), (1, 1), (3, 2)):
        assert np.array_equal(np.asarray(drawn[place]), without[other])


def test_whoever_left_cannot_be_decoded_later(drawing: Drawing) -> None:
    recipe = drawing()
    begun = recipe.begin([row(0), row(1)])
    recipe.finish(begun, [False, True])
    again = recipe.finish(begun, [True, True])
    assert np.isnan(np.asarray(again[0])).all()
    assert np.isfinite(np.asarray(again[1])).all()


def test_nothing_is_decoded_when_nobody_is_left(drawing: Drawing, loaded: Loaded) -> None:
    recipe, seen = drawing(), []
    begun = recipe.begin([row(0), row(1)])
    spy = spied(loaded.pipeline.vae.decoder, seen)
    assert recipe.finish(begun, [False, False]) == (None, None)
    spy.remove()
    assert seen == []


# --- what goes wrong


def test_a_row_that_is_no_number_shows_and_stays_alone(drawing: Drawing) -> None:
    recipe, rows = drawing(), [row(n) for n in range(ROWS)]
    before = pictures(recipe, rows)
    broken = replace(person(1), conditioning=np.full(512, np.nan, np.float32))
    rows[1] = replace(rows[1], likenesses=(broken,))
    after = pictures(recipe, rows)
    assert np.isnan(after[1]).all()
    assert np.array_equal(after[[0, 2, 3]], before[[0, 2, 3]])
    with pytest.raises(CannotRender):
        recipe.render([rows[1]])


SHAPES: dict[str, Callable[[], list[Row]]] = {
    "no rows": list,
    "a number that is no batch": lambda: [row(n) for n in range(3)],
    "more rows than ever": lambda: [row(n) for n in range(9)],
    "a shorter vector": lambda: [row(0), row(1, shape=(511,))],
    "tokens for a vector": lambda: [row(0), row(1, shape=(4, 512))],
    "no selfie": lambda: [row(0), replace(row(1), likenesses=())],
}


@pytest.mark.parametrize("rows", SHAPES.values(), ids=SHAPES.keys())
def test_rows_of_another_shape_are_refused_before_a_step(
    drawing: Drawing, loaded: Loaded, rows: Callable[[], list[Row]]
) -> None:
    seen: list[Any] = []
    spy = loaded.pipeline.unet.register_forward_pre_hook(lambda *_: seen.append(1))
    with pytest.raises(Misshapen):
        drawing().begin(rows())
    spy.remove()
    assert seen == []


def test_answers_for_other_rows_are_refused(drawing: Drawing) -> None:
    recipe = drawing()
    begun = recipe.begin([row(0), row(1)])
    for answers in ([True], [True, True, True], []):
        with pytest.raises(Misshapen):
            recipe.finish(begun, answers)


def test_a_scenario_without_a_prompt_is_not_drawn(drawing: Drawing) -> None:
    with pytest.raises(CannotRender):
        drawing().begin([replace(row(0), scenario="unheard of")])


# --- the port


def test_it_is_what_the_studio_asks_for(drawing: Drawing) -> None:
    recipe = drawing()
    assert all(isinstance(recipe, port) for port in (Recipe, Batched, Shaped, Declares))
    assert recipe.scenarios == frozenset(PROMPTS)
    assert recipe.machine.device == "cpu"
    assert recipe.machine.dtype == "float32"
    assert {"torch", "diffusers", "peft"} <= recipe.machine.versions.keys()
    assert recipe.conditioned == (512,)


def test_any_number_of_rows_is_drawn_in_padded_passes(drawing: Drawing) -> None:
    recipe = drawing(batches=(1, 2))
    drawn = recipe.render([row(n) for n in range(3)])
    assert [one.shape for one in drawn] == [(SIDE, SIDE, 3)] * 3
    assert {one.dtype for one in drawn} == {np.dtype(np.uint8)}
    assert np.array_equal(drawn[2], recipe.render([row(2)])[0])


def test_the_version_names_code_recipe_weights_and_words(drawing: Drawing, spec: Any) -> None:
    recipe = drawing()
    assert recipe.version == drawing().version
    other_words = Sdxl(recipe._spec, recipe._parts, device="cpu", scenarios={"hat": "a hat"})
    other_file = drawing(sha256="0" * 64)
    base = replace(spec.parts[0], files={**spec.parts[0].files, "vae/config.json": "0" * 64})
    other_weights = drawing(parts=(base, *spec.parts[1:]))
    versions = {one.version for one in (recipe, other_words, other_file, other_weights)}
    assert len(versions) == 4
    assert {one.encoder for one in (recipe, other_words, other_file, other_weights)} == {
        recipe.encoder
    }
    eyes = replace(spec.parts[2], files={"projection.safetensors": "0" * 64})
    assert drawing(parts=(*spec.parts[:2], eyes)).encoder != recipe.encoder


def test_every_file_is_named_for_the_model_card(spec: Any, parts: Any) -> None:
    recipe = Sdxl(spec, parts, device="cpu", scenarios=PROMPTS)
    named = {one.file: one.sha256 for one in recipe.models}
    assert named["adapter.safetensors"] == spec.part("adapter").files["adapter.safetensors"]
    assert "selfie_segmentation.tflite" in named


def test_it_is_imported_without_torch() -> None:
    told = "import sys, generation.recipes.sdxl as s; print('torch' in sys.modules)"
    answer = subprocess.run(
        (sys.executable, "-c", told), capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "False"


def test_with_the_head_laid_over_a_picture_passes_the_gate(
    spec: Any,
    parts: Any,
    loaded: Loaded,
    likeness: Callable[[int], Likeness],
    inspector: Inspector,
) -> None:
    recipe = Sdxl(spec, parts, device="cpu", scenarios=PROMPTS)
    recipe._pipeline = loaded
    people = [likeness(1), likeness(4)]
    rows = [Row(likenesses=(one,), scenario="hat", seed=n) for n, one in enumerate(people)]
    drawn: tuple[NDArray[np.uint8], ...] = recipe.render(rows)
    assert [one.shape for one in drawn] == [(640, 512, 3)] * 2
    rules = policies.load("strict-opt-in")
    for n, picture in enumerate(drawn):
        found = inspector.inspect(picture, [people[n]], [people[1 - n]], rules)
        assert isinstance(found, Identity)
        assert found.faces == 1


@pytest.mark.parametrize(
    ("overlay", "said"),
    [("none", "trainedAlgorithmicMedia"), ("head", "compositeWithTrainedAlgorithmicMedia")],
)
def test_its_pictures_are_said_to_be_what_they_are(
    spec: Spec, parts: dict[str, Path], overlay: str, said: str
) -> None:
    recipe = Sdxl(replace(spec, overlay=overlay), parts, device="cpu", scenarios=PROMPTS)
    assert isinstance(recipe, Sources)
    assert provenance.source_type_of(recipe).endswith(f"/{said}")
