# SPDX-License-Identifier: Apache-2.0
"""From files that lie on the disk to a pipeline that draws: nothing is fetched, nothing is run.

Rules:
1. Weights come as safetensors from local folders; the hub is never asked (`recipes.weights` did).
2. A missing library is one sentence before anything is loaded, not a weaker picture: without peft
   diffusers would leave out an adapter's LoRA with a mere warning.
3. What is in the pipeline after loading stays: no scale, adapter or LoRA changes between passes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version as version_of
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from generation.recipes.places import MissingWeights
from generation.recipes.recalling import Recalled
from generation.recipes.sdxl import text
from generation.recipes.sdxl.text import Texts
from generation.recipes.specs import Spec
from generation.recipes.starting import MissingExtra

LIBRARIES: Final = ("torch", "diffusers", "transformers", "peft", "safetensors")
SCHEDULERS: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    "euler": ("EulerDiscreteScheduler", {}),
    "euler-trailing": ("EulerDiscreteScheduler", {"timestep_spacing": "trailing"}),
    "lcm": ("LCMScheduler", {}),
    "tcd": ("TCDScheduler", {}),
}
"""What a recipe's `scheduler` may be: diffusers' class, and what differs from the base's own."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Loaded:
    """A pipeline ready to draw, and the words it draws from. Its text encoders are gone."""

    pipeline: Any
    texts: Texts
    #: come back for people's own words
    encoders: Recalled
    #: what makes it faster, as `sdxl.speed` read it
    switches: Any


def check_libraries() -> None:
    """Look for everything the recipe runs on. Errors: MissingExtra."""
    if missing := [name for name in LIBRARIES if find_spec(name) is None]:
        raise MissingExtra(
            f"this recipe needs {', '.join(missing)}: pip install 'onlyou[diffusion]'"
        )


def versions() -> Mapping[str, str]:
    """Name the libraries that decide the last bits of a picture."""
    return {name: version_of(name) for name in LIBRARIES}


def device_of(wanted: str) -> str:
    """Choose where to draw: `auto` is the first CUDA card, or else the CPU."""
    import torch  # noqa: PLC0415 - an extra, as all heavy libraries below

    if wanted != "auto":
        return wanted
    return "cuda:0" if torch.cuda.is_available() else "cpu"


def dtype_of(spec: Spec, device: str) -> Any:  # noqa: ANN401 - torch has no types for us
    """Choose what to draw in: bfloat16 on a card, float32 on a CPU, if the recipe says nothing."""
    import torch  # noqa: PLC0415

    from generation.recipes.sdxl import speed  # noqa: PLC0415 - needs the extra

    return speed.precision(speed.chosen(spec.options), torch.device(device))


def load(spec: Spec, parts: Mapping[str, Path], prompts: Mapping[str, str], device: str) -> Loaded:
    """Put base, few-step weights, adapter and decoder together, and embed the prompts.

    Errors: MissingExtra, MissingWeights.
    """
    check_libraries()
    from generation.recipes.sdxl import speed  # noqa: PLC0415 - needs the extra

    _hush()
    dtype = dtype_of(spec, device)
    pipeline = _bare(spec, parts, dtype)
    _few_steps(spec, parts, pipeline)
    _adapter(spec, parts, pipeline)
    _small_decoder(spec, parts, pipeline, dtype)
    pipeline.scheduler = scheduler(spec.scheduler, pipeline.scheduler.config)
    pipeline.to(device)
    for network in (pipeline.unet, pipeline.vae):
        network.eval().requires_grad_(False)
    away_from = str(spec.options.get("negative", ""))
    texts = text.embed(pipeline, prompts, away_from=away_from)
    text.drop_encoders(pipeline)
    encoders = Recalled(lambda: _bare(spec, parts, dtype, unet=None, vae=None), device)
    switches = speed.prepare(pipeline, spec.options)
    return Loaded(pipeline=pipeline, texts=texts, encoders=encoders, switches=switches)


