# SPDX-License-Identifier: Apache-2.0
"""Deleting everything: the word, the certificate, and nobody else's press."""

import base64
import html
import json
import re

from consent import certificates
from tests.engine.browsing import HTML, enter, form_of, page, send
from tests.engine.homes import Home


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
