# SPDX-License-Identifier: Apache-2.0
"""From files to a pipeline: nothing is fetched or left out, every kind of part is read."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import AutoencoderTiny

from generation.recipes.places import MissingWeights
from generation.recipes.sdxl import Sdxl, loading, tiny
from generation.recipes.sdxl.loading import Loaded
from generation.recipes.specs import Part, Spec
from generation.recipes.starting import MissingExtra
from tests.generation.recipes.sdxl import files
from tests.generation.recipes.sdxl.conftest import PROMPTS, Drawing, pictures, row
from tests.generation.recipes.sdxl.test_sdxl import swapped

pytestmark = pytest.mark.xdist_group("torch")

Parts = dict[str, Path]


def part(name: str, *paths: str) -> Part:
    return Part(
        name=name, repo="", revision="", licence="Apache-2.0", source="noise", does="nothing",
        files=dict.fromkeys(paths, ""),
    )  # fmt: skip


def instead(spec: Spec, *new: Part, **changes: Any) -> Spec:
    """Put parts in the place of those that have their names."""
    names = {one.name for one in new}
    kept = tuple(one for one in spec.parts if one.name not in names)
    return replace(spec, parts=(*kept, *new), **changes)


def weight(pipeline: Any) -> torch.Tensor:
    """Look at one weight that every LoRA here changes."""
    block = pipeline.unet.mid_block.attentions[0].transformer_blocks[0].attn1
    return torch.as_tensor(block.to_q.weight)


def left_over(pipeline: Any) -> list[str]:
    return [name for name, _ in pipeline.unet.named_modules() if "lora" in name]


@pytest.mark.parametrize("kohya", [False, True])
def test_a_few_step_lora_is_melted_into_the_weights(
    spec: Spec, parts: Parts, loaded: Loaded, tmp_path: Path, kohya: bool
) -> None:
    files.lightning(tmp_path / "lora.safetensors", loaded.pipeline.unet, kohya=kohya)
    quick = instead(spec, part("lightning", "lora.safetensors"))
    pipeline = loading.load(quick, {**parts, "lightning": tmp_path}, PROMPTS, "cpu").pipeline
    added = files.noise("up", 64, 4) @ files.noise("down", 4, 64) * (0.5 if kohya else 1.0)
    moved = (weight(pipeline) - weight(loaded.pipeline)).detach().numpy()
    assert np.allclose(moved, added, atol=1e-5)
    assert left_over(pipeline) == []


def test_a_few_step_unet_takes_the_place_of_the_base_s(
    spec: Spec, parts: Parts, loaded: Loaded, tmp_path: Path
) -> None:
    from safetensors.numpy import load_file, save_file  # noqa: PLC0415

    state = load_file(parts["base"] / "unet" / "diffusion_pytorch_model.safetensors")
    save_file(
        {name: one + np.float32(0.01) for name, one in state.items()},
        tmp_path / "a_unet.safetensors",
    )
    quick = instead(spec, part("lightning", "a_unet.safetensors"))
    pipeline = loading.load(quick, {**parts, "lightning": tmp_path}, PROMPTS, "cpu").pipeline
    assert torch.allclose(weight(pipeline), weight(loaded.pipeline) + 0.01, atol=1e-6)


def test_the_adapters_own_lora_is_melted_in_and_the_rows_stay_apart(
    spec: Spec, parts: Parts, loaded: Loaded, drawing: Drawing, tmp_path: Path
) -> None:
    files.with_lora(
        tmp_path / "faceid.safetensors", parts["adapter"] / tiny.ADAPTER, loaded.pipeline.unet
    )
    faced = instead(spec, part("adapter", "faceid.safetensors"))
    own = loading.load(faced, {**parts, "adapter": tmp_path}, PROMPTS, "cpu")
    assert left_over(own.pipeline) == []
    assert not torch.equal(weight(own.pipeline), weight(loaded.pipeline))
    apart(drawing(), own)


def test_the_plus_kind_reads_tokens_and_keeps_the_rows_apart(
    spec: Spec, parts: Parts, loaded: Loaded, drawing: Drawing, tmp_path: Path
) -> None:
    """What `sdxl-plusface` does, at a size that a test can afford; guided, so with negatives."""
    files.clip(tmp_path / "clip")
    files.plus_adapter(tmp_path / "plus.safetensors", loaded.pipeline.unet)
    plus = instead(
        spec,
        part("adapter", "plus.safetensors"),
        part("encoder", "clip/config.json", "clip/model.safetensors"),
    )
    here = {**parts, "adapter": tmp_path, "encoder": tmp_path}
    own = loading.load(plus, here, PROMPTS, "cpu")
    small = {"drawn_width": 32, "drawn_height": 32, "tokens": 5, "token_width": files.WIDE}
    recipe = drawing(conditioning="tokens", parts=plus.parts, options=small, guidance=5.0)
    recipe._parts = here
    assert recipe.conditioned == (5, files.WIDE)
    apart(recipe, own, shape=recipe.conditioned)
    assert recipe._encoder.nothing().any()


def apart(recipe: Sdxl, own: Loaded, shape: tuple[int, ...] = (512,)) -> None:
    """Swap one face of four: that row changes, and no bit of another."""
    recipe._pipeline = own
    rows = [row(n, shape=shape) for n in range(4)]
    stranger = row(9, shape=shape).likenesses
    other = [rows[0], replace(rows[1], likenesses=stranger), *rows[2:]]
    before, after = pictures(recipe, rows), pictures(recipe, other)
    same = [np.array_equal(a, b) for a, b in zip(before, after, strict=True)]
    assert same == [True, False, True, True]


def test_the_small_decoder_takes_the_place_of_the_large_one(
    spec: Spec, parts: Parts, drawing: Drawing, tmp_path: Path
) -> None:
    torch.manual_seed(4)
    AutoencoderTiny(
        encoder_block_out_channels=(8, 8), decoder_block_out_channels=(8, 8),
        num_encoder_blocks=(1, 1), num_decoder_blocks=(1, 1), scaling_factor=1.0,
    ).save_pretrained(tmp_path)  # fmt: skip
    small = instead(
        spec,
        part("small-vae", "config.json", "diffusion_pytorch_model.safetensors"),
        options={**spec.options, "small_vae": True},
    )
    with pytest.raises(MissingWeights):
        loading.load(small, parts, PROMPTS, "cpu")
    recipe = drawing()
    recipe._pipeline = loading.load(small, {**parts, "small-vae": tmp_path}, PROMPTS, "cpu")
    assert type(recipe._pipeline.pipeline.vae) is AutoencoderTiny
    drawn = pictures(recipe, [row(0), row(1)])
    assert drawn.shape == (2, 32, 32, 3)
    assert 0 <= drawn.min() < drawn.max() <= 1


def test_how_much_the_adapter_weighs_is_the_recipes_to_say(
    spec: Spec, parts: Parts, drawing: Drawing
) -> None:
    mute = loading.load(replace(spec, options={"strength": 0.0}), parts, PROMPTS, "cpu")
    recipe = drawing()
    recipe._pipeline = mute
    rows = [row(0), row(1)]
    assert np.array_equal(pictures(recipe, rows), pictures(recipe, swapped(rows, 1)))


@pytest.mark.parametrize("name", ["base", "adapter"])
def test_a_part_that_is_missing_is_named(spec: Spec, parts: Parts, name: str) -> None:
    for named, found in (
        (spec, {key: place for key, place in parts.items() if key != name}),
        (replace(spec, parts=tuple(p for p in spec.parts if p.name != name)), parts),
    ):
        with pytest.raises(MissingWeights, match=name):
            loading.load(named, found, PROMPTS, "cpu")


def test_an_adapter_of_another_make_is_not_guessed_at(
    spec: Spec, parts: Parts, tmp_path: Path
) -> None:
    from safetensors.numpy import save_file  # noqa: PLC0415

    save_file({"something.else": np.zeros(1, np.float32)}, tmp_path / "odd.safetensors")
    odd = instead(spec, part("adapter", "odd.safetensors"))
    with pytest.raises(MissingWeights, match=r"something\.else"):
        loading.load(odd, {**parts, "adapter": tmp_path}, PROMPTS, "cpu")


def test_a_missing_library_is_one_sentence_before_anything_is_loaded(
    spec: Spec, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Callable[[str], Any] = loading.find_spec
    monkeypatch.setattr(loading, "find_spec", lambda name: None if name == "peft" else real(name))
    for start in (
        lambda: Sdxl(spec, parts, device="cpu", scenarios=PROMPTS),
        lambda: loading.load(spec, parts, PROMPTS, "cpu"),
    ):
        with pytest.raises(MissingExtra, match=r"peft: pip install 'onlyou\[diffusion\]'"):
            start()


@pytest.mark.parametrize(
    ("name", "kind", "spacing"),
    [
        ("euler", "EulerDiscreteScheduler", "leading"),
        ("euler-trailing", "EulerDiscreteScheduler", "trailing"),
        ("lcm", "LCMScheduler", "leading"),
        ("tcd", "TCDScheduler", "leading"),
    ],
)
def test_schedulers_come_by_name_and_keep_the_bases_noise(
    loaded: Loaded, name: str, kind: str, spacing: str
) -> None:
    base = loaded.pipeline.scheduler.config
    made = loading.scheduler(name, {**base, "timestep_spacing": "leading"})
    assert type(made).__name__ == kind
    assert made.config.timestep_spacing == spacing
    assert made.config.beta_end == base["beta_end"]


def test_an_unknown_scheduler_is_refused(loaded: Loaded) -> None:
    with pytest.raises(ValueError, match="ddim"):
        loading.scheduler("ddim", loaded.pipeline.scheduler.config)


def test_a_processor_draws_in_full_width_unless_the_recipe_says_otherwise(spec: Spec) -> None:
    assert loading.dtype_of(spec, "cpu") is torch.float32
    assert loading.dtype_of(spec, "cuda:0") is torch.bfloat16
    assert loading.dtype_of(replace(spec, options={"dtype": "bf16"}), "cpu") is torch.bfloat16
    assert loading.device_of("cpu") == "cpu"
    assert loading.device_of("auto") in {"cpu", "cuda:0"}