def scheduler(name: str, config: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Make a scheduler by its name, the rest as the base has it. Errors: ValueError."""
    import diffusers  # noqa: PLC0415

    if name not in SCHEDULERS:
        raise ValueError(f"expected a scheduler of {', '.join(SCHEDULERS)}, got {name!r}")
    kind, differing = SCHEDULERS[name]
    return getattr(diffusers, kind).from_config(config, **differing)


def file_of(spec: Spec, parts: Mapping[str, Path], name: str, suffix: str) -> Path:
    """Return the one file of a part that has this suffix. Errors: MissingWeights."""
    part, folder = spec.part(name), parts.get(name)
    if part is None or folder is None:
        raise MissingWeights(f"{spec.id} has no part {name!r}, which this recipe needs")
    found = [folder / file for file in part.files if file.endswith(suffix)]
    if len(found) != 1:
        raise MissingWeights(f"{spec.id}, part {name}: expected one {suffix} file")
    return found[0]


def _hush() -> None:
    """Keep the libraries' advice and bars off the terminal: they know nothing of us."""
    import diffusers.utils.logging  # noqa: PLC0415
    import transformers.utils.logging  # noqa: PLC0415

    for library in (diffusers, transformers):
        library.utils.logging.set_verbosity_error()
        library.utils.logging.disable_progress_bar()


def _bare(
    spec: Spec,
    parts: Mapping[str, Path],
    dtype: Any,  # noqa: ANN401
    **without: None,
) -> Any:  # noqa: ANN401
    """Load the base, whole or without some of its networks."""
    from generation.recipes.sdxl.pipeline import OnePersonARow  # noqa: PLC0415 - needs the extra

    part = spec.part("base")
    if part is None or "base" not in parts:
        raise MissingWeights(f"{spec.id} has no part 'base', which this recipe needs")
    half = any(".fp16." in file for file in part.files)
    pipeline = OnePersonARow.from_pretrained(
        parts["base"], local_files_only=True, use_safetensors=True, dtype=dtype,
        variant="fp16" if half else None, add_watermarker=False, **without,
    )  # fmt: skip
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _few_steps(spec: Spec, parts: Mapping[str, Path], pipeline: Any) -> None:  # noqa: ANN401
    """Teach the network to draw in few steps: a LoRA melted into it, or its weights replaced."""
    from safetensors.torch import load_file  # noqa: PLC0415

    if spec.part("lightning") is None:
        return
    file = file_of(spec, parts, "lightning", ".safetensors")
    state = load_file(file)
    if "unet" in file.stem:
        pipeline.unet.load_state_dict(state)
        return
    pipeline.load_lora_weights(state)
    _melt(pipeline)


def _adapter(spec: Spec, parts: Mapping[str, Path], pipeline: Any) -> None:  # noqa: ANN401
    """Attach the identity adapter: without it nobody is in the picture, so nothing is drawn."""
    from safetensors.torch import load_file  # noqa: PLC0415

    state: dict[str, dict[str, Any]] = {"image_proj": {}, "ip_adapter": {}}
    for name, tensor in load_file(file_of(spec, parts, "adapter", ".safetensors")).items():
        group, _, key = name.partition(".")
        if group not in state:
            raise MissingWeights(f"{spec.id}: the adapter's file has no place for {name!r}")
        state[group][key] = tensor
    pipeline.load_ip_adapter(state, subfolder=None, weight_name="", image_encoder_folder=None)
    pipeline.set_ip_adapter_scale(float(spec.options.get("strength", 1.0)))
    if any("_lora." in name for name in state["ip_adapter"]):
        _melt(pipeline)


def _melt(pipeline: Any) -> None:  # noqa: ANN401
    """Add a LoRA to the weights for good: nothing to switch, and nothing to pay at every step."""
    pipeline.fuse_lora()
    pipeline.unload_lora_weights()


def _small_decoder(
    spec: Spec, parts: Mapping[str, Path], pipeline: Any, dtype: Any  # noqa: ANN401
) -> None:  # fmt: skip
    """Decode by the small network where the recipe says so: faster, a little softer."""
    from diffusers import AutoencoderTiny  # noqa: PLC0415

    if spec.options.get("small_vae", False):
        if "small-vae" not in parts:
            raise MissingWeights(f"{spec.id} asks for the small decoder, but has no such part")
        pipeline.vae = AutoencoderTiny.from_pretrained(
            parts["small-vae"], local_files_only=True, use_safetensors=True, dtype=dtype
        )
