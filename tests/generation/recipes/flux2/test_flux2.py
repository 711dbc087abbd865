# SPDX-License-Identifier: Apache-2.0
"""One person a call, the same row the same picture, and nothing left behind."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from generation import isolation
from generation.provenance import source_type_of
from generation.recipes import CannotRender, Declares, Recipe, Row, prompts
from generation.recipes.batched import Batched, Misshapen, OutOfMemory, Shaped
from generation.recipes.flux2 import Flux2
from generation.recipes.flux2.loading import Loaded
from generation.recipes.specs import Spec
from tests.generation.recipes.flux2.conftest import PROMPTS, SIZE, Drawing, person, picture, row

pytestmark = pytest.mark.xdist_group("torch")


def test_it_is_a_recipe_and_says_what_it_runs_and_makes(drawing: Drawing) -> None:
    recipe = drawing()
    assert isinstance(recipe, Recipe)
    assert isinstance(recipe, Batched)
    assert isinstance(recipe, Shaped)
    assert isinstance(recipe, Declares)
    assert recipe.batches == (1,)
    assert source_type_of(recipe).endswith("/trainedAlgorithmicMedia")
    assert {one.licence for one in recipe.models} == {"Apache-2.0"}
    assert all(one.sha256 for one in recipe.models)


def test_two_people_in_one_call_are_refused_before_anything_is_loaded(
    spec: Spec, folder: Path
) -> None:
    recipe = Flux2(spec, {"base": folder}, device="cpu", scenarios=PROMPTS)
    with pytest.raises(Misshapen, match=r"expected one of \(1,\) rows a call, got 2"):
        recipe.begin([row(1), row(2)])
    assert recipe._pipeline is None


def test_the_same_row_gives_the_same_bits_before_and_after_somebody_else(
    drawing: Drawing,
) -> None:
    recipe = drawing()
    before, between, after = (picture(recipe, row(number)) for number in (1, 2, 1))
    assert np.array_equal(before, after)
    assert not np.array_equal(before, between)
    assert before.shape == (SIZE[1], SIZE[0], 3)


def test_seed_words_and_face_each_change_the_picture(drawing: Drawing) -> None:
    recipe, one = drawing(), row(1)
    others = (
        replace(one, seed=7),
        replace(one, scenario="hat"),
        replace(one, likenesses=(person(2),)),
    )
    first = picture(recipe, one)
    assert not any(np.array_equal(first, picture(recipe, other)) for other in others)


def test_many_rows_are_drawn_one_after_the_other(drawing: Drawing) -> None:
    recipe, rows = drawing(), [row(1), row(2)]
    drawn = recipe.render(rows)
    assert [one.dtype for one in drawn] == [np.dtype("uint8")] * 2
    for one, asked in zip(drawn, rows, strict=True):
        assert np.array_equal(one, recipe.render([asked])[0])


def test_the_self_test_finds_that_it_takes_one_person_a_call(drawing: Drawing) -> None:
    found = isolation.selftest(drawing(), [person(number) for number in range(isolation.PROBES)])
    assert (found.kind, found.ok) == ("single", True)
    assert found.max_abs_diff_others == 0


def test_rows_that_its_file_lets_share_a_call_stay_apart(drawing: Drawing) -> None:
    together = drawing(isolation="batched", batches=(1, 2, 4))
    people = [person(number) for number in range(isolation.PROBES)]
    found = isolation.selftest(together, people)
    assert (found.kind, found.rows, found.ok) == ("bit-identical", 4, True)
    alone = picture(drawing(), row(1))
    beside, _ = together.finish(together.begin([row(1), row(2)]), [True, True])
    assert beside is not None
    assert np.abs(alone - beside).max() < 1e-5


def test_whoever_left_is_not_decoded_now_nor_later(drawing: Drawing, loaded: Loaded) -> None:
    recipe, seen = drawing(isolation="batched", batches=(2,)), []
    begun = recipe.begin([row(1), row(2)])
    spy = loaded.pipeline.vae.decoder.register_forward_pre_hook(
        lambda _, given: seen.append(given[0].shape)
    )
    first, second = recipe.finish(begun, [False, True])
    spy.remove()
    assert (first is None, second is None, len(seen)) == (True, False, 1)
    again, _ = recipe.finish(begun, [True, True])
    assert again is not None
    assert np.isnan(again).all()


def test_no_selfie_no_prompt_and_wrong_conditioning_are_refused(drawing: Drawing) -> None:
    recipe, one = drawing(), row(1)
    with pytest.raises(Misshapen, match="at least one selfie"):
        recipe.begin([replace(one, likenesses=())])
    with pytest.raises(CannotRender, match="no prompt for the scenario 'moon'"):
        recipe.begin([replace(one, scenario="moon")])
    conditioning = person(1).conditioning
    assert conditioning is not None
    for wrong in (np.zeros(512, np.float32), conditioning * np.float32("nan")):
        with pytest.raises(Misshapen, match="reference picture"):
            recipe.begin([replace(one, likenesses=(replace(person(1), conditioning=wrong),))])
    with pytest.raises(Misshapen, match="expected 1 answers, got 2"):
        recipe.finish(recipe.begin([one]), [True, True])


@pytest.mark.parametrize("where", ["transformer", "vae"])
def test_what_does_not_fit_is_said_and_the_recipe_goes_on(
    drawing: Drawing, loaded: Loaded, where: str
) -> None:
    def full(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    recipe, before = drawing(), picture(drawing(), row(1))
    module = loaded.pipeline.transformer if where == "transformer" else loaded.pipeline.vae.decoder
    spy = module.register_forward_pre_hook(full)
    with pytest.raises(OutOfMemory, match="do not fit"):
        picture(recipe, row(1))
    spy.remove()
    assert np.array_equal(picture(recipe, row(1)), before)


def test_a_drawing_that_is_not_made_of_numbers_is_refused(
    drawing: Drawing, loaded: Loaded
) -> None:
    spy = loaded.pipeline.vae.decoder.register_forward_hook(lambda _, __, out: out * float("nan"))
    with pytest.raises(CannotRender, match="not made of numbers"):
        drawing().render([row(1)])
    spy.remove()


def test_the_version_names_file_weights_and_prompts(spec: Spec, folder: Path) -> None:
    def version(of: Spec, scenarios: dict[str, str]) -> str:
        return Flux2(of, {"base": folder}, device="cpu", scenarios=scenarios).version

    first = version(spec, PROMPTS)
    assert first == version(spec, PROMPTS)
    assert first != version(spec, PROMPTS | {"hat": "a person in a blue hat"})
    assert first != version(replace(spec, sha256="0" * 64), PROMPTS)
    assert first != version(replace(spec, parts=()), PROMPTS)


def test_the_shipped_recipe_takes_the_whole_catalogue_and_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from generation.recipes import prompts, specs\n"
        "from generation.recipes.flux2 import Flux2\n"
        "spec = specs.shipped()['flux2-klein']\n"
        "made = Flux2(spec, {}, scenarios={i.id: i.prompt for i in prompts.ideas().values()})\n"
        "print(len(made.scenarios), len(made.version), len(made.models))\n"
        "print(sorted({'torch', 'diffusers', 'transformers'} & set(sys.modules)))\n"
    )
    said = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True)
    assert said.stdout.splitlines() == [f"{len(prompts.ideas())} 64 17", "[]"]


def test_a_row_holds_no_more_than_one_reference(drawing: Drawing) -> None:
    one = row(1)
    two = Row(likenesses=(*one.likenesses, person(5)), scenario=one.scenario, seed=one.seed)
    assert np.array_equal(picture(drawing(), one), picture(drawing(), two))
