# SPDX-License-Identifier: Apache-2.0
"""The paid tier: as the free one, but the photos go as soon as the avatars are drawn."""

from consent.words import Purpose
from tests.systems.conftest import Play
from tests.systems.stage import Stage, selfies

STYLES = ("astronaut", "aurora", "diver")


def story(stage: Stage) -> None:
    """Play it: the one value that differs."""
    stage.arrives("Ada")
    stage.says_yes("Ada", Purpose.LIKENESS, Purpose.AVATAR_PACK)
    assert stage.gives("Ada", selfies(3), "avatar_pack").status_code == 201
    stage.tells("Ada", "gives three selfies", "kept until her avatars are drawn")
    job = stage.job("Ada", stage.pack("Ada", STYLES, 3))
    assert len(job["portraits"]) == 3
    for own in job["portraits"]:
        assert stage.looks("Ada", f"/v1/portraits/{own}/image")
    assert stage.read("Ada", "/v1/selfies")["items"] == []
    stage.tells("Ada", "asks for three avatars", "drawn; the selfies are destroyed at once")
    stage.later(301)
    assert stage.hidden_from("Ada", path=f"/v1/portraits/{job['portraits'][0]}/image")
    stage.tells("Ada", "looks after 301 seconds", "the avatars are destroyed, too")


def test_the_story_is_the_page(play: Play) -> None:
    play("tiktok-avatars-2023+plus")
