# SPDX-License-Identifier: Apache-2.0
"""Stable Diffusion XL for rows of different people: one conditioning a row, repeated by nobody.

The stock pipeline repeats the given identity rows once more for every row of the batch, and the
attention processor folds the surplus into further tokens of each row: everybody's face enters
everybody's picture, without an error (github.com/huggingface/diffusers/issues/9813).
Rules:
1. The tensor has one row a picture already; nothing is repeated, averaged or chunked by chance.
2. Whatever does not fit is refused before the first step, so before any pixel.
"""

from collections.abc import Sequence
from typing import Any, Final

import torch
from diffusers import StableDiffusionXLPipeline

from generation.recipes.batched import Misshapen

_DIMENSIONS: Final = (3, 4)
"""Rows, selfies, numbers; or rows, selfies, tokens, numbers."""


class OnePersonARow(StableDiffusionXLPipeline):  # type: ignore[misc] # diffusers has no types
    """The stock pipeline with its rows counted.

    Takes `ip_adapter_image_embeds`, one tensor an adapter: (rows, n, 512) or (rows, n, 257, 1280);
    with guidance the negatives of all rows come first, then all rows. Takes one generator a row.
    Errors: Misshapen, before any pixel, for every other shape and for a picture of a face.
    """

    @torch.no_grad()  # type: ignore[untyped-decorator] # torch is not read by mypy
    def __call__(self, **given: Any) -> Any:  # noqa: ANN401 - as the stock pipeline has it
        """Draw as the stock pipeline does, after the shapes were looked at."""
        embeds = _embeds(given.get("ip_adapter_image"), given.get("ip_adapter_image_embeds"))
        rows = _rows(given)
        guided = given.get("guidance_scale", 5.0) > 1
        _count(embeds, rows * (2 if guided else 1), len(self._adapters))
        _count_generators(given.get("generator"), rows)
        return super().__call__(**given)

    def prepare_ip_adapter_image_embeds(
        self,
        ip_adapter_image: object,
        ip_adapter_image_embeds: Sequence[torch.Tensor],
        device: torch.device,
        num_images_per_prompt: int,
        do_classifier_free_guidance: bool,
    ) -> list[torch.Tensor]:
        """Hand the rows on as they are. The caller passes the whole batch as images a prompt."""
        embeds = _embeds(ip_adapter_image, ip_adapter_image_embeds)
        rows = num_images_per_prompt * (2 if do_classifier_free_guidance else 1)
        _count(embeds, rows, len(self._adapters))
        return [one.to(device) for one in embeds]

    @property
    def _adapters(self) -> Sequence[Any]:
        """List what turns conditioning into tokens; without an adapter nobody is drawn."""
        projection = getattr(self.unet, "encoder_hid_proj", None)
        return getattr(projection, "image_projection_layers", ())


def _embeds(picture: object, embeds: object) -> list[torch.Tensor]:
    """Take conditioning, one tensor an adapter, and nothing else."""
    if picture is not None:
        raise Misshapen("expected conditioning, got a picture of a face")
    if not isinstance(embeds, list) or not embeds:
        raise Misshapen("expected a list with one tensor an adapter, one row a person")
    return embeds


def _rows(given: dict[str, Any]) -> int:
    """Count the pictures that a call asks for."""
    if given.get("num_images_per_prompt", 1) != 1:
        raise Misshapen("expected one picture a prompt: several looks are several rows")
    prompt, embedded = given.get("prompt"), given.get("prompt_embeds")
    if isinstance(embedded, torch.Tensor):
        return int(embedded.shape[0])
    if isinstance(prompt, list):
        return len(prompt)
    raise Misshapen("expected a list of prompts or their embeddings, one a row")


def _count(embeds: Sequence[torch.Tensor], rows: int, adapters: int) -> None:
    if len(embeds) != adapters:
        raise Misshapen(f"expected conditioning for {adapters} adapters, got {len(embeds)}")
    for one in embeds:
        if not isinstance(one, torch.Tensor) or one.ndim not in _DIMENSIONS:
            raise Misshapen("expected tensors of rows, selfies and numbers")
        if one.shape[0] != rows or 0 in one.shape:
            raise Misshapen(f"expected {rows} identity rows, got {tuple(one.shape)}")


def _count_generators(generators: object, rows: int) -> None:
    """Insist on one a row: one for all would make a picture depend on its place in the batch."""
    if not isinstance(generators, list) or len(generators) != rows:
        raise Misshapen(f"expected a list of {rows} generators, one a row")
    if len({id(one) for one in generators}) != rows:
        raise Misshapen("expected a generator of its own for every row")
