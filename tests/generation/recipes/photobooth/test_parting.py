# SPDX-License-Identifier: Apache-2.0
"""The head is parted from its room and its shirt, always alike."""

import cv2
import numpy as np

from generation.recipes.photobooth.complexion import learn
from generation.recipes.photobooth.geometry import Field
from generation.recipes.photobooth.parting import part
from tests.generation.recipes.photobooth.dummy import drawn, parts

CHIN = 1.7


def parted() -> Field:
    picture, person = drawn()
    return part(picture, person, learn(picture, person), CHIN)


def test_hair_face_and_neck_are_head_shirt_and_room_are_not() -> None:
    head = parted()
    crown, face, neck, chest = parts()
    inside = np.maximum.reduce([crown, face, neck])
    room = np.maximum(inside, chest) == 0
    throat = (neck > 0.99) & (chest == 0)
    assert float(head[crown > 0.99].mean()) > 0.98
    assert float(head[face > 0.99].min()) > 0.95
    assert float(head[throat].mean()) > 0.9
    assert float(head[(chest > 0.99) & (inside == 0)].mean()) < 0.02
    assert float(head[room].mean()) < 0.01


def test_chance_in_the_first_clusters_does_not_show() -> None:
    first = parted()
    cv2.setRNGSeed(77)
    assert np.array_equal(first, parted())


def test_a_person_who_touches_no_edge_is_one_piece() -> None:
    count, _ = cv2.connectedComponents(np.asarray(parted() > 0.5, np.uint8))
    assert count == 2
