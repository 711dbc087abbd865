# SPDX-License-Identifier: Apache-2.0
"""A person's words are screened before they are read, and what is made of them afterwards."""

import logging
from collections.abc import Callable

import pytest

from consent.errors import Broken
from consent.telling import TOLD
from generation.expander import Asked, Expanded, Nothing, Template
from generation.phrasing import phrased
from generation.screening import Failed
from generation.wishes import NotOffered

IDEAS = ("baker", "lighthouse", "noir")


class Plugin:
    """An expander of another package, such as one around a language model."""

    def __init__(self, answer: Callable[[Asked], object]) -> None:
        self._answer = answer
        self.heard: list[Asked] = []

    def expand(self, asked: Asked) -> Expanded | Nothing:
        self.heard.append(asked)
        return self._answer(asked)  # type: ignore[return-value]  # it answers what it likes


def says(words: str, scenario: str = "baker") -> Plugin:
    return Plugin(lambda _: Expanded(scenario=scenario, words=words))


def test_our_own_way_goes_through() -> None:
    found = phrased(Template(), "me as a  baker", ideas=IDEAS, choices={})
    assert isinstance(found, Expanded)
    assert found.scenario == "baker"
    assert phrased(Template(), "a tax adviser", ideas=IDEAS, choices={}) == Nothing()
    with pytest.raises(NotOffered):
        phrased(Template(), "a baker", ideas=IDEAS, choices={"mood": "none"})


def test_refused_words_reach_no_expander() -> None:
    plugin = says("fine")
    refused = phrased(plugin, "me naked as a baker", ideas=IDEAS, choices={})
    assert isinstance(refused, Failed)
    assert refused.reasons == ("sexual",)
    assert "naked" not in refused.words
    assert plugin.heard == []


def test_an_expander_hears_what_was_read_and_the_ideas_and_no_person() -> None:
    plugin = says("portrait of a person as a baker with fresh bread")
    found = phrased(plugin, " me\tas  a baker ", ideas=IDEAS, choices={"season": "spring"})
    assert found == Expanded(
        scenario="baker", words="portrait of a person as a baker with fresh bread"
    )
    assert plugin.heard == [Asked(text="me as a baker", ideas=IDEAS, choices={"season": "spring"})]


@pytest.mark.parametrize(
    "words",
    [
        "portrait of a nude person",
        "portrait of a n u d e person",
        "a person with a machine gun shooting people",
        "портрет",
        "",
        "x" * 801,
    ],
)
def test_what_an_expander_writes_is_screened_like_anybodys_words(words: str) -> None:
    assert isinstance(phrased(says(words), "a baker", ideas=IDEAS, choices={}), Failed)


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: Expanded(scenario="astronaut", words="an idea that was not offered"),
        lambda _: None,
        lambda _: "just words",
        lambda asked: 1 // (len(asked.ideas) - len(IDEAS)),
    ],
)
def test_an_expander_that_answers_nothing_usable_is_no_answer(
    answer: Callable[[Asked], object], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(Broken) as broken:
        phrased(Plugin(answer), "canary as a baker", ideas=IDEAS, choices={})
    assert "canary" not in caplog.text + str(broken.value)


def test_what_an_expander_raises_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    def breaks(asked: Asked) -> object:
        raise RuntimeError(asked.text)

    with caplog.at_level(logging.DEBUG), pytest.raises(Broken) as broken:
        phrased(Plugin(breaks), "canary as a baker", ideas=IDEAS, choices={})
    (line,) = caplog.records
    assert vars(line)[TOLD] == {"expander": "Plugin", "kind": "RuntimeError"}
    assert "canary" not in caplog.text + str(vars(line))
    assert broken.value.__cause__ is None
    assert broken.value.__context__ is None
