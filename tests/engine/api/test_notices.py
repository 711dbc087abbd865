# SPDX-License-Identifier: Apache-2.0
import hashlib

from tests.engine.homes import Home


def test_serving_a_notice_is_one_entry(home: Home) -> None:
    before = home.rooms.consent.ledger.head()[0]
    home.serve("Dora", "likeness")
    assert home.rooms.consent.ledger.head()[0] == before + 1


def test_a_notice_is_named_by_the_hash_of_the_words_that_were_read(home: Home) -> None:
    served = home.serve("Dora", "likeness")
    assert served["sha256"] == hashlib.sha256(served["text"].encode()).hexdigest()
    assert served["language"] == "en"
    assert served["policy"]["id"] == "strict-opt-in"


def test_another_language_falls_back_to_english(home: Home) -> None:
    answer = home.client.get("/v1/notices/likeness?language=tlh", headers=home.as_("Dora"))
    assert answer.json()["language"] == "en"


def test_nobody_is_asked_for_what_no_rule_accepts(home: Home) -> None:
    for purpose in ("ads", "training"):
        refused = home.client.get(f"/v1/notices/{purpose}", headers=home.as_("Dora"))
        assert refused.status_code == 409
        assert refused.json()["reason"] == "notice-missing"


def test_an_unknown_purpose_does_not_exist(home: Home) -> None:
    assert home.client.get("/v1/notices/world", headers=home.as_("Dora")).status_code == 404
