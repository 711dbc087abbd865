# SPDX-License-Identifier: Apache-2.0
"""A tiny FLUX.2 klein made once a session: the real classes, random weights, and no network."""

import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
from numpy.typing import NDArray

from generation.recipes import Likeness, Row, specs
from generation.recipes.flux2 import Flux2, loading
from generation.recipes.flux2.loading import Loaded
from generation.recipes.specs import Spec

PROMPTS = {"boat": "a person in a boat at night", "hat": "a person in a red hat"}
SIZE = (64, 80)
WORDS = 96
_LAYERS = 28  # the deepest that the pipeline reads is the 27th

Drawing = Callable[..., Flux2]


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    import torch  # noqa: PLC0415 - what asks for no network need not wait for it

    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> NoReturn:
        raise AssertionError("a recipe asked for the network")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a whole pipeline of random weights, as the hub's folder has it."""
    import torch  # noqa: PLC0415
    from diffusers import (  # noqa: PLC0415
        AutoencoderKLFlux2,
        FlowMatchEulerDiscreteScheduler,
        Flux2KleinPipeline,
        Flux2Transformer2DModel,
    )
    from transformers import Qwen3Config, Qwen3ForCausalLM  # noqa: PLC0415

    made = tmp_path_factory.mktemp("flux2")
    torch.manual_seed(5)
    tokenizer = _tokenizer()
    text = Qwen3Config(
        vocab_size=len(tokenizer), hidden_size=8, intermediate_size=12, head_dim=4,
        num_hidden_layers=_LAYERS, num_attention_heads=2, num_key_value_heads=1,
        max_position_embeddings=256, initializer_range=0.5, tie_word_embeddings=True,
    )  # fmt: skip
    transformer = Flux2Transformer2DModel(
        in_channels=8, num_layers=1, num_single_layers=1, attention_head_dim=16,
        num_attention_heads=2, joint_attention_dim=24, timestep_guidance_channels=16,
        axes_dims_rope=(4, 4, 4, 4), guidance_embeds=False,
    )  # fmt: skip
    vae = AutoencoderKLFlux2(
        block_out_channels=(4, 4, 4, 4), layers_per_block=1, latent_channels=2,
        norm_num_groups=2, sample_size=64,
    )  # fmt: skip
    Flux2KleinPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=vae,
        text_encoder=Qwen3ForCausalLM(text),
        tokenizer=tokenizer,
        transformer=transformer,
        is_distilled=True,
    ).save_pretrained(made)
    return made


def _tokenizer() -> Any:
    """Make a tokenizer that has one token a byte."""
    from transformers import Qwen2Tokenizer  # noqa: PLC0415

    codes = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = [chr(c) for c in codes] + [chr(256 + more) for more in range(256 - len(codes))]
    made = Qwen2Tokenizer(vocab={one: at for at, one in enumerate(letters)}, merges=[])
    made.add_special_tokens(
        {"additional_special_tokens": ["<|im_start|>", "<|im_end|>", "<think>", "</think>"]}
    )
    return made


@pytest.fixture(scope="session")
def spec() -> Spec:
    """Take the shipped recipe at a size that is quick to draw."""
    small = {"reference_width": SIZE[0], "reference_height": SIZE[1], "words": WORDS}
    return replace(specs.shipped()["flux2-klein"], size=SIZE, steps=2, options=small)


@pytest.fixture(scope="session")
def loaded(spec: Spec, folder: Path) -> Loaded:
    """Load the pipeline once; whoever draws with it leaves it as it was."""
    return loading.load(spec, {"base": folder}, PROMPTS, "cpu")


@pytest.fixture(scope="session")
def drawing(spec: Spec, folder: Path, loaded: Loaded) -> Drawing:
    """Make a recipe as the file says, or as `changes` say."""

    def made(**changes: Any) -> Flux2:
        recipe = Flux2(replace(spec, **changes), {"base": folder}, device="cpu", scenarios=PROMPTS)
        recipe._pipeline = loaded
        return recipe

    return made


def person(number: int) -> Likeness:
    """Make up a likeness of which only the reference picture is ever looked at."""
    chance = np.random.default_rng(number)
    picture = chance.integers(0, 256, (SIZE[1], SIZE[0], 3))
    return Likeness(
        pixels=np.zeros((8, 8, 3), np.uint8),
        box=(0, 0, 8, 8),
        landmarks=np.zeros((5, 2), np.float32),
        vector=np.zeros(128, np.float32),
        smile=0.5,
        conditioning=picture.astype(np.float32),
    )


def row(number: int, *, scenario: str = "boat") -> Row:
    """Ask for one person's picture; its seed is theirs."""
    return Row(likenesses=(person(number),), scenario=scenario, seed=number)


def picture(recipe: Flux2, one: Row) -> NDArray[np.float32]:
    """Draw one row."""
    (drawn,) = recipe.finish(recipe.begin([one]), [True])
    assert drawn is not None
    return drawn
