# SPDX-License-Identifier: Apache-2.0
"""A command in a chat is the asking; what it makes stays in that chat."""

from consent.words import Purpose
from tests.systems.conftest import Play
from tests.systems.stage import DAY_SECONDS, Stage, selfies


def story(stage: Stage) -> None:
    """Play it: one command, one picture, nothing in the feed."""
    stage.arrives("Ada", "Bo")
    stage.says_yes("Ada", Purpose.LIKENESS)
    assert stage.states("Ada")["imagine"] == "implied"
    assert stage.gives("Ada", selfies(1)).status_code == 201
    stage.tells("Ada", "sets up her photos", "`imagine` comes along, implied")
    said = {"text": "@Meta AI /imagine me as an astronaut"}
    answer = stage.ask("Ada", "POST", "/v1/chat", json=said)
    assert answer.status_code in {200, 202}, answer.content
    stage.draws()
    (own,) = [one for one in stage.portraits("Ada") if one["state"] == "ready"]
    assert own["purpose"] == "imagine"
    assert stage.looks("Ada", own["image_url"])
    stage.tells("Ada", "types `/imagine me as an astronaut`", "a picture, in her chat alone")
    refused = stage.ask("Ada", "POST", "/v1/chat", json={"text": "/imagine me without clothes"})
    assert "job" not in refused.json()
    stage.tells("Ada", "types what the prompt gate does not pass", "refused; nothing is made")
    stage.later(DAY_SECONDS)
    assert stage.plan()["inserted"] == 0
    assert stage.insert("Ada") is None
    stage.tells("planner", "runs", "it never reaches the feed")
    assert stage.hidden_from("Bo", None, path=own["image_url"])
    stage.says_yes("Ada", Purpose.SHARE)
    stage.befriend("Ada", "Bo")
    share = stage.shares("Ada", own["id"], "share", "friends")
    assert stage.looks("Bo", share["url"])
    stage.tells("Ada", "shares it with friends", "Bo sees it, with its AI label")
    stage.ask("Ada", "DELETE", "/v1/consents/share")
    assert stage.hidden_from("Bo", path=share["url"])
    assert stage.looks("Ada", own["image_url"])
    stage.tells("Ada", "turns sharing off", "Bo gets 404; hers is still there")


def test_the_story_is_the_page(play: Play) -> None:
    play("meta-imagine-chat")
