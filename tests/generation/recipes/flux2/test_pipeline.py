# SPDX-License-Identifier: Apache-2.0
"""Every reference belongs to its row; the stock pipeline hands them all to everybody."""

from typing import Any

import pytest
import torch
from diffusers import Flux2KleinPipeline

from generation.recipes.batched import Misshapen
from generation.recipes.flux2 import reference
from generation.recipes.flux2.loading import Loaded
from generation.recipes.flux2.pipeline import OneSelfieARow
from tests.generation.recipes.flux2.conftest import SIZE, person

pytestmark = pytest.mark.xdist_group("torch")

ROWS = 3
SHAPE = (SIZE[1], SIZE[0], 3)


def photograph(number: int) -> Any:
    conditioning = person(number).conditioning
    assert conditioning is not None
    return reference.picture(conditioning, SHAPE)


def given(loaded: Loaded, people: list[int], **changes: Any) -> dict[str, Any]:
    """Ask for one picture of each person, everything else the same."""
    rows = len(people)
    return {
        "image": [photograph(number) for number in people],
        "prompt_embeds": loaded.texts.of(["boat"] * rows),
        "num_inference_steps": 2,
        "guidance_scale": 1.0,
        "width": SIZE[0],
        "height": SIZE[1],
        "output_type": "latent",
        "generator": [torch.Generator().manual_seed(place) for place in range(rows)],
    } | changes


def stock(loaded: Loaded) -> Any:
    """Take the stock pipeline over the same networks."""
    own = loaded.pipeline
    made = Flux2KleinPipeline(
        scheduler=own.scheduler, vae=own.vae, text_encoder=None, tokenizer=None,
        transformer=own.transformer, is_distilled=True,
    )  # fmt: skip
    made.set_progress_bar_config(disable=True)
    return made


def drawn(pipeline: Any, loaded: Loaded, people: list[int]) -> Any:
    found = pipeline(**given(loaded, people)).images
    assert torch.isfinite(found).all()
    return found


@pytest.mark.parametrize("place", range(ROWS))
def test_a_swapped_person_changes_their_own_row_and_no_bit_of_another(
    loaded: Loaded, place: int
) -> None:
    people = [1, 2, 3]
    swapped = [9 if at == place else number for at, number in enumerate(people)]
    before, after = (drawn(loaded.pipeline, loaded, who) for who in (people, swapped))
    same = [torch.equal(one, other) for one, other in zip(before, after, strict=True)]
    assert same == [at != place for at in range(ROWS)]
    assert float((before[place] - after[place]).abs().max()) > 1e-3


def test_the_stock_pipeline_fails_the_same_test(loaded: Loaded) -> None:
    before, after = (drawn(stock(loaded), loaded, who) for who in ([1, 2, 3], [1, 2, 9]))
    assert not torch.equal(before[0], after[0])
    assert not torch.equal(before[1], after[1])
    assert float((before[0] - after[0]).abs().max()) > 1e-4


def test_the_stock_pipeline_shows_everybody_every_reference_and_ours_does_not(
    loaded: Loaded,
) -> None:
    seen: list[torch.Size] = []
    spy = loaded.pipeline.transformer.register_forward_pre_hook(
        lambda _, __, words: seen.append(words["hidden_states"].shape), with_kwargs=True
    )
    drawn(stock(loaded), loaded, [1, 2])
    drawn(loaded.pipeline, loaded, [1, 2])
    spy.remove()
    own = reference_tokens = (SIZE[0] // 16) * (SIZE[1] // 16)
    assert {shape[1] for shape in seen[:2]} == {own + 2 * reference_tokens}
    assert {shape[1] for shape in seen[2:]} == {own + reference_tokens}


def test_one_row_is_drawn_as_the_stock_pipeline_draws_it(loaded: Loaded) -> None:
    assert torch.equal(drawn(loaded.pipeline, loaded, [1]), drawn(stock(loaded), loaded, [1]))


def test_a_batch_gives_what_each_would_get_alone(loaded: Loaded) -> None:
    people = [1, 2, 3]
    together = drawn(loaded.pipeline, loaded, people)
    for place, number in enumerate(people):
        own = [torch.Generator().manual_seed(place)]
        alone = loaded.pipeline(**given(loaded, [number], generator=own)).images
        assert float((together[place] - alone[0]).abs().max()) < 1e-5


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"image": None}, "one a row"),
        ({"image": [photograph(1)]}, "list of 2 reference pictures"),
        ({"image": [photograph(n) for n in (1, 2, 3)]}, "list of 2 reference pictures"),
        ({"image": photograph(1)}, "list of 2 reference pictures"),
        ({"image": [photograph(1), photograph(2).resize((80, 80))]}, "of one size"),
        ({"prompt_embeds": None, "prompt": ["a boat", "a hat"]}, "embedded prompts"),
        ({"num_images_per_prompt": 2}, "one picture each"),
        ({"generator": torch.Generator()}, "2 generators"),
        ({"generator": [torch.Generator()]}, "2 generators"),
        ({"generator": [torch.Generator()] * 2}, "of its own"),
    ],
)
def test_whatever_does_not_count_up_is_refused_before_any_step(
    loaded: Loaded, changes: dict[str, Any], said: str
) -> None:
    steps: list[int] = []
    spy = loaded.pipeline.transformer.register_forward_pre_hook(lambda *_: steps.append(1))
    generators = [torch.Generator().manual_seed(place) for place in range(2)]
    with pytest.raises(Misshapen, match=said):
        loaded.pipeline(**given(loaded, [1, 2], **{"generator": generators, **changes}))
    spy.remove()
    assert steps == []


def test_references_that_the_stock_call_would_pass_on_are_counted_again(loaded: Loaded) -> None:
    assert isinstance(loaded.pipeline, OneSelfieARow)
    with pytest.raises(Misshapen, match="expected 2 reference pictures, got 1"):
        loaded.pipeline.prepare_image_latents(
            [torch.zeros(1, 3, 64, 64)], 2, None, torch.device("cpu"), torch.float32
        )
