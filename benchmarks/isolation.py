# SPDX-License-Identifier: Apache-2.0
"""Whose picture moves when one face is exchanged: stock diffusers beside one row a person.

Four people share a pass of a tiny SDXL with random weights; then the last one's face is another.
`onlyou bench isolation` prints by how much each picture moved;
`python benchmarks/isolation.py docs/img/isolation.svg` draws where.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from diffusers import StableDiffusionXLPipeline
from numpy.typing import NDArray

from benchmarks import conditions
from generation.recipes import places, specs, weights
from generation.recipes.sdxl import loading, tiny
from generation.recipes.sdxl.loading import Loaded

PEOPLE: Final = 4
SIDE: Final = 64
GUIDANCE: Final = {"guidance 5": 5.0, "no guidance": 1.0}
_PACKAGES: Final = ("torch", "diffusers", "transformers", "peft")
_CELLS: Final = 12
_PROMPTS: Final = {"boat": "a person in a boat at night", "hat": "a person in a red hat"}

Moved = NDArray[np.float32]


def run(*, smoke: bool, users: int | None) -> dict[str, Any]:
    """Report how far each of four pictures moved, by pipeline and guidance."""
    del users
    results = [
        {
            "what": f"{name}, {guided}: person {person + 1}" + (" (exchanged)" * (person == 3)),
            "value": round(float(moved.max()), 4),
            "unit": "of 1",
            "floor": None,
            "ratio": None,
            "n": 1,
            "spread": None,
        }
        for (name, guided), pictures in _measured(list(GUIDANCE)[: 1 if smoke else 2]).items()
        for person, moved in enumerate(pictures)
    ]
    return conditions.report("isolation", smoke=smoke, packages=_PACKAGES, results=results)


def _measured(guidances: list[str]) -> dict[tuple[str, str], Moved]:
    """Measure both pipelines. Shapes: (people, side, side), the greatest change of a colour."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as made:
        tiny.build(Path(made) / "sdxl-tiny")
        spec = specs.shipped()["sdxl-tiny"]
        parts = weights.locate(spec, places.Places(folder=Path(made)))
        loaded = loading.load(spec, parts, _PROMPTS, "cpu")
        ours = loaded.pipeline
        stock = StableDiffusionXLPipeline(**ours.components, add_watermarker=False)
        stock.set_progress_bar_config(disable=True)
        return {
            (name, guided): _moved(pipeline, loaded, GUIDANCE[guided])
            for guided in guidances
            for name, pipeline in (("stock diffusers", stock), ("one row a person", ours))
        }


def _moved(pipeline: Any, loaded: Loaded, guidance: float) -> Moved:  # noqa: ANN401
    """Draw four people, exchange the last one's face, draw again, and compare."""
    faces = _faces(0)
    other = torch.cat([faces[:-1], _faces(1)[-1:]])
    one, two = (_drawn(pipeline, loaded, who, guidance) for who in (faces, other))
    return np.asarray((one - two).abs().amax(dim=1), np.float32)


