# SPDX-License-Identifier: Apache-2.0
"""One pass over rows of different people: from faces and words to latents, from there to pictures.

Rules:
1. One generator a row, on the CPU whatever draws: a seed means the same noise on every machine and
   in every place of the batch, for 0.3 MB a row at 1024 x 1024.
2. Nothing stays from one pass to the next: scheduler and generators are new each time.
3. What comes back is there: the device has finished, so that time taken is time it took.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from generation.recipes import Row
from generation.recipes.sdxl import loading, speed, text
from generation.recipes.sdxl.loading import Loaded
from generation.recipes.settling import settled
from generation.recipes.specs import Spec


def draw(
    loaded: Loaded, spec: Spec, rows: Sequence[Row], faces: NDArray[np.float32]
) -> torch.Tensor:
    """Draw as far as the latents.

    Shapes: faces (rows, selfies, *the encoder's), with guidance everybody's negatives first;
    returns (rows, 4, h, w). Errors: OutOfMemory, Misshapen.
    """
    pipeline = loaded.pipeline
    pipeline.scheduler = loading.scheduler(spec.scheduler, pipeline.scheduler.config)
    with speed.attending(loaded.switches, pipeline.device):
        return settled(
            str(pipeline.device), lambda: pipeline(**_call(loaded, spec, rows, faces)).images
        )


def decode(loaded: Loaded, latents: torch.Tensor) -> NDArray[np.float32]:
    """Turn latents into pictures, whatever they are, one by one.

    Shapes: (rows, H, W, 3). Units: 0..1, or no number where the latents are none.
    Errors: OutOfMemory.
    """
    decoded = settled(
        str(loaded.pipeline.device), lambda: speed.decode(loaded.pipeline.vae, latents)
    )
    pictures = (decoded / 2 + 0.5).clamp(0, 1).permute(0, 2, 3, 1)
    return np.asarray(pictures.cpu().numpy(), np.float32)


def drawn_size(spec: Spec) -> tuple[int, int]:
    """Say what size is drawn: the recipe's own, or less where it is enlarged. Units: pixels."""
    width, height = spec.size
    return (
        int(spec.options.get("drawn_width", width)),
        int(spec.options.get("drawn_height", height)),
    )


def _call(
    loaded: Loaded, spec: Spec, rows: Sequence[Row], faces: NDArray[np.float32]
) -> dict[str, Any]:
    """Say to the pipeline what is drawn: one row of everything for one row."""
    pipeline, guided = loaded.pipeline, spec.guidance > 1
    dtype, (width, height) = pipeline.unet.dtype, drawn_size(spec)
    words = text.of_rows(loaded.texts, loaded.encoders, rows)
    nothing = loaded.texts.nothing_for(len(rows))
    generators = [torch.Generator("cpu").manual_seed(row.seed) for row in rows]
    noise = torch.cat([_noise(pipeline, width, height, own) for own in generators])
    return {
        "prompt_embeds": words.tokens,
        "pooled_prompt_embeds": words.pooled,
        "negative_prompt_embeds": nothing.tokens if guided else None,
        "negative_pooled_prompt_embeds": nothing.pooled if guided else None,
        "ip_adapter_image_embeds": [torch.from_numpy(faces).to(dtype)],
        "guidance_scale": spec.guidance,
        "num_inference_steps": spec.steps,
        "width": width,
        "height": height,
        "output_type": "latent",
        "num_images_per_prompt": 1,
        "generator": generators,
        "latents": noise.to(pipeline.device, dtype),
    }


def _noise(pipeline: Any, width: int, height: int, generator: torch.Generator) -> torch.Tensor:  # noqa: ANN401
    """Draw one row's noise. Shapes: (1, 4, h, w) float32, before it is cast to anything."""
    scale, channels = pipeline.vae_scale_factor, pipeline.unet.config.in_channels
    return torch.randn((1, channels, height // scale, width // scale), generator=generator)
