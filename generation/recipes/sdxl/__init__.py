# SPDX-License-Identifier: Apache-2.0
"""Portraits by Stable Diffusion XL and an identity adapter, rows of different people in one pass.

Rules, beside those of `recipes.batched`:
1. A row's picture depends on its face, its words, its seed and the size of the pass, and on nobody
   in it; one generator a row, one conditioning a row (`sdxl.pipeline` counts them).
2. Nothing stays from one pass to the next.
3. A row that is not kept is out before anything is decoded: its latents are wiped. The others are
   decoded one by one, so that no picture depends on how many are still in.
Importing this loads neither torch nor diffusers; the first pass does.
"""

import hashlib
import importlib.resources
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generation.recipes import CannotRender, Likeness, ModelFile, Row, weights
from generation.recipes.batched import Latents, Machine, Misshapen
from generation.recipes.photobooth import Photobooth, segmentation
from generation.recipes.sdxl import conditioning, loading, overlay
from generation.recipes.sdxl.conditioning import Encoder
from generation.recipes.sdxl.loading import Loaded
from generation.recipes.sdxl.overlay import Heads
from generation.recipes.specs import Spec

Picture = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Held:
    """What lies between noise and picture. Shapes: latents (rows, 4, h, w)."""

    latents: Any
    heads: Heads | None

    def drop(self, row: int) -> None:
        """Wipe a row, so that nobody decodes it later either: what is not a number shows."""
        self.latents[row] = float("nan")
        if self.heads is not None:
            self.heads.drop(row)


