# SPDX-License-Identifier: Apache-2.0
"""Embed what is to be drawn: once a scenario, and then the text encoders may go.

Rules:
1. Each prompt is embedded alone, so that its numbers do not depend on what else is drawn here.
2. What is kept is a scenario's, never a person's: `Texts` holds nothing personal.
3. Words that somebody chose themselves are embedded for one pass, and kept by nobody.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generation.recipes import CannotRender, Row
from generation.recipes.recalling import Recalled


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wording:
    """One prompt as the network reads it. Shapes: tokens (1, 77, wide); pooled (1, projection)."""

    tokens: Any
    pooled: Any


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Texts:
    """Every scenario's wording, and that of nothing at all, which guidance leads away from."""

    scenarios: Mapping[str, Wording]
    nothing: Wording

    def of(self, names: Sequence[str]) -> Wording:
        """Return the wordings of several scenarios, one a row. Errors: CannotRender."""
        return _joined([self.one(name) for name in names])

    def one(self, name: str) -> Wording:
        """Return a scenario's wording. Errors: CannotRender."""
        if name not in self.scenarios:
            raise CannotRender(f"no prompt for the scenario {name!r}")
        return self.scenarios[name]

    def nothing_for(self, rows: int) -> Wording:
        """Return the wording of nothing, one a row."""
        tokens, pooled = self.nothing.tokens, self.nothing.pooled
        return Wording(tokens=tokens.repeat(rows, 1, 1), pooled=pooled.repeat(rows, 1))


def embed(pipeline: Any, prompts: Mapping[str, str], *, away_from: str = "") -> Texts:  # noqa: ANN401
    """Embed every prompt by both encoders. `away_from` is what guidance avoids; "" is zeros."""
    found = {name: _wording(pipeline, prompt) for name, prompt in sorted(prompts.items())}
    return Texts(scenarios=found, nothing=_nothing(pipeline, away_from))


def of_rows(texts: Texts, encoders: Recalled, rows: Sequence[Row]) -> Wording:
    """Return each row's wording: its own words where it has some, else its scenario's.

    Errors: CannotRender.
    """
    own = _read(encoders, {row.words for row in rows if row.words is not None})
    return _joined(
        [texts.one(row.scenario) if row.words is None else own[row.words] for row in rows]
    )


def drop_encoders(pipeline: Any) -> None:  # noqa: ANN401
    """Let the text encoders and tokenizers go: from here on, wordings come from `Texts`."""
    for name in ("text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2"):
        setattr(pipeline, name, None)


def _read(encoders: Recalled, words: Collection[str]) -> dict[str, Wording]:
    """Embed people's own words, each alone, and once where a padded pass repeats them."""
    if not words:
        return {}
    with encoders.at_work() as pipeline:
        return {one: _wording(pipeline, one) for one in words}


def _joined(found: Sequence[Wording]) -> Wording:
    import torch  # noqa: PLC0415 - an extra

    return Wording(
        tokens=torch.cat([one.tokens for one in found]),
        pooled=torch.cat([one.pooled for one in found]),
    )


def _wording(pipeline: Any, prompt: str) -> Wording:  # noqa: ANN401
    import torch  # noqa: PLC0415

    with torch.no_grad():
        tokens, _, pooled, _ = pipeline.encode_prompt(
            prompt=prompt, num_images_per_prompt=1, do_classifier_free_guidance=False
        )
    return Wording(tokens=tokens, pooled=pooled)


def _nothing(pipeline: Any, away_from: str) -> Wording:  # noqa: ANN401
    """Embed what is to be avoided; SDXL was trained with zeros where there is no prompt."""
    import torch  # noqa: PLC0415

    words = _wording(pipeline, away_from)
    if away_from:
        return words
    return Wording(tokens=torch.zeros_like(words.tokens), pooled=torch.zeros_like(words.pooled))
