# SPDX-License-Identifier: Apache-2.0
"""A selfie and a style become a profile picture; setting it is an act of its own."""

from consent.words import Purpose
from tests.systems.conftest import Play
from tests.systems.stage import DAY_SECONDS, Stage, selfies


def story(stage: Stage) -> None:
    """Play it: drawn for her, set by her, seen by everybody, taken back."""
    stage.arrives("Ada", "Bo")
    stage.says_yes("Ada", Purpose.LIKENESS)
    assert stage.states("Ada")["profile_picture"] == "implied"
    assert stage.gives("Ada", selfies(1)).status_code == 201
    stage.tells("Ada", "uploads a selfie to the tool", "`profile_picture` comes along, implied")
    said = {"scenario": "jazz", "purpose": "profile_picture"}
    job = stage.job("Ada", stage.ask("Ada", "POST", "/v1/imagine", json=said))
    own = job["portraits"][0]
    assert stage.looks("Ada", f"/v1/portraits/{own}/image")
    assert stage.hidden_from("Bo", None, path=f"/v1/portraits/{own}/image")
    stage.tells("Ada", "has one drawn", "she alone sees it")
    path = f"/v1/portraits/{own}/profile-picture"
    answer = stage.ask("Ada", "POST", path, json={"confirm": True})
    assert answer.status_code == 403, answer.content
    stage.tells("Ada", "sets it as her picture", "refused: implied is no yes to being shown")
    stage.says_yes("Ada", Purpose.PROFILE_PICTURE)
    stage.job("Ada", stage.ask("Ada", "POST", path, json={"confirm": True}))
    (share,) = stage.read("Ada", "/v1/shares")["items"]
    assert share["audience"] == "profile"
    assert stage.looks("Bo", share["url"])
    stage.tells("Ada", "agrees, and sets it again", "a picture made for it; everybody sees it")
    stage.later(DAY_SECONDS)
    assert stage.plan()["inserted"] == 0
    stage.tells("planner", "runs", "the policy knows no inserts")
    stage.ask("Ada", "DELETE", "/v1/consents/profile_picture")
    assert stage.hidden_from("Bo", "Ada", path=share["url"])
    stage.tells("Ada", "turns it off", "the picture and what was drawn for it are destroyed")


def test_the_story_is_the_page(play: Play) -> None:
    play("meta-profile-2024")
