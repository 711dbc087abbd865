# SPDX-License-Identifier: Apache-2.0
"""The control arm: the person's own photograph with a look, and nothing that was not in it."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from feed.scenarios import shipped
from generation.faces import Faces, distance
from generation.recipes import CannotRender, Likeness, Recipe, Row, Sources, prompts
from generation.recipes.filter import Filter, colours, crop, skin
from generation.recipes.photobooth.alignment import place
from tests.generation import samples

LOOKS = {"photo": "aurora", "painted": "rowboat", "inked": "nouveau", "paper": "papercraft"}


@pytest.fixture(scope="session")
def recipe() -> Filter:
    return Filter()


@pytest.fixture(scope="session")
def people() -> tuple[Likeness, ...]:
    faces = Faces()
    return tuple(
        faces.measure(np.array(samples.image_of(person, longer=1000))) for person in (6, 9)
    )


def drawn(recipe: Filter, likeness: Likeness, scenario: str, seed: int = 1) -> NDArray[np.uint8]:
    (picture,) = recipe.render([Row(likenesses=(likeness,), scenario=scenario, seed=seed)])
    return picture


def test_it_is_a_recipe_for_the_whole_catalogue_that_runs_no_model(recipe: Filter) -> None:
    assert isinstance(recipe, Recipe)
    assert recipe.scenarios == {one.id for one in shipped().scenarios}
    assert recipe.models == ()


def test_its_pictures_say_that_an_algorithm_changed_a_photograph(recipe: Filter) -> None:
    assert isinstance(recipe, Sources)
    assert recipe.source_type == "algorithmicallyEnhanced"


@pytest.mark.parametrize("scenario", ["aurora", "rowboat"])
def test_the_same_row_gives_the_same_picture_whoever_stands_beside_it(
    recipe: Filter, people: tuple[Likeness, ...], scenario: str
) -> None:
    one, two = (Row(likenesses=(who,), scenario=scenario, seed=3) for who in people[:2])
    (alone,), (beside, _) = recipe.render([one]), recipe.render([one, two])
    assert np.array_equal(alone, beside)
    assert alone.shape == (640, 512, 3)


@pytest.mark.parametrize("scenario", LOOKS.values())
def test_every_look_leaves_the_person_and_the_colour_of_their_skin(
    recipe: Filter, people: tuple[Likeness, ...], scenario: str
) -> None:
    faces = Faces()
    for likeness in people if scenario == "aurora" else people[:1]:
        picture = drawn(recipe, likeness, scenario)
        (face,) = faces.find(picture)
        assert distance(faces.embed(picture, face), likeness.vector) < 0.4
        photo, frame, chin = crop(likeness)
        sure = skin(photo, frame, chin) > 0.98
        before, after = (
            cv2.cvtColor(np.asarray(one, np.float32), cv2.COLOR_RGB2LAB)[sure]
            for one in (photo, picture / np.float32(255))
        )
        shift = np.median(after, axis=0) - np.median(before, axis=0)
        assert np.abs(shift[1:]).max() < 2.5
        assert abs(shift[0]) < 5


def test_the_look_follows_from_the_scenario(recipe: Filter, people: tuple[Likeness, ...]) -> None:
    pictures = [drawn(recipe, people[0], scenario).astype(int) for scenario in LOOKS.values()]
    apart = [
        np.abs(one - two).mean() for at, one in enumerate(pictures) for two in pictures[at + 1 :]
    ]
    assert min(apart) > 5
    assert {prompts.ideas()[name].finish for name in LOOKS.values()} == set(LOOKS)


def test_nothing_stands_in_the_picture_that_was_not_in_the_photograph(
    recipe: Filter, people: tuple[Likeness, ...]
) -> None:
    for likeness in people:
        photo, _, _ = crop(likeness)
        picture = drawn(recipe, likeness, "aurora") / np.float32(255)
        shapes = [
            cv2.cvtColor(np.asarray(one, np.float32), cv2.COLOR_RGB2GRAY)
            for one in (photo, picture)
        ]
        assert np.corrcoef(shapes[0].ravel(), shapes[1].ravel())[0, 1] > 0.95


def test_a_tilted_head_comes_out_upright(people: tuple[Likeness, ...]) -> None:
    pixels, points = people[0].pixels, people[0].landmarks
    turn = cv2.getRotationMatrix2D((pixels.shape[1] / 2, pixels.shape[0] / 2), 12, 1.0)
    turned = Likeness(
        pixels=np.asarray(cv2.warpAffine(pixels, turn, pixels.shape[1::-1]), np.uint8),
        box=people[0].box,
        landmarks=np.asarray(points @ turn[:, :2].T + turn[:, 2], np.float32),
        vector=people[0].vector,
        smile=0.5,
    )
    picture, _, _ = crop(turned)
    seen = place(Faces().measure(np.asarray(picture * 255, np.uint8)))
    assert abs(place(turned).tilt) > 0.1
    assert abs(seen.tilt) < 0.05


def test_of_several_selfies_the_one_in_the_ideas_mood_is_taken(
    recipe: Filter, people: tuple[Likeness, ...]
) -> None:
    glad, sad = people[0], people[1]
    smiles = (
        Likeness(
            pixels=glad.pixels,
            box=glad.box,
            landmarks=glad.landmarks,
            vector=glad.vector,
            smile=0.9,
        ),
        Likeness(
            pixels=sad.pixels, box=sad.box, landmarks=sad.landmarks, vector=sad.vector, smile=0.1
        ),
    )
    (both,) = recipe.render([Row(likenesses=smiles[::-1], scenario="aurora", seed=1)])
    assert prompts.ideas()["aurora"].mood == "smile"
    assert np.array_equal(both, drawn(recipe, smiles[0], "aurora"))


def test_every_colour_of_the_catalogue_is_known() -> None:
    words = {word for one in shipped().scenarios for word in one.scene.palette}
    assert words == set(colours())


def test_an_unknown_scenario_and_nobody_are_refused(
    recipe: Filter, people: tuple[Likeness, ...]
) -> None:
    with pytest.raises(CannotRender, match="got 'anything'"):
        drawn(recipe, people[0], "anything")
    with pytest.raises(CannotRender):
        recipe.render([Row(likenesses=(), scenario="aurora", seed=1)])


def test_the_version_names_everything_that_decides_pixels(
    recipe: Filter, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert recipe.version == Filter().version
    monkeypatch.setattr("generation.recipes.filter._USED", ("styles", "colour"))
    assert Filter().version != recipe.version
