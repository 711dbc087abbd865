# SPDX-License-Identifier: Apache-2.0
"""SDXL with random weights, full-size or tiny: for speed alone, so nothing is downloaded.

How fast a network runs does not depend on its weights; what it draws does, and is not looked at.
Source: the configurations of stabilityai/stable-diffusion-xl-base-1.0 and of the two adapters of
h94/IP-Adapter; the parameter counts prove them, the operation counts are torch's own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderTiny,
    EulerDiscreteScheduler,
    UNet2DConditionModel,
)
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

Adapter = Literal["faceid", "plusface"]
State = dict[str, dict[str, Tensor]]
_CROSS: Final = 2048
_POOLED: Final = 1280
_FULL: Final[Mapping[str, Any]] = {
    "sample_size": 128,
    "block_out_channels": (320, 640, 1280),
    "layers_per_block": 2,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "attention_head_dim": (5, 10, 20),
    "addition_time_embed_dim": 256,
    "transformer_layers_per_block": (1, 2, 10),
    "projection_class_embeddings_input_dim": 6 * 256 + _POOLED,
}
_TINY: Final[Mapping[str, Any]] = {
    "sample_size": 8,
    "block_out_channels": (32, 64),
    "layers_per_block": 1,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
    "attention_head_dim": (2, 4),
    "addition_time_embed_dim": 8,
    "transformer_layers_per_block": (1, 1),
    "projection_class_embeddings_input_dim": 6 * 8 + _POOLED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Networks:
    """What a pipeline runs, without text encoders: speed needs their output only."""

    unet: UNet2DConditionModel
    vae: AutoencoderKL
    small: AutoencoderTiny


def build(
    device: str, dtype: torch.dtype, *, tiny: bool, adapter: Adapter | None = "faceid"
) -> Networks:
    """Build everything on the device itself, adapter attached, from a fixed seed."""
    torch.manual_seed(0)
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device):
            made = Networks(unet=unet(tiny=tiny), vae=vae(tiny=tiny), small=AutoencoderTiny())
            state = None if adapter is None else identity(made.unet, adapter, tiny=tiny)
    finally:
        torch.set_default_dtype(before)
    if state is not None:
        made.unet._load_ip_adapter_weights([state], low_cpu_mem_usage=False)  # noqa: SLF001
    for one in (made.unet, made.vae, made.small):
        one.eval().requires_grad_(requires_grad=False)
        one.to(device, dtype)
    return made


def unet(*, tiny: bool) -> UNet2DConditionModel:
    """Build SDXL's UNet."""
    return UNet2DConditionModel(
        **(_TINY if tiny else _FULL),
        use_linear_projection=True,
        addition_embed_type="text_time",
        cross_attention_dim=_CROSS,
    )


def vae(*, tiny: bool) -> AutoencoderKL:
    """Build SDXL's autoencoder; bf16 needs no upcast."""
    return AutoencoderKL(
        block_out_channels=(32, 32, 64, 64) if tiny else (128, 256, 512, 512),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1 if tiny else 2,
        latent_channels=4,
        sample_size=1024,
        scaling_factor=0.13025,
        force_upcast=False,
    )


def scheduler() -> EulerDiscreteScheduler:
    """Build the scheduler of the few-step recipes; twenty steps use it as well."""
    return EulerDiscreteScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        timestep_spacing="trailing",
        steps_offset=1,
    )


def identity(
    net: UNet2DConditionModel, kind: Adapter, *, tiny: bool = False
) -> dict[str, dict[str, Tensor]]:
    """Make an adapter's weights: `faceid` takes 512 numbers, `plusface` 257 tokens of 1280."""
    projection = _faceid() if kind == "faceid" else _plusface(tiny=tiny)
    keys: dict[str, Tensor] = {}
    crossing = [name for name in net.attn_processors if name.endswith("attn2.processor")]
    for number, name in enumerate(crossing):
        width = net.get_submodule(name.removesuffix(".processor")).to_q.out_features
        for side in ("k", "v"):
            keys[f"{2 * number + 1}.to_{side}_ip.weight"] = _random(width, _CROSS)
    return {"image_proj": projection, "ip_adapter": keys}


