# SPDX-License-Identifier: Apache-2.0
"""What a portrait says about itself, inside and out."""

import io

import numpy as np
import pytest
from PIL import Image

from consent.words import Micros
from generation import provenance
from generation.provenance import Provenance
from tests.generation import samples

MADE = Provenance(
    recipe="head",
    recipe_sha256="ab" * 32,
    scenario="plain",
    seed=7,
    models={"a.dat": "cd" * 32},
    policy_sha256="ef" * 32,
    made_at=Micros(1_780_000_000_000_000),
    label="AI, made for you",
    fingerprint="0123456789abcdef",
    owner_distance=0.2,
    cohort_distance=0.7,
    cohort_people=8,
    cohort_sha256="01" * 32,
)


def test_the_facts_come_back() -> None:
    assert provenance.provenance(MADE.facts()) == MADE


def test_the_file_states_its_source_type() -> None:
    file = provenance.marked(samples.pixels_of(1))
    assert provenance.source_type(file) == provenance.SOURCE_TYPE
    assert provenance.SOURCE_TYPE.endswith("compositeWithTrainedAlgorithmicMedia")


def test_a_photograph_states_none() -> None:
    assert provenance.source_type(samples.file_of(1)) is None


def test_the_file_says_nothing_else() -> None:
    file = provenance.marked(samples.pixels_of(1))
    with Image.open(io.BytesIO(file)) as image:
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "xmp"}
        assert not image.getexif()
    for fact in (MADE.recipe_sha256, MADE.policy_sha256, MADE.fingerprint, "178000000"):
        assert fact.encode() not in file


def test_the_picture_stays_what_it_was() -> None:
    pixels = samples.pixels_of(1)
    with Image.open(io.BytesIO(provenance.marked(pixels))) as image:
        again = np.array(image.convert("RGB"))
    assert again.shape == pixels.shape
    assert np.abs(again.astype(int) - pixels).mean() < 3


def test_unknown_facts_are_an_error() -> None:
    with pytest.raises(TypeError):
        provenance.provenance(MADE.facts() | {"owner": "somebody"})
