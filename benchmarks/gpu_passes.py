# SPDX-License-Identifier: Apache-2.0
"""The passes that `gpu_portraits` times: the stock pipeline's, and this engine's own."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from time import perf_counter
from typing import Any, Final

import torch
from diffusers import StableDiffusionXLPipeline
from diffusers.utils import logging

from benchmarks import sdxl_shapes
from benchmarks.gpu_workloads import MILLIONS, TFLOP, Case, Work
from generation.recipes.sdxl import speed
from generation.recipes.sdxl.pipeline import OnePersonARow

_SIDE: Final = 8_192


class Passes:
    """One set of networks on one device, drawn from in the stock way or in ours."""

    too_much = torch.OutOfMemoryError

    def __init__(self, *, device: str, tiny: bool, dtype: torch.dtype | None = None) -> None:
        self._device, self._tiny = device, tiny
        self._dtype = dtype or (torch.float32 if device == "cpu" else torch.bfloat16)
        self._nets: sdxl_shapes.Networks | None = None
        self._adapter: sdxl_shapes.Adapter = "faceid"
        self._speed = speed.Speed()
        self._pipelines: dict[tuple[type[Any], bool], Any] = {}
        logging.set_verbosity_error()

    def matrix_rate(self) -> float:
        """Measure what the card's matrix units reach. Units: TFLOP/s, bf16, random numbers."""
        shape = (_SIDE, _SIDE)
        one = torch.randn(shape, device=self._device, dtype=self._dtype)
        other = torch.randn(shape, device=self._device, dtype=self._dtype)
        took = self._median(lambda: one @ other, n=20)
        return 2 * _SIDE**3 / took / 1e12

    def check_sizes(self) -> None:
        """Insist that these are SDXL's networks, counted on a device that holds nothing.

        Errors: AssertionError when a number of parameters or of operations is another's.
        """
        nets = sdxl_shapes.bare()
        found = [sdxl_shapes.millions(one) for one in nets]
        wanted = MILLIONS.values()
        assert all(abs(a - b) < b / 200 for a, b in zip(found, wanted, strict=True)), found
        for px, known in {} if self._tiny else TFLOP.items():
            counted = sdxl_shapes.counted(px)
            assert all(abs(a - b) < b / 200 for a, b in zip(counted, known, strict=True)), counted

    def drop(self) -> None:
        """Forget the networks and give their memory back."""
        self._nets = None
        self._pipelines.clear()
        torch._dynamo.reset()  # noqa: SLF001  # its only name
        if self._device == "cuda":
            torch.cuda.empty_cache()

    def load(self, adapter: str, options: Mapping[str, Any]) -> None:
        """Build new networks and turn the switches on."""
        assert adapter in {"faceid", "plusface"}
        self._adapter = "faceid" if adapter == "faceid" else "plusface"
        self._nets = sdxl_shapes.build(
            self._device, self._dtype, tiny=self._tiny, adapter=self._adapter
        )
        self._speed = speed.chosen(options)
        backend = "eager" if self._tiny else "inductor"  # tiny ones are traced, not built
        decoders = torch.nn.ModuleList([self._nets.vae, self._nets.small])
        speed.quicken(self._nets.unet, decoders, self._speed, backend=backend)
        self._pipelines.clear()

    def time(self, case: Case, *, n: int) -> tuple[list[float], float | None]:
        """Draw after a warm-up n times. Units: seconds a pass, GB at the peak (cards only)."""
        draw = self._stock(case) if case.way == "stock" else self._ours(case)
        for _ in range(1 if self._tiny else 2):
            picture = draw()
        assert torch.isfinite(picture).all(), "random weights overflowed: nothing to time"
        card = self._device == "cuda"
        if card:
            torch.cuda.reset_peak_memory_stats()
        took = [self._once(draw) for _ in range(n)]
        return took, round(torch.cuda.max_memory_allocated() / 2**30, 1) if card else None

    def tflop(self, case: Case) -> float:
        """Say how many operations one picture takes. Units: TFLOP; 0 for tiny networks."""
        return 0.0 if self._tiny else case.tflop

    def isolation(self, case: Case) -> tuple[float, float]:
        """Swap the first, then the last person of a pass of the case's shape, in two steps.

        Answers by how much the other pictures changed at most, the swapped ones at least.
        """
        rows, work = case.rows, replace(case.work, steps=2)
        people, strangers = self._faces(rows, seed=1), self._faces(rows, seed=2)
        told = self._told(rows, seed=3)
        first = self._draw(told, people, work, small=case.small)
        assert torch.isfinite(first).all(), "random weights overflowed: nothing to compare"
        others, own = 0.0, float("inf")
        for row in (0, rows - 1):
            swapped = people.clone()
            swapped[row] = strangers[row]
            second = self._draw(told, swapped, work, small=case.small)
            change = (second - first).abs().flatten(1).amax(1).tolist()
            own = min(own, change.pop(row))
            others = max(others, *change)
        return others, own

    # --- drawing

    def _ours(self, case: Case) -> Callable[[], torch.Tensor]:
        people, told = self._faces(case.rows, seed=1), self._told(case.rows, seed=3)
        return lambda: self._draw(told, people, case.work, small=case.small)

    def _draw(
        self, told: Mapping[str, Any], people: torch.Tensor, work: Work, *, small: bool
    ) -> torch.Tensor:
        nets = self._nets
        assert nets is not None
        with speed.attending(self._speed, torch.device(self._device)):
            latents = self._call(OnePersonARow, told, people, work, output_type="latent")
            return speed.decode(nets.small if small else nets.vae, latents)

    def _stock(self, case: Case) -> Callable[[], torch.Tensor]:
        """Return the stock loop's one call: one person, the pipeline's own decoding."""
        people, told, kind = (
            self._faces(1, seed=1),
            self._told(1, seed=3),
            StableDiffusionXLPipeline,
        )
        return lambda: self._call(
            kind, told, people, case.work, output_type="pt", small=case.small
        )

    def _call(
        self,
        kind: type[Any],
        told: Mapping[str, Any],
        people: torch.Tensor,
        work: Work,
        *,
        output_type: str,
        small: bool = False,
    ) -> torch.Tensor:
        rows, guided = len(people), work.guidance > 1
        both = torch.cat([torch.zeros_like(people), people]) if guided else people
        nothing = {f"negative_{name}": torch.zeros_like(one) for name, one in told.items()}
        made = self._pipeline(kind, small=small)(
            **told,
            **(nothing if guided else {}),
            ip_adapter_image_embeds=[both],
            num_inference_steps=work.steps,
            guidance_scale=work.guidance,
            height=work.px,
            width=work.px,
            output_type=output_type,
            generator=[torch.Generator(self._device).manual_seed(i) for i in range(rows)],
        )
        pictures: torch.Tensor = made.images
        return pictures

    def _pipeline(self, kind: type[Any], *, small: bool) -> Any:  # noqa: ANN401 - diffusers' own
        nets = self._nets
        assert nets is not None
        if known := self._pipelines.get((kind, small)):
            return known
        made = kind(
            vae=nets.small if small else nets.vae,
            text_encoder=None,
            text_encoder_2=None,
            tokenizer=None,
            tokenizer_2=None,
            unet=nets.unet,
            scheduler=sdxl_shapes.scheduler(),
            add_watermarker=False,
        )
        made.set_progress_bar_config(disable=True)
        self._pipelines[kind, small] = made
        return made

    # --- inputs and clocks

    def _faces(self, rows: int, *, seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        return sdxl_shapes.likeness(self._adapter, rows, self._device, self._dtype)

    def _told(self, rows: int, *, seed: int) -> dict[str, torch.Tensor]:
        torch.manual_seed(seed)
        text = torch.randn(rows, 77, 2048, device=self._device, dtype=self._dtype)
        pooled = torch.randn(rows, 1280, device=self._device, dtype=self._dtype)
        return {"prompt_embeds": text, "pooled_prompt_embeds": pooled}

    def _median(self, act: Callable[[], object], *, n: int) -> float:
        for _ in range(3):
            act()
        return sorted(self._once(act) for _ in range(n))[n // 2]

    def _once(self, act: Callable[[], object]) -> float:
        wait = torch.cuda.synchronize if self._device == "cuda" else (lambda: None)
        wait()
        start = perf_counter()
        act()
        wait()
        return perf_counter() - start
