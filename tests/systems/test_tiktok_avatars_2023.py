# SPDX-License-Identifier: Apache-2.0
"""Three to ten selfies, up to thirty avatars in five styles, once a day, gone in five minutes."""

from consent.words import Purpose
from tests.systems.conftest import Play
from tests.systems.stage import DAY_SECONDS, Stage, selfies

STYLES = ("astronaut", "jazz", "knight", "oldmaster", "pirate")


def story(stage: Stage) -> None:
    """Play it: every limit from both sides, then five minutes."""
    stage.arrives("Ada", "Bo")
    stage.says_yes("Ada", Purpose.LIKENESS, Purpose.AVATAR_PACK)
    assert stage.gives("Ada", selfies(2), "avatar_pack").json()["reason"] == "selfies-required"
    assert stage.gives("Ada", selfies(11), "avatar_pack").json()["reason"] == "quota"
    stage.tells("Ada", "gives two selfies, then eleven", "too few; too many")
    assert stage.gives("Ada", selfies(3), "avatar_pack").status_code == 201
    stage.tells("Ada", "gives three", "kept for five minutes")
    assert stage.pack("Ada", (*STYLES, "diver"), 6).status_code >= 400
    assert stage.pack("Ada", STYLES, 31).status_code >= 400
    stage.tells("Ada", "asks for six styles, then for 31 avatars", "five styles; thirty avatars")
    job = stage.job("Ada", stage.pack("Ada", STYLES, 5))
    assert (job["state"], len(job["portraits"])) == ("done", 5)
    stage.tells("Ada", "asks for one avatar in each of five styles", "five avatars")
    for own in job["portraits"]:
        assert stage.looks("Ada", f"/v1/portraits/{own}/image")
    first = f"/v1/portraits/{job['portraits'][0]}"
    assert stage.hidden_from("Bo", None, path=f"{first}/image")
    saved = stage.ask("Ada", "GET", f"{first}/download")
    assert saved.status_code == 200
    found = stage.ask(None, "POST", "/v1/verify", files={"file": ("saved", saved.content)}).json()
    assert (found["c2pa"], found["watermark"]) == ("trusted", "found")
    stage.tells("Ada", "downloads one, and has the file checked", "credential and watermark found")
    answer = stage.pack("Ada", STYLES, 5)
    assert (answer.status_code, answer.json()["reason"]) == (429, "quota")
    stage.tells("Ada", "asks for a second pack", "one a day")
    _five_minutes(stage, first)


def _five_minutes(stage: Stage, first: str) -> None:
    stage.later(299)
    assert len(stage.read("Ada", "/v1/selfies")["items"]) == 3
    assert stage.ask("Ada", "GET", f"{first}/image").status_code == 200
    stage.tells("Ada", "looks after 299 seconds", "selfies and avatars are there")
    stage.later(2)
    assert stage.read("Ada", "/v1/selfies")["items"] == []
    assert stage.hidden_from("Ada", path=f"{first}/image")
    stage.tells("Ada", "looks after 301", "all destroyed; 404")
    stage.later(DAY_SECONDS - 600)
    assert stage.pack("Ada", STYLES, 5).status_code in {403, 409, 429}
    stage.later(700)
    stage.says_yes("Ada", Purpose.LIKENESS, Purpose.AVATAR_PACK)
    answer = stage.pack("Ada", STYLES, 5)
    assert (answer.status_code, answer.json()["reason"]) == (409, "selfies-required")
    stage.tells("Ada", "comes back the next day", "new selfies are needed, and a new yes")


def test_the_story_is_the_page(play: Play) -> None:
    play("tiktok-avatars-2023")
