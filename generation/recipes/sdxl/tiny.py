# SPDX-License-Identifier: Apache-2.0
"""Write a tiny SDXL with random weights: the whole path of the real one, for tests and CI.

Rules:
1. The same bytes on every machine: numbers come out of SHAKE-128, names and configurations are
   written here, nothing is left to a library's version or to a processor's vector unit.
2. Only safetensors, JSON and text; no network; no weights are shipped.
It draws coloured noise. What it shows is that the code around it keeps its promises.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

#: folder of each part inside the recipe's own
PARTS: Final = ("base", "adapter", "encoder")
ADAPTER: Final = "adapter.safetensors"
ENCODER: Final = "projection.safetensors"
#: the small encoder's crop, pixels a side, and the length of what it answers
CROP: Final = 32
LENGTH: Final = 512

_SEED: Final = "onlyou sdxl-tiny 1"
_WIDE: Final = 64  # of the UNet's cross-attention: two text encoders of 32
_TOKENS: Final = 4  # a face becomes so many
_BITS: Final = 24

State = dict[str, NDArray[np.float32]]


def build(folder: Path) -> None:
    """Write the parts of the tiny model into `folder`, over what is there."""
    unet = _unet()
    _components(folder / "base", unet)
    _write(folder / "adapter" / ADAPTER, _adapter(unet))
    _write(folder / "encoder" / ENCODER, _projection())


def _components(folder: Path, unet: Any) -> None:  # noqa: ANN401 - diffusers has no types for us
    """Write what `from_pretrained` reads: an index, and a folder for each component."""
    _tell(folder / "model_index.json", _INDEX)
    _tell(folder / "scheduler" / "scheduler_config.json", _SCHEDULER)
    for name, module, config, file in _modules(unet):
        _tell(folder / name / "config.json", config)
        _write(folder / name / file, _weights(name, module, prefix=_PREFIX.get(name, "")))
    for name, padding in (("tokenizer", _WORDS[-1]), ("tokenizer_2", "!")):
        _tokenizer(folder / name, padding)


def _modules(unet: Any) -> Iterator[tuple[str, Any, Mapping[str, Any], str]]:  # noqa: ANN401
    """Make every network without numbers, only to learn the names and shapes of its weights."""
    import torch  # noqa: PLC0415 - an extra, as all heavy libraries below
    from diffusers import AutoencoderKL  # noqa: PLC0415
    from transformers import (  # noqa: PLC0415
        CLIPTextConfig,
        CLIPTextModel,
        CLIPTextModelWithProjection,
    )

    with torch.device("meta"):
        vae = AutoencoderKL.from_config(dict(_VAE))
        one = CLIPTextModel(CLIPTextConfig(**_TEXT))
        two = CLIPTextModelWithProjection(CLIPTextConfig(**_TEXT))
    yield "unet", unet, _UNET, "diffusion_pytorch_model.safetensors"
    yield "vae", vae, _VAE, "diffusion_pytorch_model.safetensors"
    text = {**_TEXT, "model_type": "clip_text_model", "dtype": "float32"}
    yield "text_encoder", one, {**text, "architectures": ["CLIPTextModel"]}, "model.safetensors"
    two_named = {**text, "architectures": ["CLIPTextModelWithProjection"]}
    yield "text_encoder_2", two, two_named, "model.safetensors"


def _unet() -> Any:  # noqa: ANN401
    import torch  # noqa: PLC0415
    from diffusers import UNet2DConditionModel  # noqa: PLC0415

    with torch.device("meta"):
        return UNet2DConditionModel.from_config(dict(_UNET))


# --- numbers


def _uniform(name: str, shape: tuple[int, ...], bound: float) -> NDArray[np.float32]:
    """Draw from -bound to bound, the same on every machine: integers, then exact steps."""
    raw = hashlib.shake_128(f"{_SEED}\0{name}".encode()).digest(4 * math.prod(shape))
    whole = np.frombuffer(raw, "<u4") >> np.uint32(32 - _BITS)
    unit = (whole.astype(np.float64) + 0.5) * 2.0 ** (1 - _BITS) - 1.0
    return np.asarray(unit * bound, np.float32).reshape(shape)


def _weights(part: str, module: Any, *, prefix: str) -> State:  # noqa: ANN401
    """Fill a network: matrices by the number of inputs, norms with one, offsets with zero."""
    state: State = {}
    for name, tensor in module.state_dict().items():
        shape = tuple(tensor.shape)
        if len(shape) > 1:
            bound = 1 / math.sqrt(math.prod(shape[1:]))  # both exact: no machine differs
            state[prefix + name] = _uniform(f"{part}/{name}", shape, bound)
        else:
            full = 1.0 if name.endswith("weight") else 0.0
            state[prefix + name] = np.full(shape, full, np.float32)
    return state


def _adapter(unet: Any) -> State:  # noqa: ANN401
    """Make an identity adapter of the FaceID kind, without its LoRA."""
    state = {
        "image_proj.proj.0.weight": _uniform("adapter/0", (2 * LENGTH, LENGTH), 0.09),
        "image_proj.proj.0.bias": np.zeros(2 * LENGTH, np.float32),
        "image_proj.proj.2.weight": _uniform("adapter/2", (_TOKENS * _WIDE, 2 * LENGTH), 0.09),
        "image_proj.proj.2.bias": np.zeros(_TOKENS * _WIDE, np.float32),
        "image_proj.norm.weight": np.ones(_WIDE, np.float32),
        "image_proj.norm.bias": np.zeros(_WIDE, np.float32),
    }
    crosses = [name for name in unet.attn_processors if name.endswith("attn2.processor")]
    for number, name in zip(range(1, 2 * len(crosses), 2), crosses, strict=True):
        width = unet.get_submodule(name.removesuffix(".processor")).to_q.out_features
        for side in ("k", "v"):
            key = f"ip_adapter.{number}.to_{side}_ip.weight"
            state[key] = _uniform(key, (width, _WIDE), 0.35)
    return state


def _projection() -> State:
    """Make the small encoder: one matrix from the pixels of a crop to a vector."""
    inputs = CROP * CROP * 3
    return {"projection": _uniform("encoder", (LENGTH, inputs), math.sqrt(3 / inputs))}


# --- files


def _write(path: Path, state: State) -> None:
    from safetensors.numpy import save_file  # noqa: PLC0415

    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: np.ascontiguousarray(state[name]) for name in sorted(state)}, path)


def _tell(path: Path, content: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", "utf-8")


def _tokenizer(folder: Path, padding: str) -> None:
    """Write a tokenizer that has one token a byte: no word is known, none is out of reach."""
    start, end = _WORDS[-2:]
    _tell(folder / "vocab.json", {word: number for number, word in enumerate(_WORDS)})
    (folder / "merges.txt").write_text("#version: 0.2\n", "utf-8")
    told = {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77, "do_lower_case": True}
    marks = {"bos_token": start, "eos_token": end, "unk_token": end, "pad_token": padding}
    _tell(folder / "tokenizer_config.json", {**told, **marks})


def _words() -> tuple[str, ...]:
    """List the tokens: a character for each byte, the same as a word's end, and two marks."""
    codes = [*range(33, 127), *range(161, 173), *range(174, 256)]
    bytes_ = [chr(code) for code in codes] + [chr(256 + more) for more in range(256 - len(codes))]
    ends = [character + "</w>" for character in bytes_]
    return (*bytes_, *ends, "<|startoftext|>", "<|endoftext|>")


