# SPDX-License-Identifier: Apache-2.0
"""What holds, what ended, what is left of it."""

import pytest

from consent import verify
from consent.verify.people import Basis
from consent.verify.standing import Standing
from consent.verify.work import Work
from tests.consent.findings import found_in
from tests.consent.forge import Forge

TAG = "oCtcYNrdwAk3cHMz1_VIsA"
THING = {"tag": TAG, "object": "o"}


def test_of_what_bears_one_name_the_share_goes_before_the_portrait(work: Work) -> None:
    standing, person = Standing(work), work.chains.person(TAG.encode())
    thing = (TAG + "o").encode()
    person.held["share"] = Basis(3, "explicit", 9)
    for step, epoch in (("store", 3), ("share", 5)):
        standing.keep(thing, step, epoch)
    assert standing.keeps(thing, "share")
    standing.rules["destroy"](9, THING, person)
    assert not standing.keeps(thing, "share")
    assert standing.keeps(thing, "store")
    standing.finish()
    assert work.findings.found == []
    standing.rules["destroy"](10, THING, person)
    standing.rules["destroy"](11, THING, person)
    assert [(f["code"], f["seq"]) for f in work.findings.found] == [("erasure-false", 11)]


def test_an_epoch_says_which_of_two_shares_of_a_portrait_is_destroyed(work: Work) -> None:
    standing, person = Standing(work), work.chains.person(TAG.encode())
    thing = (TAG + "o").encode()
    person.held["imagine"] = Basis(3, "explicit", 9)
    person.held["share"] = Basis(5, "explicit", 9)
    for step, epoch in (("store", 3), ("share", 5), ("share", 7)):
        standing.keep(thing, step, epoch)
    standing.rules["destroy"](9, THING | {"purpose": "story", "epoch": 7}, person)
    assert standing.keeps(thing, "share")
    standing.finish()
    assert work.findings.found == []
    standing.rules["destroy"](10, THING | {"purpose": "story", "epoch": 7}, person)
    assert [(f["code"], f["seq"]) for f in work.findings.found] == [("erasure-false", 10)]


def test_what_ran_out_and_was_swept_is_told_apart_from_what_was_turned_off(forge: Forge) -> None:
    """Were the end another one, the reasons of the denials after it would be lies."""
    seq = forge.find("withdraw", purpose="feed_insert")
    after = forge.find("decision", verdict="deny", reasons=["withdrawn"])
    forge.edit(seq, t="expire")
    assert ("verdict-mismatch", after) in found_in(forge.close())


def test_a_first_yes_is_no_renewal_and_a_later_one_is(forge: Forge) -> None:
    renewed = forge.find("renew")
    first = forge.find("grant", tag=forge.log[renewed]["tag"], purpose="likeness")
    forge.edit(first, t="renew")
    forge.edit(renewed, t="grant")
    found = verify.verify(forge.close())["findings"]
    told = {one["seq"]: one["detail"] for one in found if one["code"] == "entry-malformed"}
    assert told == {first: "it renews what is not held", renewed: "it grants what is held already"}


def test_a_serving_is_looked_up_when_it_was_forgotten(
    forge: Forge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consent.verify.standing._SERVINGS", -1)
    monkeypatch.setattr("consent.verify.standing.DAY", -(1 << 60))
    assert found_in(forge.close()) == []
    seq = forge.find("renew")
    first = forge.find("grant", tag=forge.log[seq]["tag"], purpose=forge.log[seq]["purpose"])
    forge.edit(seq, served=forge.log[first]["served"])
    assert found_in(forge.close()) == [("notice-unserved", seq)]


def test_a_serving_is_looked_up_as_far_back_as_the_chain_goes(
    forge: Forge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consent.verify.standing._SERVINGS", -1)
    monkeypatch.setattr("consent.verify.standing.DAY", -(1 << 60))
    seq = forge.edit(forge.find("renew"), prev=None)
    found = found_in(forge.close())
    assert ("chain-broken", seq) in found
    assert "notice-unserved" not in {code for code, _ in found}


def test_what_passed_a_gate_is_no_more_held_back_and_all_else_stays(work: Work) -> None:
    standing, thing = Standing(work), (TAG + "o").encode()
    for step in ("store", "moderate", "share"):
        standing.keep(thing, step, 3)
    standing.hold(thing, 3)
    standing.passed(thing)
    left = [step for step in ("store", "moderate", "share") if standing.keeps(thing, step)]
    assert left == ["store", "share"]


def test_what_hangs_on_nothing_that_ended_is_not_said_to_be_left(work: Work) -> None:
    standing, person = Standing(work), work.chains.person(TAG.encode())
    standing.keep((TAG + "o").encode(), "store", 3)
    assert person.held == {}
    standing.finish()
    assert work.findings.found == []
