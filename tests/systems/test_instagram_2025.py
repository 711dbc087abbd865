# SPDX-License-Identifier: Apache-2.0
"""What the press tells of January 2025: using the edit tool once counts as a yes to inserts."""

from consent.words import Purpose
from tests.systems.conftest import Play
from tests.systems.stage import DAY_SECONDS, Stage, selfies


def story(stage: Stage) -> None:
    """Play it: one edit asked for, then a portrait that nobody asked for."""
    stage.arrives("Ada", "Bo")
    stage.says_yes("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    assert stage.gives("Ada", selfies(1)).status_code == 201
    stage.tells("Ada", "sets up with a selfie and the terms", "kept")
    job = stage.job("Ada", stage.ask("Ada", "POST", "/v1/imagine", json={"scenario": "astronaut"}))
    assert job["state"] == "done"
    assert stage.looks("Ada", f"/v1/portraits/{job['portraits'][0]}/image")
    stage.tells("Ada", "has one picture made, as she asked", "drawn")
    assert stage.states("Ada")["feed_insert"] == "implied"
    stage.tells("system", "takes that for a basis for inserts", "recorded as `implied`, no yes")
    stage.later(DAY_SECONDS)
    assert stage.plan()["inserted"] == 1
    item = stage.insert("Ada")
    assert item is not None
    assert not item["preview"]
    assert item["ai_label"] == "Imagined for you"
    stage.tells("Ada", "opens her feed", f"a portrait: “{item['label']}”, “{item['ai_label']}”")
    assert stage.looks("Ada", item["image_url"])
    assert stage.hidden_from("Bo", None, path=item["image_url"])
    stage.tells("Bo, and nobody signed in", "ask for that image", "404; 401")
    assert stage.read("Ada", item["why"])["basis"] == "implied"
    stage.tells("Ada", "asks why (in 2025 nobody could)", "basis: implied")
    stage.acts("Ada", item["id"], "hide")
    assert stage.insert("Ada") is None
    stage.tells("Ada", "hides it", "gone; more may come tomorrow")
    stage.later(2 * DAY_SECONDS)
    assert stage.plan()["inserted"] == 1
    stage.tells("planner", "runs two days later", "the next one")
    receipt = stage.ask("Ada", "DELETE", "/v1/consents/feed_insert").json()
    assert receipt["destroyed"]["inserts"] == 2
    assert stage.insert("Ada") is None
    stage.tells("Ada", "turns it off", "both inserts destroyed, with a receipt")


def test_the_story_is_the_page(play: Play) -> None:
    play("instagram-2025")
