# SPDX-License-Identifier: Apache-2.0
"""Every shape that is not one row a person is refused, and the stock pipeline shows why."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from diffusers import StableDiffusionXLPipeline
from torch import Tensor

from generation.recipes.batched import Misshapen
from generation.recipes.sdxl import loading
from generation.recipes.sdxl.loading import Loaded
from generation.recipes.sdxl.pipeline import OnePersonARow

pytestmark = pytest.mark.xdist_group("torch")

PEOPLE = 4
SIDE = 32
GUIDED, PLAIN = 5.0, 1.0


def faces(seed: int = 0) -> Tensor:
    """Make up everybody's face. Shapes: (people, 1, 512), each of length one."""
    drawn = torch.randn(PEOPLE, 1, 512, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.normalize(drawn, dim=-1)


def negated(rows: Tensor) -> Tensor:
    return torch.cat([torch.zeros_like(rows), rows])


def asked(loaded: Loaded, guidance: float, **other: Any) -> dict[str, Any]:
    """Ask for four people's pictures, as it is done right; `other` says what is done wrong."""
    words = loaded.texts.of(["boat", "hat"] * 2)
    nothing = loaded.texts.nothing_for(PEOPLE)
    right = {
        "prompt_embeds": words.tokens,
        "pooled_prompt_embeds": words.pooled,
        "negative_prompt_embeds": nothing.tokens,
        "negative_pooled_prompt_embeds": nothing.pooled,
        "ip_adapter_image_embeds": [negated(faces()) if guidance > 1 else faces()],
        "guidance_scale": guidance,
        "num_inference_steps": 2,
        "width": SIDE,
        "height": SIDE,
        "output_type": "latent",
        "generator": [torch.Generator().manual_seed(n) for n in range(PEOPLE)],
    }
    return {**right, **other}


def renewed(pipeline: Any) -> Any:
    pipeline.scheduler = loading.scheduler("euler-trailing", pipeline.scheduler.config)
    return pipeline


def leaks(pipeline: Any, loaded: Loaded, guidance: float) -> list[float]:
    """Swap the last person's face; say how far each person's drawing moves."""
    other = faces()
    other[-1] = faces(1)[-1]
    drawn = [
        renewed(pipeline)(
            **asked(
                loaded,
                guidance,
                ip_adapter_image_embeds=[negated(who) if guidance > 1 else who],
                output_type="pt",
            )
        ).images
        for who in (faces(), other)
    ]
    return [float((a - b).abs().max()) for a, b in zip(*drawn, strict=True)]


@pytest.mark.parametrize("guidance", [PLAIN, GUIDED])
def test_the_stock_pipeline_mixes_people_and_ours_does_not(
    loaded: Loaded, guidance: float
) -> None:
    """The control: a test that the stock pipeline passed would show nothing."""
    stock = StableDiffusionXLPipeline(**loaded.pipeline.components, add_watermarker=False)
    stock.set_progress_bar_config(disable=True)
    leaked = leaks(stock, loaded, guidance)
    assert min(leaked[:-1]) > 0.01
    kept = leaks(loaded.pipeline, loaded, guidance)
    assert kept[:-1] == [0.0] * (PEOPLE - 1)
    assert kept[-1] > 0.01


Wrong = Callable[[], dict[str, Any]]


def embeds(*tensors: Tensor) -> dict[str, Any]:
    return {"ip_adapter_image_embeds": list(tensors)}


def generators(count: int) -> dict[str, Any]:
    return {"generator": [torch.Generator().manual_seed(n) for n in range(count)]}


ATTACKS: dict[str, tuple[float, Wrong]] = {
    "one row too few": (PLAIN, lambda: embeds(faces()[:-1])),
    "one row too many": (PLAIN, lambda: embeds(torch.cat([faces(), faces()[:1]]))),
    "one row for all": (PLAIN, lambda: embeds(faces()[:1])),
    "rows repeated as stock does": (PLAIN, lambda: embeds(faces().repeat(PEOPLE, 1, 1))),
    "a missing negative half": (GUIDED, lambda: embeds(faces())),
    "one negative row too few": (GUIDED, lambda: embeds(negated(faces())[1:])),
    "negatives that nobody asked for": (PLAIN, lambda: embeds(negated(faces()))),
    "a bare tensor": (PLAIN, lambda: {"ip_adapter_image_embeds": faces()}),
    "two dimensions": (PLAIN, lambda: embeds(faces()[:, 0])),
    "five dimensions": (PLAIN, lambda: embeds(faces()[:, None, None])),
    "no selfie at all": (PLAIN, lambda: embeds(faces()[:, :0])),
    "two tensors for one adapter": (PLAIN, lambda: embeds(faces(), faces())),
    "no tensor": (PLAIN, embeds),
    "nobody": (PLAIN, lambda: {"ip_adapter_image_embeds": None}),
    "a list of numbers": (PLAIN, lambda: {"ip_adapter_image_embeds": [faces().tolist()]}),
    "a picture of a face": (
        PLAIN,
        lambda: {"ip_adapter_image": torch.zeros(3, 8, 8), "ip_adapter_image_embeds": None},
    ),
    "a picture beside the rows": (PLAIN, lambda: {"ip_adapter_image": torch.zeros(3, 8, 8)}),
    "a shorter list of generators": (PLAIN, lambda: generators(PEOPLE - 1)),
    "a longer list of generators": (PLAIN, lambda: generators(PEOPLE + 1)),
    "one generator for all": (PLAIN, lambda: {"generator": torch.Generator()}),
    "the same generator in every row": (PLAIN, lambda: {"generator": [torch.Generator()] * 4}),
    "no generator": (PLAIN, lambda: {"generator": None}),
    "two pictures a prompt": (PLAIN, lambda: {"num_images_per_prompt": 2}),
    "one prompt for all": (PLAIN, lambda: {"prompt": "a person", "prompt_embeds": None}),
}


@pytest.mark.parametrize(("guidance", "wrong"), ATTACKS.values(), ids=ATTACKS.keys())
def test_what_is_not_one_row_a_person_is_refused_before_a_step(
    loaded: Loaded, guidance: float, wrong: Wrong
) -> None:
    steps: list[Any] = []
    spy = loaded.pipeline.unet.register_forward_pre_hook(lambda *_: steps.append(1))
    with pytest.raises(Misshapen):
        loaded.pipeline(**asked(loaded, guidance, **wrong()))
    spy.remove()
    assert steps == []


def test_the_same_call_done_right_draws(loaded: Loaded) -> None:
    """The attacks' control: nothing else about the call is wrong."""
    for guidance in (PLAIN, GUIDED):
        drawn = renewed(loaded.pipeline)(**asked(loaded, guidance)).images
        assert drawn.shape == (PEOPLE, 4, SIDE // 2, SIDE // 2)


def test_rows_are_counted_once_more_where_they_enter(loaded: Loaded) -> None:
    """Whatever calls this method otherwise than we do still repeats nothing."""
    enter = loaded.pipeline.prepare_ip_adapter_image_embeds
    (rows,) = enter(
        None, [faces()], torch.device("cpu"), PEOPLE, do_classifier_free_guidance=False
    )
    assert torch.equal(rows, faces())
    for count, guided in ((PEOPLE, True), (PEOPLE - 1, False)):
        with pytest.raises(Misshapen):
            enter(None, [faces()], torch.device("cpu"), count, do_classifier_free_guidance=guided)
    with pytest.raises(Misshapen):
        enter(faces(), None, torch.device("cpu"), PEOPLE, do_classifier_free_guidance=False)


def test_without_an_adapter_nobody_is_drawn(loaded: Loaded) -> None:
    from diffusers import UNet2DConditionModel  # noqa: PLC0415 - for this test alone

    parts = {**loaded.pipeline.components, "image_encoder": None, "feature_extractor": None}
    with torch.device("meta"):
        config = {**loaded.pipeline.unet.config, "encoder_hid_dim_type": None}
        parts["unet"] = UNet2DConditionModel.from_config(config)
    bare = OnePersonARow(**parts, add_watermarker=False)
    with pytest.raises(Misshapen):
        bare(**asked(loaded, PLAIN))
