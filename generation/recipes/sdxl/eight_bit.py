# SPDX-License-Identifier: Apache-2.0
"""Linear layers in 8 bits, fp8 or int8, without letting one person's row touch another's.

Rules:
1. Weights have one scale an output channel, activations one a token. A scale over a whole tensor,
   the default elsewhere, is a leak: the loudest row of a batch would round all the others.
2. Only the wide layers of the transformer blocks become narrow; what carries identity and time
   does not: `to_k_ip`, `to_v_ip`, the projection of the face, the embeddings.
Source: `torch._scaled_mm` with row-wise scales (fp8) and `torch._int_mm` (int8), both of which run
on a processor too, slowly, so that the same lines are tried without a card.
"""

from typing import Final, Literal

import torch
from torch import Tensor, nn

Kind = Literal["fp8", "int8"]
#: inside which modules, and under which names, a linear layer is made narrow
_INSIDE: Final = ("attn1.", "attn2.to_q", "attn2.to_out", "ff.net", "proj_in", "proj_out")
_NEVER: Final = ("_ip", "lora_")
_TINIEST: Final = 1e-12
_STEP: Final = 16  # the matrix units take multiples of 16


class NarrowLinear(nn.Module):  # type: ignore[misc]  # torch is not read by mypy
    """A linear layer whose weights are 8 bits wide and whose inputs become so a token at a time.

    Shapes: weight (out, in) of 8 bits; scale (1, out) float32; input (..., in), output (..., out).
    """

    weight: Tensor
    scale: Tensor
    bias: Tensor | None

    def __init__(self, wide: nn.Linear, kind: Kind) -> None:
        super().__init__()
        self.kind = kind
        self.in_features, self.out_features = wide.in_features, wide.out_features
        weight, scale = narrowed(wide.weight.detach(), kind)
        self.register_buffer("weight", weight)
        self.register_buffer("scale", scale.t().contiguous())
        self.register_buffer("bias", None if wide.bias is None else wide.bias.detach())

    def forward(self, x: Tensor) -> Tensor:
        """Multiply in 8 bits, sum and answer in the width of the input."""
        rows = x.reshape(-1, self.in_features)
        narrow, scale = narrowed(rows, self.kind)
        product = self._fp8 if self.kind == "fp8" else self._int8
        return product(narrow, scale, x.dtype).reshape(*x.shape[:-1], self.out_features)

    def _fp8(self, rows: Tensor, scale: Tensor, dtype: torch.dtype) -> Tensor:
        made = torch._scaled_mm(  # noqa: SLF001  # torch offers no other name in all its versions
            rows,
            self.weight.t(),
            scale_a=scale,
            scale_b=self.scale,
            out_dtype=dtype,
            use_fast_accum=True,
        )
        return made if self.bias is None else made + self.bias

    def _int8(self, rows: Tensor, scale: Tensor, dtype: torch.dtype) -> Tensor:
        whole = torch._int_mm(rows, self.weight.t())  # noqa: SLF001  # as above
        made = whole.float() * scale * self.scale
        return (made if self.bias is None else made + self.bias).to(dtype)


def narrowed(rows: Tensor, kind: Kind) -> tuple[Tensor, Tensor]:
    """Write every row in 8 bits with a scale of its own.

    Shapes: rows (n, k); answers (n, k) of 8 bits and (n, 1) float32.
    """
    dtype = torch.float8_e4m3fn if kind == "fp8" else torch.int8
    most = 448.0 if kind == "fp8" else 127.0
    wide = rows.float()
    scale = wide.abs().amax(dim=-1, keepdim=True).clamp(min=_TINIEST) / most
    fitted = (wide / scale).clamp(-most, most)
    return (fitted if kind == "fp8" else fitted.round()).to(dtype), scale


def narrow(net: nn.Module, kind: Kind) -> int:
    """Replace the wide linear layers of a network in place; say how many there were."""
    found = [(name, one) for name, one in net.named_modules() if _fits(name, one)]
    for name, one in found:
        owner, _, last = name.rpartition(".")
        setattr(net.get_submodule(owner), last, NarrowLinear(one, kind))
    return len(found)


def _fits(name: str, module: nn.Module) -> bool:
    return (
        type(module) is nn.Linear
        and any(part in name for part in _INSIDE)
        and not any(part in name for part in _NEVER)
        and module.in_features % _STEP == 0
        and module.out_features % _STEP == 0
    )
