# SPDX-License-Identifier: Apache-2.0
"""Eight bits are close to sixteen, and one token's loudness is no other token's business."""

import pytest
import torch
from torch import nn

from generation.recipes.sdxl.eight_bit import Kind, NarrowLinear, narrow, narrowed

pytestmark = pytest.mark.xdist_group("torch")
KINDS: tuple[Kind, ...] = ("fp8", "int8")
#: of the largest entry; fp8 has 3 bits after the point, int8 seven, per row
WITHIN = {"fp8": 0.04, "int8": 0.01}


@pytest.fixture(autouse=True)
def one_thread_and_no_gradients() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)


def wide(inputs: int = 64, outputs: int = 48, *, bias: bool = True) -> nn.Linear:
    return nn.Linear(inputs, outputs, bias=bias).requires_grad_(requires_grad=False)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bias", [True, False])
def test_a_narrow_layer_answers_nearly_what_the_wide_one_does(kind: Kind, bias: bool) -> None:
    layer, x = wide(bias=bias), torch.randn(2, 40, 64)
    exact, made = layer(x), NarrowLinear(layer, kind)(x)
    assert made.shape == exact.shape
    assert made.dtype == exact.dtype
    assert 0 < (made - exact).abs().max() < WITHIN[kind] * exact.abs().max()


@pytest.mark.parametrize("kind", KINDS)
def test_the_product_is_exactly_that_of_the_rounded_numbers(kind: Kind) -> None:
    layer, x = wide(), torch.randn(40, 64)
    (a, by_row), (b, by_channel) = narrowed(x, kind), narrowed(layer.weight, kind)
    exact = (a.double() * by_row) @ (b.double() * by_channel).t() + layer.bias
    assert torch.allclose(NarrowLinear(layer, kind)(x).double(), exact, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_loud_row_changes_no_bit_of_the_others(kind: Kind) -> None:
    layer, x = NarrowLinear(wide(), kind), torch.randn(4, 24, 64)
    louder = x.clone()
    louder[3] *= 1_000
    before, after = layer(x), layer(louder)
    assert torch.equal(before[:3], after[:3])
    assert not torch.equal(before[3], after[3])


def test_one_scale_for_a_whole_tensor_would_leak() -> None:
    """The control: what the row-wise scales are for."""
    x = torch.randn(4, 64)
    louder = x.clone()
    louder[3] *= 1_000
    assert torch.equal(narrowed(x, "int8")[0][:3], narrowed(louder, "int8")[0][:3])
    shared = [(t / t.abs().max() * 127).round() for t in (x, louder)]
    assert not torch.equal(shared[0][:3], shared[1][:3])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("loud", [0.0, 1e-30, 1e30])
def test_rows_of_any_loudness_stay_finite(kind: Kind, loud: float) -> None:
    x = torch.full((17, 64), loud)
    assert torch.isfinite(NarrowLinear(wide(), kind)(x)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_sixteen_bits_in_sixteen_bits_out(kind: Kind) -> None:
    layer = wide().to(torch.bfloat16)
    assert NarrowLinear(layer, kind)(torch.randn(20, 64).bfloat16()).dtype == torch.bfloat16


def test_only_the_wide_layers_of_the_blocks_become_narrow() -> None:
    block = nn.ModuleDict(
        {
            "attn1": nn.ModuleDict({"to_q": wide(), "to_odd": nn.Linear(64, 50)}),
            "attn2": nn.ModuleDict(
                {
                    "to_q": wide(),
                    "to_k": wide(),
                    "processor": nn.ModuleDict({"to_k_ip": wide(), "to_v_ip": wide()}),
                }
            ),
            "ff": nn.ModuleDict({"net": nn.ModuleList([wide()]), "lora_A": wide()}),
            "time_embedding": nn.ModuleDict({"linear_1": wide()}),
        }
    )
    assert narrow(block, "fp8") == 3
    names = {name for name, one in block.named_modules() if isinstance(one, NarrowLinear)}
    assert names == {"attn1.to_q", "attn2.to_q", "ff.net.0"}
