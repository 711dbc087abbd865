# SPDX-License-Identifier: Apache-2.0
"""FLUX.2 klein whose rows are one person each.

The stock pipeline takes `image=[...]` as ONE set of references and repeats the whole set for every
prompt: with two prompts and two people's pictures, both people enter both contexts. Here the n-th
picture belongs to the n-th row, and the number of each must be the same.
Rules:
1. A row's context is its own words, its own noise and its own reference; nothing is repeated.
2. Whatever does not fit is refused before the first step, so before any pixel.
"""

from collections.abc import Sequence
from typing import Any

import torch
from diffusers import Flux2KleinPipeline

from generation.recipes.batched import Misshapen


class OneSelfieARow(Flux2KleinPipeline):  # type: ignore[misc] # diffusers has no types
    """The stock pipeline with its references counted.

    Takes `image`, one PIL picture a row, all of one size; `prompt_embeds` (rows, words, wide); one
    generator a row. Errors: Misshapen, before any pixel, for anything else.
    """

    @torch.no_grad()  # type: ignore[untyped-decorator] # torch is not read by mypy
    def __call__(self, **given: Any) -> Any:  # noqa: ANN401 - as the stock pipeline has it
        """Draw as the stock pipeline does, after rows, references and generators were counted."""
        embedded, pictures = given.get("prompt_embeds"), given.get("image")
        if not isinstance(embedded, torch.Tensor) or given.get("num_images_per_prompt", 1) != 1:
            raise Misshapen("expected embedded prompts, one a row and one picture each")
        rows = int(embedded.shape[0])
        if not isinstance(pictures, list) or len(pictures) != rows:
            raise Misshapen(f"expected a list of {rows} reference pictures, one a row")
        if len({picture.size for picture in pictures}) != 1:
            raise Misshapen("expected reference pictures of one size")
        _count_generators(given.get("generator"), rows)
        return super().__call__(**given)

    def prepare_image_latents(
        self,
        images: Sequence[torch.Tensor],
        batch_size: int,
        generator: object,
        device: torch.device,
        dtype: torch.dtype,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Encode each row's reference for that row alone.

        Shapes: tokens (rows, S, C), their places (rows, S, 4).
        """
        if len(images) != batch_size:
            raise Misshapen(f"expected {batch_size} reference pictures, got {len(images)}")
        encoded = [
            self._encode_vae_image(
                image=image.to(device=self.vae.device, dtype=dtype), generator=generator
            )
            for image in images
        ]
        places = self._prepare_image_ids(encoded[:1])
        tokens = torch.cat([self._pack_latents(one) for one in encoded])
        return tokens.to(device), places.repeat(batch_size, 1, 1).to(device)


def _count_generators(generators: object, rows: int) -> None:
    """Insist on one a row: one for all would make a picture depend on its place in the batch."""
    if not isinstance(generators, list) or len(generators) != rows:
        raise Misshapen(f"expected a list of {rows} generators, one a row")
    if len({id(one) for one in generators}) != rows:
        raise Misshapen("expected a generator of its own for every row")
