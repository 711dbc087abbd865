# SPDX-License-Identifier: Apache-2.0
import io

from fastapi import UploadFile

from consent.words import Reason
from engine.web.checking import checked, photos, sent
from engine.web.visitors import Visitor
from tests.engine.homes import NOON, Home
from tests.generation import samples


def visitor(home: Home, name: str) -> Visitor:
    return Visitor(
        subject=home.person(name),
        name=name,
        csrf="",
        portraits_since=None,
        paused=False,
        rooms=home.rooms,
        now=NOON,
    )


def test_each_photo_has_its_reason_and_what_to_do() -> None:
    good, dark = checked("good,dark")
    assert (good.number, good.reason) == (1, None)
    assert "kept when the others are" in good.words
    assert (dark.number, dark.reason) == (2, Reason.DARK)
    assert "turn towards even light" in dark.words


def test_an_address_says_nothing_but_our_own_words() -> None:
    assert checked("<b>you won</b>,granted") == ()
    assert len(checked(",".join(["dark"] * 500))) == 20


def test_what_is_sent_is_kept_or_every_photo_is_told(home: Home) -> None:
    cleo = visitor(home, "Cleo")
    held = len(photos(cleo)["given"])
    bad = [
        UploadFile(io.BytesIO(b"no picture")),
        UploadFile(io.BytesIO(samples.small_file_of(5, "studio_portrait"))),
    ]
    assert sent(cleo, bad, attest_self="true", attest_adult="true") == "unreadable,good"
    assert len(photos(cleo)["given"]) == held


def test_nothing_may_be_given_without_a_yes(home: Home) -> None:
    assert photos(visitor(home, "Cleo"))["may_enrol"]
    assert not photos(visitor(home, "Dora"))["may_enrol"]
