# SPDX-License-Identifier: Apache-2.0
"""A chat as it runs: what is written, what is answered, and what never comes of it."""

import pytest

from consent.words import Purpose
from engine import chat, jobs
from engine.atelier import Atelier
from engine.chat import Answer, answered
from tests.engine.town import Town


def say(town: Town, text: str, name: str = "Bo") -> Answer:
    return answered(town.rooms, town.people[name], text)


def test_a_transcript_of_a_chat(small_town: Town) -> None:
    """Requirement 37: a command makes one portrait under `imagine`, and none for the feed."""
    rooms, bo = small_town.rooms, small_town.people["Bo"]
    assert say(small_town, "hello?").reply == chat.HELP
    told = say(small_town, "/imagine me as a jazz singer")
    assert told.reply == (
        "On it. Drawn as: You, second set, last song. Only ideas are drawn here: your other words "
        "change nothing in the picture. Only you can see it: you find it in the studio when it is "
        "done."
    )
    assert told.job is not None
    Atelier(rooms).drain()
    done = jobs.find(rooms, bo, told.job)
    assert (done.state, len(done.portraits)) == (jobs.State.DONE, 1)
    assert {body["step"] for body in small_town.bodies("decision")} == {
        "enrol", "select", "read", "generate", "moderate", "store",
    }  # fmt: skip
    assert {body["purpose"] for body in small_town.bodies("decision")} == {"likeness", "imagine"}
    small_town.plan()
    assert small_town.inserts_of("Bo") == 0
    rooms.consent.withdrawals.withdraw(bo, Purpose.IMAGINE)
    assert say(small_town, "/imagine me as a knight").reply.startswith("I may not draw you yet")
    assert rooms.studio.pending() == ()


@pytest.mark.parametrize(
    "text",
    ["", "   ", "/imagine", "/imagine   ", "/help", "imagine me", "/imaginee me", "/draw me as x"],
)
def test_anything_but_the_command_is_answered_with_what_it_does(
    small_town: Town, text: str
) -> None:
    assert say(small_town, text) == Answer(reply=chat.HELP)


@pytest.mark.parametrize(
    "text", ["/imagine a pirate", " @Onlyou /IMAGINE\nme, as a pirate!", "/Imagine pirate"]
)
def test_the_command_is_known_however_it_is_written(small_town: Town, text: str) -> None:
    assert say(small_town, text).job is not None


def test_who_has_not_said_yes_is_told_how_and_nothing_waits(small_town: Town) -> None:
    told = say(small_town, "/imagine me as a pirate", "Ada")
    assert told.job is None
    assert told.reply == (
        "I may not draw you yet: you have not said yes to imagine. To say yes, open Likeness, "
        "read the text for “Draw portraits when I ask for one” and turn it on; you can turn it "
        "off there at any time."
    )
    assert small_town.rooms.studio.pending() == ()


def test_no_message_is_a_yes(small_town: Town) -> None:
    before = small_town.bodies("grant")
    for text in ("yes", "/yes", "/grant imagine", "I consent", "/imagine yes I consent"):
        say(small_town, text, "Cy")
    assert small_town.bodies("grant") == before


def test_whoever_has_no_selfies_is_told_so(small_town: Town) -> None:
    small_town.says_yes("Cy", Purpose.LIKENESS, Purpose.IMAGINE)
    told = say(small_town, "/imagine me as a pirate", "Cy")
    assert told == Answer(
        reply="I have no selfies of you to draw from. You can add some under Likeness."
    )


def test_what_is_not_drawn_is_said_without_repeating_it(small_town: Town) -> None:
    said = {
        text: say(small_town, f"/imagine {text}")
        for text in ("me naked", "me as a tax adviser", "me as a pirate " * 40)
    }
    assert all(one.job is None for one in said.values())
    assert said["me as a tax adviser"].reply == (
        "No idea here fits these words. Say it in other words, or choose an idea."
    )
    assert said["me naked"].reply.startswith("This cannot be drawn: ")
    assert "naked" not in said["me naked"].reply
    assert small_town.rooms.studio.pending() == ()
