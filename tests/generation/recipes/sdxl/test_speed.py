# SPDX-License-Identifier: Apache-2.0
"""Every switch leaves the picture nearly as it was, and every other person's exactly as it was."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from benchmarks import sdxl_shapes
from generation.recipes.sdxl import loading, speed
from generation.recipes.sdxl.speed import Speed
from generation.recipes.specs import Spec
from tests.generation.recipes.sdxl.conftest import PROMPTS, Drawing, row
from tests.generation.recipes.sdxl.conftest import pictures as recipe_pictures

pytestmark = pytest.mark.xdist_group("torch")
ROWS = 3
#: how far pictures may move, of their norm: by rounding alone, or by eight bits in every block
SWITCHES = {
    "channels last": (Speed(channels_last=True), 1e-5),
    "fused": (Speed(fused_qkv=True), 1e-5),
    "blocks": (Speed(compile="blocks"), 1e-5),
    "deep": (Speed(compile="deep"), 1e-5),
    "fp8": (Speed(eight_bit="fp8"), 0.15),
    "int8": (Speed(eight_bit="int8"), 0.04),
    "all": (
        Speed(channels_last=True, fused_qkv=True, compile="blocks", eight_bit="fp8"),
        0.15,
    ),
}
Nets = sdxl_shapes.Networks


class Counting:
    """A backend that counts the graphs it is given and runs them as they are."""

    def __init__(self) -> None:
        self.graphs = 0

    def __call__(self, graph: Any, _: Any) -> Callable[..., Any]:
        self.graphs += 1
        return graph.forward


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)
    torch._dynamo.reset()


def nets() -> Nets:
    made = sdxl_shapes.build("cpu", torch.float32, tiny=True)
    torch.manual_seed(1)
    for name, one in made.unet.named_parameters():  # so that a face is seen at all
        if "_ip" in name:
            nn.init.normal_(one, std=0.2)
    return made


def faces(seed: int) -> Tensor:
    torch.manual_seed(seed)
    return sdxl_shapes.likeness("faceid", ROWS, "cpu", torch.float32)


def latents(made: Nets, conditioning: Tensor) -> Tensor:
    steps, noise = sdxl_shapes.scheduler(), torch.Generator().manual_seed(5)
    steps.set_timesteps(2)
    draw = partial(torch.randn, generator=noise)
    x, text, pooled = draw(ROWS, 4, 8, 8), draw(ROWS, 77, 2048), draw(ROWS, 1280)
    x = x * steps.init_noise_sigma
    for t in steps.timesteps:
        added = {
            "text_embeds": pooled,
            "time_ids": torch.full((ROWS, 6), 64.0),
            "image_embeds": [conditioning],
        }
        with torch.no_grad():
            said = made.unet(steps.scale_model_input(x, t), t, text, added_cond_kwargs=added)[0]
        x = steps.step(said, t, x).prev_sample
    return x


def pictures(made: Nets, conditioning: Tensor) -> Tensor:
    return speed.decode(made.vae, latents(made, conditioning))


def quickened(switches: Speed, backend: Any = "eager") -> Nets:
    made = nets()
    speed.quicken(made.unet, made.vae, switches, backend=backend)
    return made


@pytest.fixture(scope="module")
def plain() -> Tensor:
    return pictures(nets(), faces(0))


def apart(one: Tensor, other: Tensor) -> float:
    return ((one - other).norm() / other.norm()).item()


def isolated(made: Nets, first: Tensor, row: int) -> bool:
    """Swap one person and look whether that picture alone changes, by not a bit of the others."""
    swapped = faces(0)
    swapped[row] = faces(9)[row]
    second = pictures(made, swapped)
    return [torch.equal(*pair) for pair in zip(first, second, strict=True)] == [
        i != row for i in range(ROWS)
    ]


@pytest.mark.parametrize("name", SWITCHES)
def test_a_switch_moves_pictures_as_little_as_stated_and_only_the_swapped_person_s(
    name: str, plain: Tensor
) -> None:
    (switches, within), counting = SWITCHES[name], Counting()
    made = quickened(switches, counting)
    quick = pictures(made, faces(0))
    assert apart(quick, plain) <= within
    assert apart(quick, plain) > 0 or switches.eight_bit == "off"
    assert isolated(made, quick, 0)
    assert isolated(made, quick, ROWS - 1)
    assert counting.graphs == 1 or switches.compile != "blocks"  # one, and that whole


def adapters(net: Any) -> int:
    return sum("IPAdapter" in type(one).__name__ for one in net.attn_processors.values())


def test_diffusers_own_fusing_would_lose_the_adapter_and_ours_keeps_it() -> None:
    ours, theirs = nets().unet, nets().unet
    assert speed.fuse(ours) == 4
    with torch.no_grad():
        theirs.fuse_qkv_projections()
    kept = [
        sum("IPAdapter" in type(p).__name__ for p in n.attn_processors.values())
        for n in (ours, theirs)
    ]
    assert kept == [4, 0]


def test_a_layer_that_carries_a_lora_is_not_fused() -> None:
    net = nets().unet
    attention = next(one for name, one in net.named_modules() if name.endswith("attn1"))
    attention.to_q = nn.Sequential(attention.to_q)
    with pytest.raises(ValueError, match="LoRA"):
        speed.fuse(net)


def test_more_shapes_than_torch_allows_still_compile() -> None:
    told = (torch.randn(1, 77, 2048), [torch.randn(1, 1, 4, 2048)])
    with torch._dynamo.config.patch(recompile_limit=1), torch.no_grad():
        made = quickened(Speed(compile="blocks"))
        block = next(b for b in made.unet.modules() if type(b).__name__ == "BasicTransformerBlock")
        for tokens in (4, 8):
            block(torch.randn(1, tokens, 64), encoder_hidden_states=told)


@pytest.mark.parametrize("kind", ["off", "fp8", "int8"])
def test_a_pass_reads_nothing_back_from_the_device(kind: Any) -> None:
    """A replayed graph could hold it: on the meta device any read of a value raises."""
    made, empty = (
        quickened(Speed(fused_qkv=True, eight_bit=kind)),
        partial(torch.empty, device="meta"),
    )
    for one in (made.unet, made.vae):
        nn.Module.to(one, "meta")
    added = {
        "text_embeds": empty(ROWS, 1280),
        "time_ids": empty(ROWS, 6),
        "image_embeds": [empty(ROWS, 1, 512)],
    }
    with torch.no_grad():
        noise, words = empty(ROWS, 4, 8, 8), empty(ROWS, 77, 2048)
        said = made.unet(noise, empty(()), words, added_cond_kwargs=added)[0]
        assert speed.decode(made.vae, said).shape == (ROWS, 3, 64, 64)


def test_the_small_decoder_makes_pictures_of_the_same_size_compiled_or_not() -> None:
    made = nets()
    drawn = latents(made, faces(0))
    full, small = speed.decode(made.vae, drawn), speed.decode(made.small, drawn)
    assert full.shape == small.shape == (ROWS, 3, 64, 64)
    assert full.dtype == small.dtype == torch.float32
    counting = Counting()
    speed.quicken(nn.Identity(), made.small, Speed(compile="deep"), backend=counting)
    assert apart(speed.decode(made.small, drawn), small) < 1e-5
    assert counting.graphs > 0


def test_a_picture_is_decoded_alone_and_so_the_same_whoever_else_is() -> None:
    made, seen = nets(), []
    drawn = latents(made, faces(0))
    made.vae.decoder.register_forward_pre_hook(lambda _, given: seen.append(len(given[0])))
    every, two = speed.decode(made.vae, drawn), speed.decode(made.vae, drawn[[0, 2]])
    assert torch.equal(every[[0, 2]], two)
    assert seen == [1] * (ROWS + 2)


def test_sixteen_bits_in_the_decoder_move_pictures_a_little(plain: Tensor) -> None:
    made = nets()
    made.vae.to(torch.bfloat16)
    half = speed.decode(made.vae, latents(made, faces(0)))
    assert 0 < apart(half, plain) < 0.02


@pytest.mark.parametrize(
    ("dtype", "device", "expected"),
    [
        ("auto", "cpu", torch.float32),
        ("auto", "cuda", torch.bfloat16),
        ("bf16", "cpu", torch.bfloat16),
        ("fp32", "cuda", torch.float32),
    ],
)
def test_the_width_follows_the_device_unless_said(
    dtype: Any, device: str, expected: torch.dtype
) -> None:
    assert speed.precision(Speed(dtype=dtype), torch.device(device)) is expected


def test_switches_are_read_from_a_recipes_options_and_others_left_alone() -> None:
    table = {"compile": "deep", "small_vae": True, "strength": 0.7}
    assert speed.chosen(table) == Speed(compile="deep", small_vae=True)
    assert speed.chosen({"compile": True}) == Speed(compile="blocks")
    assert speed.chosen({"compile": False}) == speed.chosen({}) == Speed()


def test_a_loaded_pipeline_is_prepared_by_its_recipes_options() -> None:
    made = nets()
    pipeline = SimpleNamespace(unet=made.unet, vae=made.vae, device=torch.device("cpu"))
    options = {"fused_qkv": True, "strength": 1.0, "compile": "deep"}
    assert speed.prepare(pipeline, options) == Speed(fused_qkv=True)
    assert any(name.endswith("to_qkv") for name, _ in made.unet.named_modules())


@pytest.mark.parametrize(
    "table", [{"compile": "yes"}, {"compile": 1}, {"channels_last": 1}, {"eight_bit": "int4"}]
)
def test_a_word_that_a_switch_does_not_know_is_refused(table: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="choose one of"):
        speed.chosen(table)


@pytest.mark.parametrize("kind", ["auto", "cudnn", "flash"])
def test_off_a_card_the_kernels_stay_as_they_are(kind: Any) -> None:
    with speed.attending(Speed(attention=kind), torch.device("cpu")):
        q = torch.randn(1, 2, 8, 16)
        assert nn.functional.scaled_dot_product_attention(q, q, q).shape == q.shape


@pytest.mark.parametrize(
    "options",
    [{"dtype": "bf16"}, {"eight_bit": "fp8"}, {"eight_bit": "int8", "dtype": "bf16"}],
    ids=["16 bits", "fp8", "int8 and 16 bits"],
)
def test_a_whole_recipe_in_fewer_bits_keeps_people_apart(
    options: dict[str, Any], spec: Spec, parts: dict[str, Path], drawing: Drawing
) -> None:
    quick, rows = drawing(), [row(n) for n in range(4)]
    exact = recipe_pictures(quick, rows)
    options = {"channels_last": True, "fused_qkv": True, **options}
    quick._pipeline = loading.load(replace(spec, options=options), parts, PROMPTS, "cpu")
    made = recipe_pictures(quick, rows)
    assert 0 < np.abs(made - exact).mean() < 0.02
    again = recipe_pictures(quick, [rows[0], row(9), *rows[2:]])
    assert [np.array_equal(a, b) for a, b in zip(made, again, strict=True)] == [
        True, False, True, True,
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.torch.jit.*is deprecated:DeprecationWarning")  # torch's own
@pytest.mark.parametrize(("kind", "within"), [("off", 1e-5), ("fp8", 0.15), ("int8", 0.04)])
def test_compiled_by_inductor_the_pictures_are_the_same_and_isolated(
    kind: Any, within: float, plain: Tensor
) -> None:
    switches = Speed(compile="blocks", channels_last=True, fused_qkv=True, eight_bit=kind)
    made = quickened(switches, "inductor")
    quick = pictures(made, faces(0))
    assert apart(quick, plain) < within
    assert isolated(made, quick, 1)