def _faces(seed: int) -> torch.Tensor:
    drawn = torch.randn(PEOPLE, 1, 512, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.normalize(drawn, dim=-1)


def _drawn(pipeline: Any, loaded: Loaded, faces: torch.Tensor, guidance: float) -> torch.Tensor:  # noqa: ANN401
    words, nothing = loaded.texts.of(["boat", "hat"] * 2), loaded.texts.nothing_for(PEOPLE)
    both = torch.cat([torch.zeros_like(faces), faces]) if guidance > 1 else faces
    pipeline.scheduler = loading.scheduler("euler-trailing", pipeline.scheduler.config)
    drawn: torch.Tensor = pipeline(
        prompt_embeds=words.tokens,
        pooled_prompt_embeds=words.pooled,
        negative_prompt_embeds=nothing.tokens,
        negative_pooled_prompt_embeds=nothing.pooled,
        ip_adapter_image_embeds=[both],
        guidance_scale=guidance,
        num_inference_steps=4,
        width=SIDE,
        height=SIDE,
        output_type="pt",
        generator=[torch.Generator().manual_seed(n) for n in range(PEOPLE)],
    ).images
    return drawn


# --- the picture

_STYLE: Final = """.h{font-size:15px;font-weight:650;fill:#231d16}.s{font-size:12px;fill:#5c5347}
.no{font-size:12px;font-weight:600;fill:#97301f}.ok{font-size:12px;font-weight:600;fill:#1d5a4b}"""
_FONT: Final = "system-ui, -apple-system, 'Segoe UI', Inter, sans-serif"
_PANEL: Final = 132
_LEFT, _TOP, _APART = 188, 66, 176


def picture(measured: dict[tuple[str, str], Moved]) -> str:
    """Draw where pictures moved, one row a pipeline, one panel a person, as SVG."""
    rows = [(name, moved) for (name, _), moved in measured.items()]
    most = max(float(moved.max()) for _, moved in rows)
    heads = "".join(
        f'<text class="h" x="{_LEFT + n * (_PANEL + 18) + _PANEL / 2}" y="48"'
        f' text-anchor="middle">{"another face" if n == 3 else f"person {n + 1}"}</text>'
        for n in range(PEOPLE)
    )
    body = "".join(_row(name, moved, most, place) for place, (name, moved) in enumerate(rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 812 424" font-family="{_FONT}"'
        ' role="img" aria-labelledby="t d"><title id="t">Whose picture moves</title>'
        '<desc id="d">Stock diffusers: exchanging the fourth person&#39;s face changes all four'
        " pictures. One row a person: only the fourth changes.</desc>"
        f'<style>{_STYLE}</style><rect width="812" height="424" rx="14" fill="#faf6ef"/>'
        f"{heads}{body}</svg>\n"
    )


def _row(name: str, moved: Moved, most: float, place: int) -> str:
    top = _TOP + place * _APART
    half = len(words := name.split()) // 2
    title, rest = " ".join(words[:half]), " ".join(words[half:])
    named = (
        f'<text class="h" x="28" y="{top + 62}">{title}</text>'
        f'<text class="h" x="28" y="{top + 82}">{rest}</text>'
    )
    return named + "".join(
        _panel(one, most, _LEFT + n * (_PANEL + 18), top, own=n == PEOPLE - 1)
        for n, one in enumerate(moved)
    )


def _panel(moved: Moved, most: float, left: float, top: float, *, own: bool) -> str:
    """Draw one person's picture as cells, the darker the more it moved."""
    cut = SIDE // _CELLS * _CELLS
    cells = moved[:cut, :cut].reshape(_CELLS, cut // _CELLS, _CELLS, cut // _CELLS).max((1, 3))
    side, amount = _PANEL / _CELLS, float(moved.max())
    squares = "".join(
        f'<rect x="{left + x * side:.0f}" y="{top + y * side:.0f}" width="{side:.0f}"'
        f' height="{side:.0f}" fill-opacity="{min(cell / most * 1.4, 1):.2f}"/>'
        for (y, x), cell in np.ndenumerate(cells)
        if cell > 0
    )
    colour = "#1d5a4b" if own else "#97301f"
    kind, said = ("no", f"moved by {amount:.2f}") if amount and not own else ("ok", "")
    said = said or (f"moved by {amount:.2f}, as it must" if own else "not one bit")
    return (
        f'<rect x="{left}" y="{top}" width="{_PANEL}" height="{_PANEL}" rx="6" fill="#fffdfa"'
        f' stroke="#e0d7c8" stroke-width="1.5"/><g fill="{colour}">{squares}</g>'
        f'<text class="{kind}" x="{left + _PANEL / 2}" y="{top + _PANEL + 18}"'
        f' text-anchor="middle">{said}</text>'
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(picture(_measured(["guidance 5"])), "utf-8")
