# SPDX-License-Identifier: Apache-2.0
"""Encoders that left come back once, work where they should, and wait at home."""

import pytest

from generation.recipes.recalling import Recalled


class Encoders:
    """Something that can be moved, as torch's modules can."""

    def __init__(self) -> None:
        self.places: list[str] = []

    def to(self, place: str) -> None:
        self.places.append(place)


def test_they_are_loaded_at_the_first_words_and_kept() -> None:
    made: list[Encoders] = []

    def load() -> Encoders:
        made.append(Encoders())
        return made[-1]

    recalled = Recalled(load, "cuda:0")
    assert made == []
    for _ in range(2):
        with recalled.at_work() as encoders:
            assert encoders is made[0]
            assert encoders.places[-1] == "cuda:0"
        assert encoders.places[-1] == "cpu"
    assert len(made) == 1


def test_they_go_home_also_when_what_they_read_cannot_be_read() -> None:
    encoders = Encoders()
    with pytest.raises(MemoryError), Recalled(lambda: encoders, "cuda:0").at_work():
        raise MemoryError
    assert encoders.places == ["cuda:0", "cpu"]
