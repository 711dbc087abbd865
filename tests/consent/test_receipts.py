# SPDX-License-Identifier: Apache-2.0
"""A receipt must convince somebody who has nothing but the receipt and the log's public key."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from consent import entries, merkle, notes, receipts
from consent.keepsakes import Format
from consent.receipts import flaws
from consent.statements import signed_text
from consent.words import Purpose, Seq, Subject, parse_rfc3339
from tests.rooms import ORIGIN, Rooms

FEED = Purpose.FEED_INSERT


def convinced(receipt: dict[str, Any], verifier: str) -> bool:
    """Check a receipt offline: its signature, its checkpoint, its entry in that checkpoint."""
    text = notes.open_note(receipt["checkpoint"], verifier)
    if text is None or not notes.verify_line(signed_text(receipt), receipt["signature"], verifier):
        return False
    checkpoint = notes.parse_checkpoint(text)
    body = entries.from_base64url(receipt["entry"])
    proof = [bytes.fromhex(node) for node in receipt["proof"]]
    leaf = hashlib.sha256(b"\0" + body).digest()
    return checkpoint.origin == ORIGIN and merkle.verify_inclusion(
        leaf, receipt["seq"], checkpoint.size, proof, checkpoint.root
    )


def last(rooms: Rooms, subject: Subject, purpose: Purpose = FEED) -> dict[str, Any]:
    receipt = rooms.consent.last_receipt(subject, purpose)
    assert receipt is not None
    return receipt


@pytest.fixture
def ada(rooms_on_both: Rooms) -> Subject:
    return rooms_on_both.person("Ada", Purpose.LIKENESS, FEED)


def test_a_yes_a_renewal_and_a_no_all_have_receipts_that_convince(
    rooms_on_both: Rooms, ada: Subject
) -> None:
    rooms = rooms_on_both
    verifier = rooms.consent.ledger.signer.verifier
    events = [last(rooms, ada)]
    rooms.grant(ada, FEED)
    events.append(last(rooms, ada))
    rooms.consent.withdrawals.withdraw(ada, FEED)
    events.append(last(rooms, ada))
    assert [receipt["event"] for receipt in events] == ["grant", "renew", "withdraw"]
    assert all(convinced(receipt, verifier) for receipt in events)
    assert {receipt["epoch"] for receipt in events} == {events[0]["seq"]}


def test_a_receipt_says_what_its_entry_says(rooms_on_both: Rooms, ada: Subject) -> None:
    receipt = last(rooms_on_both, ada)
    body = entries.decode(entries.from_base64url(receipt["entry"]))
    assert receipt["schema"] == "onlyou-receipt/1"
    assert (receipt["purpose"], receipt["notice"]) == (body["purpose"], body["notice"])
    assert parse_rfc3339(receipt["at"]) == body["at"]
    assert receipt["epoch"] == receipt["seq"]
    assert rooms_on_both.consent.entry(receipt["seq"]) == body


def test_a_withdrawals_receipt_counts_what_was_destroyed(
    rooms_on_both: Rooms, ada: Subject
) -> None:
    rooms = rooms_on_both
    rooms.insert(ada, rooms.portrait(ada, FEED))
    granted = last(rooms, ada)
    receipt = rooms.consent.withdrawals.withdraw(ada, FEED)
    assert receipt["destroyed"] == {"portraits": 1, "inserts": 1, "shares": 0, "keys": 1}
    assert receipt["epoch"] == granted["epoch"]
    assert last(rooms, ada) == receipt


@pytest.mark.parametrize("field", ["event", "purpose", "at", "seq", "epoch", "entry", "proof"])
def test_a_receipt_with_any_field_changed_convinces_nobody(
    rooms_on_both: Rooms, ada: Subject, field: str
) -> None:
    receipt = last(rooms_on_both, ada)
    other = {
        "seq": receipt["seq"] + 1,
        "epoch": receipt["seq"] - 1,
        "proof": receipt["proof"][:-1],
        "entry": entries.base64url(b"{}"),
    }
    forged = receipt | {field: other.get(field, "changed")}
    assert not convinced(forged, rooms_on_both.consent.ledger.signer.verifier)


def test_an_old_receipt_convinces_even_after_everything_is_destroyed(
    rooms_on_both: Rooms, ada: Subject
) -> None:
    rooms = rooms_on_both
    receipt = last(rooms, ada)
    rooms.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    rooms.consent.keys.destroy_secret(ada)
    assert convinced(receipt, rooms.consent.ledger.signer.verifier)


def test_who_never_said_anything_has_no_receipt(rooms: Rooms) -> None:
    assert rooms.consent.last_receipt(rooms.person("Ada"), FEED) is None


def test_a_yes_after_a_no_is_the_last_word(rooms_on_both: Rooms, ada: Subject) -> None:
    rooms_on_both.consent.withdrawals.withdraw(ada, FEED)
    rooms_on_both.grant(ada, FEED)
    assert last(rooms_on_both, ada)["event"] == "grant"


def test_an_earlier_yes_names_its_own_grant_however_often_another_followed(
    rooms_on_both: Rooms, ada: Subject
) -> None:
    consent = rooms_on_both.consent
    for _ in range(2):
        consent.withdrawals.withdraw(ada, FEED)
        rooms_on_both.grant(ada, FEED)
    given = [one["seq"] for one in rooms_on_both.entries("grant") if one["purpose"] == FEED]
    assert len(given) == 3
    assert [receipts.receipt(consent.ledger, seq)["epoch"] for seq in given] == given


def test_the_parents_withdrawal_is_the_childs_last_word_too(
    rooms_on_both: Rooms, ada: Subject
) -> None:
    rooms_on_both.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    receipt = last(rooms_on_both, ada)
    assert (receipt["event"], receipt["purpose"]) == ("withdraw", "feed_insert")
    assert receipt["seq"] < Seq(last(rooms_on_both, ada, Purpose.LIKENESS)["seq"])


def test_a_receipt_is_plain_json_without_nulls(rooms_on_both: Rooms, ada: Subject) -> None:
    for receipt in (
        last(rooms_on_both, ada),
        rooms_on_both.consent.withdrawals.withdraw(ada, FEED),
    ):
        assert None not in receipt.values()


def test_a_receipt_names_its_own_flaws(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    verifier = rooms.consent.ledger.signer.verifier
    receipt = last(rooms, ada, Purpose.LIKENESS)
    assert flaws(receipt, verifier) == ()
    lie = receipt | {"at": "2020-01-01T00:00:00Z"}
    signed = lie | {"signature": rooms.consent.ledger.signer.line(signed_text(lie))}
    assert flaws(signed, verifier) == ("it says something else than its entry",)
    assert "its signature is not the log's" in flaws(lie, verifier)
    elsewhere = receipt | {"seq": receipt["seq"] - 1}
    assert "its entry is not in the tree of its checkpoint" in flaws(elsewhere, verifier)
    assert flaws({}, verifier) == ("it has not the shape of a receipt",)


@pytest.mark.parametrize("kind", [None, "27560", "kantara"])
def test_the_check_by_hand_in_the_docs_is_one(
    rooms: Rooms, tmp_path: Path, kind: Format | None
) -> None:
    people = [rooms.person(name, Purpose.LIKENESS) for name in ("Ada", "Bob", "Cyd")]
    script = tmp_path / "check.py"
    text = (Path(__file__).parents[2] / "docs" / "receipts.md").read_text("utf-8")
    script.write_text(text.split("```python\n")[1].split("```")[0])
    for who in people:
        made = (
            rooms.consent.keepsake(who, Purpose.LIKENESS, kind)
            if kind
            else rooms.consent.last_receipt(who, Purpose.LIKENESS)
        )
        file = tmp_path / "receipt.json"
        file.write_text(json.dumps(made))
        command = [sys.executable, "-I", str(script), str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, "grant of likeness" in done.stdout) == (0, True), done.stderr
        proof = json.dumps(made).replace('"likeness"', '"story"')
        file.write_text(proof)
        assert subprocess.run(command, capture_output=True, check=False).returncode == 1