class Sdxl:
    """Draw rows of different people together. One instance may be shared by threads.

    `parts` are the folders of the spec's parts, `scenarios` the prompts by scenario.
    Errors: MissingExtra when a library is not installed.
    """

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
        loading.check_libraries()
        self._spec, self._parts, self._prompts = spec, parts, dict(scenarios)
        self._wanted = device
        self._turn, self._opening = Lock(), Lock()  # one pipeline, one thread at a time
        self._pipeline: Loaded | None = None
        self.id, self.size, self.batches = spec.id, spec.size, spec.batches
        self.scenarios = frozenset(scenarios)
        self.conditioned = conditioning.shape_of(spec.conditioning, spec.options)
        self.selfies = int(spec.options.get("selfies", 1))

    @cached_property
    def _device(self) -> str:
        """Choose where to draw; asking torch takes seconds, and most commands draw nothing."""
        return loading.device_of(self._wanted)

    @cached_property
    def version(self) -> str:
        """Return the sha256 over this code, the recipe's file, its weights and its prompts."""
        digest = hashlib.sha256(self._spec.sha256.encode())
        for file in sorted(importlib.resources.files(__name__).iterdir(), key=lambda f: f.name):
            if file.name.endswith(".py"):
                digest.update(f"{file.name}\0".encode() + file.read_bytes())
        for known in (self._hashes, self._prompts):
            digest.update("".join(f"{a}\0{b}\0" for a, b in sorted(known.items())).encode())
        if self._overlaid:
            digest.update(Photobooth().version.encode())
        return digest.hexdigest()

    @cached_property
    def encoder(self) -> str:
        """Return the sha256 over all that turns a likeness into conditioning."""
        own = {file: known for file, known in self._hashes.items() if file.startswith("encoder/")}
        return conditioning.identify(self._spec.conditioning, own)

    @cached_property
    def machine(self) -> Machine:
        """Say what it runs on; the card by its name."""
        import torch  # noqa: PLC0415 - an extra

        card = self._device.startswith("cuda")
        name = f"{self._device} {torch.cuda.get_device_name(self._device)}" if card else "cpu"
        dtype = str(loading.dtype_of(self._spec, self._device)).removeprefix("torch.")
        return Machine(device=name, dtype=dtype, versions=loading.versions())

    @cached_property
    def models(self) -> tuple[ModelFile, ...]:
        """Name every file that is loaded, and what cuts heads out where they are laid over."""
        own = weights.models(self._spec)
        return (*own, segmentation.model()) if self._overlaid else own

    @property
    def source_type(self) -> str:
        """Say what its pictures are: made by a model, or that under the person's own head."""
        if self._overlaid:
            return "compositeWithTrainedAlgorithmicMedia"
        return "trainedAlgorithmicMedia"

    def condition(self, likeness: Likeness) -> NDArray[np.float32]:
        """Encode one selfie: once a person, not once a portrait."""
        return self._encoder.encode(likeness)

    def begin(self, rows: Sequence[Row]) -> Latents:
        """Draw as far as the latents.

        Errors: Misshapen, OutOfMemory; CannotRender for a scenario without a prompt.
        """
        from generation.recipes.sdxl import drawing  # noqa: PLC0415 - needs the extra

        if len(rows) not in self.batches:
            raise Misshapen(f"expected one of {self.batches} rows, got {len(rows)}")
        if unknown := [row.scenario for row in rows if row.scenario not in self.scenarios]:
            raise CannotRender(f"no prompt for the scenario {unknown[0]!r}")
        rows = tuple(rows)
        faces = self._negated(np.stack([self._face(row) for row in rows]))
        heads = overlay.cut(rows) if self._overlaid else None
        loaded = self._loaded
        with self._turn:
            latents = drawing.draw(loaded, self._spec, rows, faces)
        return Latents(rows=rows, held=Held(latents=latents, heads=heads))

    def finish(self, latents: Latents, keep: Sequence[bool]) -> tuple[Picture | None, ...]:
        """Decode the rows that are kept. Errors: Misshapen, OutOfMemory."""
        from generation.recipes.sdxl import drawing  # noqa: PLC0415 - needs the extra

        held = latents.held
        if not isinstance(held, Held) or len(keep) != len(latents.rows):
            raise Misshapen(f"expected {len(latents.rows)} answers, got {len(keep)}")
        for row, kept in enumerate(keep):
            if not kept:
                held.drop(row)
        if not any(keep):
            return (None,) * len(keep)
        still_in = [row for row, kept in enumerate(keep) if kept]
        with self._turn:
            decoded = drawing.decode(self._loaded, held.latents[still_in])
        pictures = dict(zip(still_in, decoded, strict=True))
        return tuple(
            self._finished(pictures[row], held.heads, row) if row in pictures else None
            for row in range(len(keep))
        )

    def render(self, rows: Sequence[Row]) -> tuple[NDArray[np.uint8], ...]:
        """Draw any number of rows in passes, the last one padded with its last row."""
        drawn: list[NDArray[np.uint8]] = []
        most = self.batches[-1]
        for start in range(0, len(rows), most):
            own = rows[start : start + most]
            size = next(size for size in self.batches if size >= len(own))
            padded = [*own, *[own[-1]] * (size - len(own))]
            pictures = self.finish(self.begin(padded), [n < len(own) for n in range(size)])
            drawn += [_as_bytes(one) for one in pictures if one is not None]
        return tuple(drawn)

    # --- parts of a pass

    @property
    def _overlaid(self) -> bool:
        return self._spec.overlay == "head"

    @property
    def _loaded(self) -> Loaded:
        """Load at the first pass, once."""
        with self._opening:
            if self._pipeline is None:
                self._pipeline = loading.load(self._spec, self._parts, self._prompts, self._device)
            return self._pipeline

    @cached_property
    def _encoder(self) -> Encoder:
        suffix = (".onnx", ".safetensors")
        part = self._spec.part("encoder")
        kind = ".onnx" if part and any(f.endswith(suffix[0]) for f in part.files) else suffix[1]
        file = loading.file_of(self._spec, self._parts, "encoder", kind)
        return conditioning.encoder(self._spec.conditioning, file, self._device)

    @cached_property
    def _hashes(self) -> Mapping[str, str]:
        return weights.hashes(self._spec, self._parts)

    def _face(self, row: Row) -> NDArray[np.float32]:
        """Stack one row's conditioning: as many selfies as the recipe reads, some of them again.

        Shapes: (selfies, *the encoder's).
        """
        if not row.likenesses:
            raise Misshapen("expected at least one selfie a row")
        own = [row.likenesses[n % len(row.likenesses)] for n in range(self.selfies)]
        found = [
            self.condition(one) if one.conditioning is None else one.conditioning for one in own
        ]
        for one in found:
            if one.shape != self.conditioned:
                raise Misshapen(f"expected conditioning {self.conditioned}, got {one.shape}")
        return np.stack(found).astype(np.float32)

    def _negated(self, faces: NDArray[np.float32]) -> NDArray[np.float32]:
        """Put nobody's conditioning before everybody's, as guidance wants it."""
        if self._spec.guidance <= 1:
            return faces
        return np.concatenate([np.broadcast_to(self._encoder.nothing(), faces.shape), faces])

    def _finished(self, picture: Picture, heads: Heads | None, row: int) -> Picture:
        whole = overlay.enlarged(picture, self.size)
        cutout = heads.cutouts[row] if heads is not None else None
        return whole if cutout is None else overlay.lay(whole, cutout)


def _as_bytes(picture: Picture) -> NDArray[np.uint8]:
    if not np.isfinite(picture).all():
        raise CannotRender("the drawing is not made of numbers")
    return np.asarray(np.rint(picture * 255), np.uint8)