_WORDS: Final = _words()
_PREFIX: Final = {"text_encoder": "text_model."}
"""As the hub's files have it; a newer transformers leaves it out of its own names."""

_INDEX: Final[Mapping[str, Any]] = {
    "_class_name": "StableDiffusionXLPipeline",
    "_diffusers_version": "0.36.0",
    "feature_extractor": [None, None],
    "force_zeros_for_empty_prompt": True,
    "image_encoder": [None, None],
    "scheduler": ["diffusers", "EulerDiscreteScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "text_encoder_2": ["transformers", "CLIPTextModelWithProjection"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "tokenizer_2": ["transformers", "CLIPTokenizer"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
}

_SCHEDULER: Final[Mapping[str, Any]] = {
    "_class_name": "EulerDiscreteScheduler",
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "num_train_timesteps": 1000,
    "prediction_type": "epsilon",
    "timestep_spacing": "leading",
    "steps_offset": 1,
}

_TEXT: Final[Mapping[str, Any]] = {
    "vocab_size": len(_WORDS),
    "hidden_size": 32,
    "intermediate_size": 37,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "max_position_embeddings": 77,
    "hidden_act": "gelu",
    "projection_dim": 32,
    "bos_token_id": len(_WORDS) - 2,
    "eos_token_id": len(_WORDS) - 1,
    "pad_token_id": 1,
}

_UNET: Final[Mapping[str, Any]] = {
    "_class_name": "UNet2DConditionModel",
    "sample_size": 32,
    "in_channels": 4,
    "out_channels": 4,
    "block_out_channels": [32, 64],
    "layers_per_block": 2,
    "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"],
    "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"],
    "attention_head_dim": [2, 4],
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 8,
    "transformer_layers_per_block": [1, 2],
    "norm_num_groups": 32,
    "projection_class_embeddings_input_dim": 6 * 8 + 32,
    "cross_attention_dim": _WIDE,
}

_VAE: Final[Mapping[str, Any]] = {
    "_class_name": "AutoencoderKL",
    "in_channels": 3,
    "out_channels": 3,
    "latent_channels": 4,
    "block_out_channels": [32, 64],
    "down_block_types": ["DownEncoderBlock2D", "DownEncoderBlock2D"],
    "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D"],
    "layers_per_block": 1,
    "sample_size": 64,
    "scaling_factor": 0.13025,
}
