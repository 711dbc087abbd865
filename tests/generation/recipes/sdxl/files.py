# SPDX-License-Identifier: Apache-2.0
"""Weights files for tests, written here: adapters, LoRAs, a recogniser, a CLIP; all of noise."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file

#: of the CLIP: pixels a side, tokens with the one for all, and their length
SIDE, TOKENS, WIDE = 28, 5, 32
_PATCH = 14
_INNER = 64  # one head of the adapter's resampler


def noise(name: str, *shape: int, scale: float = 0.2) -> NDArray[np.float32]:
    """Draw numbers that depend on their name alone."""
    chance = np.random.default_rng(list(name.encode()))
    return np.asarray(chance.standard_normal(shape) * scale, np.float32)


def clip(folder: Path) -> Path:
    """Write a tiny CLIP vision model; return its weights file."""
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection  # noqa: PLC0415

    torch.manual_seed(3)
    config = CLIPVisionConfig(
        hidden_size=WIDE, intermediate_size=37, num_hidden_layers=3, num_attention_heads=4,
        image_size=SIDE, patch_size=_PATCH, projection_dim=16, initializer_factor=8.0,
    )  # fmt: skip
    CLIPVisionModelWithProjection(config).save_pretrained(folder)
    return folder / "model.safetensors"


def plus_adapter(file: Path, unet: Any, tokens: int = 4) -> Path:
    """Write an adapter of the plus kind: a resampler of tokens, and the attention's weights."""
    cross = unet.config.cross_attention_dim
    shapes: dict[str, tuple[int, ...]] = {
        "latents": (1, tokens, _INNER),
        "proj_in.weight": (_INNER, WIDE), "proj_in.bias": (_INNER,),
        "proj_out.weight": (cross, _INNER), "proj_out.bias": (cross,),
        "norm_out.weight": (cross,), "norm_out.bias": (cross,),
    }  # fmt: skip
    for n in range(4):
        for norm in ("0.norm1", "0.norm2", "1.0"):
            shapes |= {f"layers.{n}.{norm}.{kind}": (_INNER,) for kind in ("weight", "bias")}
        shapes |= {
            f"layers.{n}.0.to_q.weight": (_INNER, _INNER),
            f"layers.{n}.0.to_kv.weight": (2 * _INNER, _INNER),
            f"layers.{n}.0.to_out.weight": (_INNER, _INNER),
            f"layers.{n}.1.1.weight": (4 * _INNER, _INNER),
            f"layers.{n}.1.3.weight": (_INNER, 4 * _INNER),
        }
    state = {f"image_proj.{name}": noise(name, *shape) for name, shape in shapes.items()}
    save_file(state | _attention(unet), file)
    return file


def with_lora(file: Path, adapter: Path, unet: Any) -> Path:
    """Write an adapter's weights again, with a LoRA for every attention as FaceID has it."""
    from safetensors.numpy import load_file  # noqa: PLC0415

    state = load_file(adapter)
    for number, name in enumerate(unet.attn_processors):
        block = unet.get_submodule(name.removesuffix(".processor"))
        layers = {"q": block.to_q, "k": block.to_k, "v": block.to_v, "out": block.to_out[0]}
        for letter, layer in layers.items():
            key = f"ip_adapter.{number}.to_{letter}_lora"
            state[f"{key}.down.weight"] = noise(key, 4, layer.in_features, scale=0.3)
            state[f"{key}.up.weight"] = noise(key + "up", layer.out_features, 4, scale=0.3)
    save_file(state, file)
    return file


def lightning(file: Path, unet: Any, *, kohya: bool) -> Path:
    """Write a LoRA of one layer, under the names that diffusers gives or those of kohya."""
    (name,) = (
        name
        for name, _ in unet.named_modules()
        if name.endswith("mid_block.attentions.0.transformer_blocks.0.attn1.to_q")
    )
    layer = unet.get_submodule(name)
    down, up = noise("down", 4, layer.in_features), noise("up", layer.out_features, 4)
    plain = f"lora_unet_{name.replace('.', '_')}"
    named = {f"unet.{name}.lora_A.weight": down, f"unet.{name}.lora_B.weight": up}
    if kohya:
        named = {f"{plain}.lora_down.weight": down, f"{plain}.lora_up.weight": up}
        named[f"{plain}.alpha"] = np.array(2.0, np.float32)  # of rank 4: half as strong
    save_file(named, file)
    return file


def _attention(unet: Any) -> dict[str, NDArray[np.float32]]:
    crosses = [name for name in unet.attn_processors if name.endswith("attn2.processor")]
    found = {}
    for place, name in enumerate(crosses):
        width = unet.get_submodule(name.removesuffix(".processor")).to_q.out_features
        for side in ("k", "v"):
            key = f"ip_adapter.{2 * place + 1}.to_{side}_ip.weight"
            found[key] = noise(key, width, unet.config.cross_attention_dim)
    return found


# --- an ONNX file, written by hand: the first 512 numbers of whatever comes in


def onnx_that_flattens(file: Path) -> Path:
    """Write a network that answers the first 512 numbers of a (1, 3, 112, 112) picture."""
    first = np.arange(512, dtype="<i8").tobytes()
    weights = _number(1, 512) + _number(2, 7) + _bytes(8, b"first") + _bytes(9, first)
    flat = _bytes(1, b"picture") + _bytes(2, b"flat") + _bytes(4, b"Flatten")
    axis = _bytes(1, b"axis") + _number(3, 1) + _number(20, 2)
    take = _bytes(1, b"flat") + _bytes(1, b"first") + _bytes(2, b"face") + _bytes(4, b"Gather")
    graph = _bytes(1, flat) + _bytes(1, take + _bytes(5, axis)) + _bytes(2, b"graph")
    graph += _bytes(5, weights) + _bytes(11, _tensor(b"picture", 1, 3, 112, 112))
    graph += _bytes(12, _tensor(b"face", 1, 512))
    file.write_bytes(_number(1, 8) + _bytes(7, graph) + _bytes(8, _number(2, 13)))
    return file


def _tensor(name: bytes, *shape: int) -> bytes:
    sides = b"".join(_bytes(1, _number(1, side)) for side in shape)
    return _bytes(1, name) + _bytes(2, _bytes(1, _number(1, 1) + _bytes(2, sides)))


def _bytes(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _varint(value: int) -> bytes:
    low = value & 127
    return bytes([low]) if value < 128 else bytes([low | 128]) + _varint(value >> 7)
