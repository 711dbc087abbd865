# SPDX-License-Identifier: Apache-2.0
"""A tiny SDXL made once a session, people who are nothing but numbers, and no network."""

import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
from numpy.typing import NDArray

from generation.recipes import Likeness, Row, places, specs, weights
from generation.recipes.sdxl import Sdxl, loading, tiny
from generation.recipes.sdxl.loading import Loaded
from generation.recipes.specs import Spec

PROMPTS = {"boat": "a person in a boat at night", "hat": "a person in a red hat"}
#: smaller than the recipe's own pictures: what is tried here does not depend on the size
SIDE = 32

Drawing = Callable[..., Sdxl]


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
    """Write the tiny weights where an installation would have them."""
    made = tmp_path_factory.mktemp("weights")
    tiny.build(made / "sdxl-tiny")
    return made


@pytest.fixture(scope="session")
def spec() -> Spec:
    """Read the shipped recipe."""
    return specs.shipped()["sdxl-tiny"]


@pytest.fixture(scope="session")
def parts(folder: Path, spec: Spec) -> dict[str, Path]:
    """Find the tiny weights as the installation does: by name, and hashed."""
    return dict(weights.locate(spec, places.Places(folder=folder)))


@pytest.fixture(scope="session")
def loaded(spec: Spec, parts: dict[str, Path]) -> Loaded:
    """Load the pipeline once; whoever draws with it leaves it as it was."""
    return loading.load(spec, parts, PROMPTS, "cpu")


@pytest.fixture(scope="session")
def drawing(spec: Spec, parts: dict[str, Path], loaded: Loaded) -> Drawing:
    """Make a recipe that draws small pictures without a head over them, or as `changes` say."""

    def made(*, selfies: int = 1, **changes: Any) -> Sdxl:
        small = {"drawn_width": SIDE, "drawn_height": SIDE, "selfies": selfies}
        plain = {"overlay": "none", "size": (SIDE, SIDE), "steps": 2, "options": small}
        recipe = Sdxl(replace(spec, **(plain | changes)), parts, device="cpu", scenarios=PROMPTS)
        recipe._pipeline = loaded
        return recipe

    return made


def person(number: int, *, shape: tuple[int, ...] = (512,), selfie: int = 0) -> Likeness:
    """Make up a likeness of which only the conditioning is ever looked at."""
    chance = np.random.default_rng((number, selfie))
    vector = chance.standard_normal(shape).astype(np.float32)
    return Likeness(
        pixels=np.zeros((8, 8, 3), np.uint8),
        box=(0, 0, 8, 8),
        landmarks=np.zeros((5, 2), np.float32),
        vector=np.zeros(128, np.float32),
        smile=0.5,
        conditioning=vector / np.float32(np.linalg.norm(vector)),
    )


def row(number: int, *, selfies: int = 1, **of: Any) -> Row:
    """Ask for one person's picture; its seed is theirs."""
    likenesses = tuple(person(number, selfie=one, **of) for one in range(selfies))
    return Row(likenesses=likenesses, scenario=("boat", "hat")[number % 2], seed=number)


def pictures(recipe: Sdxl, rows: list[Row]) -> NDArray[np.float32]:
    """Draw a whole pass."""
    drawn = recipe.finish(recipe.begin(rows), [True] * len(rows))
    return np.stack([one for one in drawn if one is not None])