def likeness(kind: Adapter, rows: int, device: str, dtype: torch.dtype) -> Tensor:
    """Draw conditioning for so many people, one row each: nobody's."""
    shape = (rows, 1, 512) if kind == "faceid" else (rows, 1, 257, 1280)
    drawn = torch.randn(shape, device=device, dtype=dtype)
    return nn.functional.normalize(drawn, dim=-1) if kind == "faceid" else drawn


def millions(module: nn.Module) -> float:
    """Count a network's parameters, in millions."""
    return sum(one.numel() for one in module.parameters()) / 1e6


def bare() -> tuple[nn.Module, nn.Module, nn.Module]:
    """Build UNet, VAE and small VAE at full size on a device that holds nothing."""
    with torch.device("meta"):
        return unet(tiny=False), vae(tiny=False), AutoencoderTiny()


def counted(px: int) -> tuple[float, float, float]:
    """Count the operations of UNet, VAE and small VAE for one row. Units: TFLOP, 2 a product."""
    by_kind = [sum(one.values()) for one in counted_by_kind(px)]
    return by_kind[0], by_kind[1], by_kind[2]


def counted_by_kind(px: int) -> tuple[Mapping[str, float], ...]:
    """Count as `counted` does, apart for each of torch's operations."""
    net, full, small = bare()
    with torch.device("meta"):
        latents, time = torch.empty(1, 4, px // 8, px // 8), torch.empty(1)
        text, pooled, sizes = (torch.empty(1, *s) for s in ((77, _CROSS), (_POOLED,), (6,)))
    added = {"text_embeds": pooled, "time_ids": sizes}
    return (
        _operations(lambda: net(latents, time, text, added_cond_kwargs=added)),
        _operations(lambda: full.decode(latents)),
        _operations(lambda: small.decode(latents)),
    )


def _operations(act: Callable[[], object]) -> Mapping[str, float]:
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        act()
    return {str(op): n / 1e12 for op, n in counter.get_flop_counts()["Global"].items()}


def _random(*shape: int) -> Tensor:
    return torch.randn(*shape) * 0.02


def _faceid(wide: int = 1024, tokens: int = 4) -> dict[str, Tensor]:
    return {
        "proj.0.weight": _random(wide, 512),
        "proj.0.bias": torch.zeros(wide),
        "proj.2.weight": _random(tokens * _CROSS, wide),
        "proj.2.bias": torch.zeros(tokens * _CROSS),
        "norm.weight": torch.ones(_CROSS),
        "norm.bias": torch.zeros(_CROSS),
    }


def _plusface(*, tiny: bool, inputs: int = 1280) -> dict[str, Tensor]:
    wide, tokens, depth = (64, 4, 4) if tiny else (1280, 16, 4)
    state = {
        "latents": torch.randn(1, tokens, wide) / wide**0.5,
        "proj_in.weight": _random(wide, inputs),
        "proj_in.bias": torch.zeros(wide),
        "proj_out.weight": _random(_CROSS, wide),
        "proj_out.bias": torch.zeros(_CROSS),
        "norm_out.weight": torch.ones(_CROSS),
        "norm_out.bias": torch.zeros(_CROSS),
    }
    for i in range(depth):
        for norm in ("0.norm1", "0.norm2", "1.0"):
            state[f"layers.{i}.{norm}.weight"] = torch.ones(wide)
            state[f"layers.{i}.{norm}.bias"] = torch.zeros(wide)
        state[f"layers.{i}.0.to_q.weight"] = _random(wide, wide)
        state[f"layers.{i}.0.to_kv.weight"] = _random(2 * wide, wide)
        state[f"layers.{i}.0.to_out.weight"] = _random(wide, wide)
        state[f"layers.{i}.1.1.weight"] = _random(4 * wide, wide)
        state[f"layers.{i}.1.3.weight"] = _random(wide, 4 * wide)
    return state
