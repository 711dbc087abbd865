# SPDX-License-Identifier: Apache-2.0
"""Who asked, in plain lines that name their entries; nobody reads anybody else's."""

import re

import pytest

from engine import enquiries
from tests.engine.browsing import HTML, enter, page
from tests.engine.homes import Home


def lines(text: str) -> list[str]:
    found = re.findall(r'<ol class="log.*?</ol>', text, re.DOTALL)[0]
    return [re.sub(r"<[^>]+>", "", one) for one in re.findall(r"<li>(.*?)</li>", found, re.DOTALL)]


def test_the_centre_shows_the_newest_and_the_page_all(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = home.insert("Anna")["portrait_id"]
    home.client.get(f"/v1/portraits/{own}/image", headers=home.as_("Anna"))
    enter(home, "Anna")
    text = page(home, "/likeness")
    assert "Last seven days: 7 allowed, 0 refused." in text
    few, every = lines(text), lines(page(home, "/likeness/asked"))
    assert every[: len(few)] == few
    assert (len(few), len(every)) == (5, 7)
    assert few[0].startswith("You opened “In a film for all ages”")
    assert re.search(r"29 May 2026, 12:00:00 · 2 entries, \d+ to \d+", few[0])
    assert every[-1].startswith("You gave a selfie")
    monkeypatch.setattr(enquiries, "MOST", 20)
    newer = page(home, "/likeness/asked")
    (onward,) = re.findall(r"before=([\d.]+)", newer)
    older = page(home, f"/likeness/asked?before={onward}")
    assert lines(older)[-1] == every[-1]
    assert "and more" in page(home, "/likeness")
    for name in ("Ben", "Dora"):
        enter(home, name)
        for place in (onward, "7.0", "0", "99999", "-1", "x"):
            address = f"/likeness/asked?before={place}"
            assert home.client.get(address, headers=HTML).status_code == 404, place


def test_a_refusal_says_why_with_its_code_and_nobody_is_said_to_be_nobody(home: Home) -> None:
    own = home.insert("Anna")["portrait_id"]
    home.client.get(f"/v1/portraits/{own}/image", headers=home.as_("Anna"))
    act = {"event_id": "e", "item_id": own, "kind": "like"}
    body = {"req_id": home.feed("Anna")["req_id"], "events": [act]}
    home.client.post("/v1/interactions", headers=home.as_("Anna"), json=body)
    enter(home, "Anna")
    text = page(home, "/likeness/asked")
    assert "Refused: you have not agreed to it <code>not-granted</code>" in text
    assert "The ranking" in lines(text)[0]
    enter(home, "Dora")
    assert "Nobody ever did." in page(home, "/likeness")
    assert "Nobody." in page(home, "/likeness/asked")
