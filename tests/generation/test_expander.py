# SPDX-License-Identifier: Apache-2.0
"""From a person's words to an idea and to words for a model, without a model."""

import re
import threading
from importlib.metadata import EntryPoint

import pytest

from generation import expander, screening, wishes
from generation.expander import OWN, OWN_ROOM, ROOM, Asked, Expanded, Nothing, Template
from generation.recipes.prompts import ideas
from generation.wishes import NotOffered, offered

EVERY = tuple(sorted(ideas()))


def expand(text: str, *among: str, **choices: str) -> Expanded | Nothing:
    return Template().expand(Asked(text=text, ideas=among or EVERY, choices=choices))


def words(text: str, *among: str, **choices: str) -> str:
    found = expand(text, *among, **choices)
    assert isinstance(found, Expanded)
    return found.words


def test_the_template_says_the_idea_then_the_person_then_the_choices_then_details() -> None:
    assert expand("Draw me as a lighthouse keeper in a storm", weather="rain") == Expanded(
        scenario="lighthouse",
        words=(
            "portrait of a person as a lighthouse keeper in a thick navy coat and knitted cap, "
            "as a lighthouse keeper in a storm, soft rain, a white and red tower with a sweeping "
            "beam behind, dusk over the sea"
        ),
    )


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("me as a baker with my cat", "as a baker with my cat"),
        ("Please draw me, as a baker!", "as a baker"),
        ("I want to be a baker", "baker"),
        ("imagine me", "imagine me"),
    ],
)
def test_how_somebody_asked_is_left_out(said: str, kept: str) -> None:
    assert words(said, "baker").split(", ")[1] == kept


def test_an_idea_that_was_named_is_taken_whatever_the_words_are() -> None:
    found = expand("with a big moustache", "pirate")
    assert isinstance(found, Expanded)
    assert found.scenario == "pirate"
    assert "with a big moustache" in found.words


def test_where_nothing_fits_it_says_so() -> None:
    assert expand("me as a tax adviser") == Nothing()


def test_a_choice_that_is_not_offered_is_refused() -> None:
    with pytest.raises(NotOffered):
        expand("a noir detective", palette="warm")


def test_nothing_is_cut_off_by_the_shortest_text_encoder_and_everything_passes_again() -> None:
    """The idea, a person's words and the choices always stand; of the details what has room."""
    told = "as seen on a very windy day with a kite in my hand and a dog beside me, " * 3
    for name in EVERY:
        choices = {
            slot.id: max(slot.choices, key=lambda one: len(slot.choices[one].words))
            for slot in offered(name)[: wishes.MOST]
        }
        made = words(told, name, **choices)
        assert len(re.findall(r"\w+|[^\w\s]", made)) <= ROOM + 1
        assert "as seen on a very windy day" in made
        assert all(one in made for one in wishes.choices(name, choices))
        assert isinstance(screening.screen(made, screening.EXPANDED), screening.Passed)


def test_a_persons_words_take_no_more_than_their_room() -> None:
    made = words("kite " * 60, "kite")
    assert 12 <= made.count("kite ") <= OWN_ROOM


class Theirs:
    """An expander that another package brings."""

    begun = 0

    def __init__(self) -> None:
        Theirs.begun += 1

    def expand(self, asked: Asked) -> Expanded | Nothing:
        return Expanded(scenario=asked.ideas[0], words=f"theirs: {asked.text}")


def test_ours_cannot_be_replaced_and_others_begin_when_they_are_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def found(*, group: str, name: str | None = None) -> list[EntryPoint]:
        value = f"{__name__}:Theirs"
        points = [EntryPoint(name=n, value=value, group=group) for n in ("theirs", OWN)]
        return [one for one in points if name in {None, one.name}]

    monkeypatch.setattr(expander, "entry_points", found)
    monkeypatch.setattr(EntryPoint, "load", lambda _: Theirs)
    assert expander.offered() == (OWN, "theirs")
    asked = Asked(text="a baker", ideas=("baker",), choices={})
    ours, other, nobodys = (expander.Named(name) for name in (OWN, "theirs", "nobody's"))
    assert ours.expand(asked) == Template().expand(asked)
    assert Theirs.begun == 0
    for _ in range(2):
        assert other.expand(asked) == Expanded(scenario="baker", words="theirs: a baker")
    assert Theirs.begun == 1
    with pytest.raises(ValueError, match="not enough values"):
        nobodys.expand(asked)


def test_one_that_never_answers_keeps_nobody_waiting_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    never = threading.Event()

    class Stuck:
        def expand(self, _: Asked) -> Expanded | Nothing:
            never.wait(30)
            return Nothing()

    monkeypatch.setattr(expander, "_load", lambda _: Stuck)
    stuck = expander.Named("theirs", patience=0.01)
    asked = Asked(text="a baker", ideas=("baker",), choices={})
    for _ in range(expander.AT_ONCE):
        with pytest.raises(TimeoutError):
            stuck.expand(asked)
    before = threading.active_count()
    with pytest.raises(TimeoutError, match="too many"):
        stuck.expand(asked)
    assert threading.active_count() == before
    never.set()
