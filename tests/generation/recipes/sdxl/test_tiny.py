# SPDX-License-Identifier: Apache-2.0
"""The tiny model is the same everywhere, and made of nothing that could run."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from generation.recipes import formats
from generation.recipes.sdxl import tiny
from generation.recipes.specs import Spec

pytestmark = pytest.mark.xdist_group("torch")


def test_every_file_has_the_hash_that_the_recipe_names(folder: Path, spec: Spec) -> None:
    """So a machine on which one number differed would refuse to start."""
    for part in spec.parts:
        made = {
            str(path.relative_to(folder / spec.id / part.name)): hashlib.sha256(
                path.read_bytes()
            ).hexdigest()
            for path in (folder / spec.id / part.name).rglob("*")
            if path.is_file()
        }
        assert made == dict(part.files)


def test_nothing_in_it_can_hold_code(folder: Path) -> None:
    files = [path for path in (folder / "sdxl-tiny").rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".safetensors", ".json", ".txt"}
    for path in files:
        formats.check(path)


def test_its_numbers_are_even_and_within_their_bound() -> None:
    drawn = tiny._uniform("a name", (200, 500), 0.3)
    assert drawn.dtype == np.float32
    assert np.abs(drawn).max() <= 0.3
    assert abs(float(drawn.mean())) < 0.003
    assert abs(float(drawn.std()) - 0.3 / 3**0.5) < 0.003
    assert not np.array_equal(drawn, tiny._uniform("another name", (200, 500), 0.3))


def test_every_cross_attention_has_its_pair_of_weights(folder: Path) -> None:
    names = load_file(folder / "sdxl-tiny" / "adapter" / tiny.ADAPTER).keys()
    numbers = sorted({int(name.split(".")[1]) for name in names if name.startswith("ip_adapter.")})
    assert numbers == list(range(1, 2 * len(numbers), 2))
    assert sum(name.startswith("ip_adapter.") for name in names) == 2 * len(numbers)
