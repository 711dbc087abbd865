# SPDX-License-Identifier: Apache-2.0
"""From files that lie on the disk to a pipeline that draws: nothing is fetched, nothing is run.

Rules:
1. Weights come as safetensors from a local folder; the hub is never asked.
2. A missing library is one sentence before anything is loaded.
3. What is in the pipeline after loading stays; the scheduler alone is new for every pass.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any, Final

from generation.recipes.flux2 import text
from generation.recipes.flux2.text import Texts
from generation.recipes.places import MissingWeights
from generation.recipes.recalling import Recalled
from generation.recipes.specs import Spec

LIBRARIES: Final = ("torch", "diffusers", "transformers", "safetensors")
SCHEDULER: Final = "flow-euler"
"""The one sampler that the distilled weights were made for."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Loaded:
    """A pipeline ready to draw, and the words it draws from. Its text encoder is gone."""

    pipeline: Any
    texts: Texts
    #: comes back for people's own words
    encoders: Recalled


def versions() -> Mapping[str, str]:
    """Name the libraries that decide the last bits of a picture."""
    return {name: version_of(name) for name in LIBRARIES}


def device_of(wanted: str) -> str:
    """Choose where to draw: `auto` is the first CUDA card, or else the CPU."""
    import torch  # noqa: PLC0415 - an extra, as all heavy libraries below

    if wanted != "auto":
        return wanted
    return "cuda:0" if torch.cuda.is_available() else "cpu"


def dtype_of(device: str) -> Any:  # noqa: ANN401 - torch has no types for us
    """Choose what to draw in: bfloat16 on a card, float32 on a CPU."""
    import torch  # noqa: PLC0415

    return torch.bfloat16 if device.startswith("cuda") else torch.float32


def load(spec: Spec, parts: Mapping[str, Path], prompts: Mapping[str, str], device: str) -> Loaded:
    """Load the pipeline from its folder and embed the prompts. Errors: MissingWeights."""
    if spec.part("base") is None or "base" not in parts:
        raise MissingWeights(f"{spec.id} has no part 'base', which this recipe needs")
    _hush()
    pipeline = _read(parts["base"], device)
    pipeline.to(device)
    for network in (pipeline.transformer, pipeline.vae, pipeline.text_encoder):
        network.eval().requires_grad_(False)
    texts = text.embed(pipeline, prompts, words=words_of(spec))
    text.drop_encoder(pipeline)
    encoders = Recalled(lambda: _read(parts["base"], device, transformer=None, vae=None), device)
    return Loaded(pipeline=pipeline, texts=texts, encoders=encoders)


def words_of(spec: Spec) -> int:
    """Say how many words the text encoder is given, padding included."""
    return int(spec.options.get("words", 512))


def _read(folder: Path, device: str, **without: None) -> Any:  # noqa: ANN401
    """Load the pipeline, whole or without some of its networks."""
    from generation.recipes.flux2.pipeline import OneSelfieARow  # noqa: PLC0415 - needs the extra

    pipeline = OneSelfieARow.from_pretrained(
        folder, local_files_only=True, use_safetensors=True, dtype=dtype_of(device), **without
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def scheduler(name: str, config: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Make a scheduler for one pass. Errors: ValueError for any but the one there is."""
    from diffusers import FlowMatchEulerDiscreteScheduler  # noqa: PLC0415

    if name != SCHEDULER:
        raise ValueError(f"expected the scheduler {SCHEDULER}, got {name!r}")
    return FlowMatchEulerDiscreteScheduler.from_config(config)


def _hush() -> None:
    """Keep the libraries' advice and bars off the terminal: they know nothing of us."""
    import diffusers.utils.logging  # noqa: PLC0415
    import transformers.utils.logging  # noqa: PLC0415

    for library in (diffusers, transformers):
        library.utils.logging.set_verbosity_error()
        library.utils.logging.disable_progress_bar()
