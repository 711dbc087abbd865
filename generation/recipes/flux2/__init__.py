# SPDX-License-Identifier: Apache-2.0
"""Portraits by FLUX.2 klein from one photograph, one person a call.

Rules, beside those of `recipes.batched`:
1. As its file says, a call takes one row: two people in one call are refused, not drawn. A file
   that says `isolation = "batched"` gets as many rows as it lists; each row has its own reference.
2. One generator a row, on the CPU whatever draws: a seed means the same noise on every machine.
3. Nothing stays from one pass to the next: scheduler, generators and references are new each time.
4. A row that is not kept is wiped before anything is decoded.
Importing this loads neither torch nor diffusers; the first pass does.
"""

import hashlib
import importlib.resources
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from generation.recipes import CannotRender, Likeness, ModelFile, Row, starting, weights
from generation.recipes.batched import Latents, Machine, Misshapen
from generation.recipes.flux2 import loading, reference, text
from generation.recipes.flux2.loading import Loaded
from generation.recipes.settling import settled
from generation.recipes.specs import Spec

Picture = NDArray[np.float32]
_BRIGHTEST: Final = 255


class Flux2:
    """Draw one person a call. One instance may be shared by threads.

    `parts` are the folders of the spec's parts, `scenarios` the prompts by scenario.
    Errors: MissingExtra when a library is not installed.
    """

    #: a word of IPTC's vocabulary `digitalsourcetype`: every pixel is the network's
    source_type = "trainedAlgorithmicMedia"
    #: a row's own words stand for its scenario's
    takes_words = True

    def __init__(
        self,
        spec: Spec,
        parts: Mapping[str, Path],
        *,
        device: str = "auto",
        scenarios: Mapping[str, str],
    ) -> None:
        starting.check_libraries(spec)
        self._spec, self._parts, self._prompts = spec, parts, dict(scenarios)
        self._wanted = device
        self._drawing, self._decoding, self._opening = Lock(), Lock(), Lock()
        self._pipeline: Loaded | None = None
        self.id, self.size, self.batches = spec.id, spec.size, spec.batches
        self.scenarios = frozenset(scenarios)
        self.conditioned = reference.shape_of(spec.options)
        self.selfies = 1

    @cached_property
    def version(self) -> str:
        """Return the sha256 over this code, the recipe's file, its weights and its prompts."""
        digest = hashlib.sha256(f"{self._spec.sha256}\0{self.encoder}\0".encode())
        for file in sorted(importlib.resources.files(__name__).iterdir(), key=lambda f: f.name):
            if file.name.endswith(".py"):
                digest.update(f"{file.name}\0".encode() + file.read_bytes())
        for known in (self._hashes, self._prompts):
            digest.update("".join(f"{a}\0{b}\0" for a, b in sorted(known.items())).encode())
        return digest.hexdigest()

    @cached_property
    def encoder(self) -> str:
        """Return the sha256 over all that turns a likeness into conditioning."""
        return reference.identify(self.conditioned)

    @cached_property
    def machine(self) -> Machine:
        """Say what it runs on; the card by its name."""
        import torch  # noqa: PLC0415 - an extra

        card = self._device.startswith("cuda")
        name = f"{self._device} {torch.cuda.get_device_name(self._device)}" if card else "cpu"
        dtype = str(loading.dtype_of(self._device)).removeprefix("torch.")
        return Machine(device=name, dtype=dtype, versions=loading.versions())

    @cached_property
    def models(self) -> tuple[ModelFile, ...]:
        """Name every file that is loaded."""
        return weights.models(self._spec)

    def condition(self, likeness: Likeness) -> NDArray[np.float32]:
        """Cut the head out of one selfie: once a person, not once a portrait."""
        return reference.cut(likeness, self.conditioned)

    def begin(self, rows: Sequence[Row]) -> Latents:
        """Draw as far as the latents.

        Errors: Misshapen for a second person in the call, OutOfMemory; CannotRender for a
        scenario without a prompt.
        """
        if len(rows) not in self.batches:
            raise Misshapen(f"expected one of {self.batches} rows a call, got {len(rows)}")
        if unknown := [row.scenario for row in rows if row.scenario not in self.scenarios]:
            raise CannotRender(f"no prompt for the scenario {unknown[0]!r}")
        pictures = [reference.picture(self._face(row), self.conditioned) for row in rows]
        with self._drawing:
            held = settled(self._device, lambda: self._draw(tuple(rows), pictures))
        return Latents(rows=tuple(rows), held=held)

    def finish(self, latents: Latents, keep: Sequence[bool]) -> tuple[Picture | None, ...]:
        """Decode the rows that are kept. Errors: Misshapen, OutOfMemory."""
        if len(keep) != len(latents.rows):
            raise Misshapen(f"expected {len(latents.rows)} answers, got {len(keep)}")
        for row, kept in enumerate(keep):
            if not kept:
                latents.held[row] = float("nan")  # nobody decodes it later either
        with self._decoding:
            return tuple(
                settled(self._device, partial(self._decode, latents.held[row])) if kept else None
                for row, kept in enumerate(keep)
            )

    def render(self, rows: Sequence[Row]) -> tuple[NDArray[np.uint8], ...]:
        """Draw any number of rows, one call each."""
        drawn: list[NDArray[np.uint8]] = []
        for row in rows:
            (picture,) = self.finish(self.begin([row]), [True])
            if picture is None or not np.isfinite(picture).all():
                raise CannotRender("the drawing is not made of numbers")
            drawn.append(np.asarray(np.rint(picture * _BRIGHTEST), np.uint8))
        return tuple(drawn)

    # --- parts of a pass

    @cached_property
    def _device(self) -> str:
        return loading.device_of(self._wanted)

    @property
    def _loaded(self) -> Loaded:
        """Load at the first pass, once."""
        with self._opening:
            if self._pipeline is None:
                self._pipeline = loading.load(self._spec, self._parts, self._prompts, self._device)
            return self._pipeline

    @cached_property
    def _hashes(self) -> Mapping[str, str]:
        return weights.hashes(self._spec, self._parts)

    def _face(self, row: Row) -> NDArray[np.float32]:
        """Take the first selfie's conditioning: a second one would be a second reference."""
        if not row.likenesses:
            raise Misshapen("expected at least one selfie a row")
        first = row.likenesses[0]
        return self.condition(first) if first.conditioning is None else first.conditioning

    def _draw(self, rows: tuple[Row, ...], pictures: Sequence[Any]) -> Any:  # noqa: ANN401
        import torch  # noqa: PLC0415 - an extra

        loaded, pipeline = self._loaded, self._loaded.pipeline
        pipeline.scheduler = loading.scheduler(self._spec.scheduler, pipeline.scheduler.config)
        dtype, (width, height) = pipeline.transformer.dtype, self.size
        words = text.of_rows(
            loaded.texts, loaded.encoders, rows, words=loading.words_of(self._spec)
        )
        generators = [torch.Generator("cpu").manual_seed(row.seed) for row in rows]
        noise = torch.cat([_noise(pipeline, width, height, own) for own in generators])
        return pipeline(
            image=list(pictures),
            prompt_embeds=words.to(self._device, dtype),
            num_inference_steps=self._spec.steps, guidance_scale=self._spec.guidance,
            width=width, height=height, output_type="latent", num_images_per_prompt=1,
            generator=generators, latents=noise.to(self._device, dtype),
        ).images  # fmt: skip

    def _decode(self, latents: Any) -> Picture:  # noqa: ANN401
        """Turn one row's latents into a picture. Shapes: (H, W, 3), 0..1."""
        import torch  # noqa: PLC0415

        vae = self._loaded.pipeline.vae
        with torch.no_grad():
            decoded = vae.decode(latents[None].to(vae.dtype), return_dict=False)[0][0]
        picture = (decoded.float() / 2 + 0.5).clamp(0, 1).permute(1, 2, 0)
        return np.asarray(picture.cpu().numpy(), np.float32)


def _noise(pipeline: Any, width: int, height: int, generator: Any) -> Any:  # noqa: ANN401
    """Draw one row's noise. Shapes: (1, channels, h, w) float32, before it is cast to anything."""
    import torch  # noqa: PLC0415

    side = pipeline.vae_scale_factor * 2
    shape = (1, pipeline.transformer.config.in_channels, height // side, width // side)
    return torch.randn(shape, generator=generator)
