# SPDX-License-Identifier: Apache-2.0
"""The synthetic population says many small things, each in its hour, the same for a seed."""

import xml.etree.ElementTree as ET
from collections import Counter
from importlib.resources import files

import pytest

from consent.words import DAY, HOUR
from feed import population
from feed.population import Line, parse, shipped
from feed.slots import Neighbour

LINES = [line for lines in shipped().lines.values() for line in lines]
PICTURES = files("data") / "posts" / "pictures"


def test_there_are_several_hundred_different_things_to_say() -> None:
    assert len(LINES) > 250
    assert len({line.text for line in LINES}) == len(LINES)
    assert all(10 <= len(line.text) <= 200 for line in LINES)


def test_many_people_talk_and_each_beat_has_several() -> None:
    people = {name for names in shipped().authors.values() for name in names}
    assert len(people) == 40
    assert all(len(names) >= 4 for names in shipped().authors.values())


def test_most_posts_are_ordinary_and_some_are_not_to_be_stood_beside() -> None:
    counts = Counter(line.neighbour for line in LINES)
    assert counts[Neighbour.ORDINARY] > 0.95 * len(LINES)
    assert {Neighbour.GRIEF, Neighbour.SENSITIVE, Neighbour.AD} <= set(counts)


def test_every_picture_is_there_has_an_alt_text_and_is_only_a_drawing() -> None:
    shown = {line.picture for line in LINES if line.picture}
    assert shown == {f.name[:-4] for f in PICTURES.iterdir()}
    assert all(line.alt for line in LINES if line.picture)
    for name in shown:
        root = ET.fromstring((PICTURES / f"{name}.svg").read_text("utf-8"))  # noqa: S314 - ours
        tags = {element.tag.split("}")[1] for element in root.iter()}
        assert not tags & {"script", "image", "foreignObject", "a", "style"}
        assert not any(
            key.startswith("on") or key == "href" for e in root.iter() for key in e.attrib
        )


def test_the_same_seed_and_day_say_the_same() -> None:
    assert population.day(20_700, seed=7) == population.day(20_700, seed=7)
    assert population.day(20_700, seed=8) != population.day(20_700, seed=7)
    assert population.day(20_701, seed=7) != population.day(20_700, seed=7)


def test_posts_stand_in_their_hour_of_their_day() -> None:
    for one in population.day(20_700, seed=7):
        hour = (one.at - 20_700 * DAY) // HOUR
        (line,) = [line for line in LINES if line.text == one.text]
        first, last = {"morning": (6, 11), "day": (11, 18), "evening": (18, 23)}[line.hour]
        assert first <= hour < last
        assert one.author in shipped().authors[line.beat]


def test_nothing_is_said_twice_within_a_week() -> None:
    week = [one for day in range(20_700, 20_707) for one in population.day(day, seed=7)]
    said = Counter(one.text for one in week)
    assert set(said.values()) == {1}
    ids = {one.id for day in range(20_700, 20_800) for one in population.day(day, seed=7)}
    assert len(ids) == 3_600


@pytest.mark.parametrize(
    ("text", "match"),
    [('night = ["x"]', "night"), ('day = [{ text = "x", mood = "y" }]', "mood")],
)
def test_an_unknown_key_is_an_error(text: str, match: str) -> None:
    with pytest.raises((ValueError, TypeError), match=match):
        parse("home", text)


def test_a_line_may_be_bare_or_carry_a_picture() -> None:
    bare, drawn = parse("home", 'day = ["a", { text = "b", picture = "p", alt = "q" }]')
    assert bare == Line(beat="home", hour="day", text="a")
    assert (drawn.picture, drawn.alt) == ("p", "q")
