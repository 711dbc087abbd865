# SPDX-License-Identifier: Apache-2.0
"""Terms that bundle everything, packs of eight, friends who may ask, and ads with one's face."""

import pytest

from consent.errors import Denied
from consent.gate import Ask, Denial, Select
from consent.policies import load
from consent.policy import Facts, decide
from consent.words import Kind, ObjectId, Purpose, Step
from engine import friends
from tests.systems.conftest import Play
from tests.systems.stage import STRICT, Stage, selfies


def story(stage: Stage) -> None:
    """Play it: on until turned off."""
    stage.arrives("Ada", "Bo")
    stage.says_yes("Ada", Purpose.LIKENESS)
    states = stage.states("Ada")
    bundled = ("imagine", "feed_insert", "ads", "training")
    assert {states[one] for one in bundled} == {"implied"}
    stage.tells("Ada", "accepts the My Selfie terms", "`" + "`, `".join(bundled) + "`: implied")
    assert stage.gives("Ada", selfies(2)).status_code == 201
    _dreams(stage)
    _ads(stage)


def _dreams(stage: Stage) -> None:
    stage.says_yes("Ada", Purpose.AVATAR_PACK)
    answer = stage.pack("Ada", ("astronaut", "jazz"), 8)
    assert answer.status_code >= 400
    assert stage.pack("Ada", ("astronaut",), 9).status_code >= 400
    stage.tells("Ada", "asks for two themes, then for nine pictures", "one theme, eight pictures")
    job = stage.job("Ada", stage.pack("Ada", ("pirate",), 8))
    assert len(job["portraits"]) == 8
    for own in job["portraits"][:3]:
        assert stage.looks("Ada", f"/v1/portraits/{own}/image")
    stage.tells("Ada", "asks for one theme", "a pack of eight")
    assert stage.hidden_from("Bo", None, path=f"/v1/portraits/{job['portraits'][0]}/image")
    ada, bo = (stage.rooms.consent.accounts.find(name).subject for name in ("Ada", "Bo"))
    with pytest.raises(Denied):
        friends.dream(stage.rooms, ada, bo, "knight")
    stage.tells("Bo", "asks for pictures of Ada, and is no friend", "refused")
    stage.befriend("Ada", "Bo")
    friends.dream(stage.rooms, ada, bo, "knight")
    assert stage.read("Ada", "/v1/jobs")["items"][0]["total"] == 8
    assert stage.read("Bo", "/v1/jobs")["items"] == []
    stage.tells("Bo, now a friend", "asks again (simulator only)", "eight more, for Ada alone")


def _ads(stage: Stage) -> None:
    ask: Ask[Select] = Ask(
        step=Step.SELECT,
        subject=stage.rooms.consent.accounts.find("Ada").subject,
        purpose=Purpose.ADS,
        object=ObjectId(1),
        request=ObjectId(1),
    )
    (answer,) = stage.rooms.consent.gate.ask_all([ask])
    assert not isinstance(answer, Denial)
    stage.tells("system", "asks to put her face into an ad", "allowed: on by default")
    yes = Facts(kind=Kind.EXPLICIT, preview=True, confirmed=True)
    strict = load(STRICT)
    assert not any(
        type(decide(strict, step, Purpose.ADS, yes)).__name__ == "Allow" for step in Step
    )
    stage.tells("auditor", f"asks `{STRICT}` the same", "denied at every step, whoever agrees")
    stage.ask("Ada", "DELETE", "/v1/consents/ads")
    (answer,) = stage.rooms.consent.gate.ask_all([ask])
    assert isinstance(answer, Denial)
    stage.tells("Ada", "turns “See My Selfie in Ads” off", "denied from then on")


def test_the_story_is_the_page(play: Play) -> None:
    play("snapchat-2024")
