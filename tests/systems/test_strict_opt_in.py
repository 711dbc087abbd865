# SPDX-License-Identifier: Apache-2.0
"""Our own rule: a yes for each thing, a question before the first insert, one way out."""

from consent.words import Purpose
from tests.systems.conftest import Play
from tests.systems.stage import DAY_SECONDS, Stage, selfies


def story(stage: Stage) -> None:
    """Play it from the first selfie to the last withdrawal."""
    stage.arrives("Ada", "Bo")
    answer = stage.gives("Ada", selfies(2))
    assert (answer.status_code, answer.json()["reason"]) == (403, "not-granted")
    stage.tells("Ada", "gives two selfies, and has agreed to nothing", "refused: not-granted")
    stage.says_yes("Ada", Purpose.LIKENESS)
    assert stage.gives("Ada", selfies(2)).status_code == 201
    stage.tells("Ada", "reads the notice, agrees to `likeness`, gives them again", "kept, sealed")
    assert stage.plan()["selected"] == 0
    stage.tells("planner", "runs for the night", "nobody agreed to inserts: nothing is made")
    _asks_first(stage)
    _only_ada(stage)
    _shares(stage)
    _withdraws(stage)


def _asks_first(stage: Stage) -> None:
    stage.says_yes("Ada", Purpose.FEED_INSERT)
    stage.later(DAY_SECONDS)
    assert stage.plan()["made"] == 0
    card = stage.insert("Ada")
    assert card is not None
    assert card["preview"]
    assert "image_url" not in card
    stage.tells("Ada", "agrees to `feed_insert`, opens her feed", "a card asks; nothing was made")
    stage.acts("Ada", card["id"], "accept")
    stage.later(DAY_SECONDS)
    assert stage.plan()["inserted"] == 1
    stage.tells("planner", "runs after she said yes to the card", "one portrait, in her feed")


def _only_ada(stage: Stage) -> None:
    item = stage.insert("Ada")
    assert item is not None
    assert (item["label"], item["is_ad"]) == ("Only you can see this", False)
    assert stage.looks("Ada", item["image_url"])
    stage.tells("Ada", "opens her feed", f"“{item['label']}”, “{item['ai_label']}”")
    assert stage.hidden_from("Bo", None, path=item["image_url"])
    stage.tells("Bo, and nobody signed in", "ask for that image", "404; 401")
    why = stage.read("Ada", item["why"])
    assert len(why["selfies"]) == 2
    stage.tells("Ada", "asks why", "both selfies, the idea, her yes with its entry, the policy")
    stage.acts("Ada", item["id"], "fewer")
    assert stage.insert("Ada") is None
    stage.tells("Ada", "says “fewer”", "out of her feed, and none for thirty days")


def _shares(stage: Stage) -> None:
    own = stage.portraits("Ada")[0]["id"]
    stage.befriend("Ada", "Bo")
    stage.says_yes("Ada", Purpose.STORY)
    answer = stage.ask("Ada", "POST", f"/v1/portraits/{own}/story", json={"audience": "story"})
    assert answer.status_code == 422
    stage.tells("Ada", "puts it into her story without confirming", "refused: nothing leaves")
    share = stage.shares("Ada", own, "story", "story")
    assert stage.looks("Bo", share["url"])
    stage.tells("Bo, her friend", "looks at her story", "sees it, its AI label in the pixels")
    assert stage.ask("Ada", "DELETE", f"/v1/shares/{share['share_id']}").status_code == 204
    assert stage.hidden_from("Bo", path=share["url"])
    stage.tells("Ada", "takes it back", "Bo gets 404")


def _withdraws(stage: Stage) -> None:
    own = stage.portraits("Ada")[0]["id"]
    receipt = stage.ask("Ada", "DELETE", "/v1/consents/feed_insert").json()
    assert receipt["destroyed"]["portraits"] == 1
    assert stage.hidden_from("Ada", path=f"/v1/portraits/{own}/image")
    stage.tells("Ada", "turns inserts off", "destroyed at once, with a receipt; 404 to her, too")
    answer = stage.ask("Ada", "GET", "/v1/notices/ads")
    assert answer.json()["reason"] == "notice-missing"
    stage.tells("anybody", "looks for a way to allow `ads`", "there are no words to agree to")


def test_the_story_is_the_page(play: Play) -> None:
    play("strict-opt-in")
