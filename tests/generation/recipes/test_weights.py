# SPDX-License-Identifier: Apache-2.0
"""Weights are known byte for byte before anybody loads them."""

from pathlib import Path

import pytest

from generation.recipes import weights
from generation.recipes.places import MissingWeights, Places
from generation.recipes.weights import Located, Unpinned, Unsafe, WrongHash
from tests.generation.recipes import weighing
from tests.generation.recipes.test_formats import CODE
from tests.generation.recipes.weighing import FILES, REPO

SPEC = weighing.spec()


@pytest.fixture
def where(tmp_path: Path) -> Places:
    where = Places(folder=tmp_path / "weights", hub=tmp_path / "hub")
    weighing.put(where.folder / REPO)
    return where


def test_weights_that_are_what_the_recipe_names_are_located(where: Places) -> None:
    assert weights.locate(SPEC, where) == {"base": where.folder / REPO}


@pytest.mark.parametrize("file", FILES)
def test_one_changed_byte_refuses_the_start(where: Places, file: str) -> None:
    path = where.folder / REPO / file
    weights.locate(SPEC, where)
    before = path.stat()
    raw = bytearray(path.read_bytes())
    raw[-2] ^= 1  # within a number: both files stay what their names say
    path.write_bytes(raw if file.endswith("safetensors") else b'{"layers": 3}\n')
    assert path.stat().st_size == before.st_size
    with pytest.raises(WrongHash, match=f"base/{file} is .* it was changed"):
        weights.locate(SPEC, where)


def test_weights_that_nobody_has_pinned_refuse_the_start(where: Places) -> None:
    with pytest.raises(Unpinned) as why:
        weights.locate(weighing.spec(pinned=False), where)
    assert str(why.value) == (
        "mine: nobody has said which bytes base/unet/config.json and 1 more must have; look where "
        "they come from, then run `onlyou recipe check mine --pin`"
    )


@pytest.mark.parametrize("code", CODE)
def test_a_pickle_under_another_name_is_refused_before_its_hash_counts(
    where: Places, code: str
) -> None:
    content = CODE[code]
    weighing.put(where.folder / REPO, {"unet/model.safetensors": content})
    with pytest.raises(Unsafe, match=r"mine: model.safetensors is refused"):
        weights.locate(SPEC, where)


def test_parts_are_looked_for_when_the_first_is_asked_for() -> None:
    asked: list[None] = []

    def look() -> dict[str, Path]:
        asked.append(None)
        return {"base": Path("here")}

    parts = Located(SPEC, look)
    assert (list(parts), len(parts), asked) == (["base"], 1, [])
    assert (parts["base"], parts.get("adapter"), "base" in parts) == (Path("here"), None, True)
    assert len(asked) == 1


def test_what_is_missing_is_said_again_at_every_asking(tmp_path: Path) -> None:
    nowhere = Places(folder=tmp_path / "nowhere", hub=tmp_path / "hub")
    parts = Located(SPEC, lambda: weights.locate(SPEC, nowhere))
    for _ in range(2):
        with pytest.raises(MissingWeights):
            parts["base"]
    weighing.put(nowhere.folder / "base")
    assert parts["base"] == nowhere.folder / "base"


def test_a_model_card_names_repository_revision_and_hash_of_every_file() -> None:
    config, model = weights.models(SPEC)
    assert (config.name, config.file) == ("mine: base", "unet/config.json")
    assert model.sha256 == weighing.sha256(FILES["unet/model.safetensors"])
    assert model.source == f"{REPO} at {weighing.REVISION}: its model card"
    (loose, *_) = weights.models(weighing.spec(pinned=False, repo=""))
    assert (loose.sha256, loose.source) == (None, "its model card")
