# SPDX-License-Identifier: Apache-2.0
"""A scenario is embedded once, alone, and the encoders are gone afterwards."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from generation.recipes import CannotRender
from generation.recipes.sdxl import text
from generation.recipes.sdxl.loading import Loaded
from generation.recipes.sdxl.pipeline import OnePersonARow
from tests.generation.recipes.sdxl.conftest import PROMPTS, Drawing, pictures, row

pytestmark = pytest.mark.xdist_group("torch")


@pytest.fixture(scope="module")
def bare(parts: dict[str, Path]) -> OnePersonARow:
    """Load the base with its text encoders still in it."""
    return OnePersonARow.from_pretrained(
        parts["base"], local_files_only=True, dtype=torch.float32, add_watermarker=False
    )


def test_words_come_one_row_a_scenario_in_the_order_asked(loaded: Loaded) -> None:
    names = ["hat", "hat", "boat"]
    together = loaded.texts.of(names)
    assert together.tokens.shape == (3, 77, 64)
    assert together.pooled.shape == (3, 32)
    for place, name in enumerate(names):
        alone = loaded.texts.of([name])
        assert torch.equal(together.tokens[place], alone.tokens[0])
        assert torch.equal(together.pooled[place], alone.pooled[0])
    assert not torch.equal(together.tokens[1], together.tokens[2])
    assert not torch.equal(together.pooled[1], together.pooled[2])


def test_words_do_not_depend_on_what_else_is_drawn(bare: OnePersonARow, loaded: Loaded) -> None:
    alone = text.embed(bare, {"hat": PROMPTS["hat"]})
    assert torch.equal(alone.of(["hat"]).tokens, loaded.texts.of(["hat"]).tokens)
    assert torch.equal(alone.of(["hat"]).pooled, loaded.texts.of(["hat"]).pooled)


def test_both_encoders_have_their_half(bare: OnePersonARow) -> None:
    before = text.embed(bare, PROMPTS).of(["hat"]).tokens
    for encoder, half in (("text_encoder", slice(32)), ("text_encoder_2", slice(32, None))):
        weights = getattr(bare, encoder).get_input_embeddings().weight
        known = weights.detach().clone()
        with torch.no_grad():
            weights += 0.01
            after = text.embed(bare, PROMPTS).of(["hat"]).tokens
            weights.copy_(known)
        changed = (before != after).any(dim=1)[0]
        assert changed[half].any()
        assert int(changed.sum()) <= 32


def test_guidance_leads_away_from_zeros_or_from_what_the_recipe_says(bare: OnePersonARow) -> None:
    nothing = text.embed(bare, PROMPTS).nothing_for(3)
    assert nothing.tokens.shape == (3, 77, 64)
    assert not nothing.tokens.any()
    assert not nothing.pooled.any()
    said = text.embed(bare, PROMPTS, away_from="text, letters").nothing_for(2)
    assert said.tokens.any()
    assert torch.equal(said.tokens[0], said.tokens[1])


def test_an_unknown_scenario_has_no_words(loaded: Loaded) -> None:
    with pytest.raises(CannotRender):
        loaded.texts.of(["hat", "unheard of"])


def test_the_encoders_are_gone_after_loading(loaded: Loaded) -> None:
    left = loaded.pipeline.components
    assert [left[name] for name in ("text_encoder", "text_encoder_2", "tokenizer")] == [None] * 3


def test_own_words_stand_for_the_scenarios_and_are_read_as_its_prompt_would_be(
    loaded: Loaded,
) -> None:
    rows = [row(1), replace(row(1), words=PROMPTS["boat"]), replace(row(1), words="a kite")]
    found = text.of_rows(loaded.texts, loaded.encoders, rows)
    assert torch.equal(found.tokens[0], loaded.texts.one("hat").tokens[0])
    assert torch.equal(found.tokens[1], loaded.texts.one("boat").tokens[0])
    assert torch.equal(found.pooled[1], loaded.texts.one("boat").pooled[0])
    assert not torch.equal(found.tokens[1], found.tokens[2])
    assert set(loaded.texts.scenarios) == set(PROMPTS)
    with pytest.raises(CannotRender, match="unheard of"):
        text.of_rows(loaded.texts, loaded.encoders, [replace(row(1), scenario="unheard of")])


def test_own_words_are_drawn_and_change_no_bit_of_another_row(drawing: Drawing) -> None:
    recipe = drawing()
    rows = [row(n) for n in range(4)]
    said = [rows[0], replace(rows[1], words="a person under a yellow kite"), *rows[2:]]
    before, after, again = (pictures(recipe, some) for some in (rows, said, said))
    same = [bool(np.array_equal(*pair)) for pair in zip(before, after, strict=True)]
    assert same == [True, False, True, True]
    assert np.array_equal(after, again)
    assert recipe.takes_words
