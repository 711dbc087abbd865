# SPDX-License-Identifier: Apache-2.0
"""Ten to twenty selfies, a pack, and terms that bring training along."""

from consent.gate import Ask, Denial, Learn
from consent.words import ObjectId, Purpose, Step
from tests.systems.conftest import Play
from tests.systems.stage import Stage, selfies

STYLES = ("astronaut", "jazz")


def story(stage: Stage) -> None:
    """Play it: nine are too few, the photos go, the licence stays."""
    stage.arrives("Ada", "Bo")
    stage.says_yes("Ada", Purpose.LIKENESS, Purpose.AVATAR_PACK)
    states = stage.states("Ada")
    assert {states["training"], states["telemetry"]} == {"implied"}
    stage.tells("Ada", "accepts the terms", "`training` and `telemetry` come along, implied")
    assert stage.gives("Ada", selfies(9), "avatar_pack").json()["reason"] == "selfies-required"
    stage.tells("Ada", "gives nine selfies", "too few: ten at least")
    assert stage.gives("Ada", selfies(10), "avatar_pack").status_code == 201
    job = stage.job("Ada", stage.pack("Ada", STYLES, 4))
    assert (job["state"], len(job["portraits"])) == ("done", 4)
    for own in job["portraits"]:
        assert stage.looks("Ada", f"/v1/portraits/{own}/image")
    stage.tells("Ada", "gives ten and takes a pack", "four avatars in two styles")
    assert stage.read("Ada", "/v1/selfies")["items"] == []
    stage.tells("system", "has drawn the pack", "the photos are destroyed")
    answer = stage.pack("Ada", STYLES, 4)
    assert (answer.status_code, answer.json()["reason"]) == (409, "selfies-required")
    stage.tells("Ada", "takes another pack", "new photos are needed")
    assert stage.hidden_from("Bo", None, path=f"/v1/portraits/{job['portraits'][0]}/image")
    learned = _trains(stage)
    assert not isinstance(learned, Denial)
    stage.tells("system", "asks to train on what she gave", "allowed: the terms said so")
    stage.ask("Ada", "DELETE", "/v1/consents/training")
    assert isinstance(_trains(stage), Denial)
    stage.tells("Ada", "turns `training` off, which Lensa did not offer", "denied from then on")


def _trains(stage: Stage) -> object:
    ask: Ask[Learn] = Ask(
        step=Step.LEARN,
        subject=stage.rooms.consent.accounts.find("Ada").subject,
        purpose=Purpose.TRAINING,
        object=ObjectId(1),
    )
    (answer,) = stage.rooms.consent.gate.ask_all([ask])
    return answer


def test_the_story_is_the_page(play: Play) -> None:
    play("lensa-2022")
