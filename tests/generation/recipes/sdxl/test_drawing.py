# SPDX-License-Identifier: Apache-2.0
"""A pass takes what belongs to its rows, in their order, and leaves nothing behind."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from generation.recipes.batched import OutOfMemory
from generation.recipes.sdxl import drawing as passing
from generation.recipes.sdxl import loading
from generation.recipes.sdxl.loading import Loaded
from generation.recipes.specs import Spec
from tests.generation.recipes.sdxl.conftest import PROMPTS, Drawing, pictures, row

pytestmark = pytest.mark.xdist_group("torch")


def calls(loaded: Loaded, seen: list[dict[str, Any]]) -> Any:
    """Note what reaches the network beside the latents."""

    def note(_: Any, __: Any, given: dict[str, Any]) -> None:
        seen.append({**given["added_cond_kwargs"], "words": given["encoder_hidden_states"]})

    return loaded.pipeline.unet.register_forward_pre_hook(note, with_kwargs=True)


@pytest.mark.parametrize("guidance", [1.0, 5.0])
def test_faces_and_words_come_in_the_rows_order_nobodys_first(
    drawing: Drawing, loaded: Loaded, guidance: float
) -> None:
    seen: list[dict[str, Any]] = []
    spy = calls(loaded, seen)
    rows = [row(n) for n in range(4)]
    drawing(guidance=guidance).begin(rows)
    spy.remove()
    faces = torch.from_numpy(np.stack([one.likenesses[0].conditioning for one in rows]))[:, None]
    words = loaded.texts.of([one.scenario for one in rows]).tokens
    if guidance > 1:
        faces = torch.cat([torch.zeros_like(faces), faces])
        words = torch.cat([loaded.texts.nothing_for(4).tokens, words])
    assert len(seen) == 2
    for step in seen:
        assert torch.equal(step["image_embeds"][0], faces)
        assert torch.equal(step["words"], words)


def test_who_has_fewer_selfies_than_the_recipe_reads_gives_some_again(drawing: Drawing) -> None:
    recipe, one, two = drawing(selfies=3), row(1), row(1, selfies=2)
    again = [replace(one, likenesses=one.likenesses * 3)]
    assert np.array_equal(pictures(recipe, [one]), pictures(recipe, again))
    first, second = two.likenesses
    again = [replace(two, likenesses=(first, second, first))]
    assert np.array_equal(pictures(recipe, [two]), pictures(recipe, again))
    assert not np.array_equal(pictures(recipe, [one]), pictures(recipe, [two]))


def test_a_seed_is_the_same_noise_in_every_place_and_width(
    drawing: Drawing, loaded: Loaded
) -> None:
    recipe = drawing()
    rows = [row(3), row(5)]
    faces = np.zeros((2, 1, 512), np.float32)
    call = passing._call(loaded, recipe._spec, rows, faces)
    assert [one.initial_seed() for one in call["generator"]] == [3, 5]
    assert {str(one.device) for one in call["generator"]} == {"cpu"}
    other = passing._call(loaded, recipe._spec, rows[::-1], faces)
    assert torch.equal(call["latents"], other["latents"].flip(0))
    assert abs(float(call["latents"].std()) - 1) < 0.1


def test_every_pass_has_a_scheduler_of_its_own(drawing: Drawing, loaded: Loaded) -> None:
    recipe, used = drawing(), []
    for _ in range(2):
        recipe.begin([row(0)])
        used.append(loaded.pipeline.scheduler)
    assert used[0] is not used[1]


def card_is_full() -> None:
    raise torch.OutOfMemoryError


def processor_is_full() -> None:
    torch.empty(10**15)


@pytest.mark.parametrize("full", [card_is_full, processor_is_full])
@pytest.mark.parametrize("where", ["unet", "vae"])
def test_too_little_memory_is_said_and_the_next_pass_is_as_ever(
    drawing: Drawing, loaded: Loaded, where: str, full: Callable[[], None]
) -> None:
    recipe, rows = drawing(), [row(n) for n in range(2)]
    before, begun = pictures(recipe, rows), recipe.begin(rows)
    network = loaded.pipeline.unet if where == "unet" else loaded.pipeline.vae.decoder

    hook = network.register_forward_pre_hook(lambda *_: full())
    with pytest.raises(OutOfMemory):
        recipe.finish(begun, [True, True]) if where == "vae" else recipe.begin(rows)
    hook.remove()
    assert np.array_equal(pictures(recipe, rows), before)


def test_what_breaks_for_another_reason_is_not_called_memory(
    drawing: Drawing, loaded: Loaded
) -> None:
    for wrong in (ZeroDivisionError("memory"), RuntimeError("sizes do not match")):

        def stumble(*_: Any, wrong: Exception = wrong) -> None:
            raise wrong

        hook = loaded.pipeline.unet.register_forward_pre_hook(stumble)
        with pytest.raises(type(wrong), match=str(wrong)):
            drawing().begin([row(0)])
        hook.remove()


def test_threads_that_share_a_recipe_get_what_each_would_have_got(drawing: Drawing) -> None:
    recipe = drawing()
    groups = [[row(n), row(n + 1)] for n in range(3)]
    wanted = [pictures(recipe, rows) for rows in groups]
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda rows: pictures(recipe, rows), groups))
    assert all(np.array_equal(a, b) for a, b in zip(wanted, found, strict=True))


def test_in_half_the_width_the_rows_stay_apart_as_well(
    drawing: Drawing, spec: Spec, parts: dict[str, Path]
) -> None:
    """As a card draws: every tensor that meets another has its width."""
    narrow = replace(spec, options={**spec.options, "dtype": "bf16"})
    recipe = drawing(guidance=5.0)
    recipe._pipeline = loading.load(narrow, parts, PROMPTS, "cpu")
    rows = [row(n) for n in range(4)]
    before = recipe.begin(rows).held.latents
    assert before.dtype is torch.bfloat16
    other = [rows[0], rows[1], replace(rows[2], likenesses=row(9).likenesses), rows[3]]
    after = recipe.begin(other).held.latents
    same = [torch.equal(a, b) for a, b in zip(before, after, strict=True)]
    assert same == [True, True, False, True]
    assert np.isfinite(pictures(recipe, rows)).all()
