# SPDX-License-Identifier: Apache-2.0
from consent.words import Purpose
from engine.asking import imagine
from engine.summary import summarise
from tests.engine.town import Town


def test_every_count_is_a_fold_of_the_ledger(small_town: Town) -> None:
    small_town.plan()
    imagine(small_town.rooms, small_town.people["Bo"], "jazz")
    withdraw = small_town.rooms.consent.withdrawals.withdraw
    withdraw(small_town.people["Ada"], Purpose.FEED_INSERT)
    summary = summarise(small_town.rooms, people=3, days=1, seconds=1.25)
    expected = {
        "policy": "strict-opt-in",
        "people": 3,
        "opted_in": 1,
        "portraits": 2,
        "inserts": 1,
        "views": 0,
        "refusals": 0,
        "withdrawals": 1,
        "denials": {"total": 2, "by_reason": {"not-granted": 2}},
        "seconds": 1.2,
        "recipe": "quick",
    }
    assert {key: summary[key] for key in expected} == expected
    assert summary["ledger_size"] == small_town.rooms.consent.ledger.head()[0]
    assert len(summary["root"]) == 64
