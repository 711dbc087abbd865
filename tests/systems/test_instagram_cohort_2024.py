# SPDX-License-Identifier: Apache-2.0
"""A limited test group: who is in it counts as having agreed to be measured."""

from consent.words import Purpose
from tests.systems.conftest import Play
from tests.systems.stage import DAY_SECONDS, Stage, selfies


def story(stage: Stage) -> None:
    """Play it: asked for, measured unasked, shared by an act, nothing in the feed."""
    stage.arrives("Ada", "Bo")
    stage.says_yes("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    assert stage.states("Ada")["experiment"] == "implied"
    stage.tells("Ada", "joins the group and gives her face", "`experiment` comes along, implied")
    assert stage.gives("Ada", selfies(1)).status_code == 201
    job = stage.job("Ada", stage.ask("Ada", "POST", "/v1/imagine", json={"scenario": "oldmaster"}))
    own = job["portraits"][0]
    assert stage.looks("Ada", f"/v1/portraits/{own}/image")
    stage.tells("Ada", "asks for a painting of herself", "drawn; she sees it first")
    states = stage.states("Ada")
    assert {states["personalisation"], states["telemetry"]} == {"implied"}
    stage.tells("system", "learns from it", "`personalisation`, `telemetry`: implied")
    stage.later(DAY_SECONDS)
    assert stage.plan()["inserted"] == 0
    stage.tells("planner", "runs", "the policy knows no inserts")
    stage.says_yes("Ada", Purpose.SHARE)
    stage.befriend("Ada", "Bo")
    share = stage.shares("Ada", own, "share", "friends")
    assert stage.looks("Bo", share["url"])
    stage.tells("Ada", "shows it to friends", "Bo sees it, with its AI label")
    stage.ask("Ada", "DELETE", "/v1/consents/likeness")
    assert set(stage.states("Ada").values()) <= {"not_granted", "implied"}
    assert stage.hidden_from("Ada", "Bo", path=share["url"])
    stage.tells("Ada", "leaves the test", "portrait, share and selfie destroyed")


def test_the_story_is_the_page(play: Play) -> None:
    play("instagram-cohort-2024")
