# SPDX-License-Identifier: Apache-2.0
"""What makes SDXL fast, switched by a recipe's [options], and never at the price of a wrong face.

Rules:
1. Every switch leaves rows independent: another person's row changes none of a picture's bits.
2. Shapes are fixed, one set a batch size; a shape nobody foresaw compiles anew, nothing guesses.
3. `quicken` comes last, after adapter and LoRA are in: it rewrites layers in place.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, get_args

import torch
from torch import Tensor, nn

from generation.recipes.sdxl.eight_bit import narrow

Compiled = Literal["off", "blocks", "deep"]
EightBit = Literal["off", "fp8", "int8"]
Attention = Literal["auto", "cudnn", "flash"]
Precision = Literal["auto", "bf16", "fp32"]
Backend = str | Callable[..., Callable[..., Any]]
#: of these classes, in the network and in the decoder, `deep` compiles every instance
_DEEP: Final = ("BasicTransformerBlock", "ResnetBlock2D", "AutoencoderTinyBlock")
#: graphs a piece of code may have: two widths of block, five batch sizes, several picture sizes
_GRAPHS: Final = 64
ROWS_AT_ONCE: Final = 1
"""Rows decoded together: one at 1024 is 10 TFLOP already, eight overrun 32-bit indices, and a
picture does not depend on how many others are still in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """The switches, each off unless a recipe turns it on."""

    #: `auto`: bf16 on a card, fp32 on a processor
    dtype: Precision = "auto"
    channels_last: bool = False
    #: query, key and value of self-attention in one product; cross-attention keeps its adapter
    fused_qkv: bool = False
    compile: Compiled = "off"
    small_vae: bool = False
    eight_bit: EightBit = "off"
    attention: Attention = "auto"


_WORDS: Final[Mapping[str, tuple[object, ...]]] = {
    "dtype": get_args(Precision),
    "compile": get_args(Compiled),
    "eight_bit": get_args(EightBit),
    "attention": get_args(Attention),
    **dict.fromkeys(("channels_last", "fused_qkv", "small_vae"), (True, False)),
}


def prepare(pipeline: Any, options: Mapping[str, Any]) -> Speed:  # noqa: ANN401 - diffusers' own
    """Make a loaded pipeline as fast as a recipe's options say; call it once, at the end.

    On a processor nothing is compiled: that would ask for a C++ compiler and gain little.
    Errors: ValueError for a word that a switch does not know.
    """
    switches = chosen(options)
    if pipeline.device.type != "cuda":
        switches = replace(switches, compile="off")
    quicken(pipeline.unet, pipeline.vae, switches)
    return switches


def chosen(options: Mapping[str, Any]) -> Speed:
    """Read the switches among a recipe's options; options of others are left alone.

    `compile = true` means the blocks. Errors: ValueError for a word that a switch does not know.
    """
    mine = {name: value for name, value in options.items() if name in _WORDS}
    if type(mine.get("compile")) is bool:
        mine["compile"] = "blocks" if mine["compile"] else "off"
    for name, value in mine.items():
        if type(value) not in (bool, str) or value not in _WORDS[name]:
            raise ValueError(f"{name} = {value!r}: choose one of {_WORDS[name]}")
    return Speed(**mine)


def precision(speed: Speed, device: torch.device) -> torch.dtype:
    """Say in which width the networks are loaded."""
    if speed.dtype == "auto":
        return torch.bfloat16 if device.type == "cuda" else torch.float32
    return torch.bfloat16 if speed.dtype == "bf16" else torch.float32


def quicken(
    net: nn.Module, decoder: nn.Module, speed: Speed, *, backend: Backend = "inductor"
) -> None:
    """Turn the switches on, in place: fused, narrow, channels last, compiled, in this order.

    Errors: ValueError where a LoRA still hangs on a layer that would be fused.
    """
    if speed.fused_qkv:
        fuse(net)
    if speed.eight_bit != "off":
        narrow(net, speed.eight_bit)
    if speed.channels_last:
        for one in (net, decoder):
            one.to(memory_format=torch.channels_last)
    if speed.compile != "off":
        _compile(net, decoder, deep=speed.compile == "deep", backend=backend)


def fuse(net: nn.Module) -> int:
    """Join query, key and value of every self-attention; say how many there were.

    diffusers' own `fuse_qkv_projections` replaces every processor, the identity adapter's as well:
    all pictures would then show nobody in particular.
    Errors: ValueError where a LoRA still hangs on a layer: its weights would be left out.
    """
    from diffusers.models.attention_processor import FusedAttnProcessor2_0  # noqa: PLC0415

    found = [one for name, one in net.named_modules() if name.endswith("attn1")]
    for one in found:
        if any(type(side) is not nn.Linear for side in (one.to_q, one.to_k, one.to_v)):
            raise ValueError("fuse the LoRA into the weights before its layers are joined")
        with torch.no_grad():
            one.fuse_projections()
        one.to_qkv.requires_grad_(requires_grad=False)
        del one.to_q, one.to_k, one.to_v
        one.set_processor(FusedAttnProcessor2_0())
    return len(found)


def _compile(net: nn.Module, decoder: nn.Module, *, deep: bool, backend: Backend) -> None:
    limits = torch._dynamo.config  # noqa: SLF001  # its only name
    limits.recompile_limit = max(limits.recompile_limit, _GRAPHS)
    how = {"fullgraph": True, "dynamic": False, "backend": backend}
    if not deep:
        net.compile_repeated_blocks(**how)
        return
    for one in (*net.modules(), *decoder.modules()):
        if type(one).__name__ in _DEEP:
            one.compile(**how)


@contextmanager
def attending(speed: Speed, device: torch.device) -> Iterator[None]:
    """Choose the attention kernels for one pass: a UNet's `set_attention_backend` does nothing.

    Compiled blocks keep what was chosen when they were first called.
    """
    if speed.attention == "auto" or device.type != "cuda":
        yield
        return
    from torch.nn.attention import SDPBackend, sdpa_kernel  # noqa: PLC0415

    first = {"cudnn": SDPBackend.CUDNN_ATTENTION, "flash": SDPBackend.FLASH_ATTENTION}
    rest = (SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH)
    with sdpa_kernel([first[speed.attention], *rest], set_priority=True):
        yield


def decode(decoder: nn.Module, latents: Tensor) -> Tensor:
    """Turn latents into pictures, a row at a time.

    Shapes: (n, 4, h, w) to (n, 3, 8h, 8w), float32. Units: -1..1, not yet clipped.
    """
    scaled = latents.to(next(decoder.parameters()).dtype) / decoder.config.scaling_factor
    with torch.no_grad():
        rows = [decoder.decode(row, return_dict=False)[0] for row in scaled.split(ROWS_AT_ONCE)]
    return torch.cat(rows).float()
