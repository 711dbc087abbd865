# SPDX-License-Identifier: Apache-2.0
"""Every image that was ever made, with what was held back and what is gone."""

import re
from dataclasses import replace

import pytest

from engine.web import images
from tests.engine.browsing import enter, form_of, page, send
from tests.engine.homes import Home
from tests.generation.test_moderation import Fixed


def test_what_is_held_back_is_told_with_its_reason_and_its_end_and_can_be_judged_again(
    home: Home,
) -> None:
    own = home.hold_back("Anna")
    enter(home, "Anna")
    text = page(home, "/likeness")
    assert "Held back<br>No one has seen it" in text
    told = 'It did not pass the checks. Goes in <span class="num whole">7 days</span>'
    assert f"{told} <code>nsfw</code>" in text
    assert "neither you nor anybody else sees it" in text
    fields = form_of(text, "/likeness/portraits/appeal", own) | {"id": own}
    answered = send(home, "/likeness/portraits/appeal", fields)
    assert (answered.status_code, answered.headers["location"]) == (303, "/likeness?said=passed")
    text = page(home, answered.headers["location"])
    assert "Judged again: it passed, and you can see it now" in text
    assert f"/v1/portraits/{own}/image" in text
    assert "Held back" not in text


def test_what_does_not_pass_again_says_so_and_offers_no_second_try(home: Home) -> None:
    own = home.hold_back("Anna")
    judging = home.rooms.studio.appeals
    judging._judge = replace(home.rooms.studio._inspector, scorer=Fixed(0.9))
    enter(home, "Anna")
    fields = form_of(page(home, "/likeness"), "/likeness/portraits/appeal", own) | {"id": own}
    answered = send(home, "/likeness/portraits/appeal", fields)
    text = page(home, answered.headers["location"])
    assert "Judged again: it did not pass, and stays held back" in text
    assert "It was judged again." in text
    assert "/likeness/portraits/appeal" not in text
    assert send(home, "/likeness/portraits/appeal", fields).status_code == 429
    gone = form_of(text, "/likeness/portraits/destroy", own) | {"id": own}
    assert send(home, "/likeness/portraits/destroy", gone).status_code == 303
    assert "Held back" not in page(home, "/likeness")


def test_a_gate_that_still_gives_no_answer_uses_no_appeal_up(home: Home) -> None:
    own = home.hold_back("Anna")
    judging = home.rooms.studio.appeals
    broken = Fixed(RuntimeError("broke"))
    judging._judge = replace(home.rooms.studio._inspector, scorer=broken)
    enter(home, "Anna")
    fields = form_of(page(home, "/likeness"), "/likeness/portraits/appeal", own) | {"id": own}
    text = page(home, send(home, "/likeness/portraits/appeal", fields).headers["location"])
    assert "It could not be judged just now. You may ask again" in text
    assert "Judge again" in text


def test_every_image_is_under_exactly_one_filter(home: Home) -> None:
    held, gone = home.hold_back("Anna"), home.insert("Anna")["portrait_id"]
    home.client.delete(f"/v1/portraits/{gone}", headers=home.as_("Anna"))
    enter(home, "Anna")
    text = page(home, "/likeness")
    chips = re.findall(r'show=(\w+)"[^>]*>([\w ]+) <span class="num">(\d+)', text)
    assert chips == [
        ("all", "All", "3"),
        ("never", "Never shown", "1"),
        ("held", "Held back", "1"),
        ("gone", "Destroyed", "1"),
    ]
    assert "Destroyed<br>29 May 2026, 12:00" in text
    assert re.search(r"Its key is gone, entry \d+", text)
    for name, _, count in chips:
        assert page(home, f"/likeness/images?show={name}").count("<figure>") == int(count)
    assert held in page(home, "/likeness/images?show=held")
    assert "There is none of these." in page(home, "/likeness/images?show=shown")
    assert page(home, "/likeness/images?show=banana").count("<figure>") == 3


def test_many_images_come_some_at_a_time(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "_PAGE", 1)
    monkeypatch.setattr(images, "_FEW", 1)
    enter(home, "Anna")
    assert "Show 1 more" in page(home, "/likeness")
    first = page(home, "/likeness/images")
    (onward,) = re.findall(r"cursor=([\w%-]+)", first)
    second = page(home, f"/likeness/images?show=all&cursor={onward}")
    shown = [re.findall(r"/v1/portraits/(\w+)/image", text) for text in (first, second)]
    assert [len(one) for one in shown] == [1, 1]
    assert shown[0] != shown[1]
    assert "Older images" not in second
