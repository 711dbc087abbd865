# SPDX-License-Identifier: Apache-2.0
"""The control centre as a plain document: links and forms, no script."""

import base64
import html
import json
import re

from consent import certificates
from tests.engine.browsing import HTML, enter, form_of, page, send
from tests.engine.homes import Home
from tests.generation import samples


def test_likeness_lists_every_purpose_with_its_state(home: Home) -> None:
    enter(home, "Anna")
    text = page(home, "/likeness")
    assert "3 on, 9 off" in text
    assert text.count("On since") == 3
    assert text.count("Off, and no rule accepts it") == 2
    assert "Turning it off destroys 1 portrait and 1 place in your feed." in text
    assert "1 of 10" in text


def test_turning_off_is_one_press_and_shows_the_receipt(home: Home) -> None:
    enter(home, "Anna")
    fields = form_of(page(home, "/likeness"), "/likeness/withdraw") | {"purpose": "likeness"}
    text = page(home, send(home, "/likeness/withdraw", fields).headers["location"])
    assert "Off: Use my selfies to draw me" in text
    assert "<dt>Portraits destroyed</dt><dd>2</dd>" in text
    assert "0 on, 12 off" in text
    assert "You have given none." in text
    assert text.count("Its key is gone") == 2
    proof = page(home, "/likeness/receipts/likeness")
    assert "You turned off" in proof
    assert "Signed checkpoint" in proof


def test_turning_on_shows_the_words_first(home: Home) -> None:
    enter(home, "Dora")
    assert "This needs" in page(home, "/likeness/notices/imagine")
    words = page(home, "/likeness/notices/likeness")
    assert "<strong>What for.</strong>" in words
    fields = form_of(words, "/likeness/answer")
    no = send(home, "/likeness/answer", fields | {"answer": "no"})
    assert "Nothing was changed" in page(home, no.headers["location"])
    assert "0 on, 12 off" in page(home, "/likeness")
    yes = send(home, "/likeness/answer", fields | {"answer": "yes"})
    assert "your yes is in the log" in page(home, yes.headers["location"])
    assert "1 on, 11 off" in page(home, "/likeness")


def test_a_portrait_and_a_selfie_can_be_destroyed(home: Home) -> None:
    enter(home, "Anna")
    text = page(home, "/likeness")
    csrf = form_of(text, "/likeness/withdraw")["csrf"]
    own = home.insert("Anna")["portrait_id"]
    one = {"csrf": csrf, "id": own}
    assert "Destroyed" in page(
        home, send(home, "/likeness/portraits/destroy", one).headers["location"]
    )
    selfie = {"csrf": csrf, "id": home.selfie("Anna")}
    done = send(home, "/likeness/selfies/destroy", selfie)
    assert "You have given none." in page(home, done.headers["location"])


def test_photos_can_be_given_and_each_refusal_says_how_to_do_better(home: Home) -> None:
    enter(home, "Anna")
    csrf = form_of(page(home, "/likeness"), "/likeness/withdraw")["csrf"]
    fields = {"csrf": csrf, "attest_self": "true", "attest_adult": "true"}

    def give(file: bytes) -> str:
        done = home.client.post(
            "/likeness/selfies", data=fields, files=[("file", ("a.jpg", file))], headers=HTML
        )
        assert done.status_code == 303, done.text
        return page(home, done.headers["location"])

    refused = give(b"not a photo")
    assert "Not kept" in refused
    assert "(unreadable)" in refused
    assert "2 of 10" in give(samples.file_of(1, "studio_portrait"))


def test_everything_is_deleted_only_after_the_word_was_typed(home: Home) -> None:
    enter(home, "Anna")
    fields = form_of(page(home, "/likeness"), "/likeness/erase")
    refused = send(home, "/likeness/erase", fields | {"confirm": "delete"})
    assert refused.status_code == 422
    assert "Nothing was deleted" in refused.text
    assert home.portraits("Anna")
    done = send(home, "/likeness/erase", fields | {"confirm": " Erase "})
    assert done.status_code == 200
    assert "Everything is deleted" in done.text
    assert "Anna" not in {one.name for one in home.rooms.consent.accounts.list()}


def test_the_last_page_gives_the_certificate_and_takes_the_cookie(home: Home) -> None:
    enter(home, "Anna")
    fields = form_of(page(home, "/likeness"), "/likeness/erase")
    done = send(home, "/likeness/erase", fields | {"confirm": "erase"})
    (file,) = re.findall(r'href="data:application/json;base64,([^"]+)"', done.text)
    certificate = json.loads(base64.b64decode(html.unescape(file)))
    verifier = home.rooms.consent.ledger.signer.verifier
    assert certificates.flaws(certificate, verifier) == ()
    assert 'onlyou=""' in done.headers["set-cookie"]
    assert home.client.get("/likeness", headers=HTML).headers["location"] == "/enter"


def test_another_site_cannot_delete_anything(home: Home) -> None:
    enter(home, "Anna")
    foreign = send(home, "/likeness/erase", {"confirm": "erase", "csrf": "x"})
    assert foreign.status_code == 403
    assert home.portraits("Anna")
