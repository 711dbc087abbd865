# SPDX-License-Identifier: Apache-2.0
"""Whose face a picture shows."""

import json
from collections.abc import Callable
from importlib.resources import files

import numpy as np
import pytest
from numpy.typing import NDArray

from consent import policies
from consent.policy import IdentityRules
from generation import identity
from generation.faces import Faces
from generation.identity import Cohort
from generation.recipes import Likeness
from tests.generation import samples

RULES = IdentityRules(margin=0.02, cohort_distance=0.6)


def at(place: float) -> NDArray[np.float32]:
    """Make a face that lies at a place on a line, so that distances can be read off."""
    vector = np.zeros(128, dtype=np.float32)
    vector[0] = place
    return vector


def cohort(*places: float) -> Cohort:
    return Cohort(people=tuple(np.stack([at(place)]) for place in places), sha256="")


@pytest.mark.parametrize(
    ("what", "faces", "others", "far", "passed"),
    [
        ("the owner, all others far away", [0.1], [], [1.0], True),
        ("no face", [], [], [1.0], False),
        ("two faces", [0.1, 0.2], [], [1.0], False),
        ("nearer to a cohort face", [0.6], [], [1.0], False),
        ("just not nearer by the margin", [0.495], [], [1.0], False),
        ("just nearer by the margin", [0.485], [], [1.0], True),
        ("nearer to somebody else of the batch", [0.2], [0.3], [1.0], False),
        ("as near to somebody else of the batch", [0.2], [0.4], [1.0], False),
        ("nearer to the owner than to the batch", [0.2], [0.5], [1.0], True),
        ("a double in the cohort is dropped", [0.3], [], [0.5, 1.0], True),
        ("everybody in the cohort is a double", [0.1], [], [0.5, 0.2], False),
        ("there is no cohort", [0.1], [], [], False),
        ("strongly drawn, yet nearest", [0.55], [], [1.2], True),
    ],
)
def test_the_gate_passes_who_is_nearest_to_the_owner(
    what: str, faces: list[float], others: list[float], far: list[float], passed: bool
) -> None:
    verdict = identity.judge(
        [at(place) for place in faces],
        [at(0.0)],
        [at(place) for place in others],
        cohort=cohort(*far),
        rules=RULES,
    )
    assert verdict.passed is passed, what


def test_margin_and_cohort_distance_are_the_policys() -> None:
    def passed(face: float, rules: IdentityRules) -> bool:
        far = cohort(0.7, 1.0)
        return identity.judge([at(face)], [at(0.0)], [], cohort=far, rules=rules).passed

    assert passed(0.34, IdentityRules(margin=0.0, cohort_distance=0.6))
    assert not passed(0.34, IdentityRules(margin=0.1, cohort_distance=0.6))
    assert passed(0.34, IdentityRules(margin=0.1, cohort_distance=0.8))


def test_everybody_is_as_near_as_the_nearest_of_their_pictures() -> None:
    owner = [at(-0.1), at(0.3)]
    verdict = identity.judge([at(0.35)], owner, [at(0.9), at(0.45)], cohort=cohort(2), rules=RULES)
    assert verdict.owner == pytest.approx(0.05)
    assert verdict.batch == pytest.approx(0.1)


def test_a_cohort_person_with_one_picture_like_the_owner_is_dropped_whole() -> None:
    person = np.stack([at(0.5), at(0.9)])
    both = Cohort(people=(person, np.stack([at(1.5)])), sha256="")
    verdict = identity.judge([at(0.1)], [at(0.0)], [], cohort=both, rules=RULES)
    assert (verdict.compared, verdict.cohort) == (1, pytest.approx(1.4))


def test_the_shipped_cohort_says_what_it_is() -> None:
    shipped = identity.shipped()
    assert len(shipped.people) == 10
    assert all(person.shape == (4, 128) for person in shipped.people)
    assert len(shipped.sha256) == 64


def test_the_shipped_cohort_was_measured_with_the_models_that_judge(faces: Faces) -> None:
    content = json.loads((files("data") / "cohort.json").read_text("ascii"))
    assert content["models"] == faces.files()
    assert content["people"] == len(content["cohort"])


@pytest.mark.parametrize("person", range(1, 11))
def test_no_cohort_person_of_the_demo_stands_against_themselves(
    person: int, likeness: Callable[[int], Likeness]
) -> None:
    shipped = identity.shipped()
    owner = [likeness(person).vector]
    counted = identity._far(shipped, owner, 0.6)
    assert 5 <= len(counted) < 10
    assert not any(other is shipped.people[person - 1] for other in counted)


@pytest.mark.parametrize("person", range(1, 11))
def test_a_swapped_portrait_is_refused_for_every_pair(
    person: int, faces: Faces, likeness: Callable[[int], Likeness]
) -> None:
    """Show each person's other photograph to the gate as if it were everybody's portrait."""
    rules = policies.load("strict-opt-in").identity
    shipped = identity.shipped()
    picture = faces.measure(samples.pixels_of(person, "studio_portrait")).vector
    everybody = range(1, 11)

    def passed(owner: int, batch: list[int]) -> bool:
        others = [likeness(other).vector for other in batch if other != owner]
        return identity.judge(
            [picture], [likeness(owner).vector], others, cohort=shipped, rules=rules
        ).passed

    assert passed(person, [])
    assert not any(passed(other, [other, person]) for other in everybody if other != person)
