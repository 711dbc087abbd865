# SPDX-License-Identifier: Apache-2.0
from consent import notes
from tests.engine.homes import Home


def test_the_checkpoint_is_signed_and_names_the_whole_log(home: Home) -> None:
    ledger = home.rooms.consent.ledger
    answer = home.client.get("/v1/ledger/checkpoint")
    assert answer.headers["content-type"].startswith("text/plain")
    signed = notes.open_note(answer.text, ledger.signer.verifier)
    assert signed is not None
    assert notes.parse_checkpoint(signed).size == ledger.head()[0]


def test_the_checkpoint_grows_with_what_is_said(home: Home) -> None:
    before = home.client.get("/v1/ledger/checkpoint").text.splitlines()[1]
    home.serve("Dora", "likeness")
    assert int(home.client.get("/v1/ledger/checkpoint").text.splitlines()[1]) == int(before) + 1
