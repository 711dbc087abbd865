# SPDX-License-Identifier: Apache-2.0
"""Words are embedded once a scenario, each alone, by our own template."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from generation.recipes import CannotRender
from generation.recipes.flux2 import loading, text
from generation.recipes.flux2.loading import Loaded
from generation.recipes.specs import Spec
from tests.generation.recipes.flux2.conftest import PROMPTS, WORDS, Drawing, picture, row

pytestmark = pytest.mark.xdist_group("torch")


def test_a_scenarios_words_do_not_depend_on_what_else_is_drawn(
    loaded: Loaded, spec: Spec, folder: Path
) -> None:
    alone = loading.load(spec, {"base": folder}, {"hat": PROMPTS["hat"]}, "cpu")
    assert torch.equal(alone.texts.of(["hat"]), loaded.texts.of(["hat"]))


def test_rows_get_their_own_words_in_their_order(loaded: Loaded) -> None:
    both = loaded.texts.of(["hat", "boat"])
    assert both.shape == (2, WORDS, 24)
    assert torch.equal(both[1], loaded.texts.of(["boat"])[0])
    assert not torch.equal(both[0], both[1])


def test_an_unknown_scenario_has_no_words(loaded: Loaded) -> None:
    with pytest.raises(CannotRender, match="'moon'"):
        loaded.texts.of(["boat", "moon"])


def test_the_encoder_is_gone_once_everything_is_embedded(loaded: Loaded) -> None:
    assert loaded.pipeline.text_encoder is None
    assert loaded.pipeline.tokenizer is None


def test_the_template_writes_one_turn_without_thinking(folder: Path) -> None:
    from transformers import AutoTokenizer  # noqa: PLC0415

    tokenizer = AutoTokenizer.from_pretrained(folder / "tokenizer", local_files_only=True)
    tokenizer.chat_template = text.TEMPLATE
    written = tokenizer.apply_chat_template(
        [{"role": "user", "content": "a boat"}],
        tokenize=False,
        add_generation_prompt=True,
        enable_thinking=False,
    )
    assert written == (
        "<|im_start|>user\na boat<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"
    )


def test_own_words_are_read_as_a_scenarios_would_be_and_drawn(
    loaded: Loaded, drawing: Drawing
) -> None:
    one = replace(row(1), words=PROMPTS["hat"])
    found = text.of_rows(loaded.texts, loaded.encoders, [row(1), one], words=WORDS)
    assert torch.equal(found, loaded.texts.of(["boat", "hat"]))
    recipe = drawing()
    assert np.array_equal(picture(recipe, one), picture(recipe, row(1, scenario="hat")))
    kite = picture(recipe, replace(one, words="a person under a kite"))
    assert not np.array_equal(kite, picture(recipe, one))
    assert recipe.takes_words
