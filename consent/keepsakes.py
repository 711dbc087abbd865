# SPDX-License-Identifier: Apache-2.0
"""Receipts in the formats of others: exported, signed by the log, and checked offline.

Rules:
1. every format is written from the same record and carries the signed onlyou receipt
2. the log signs the export whole: its canonical JSON without the signature
3. `flaws` needs the log's public key and nothing else; it holds after an erasure too
"""

import hashlib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

from consent import dpv, entries, kantara, notes, receipts, records
from consent.ledger import Ledger
from consent.policy import Policy
from consent.records import Controller
from consent.statements import signed, signed_text
from consent.words import PLAIN, SECOND, Purpose, Subject, parse_rfc3339

Format = Literal["27560", "kantara"]
Keepsake = dict[str, Any]
"""A receipt in somebody else's format, with what proves it beside it."""


def keepsake(
    ledger: Ledger,
    policy: Policy,
    subject: Subject,
    purpose: Purpose,
    kind: Format,
    *,
    controller: Controller,
) -> Keepsake | None:
    """Export a person's last receipt for a purpose; None where they never said anything."""
    record = records.read(ledger, policy, subject, purpose, controller=controller)
    if record is None:
        return None
    made = dpv.export(record) if kind == "27560" else kantara.export(record)
    return signed(made, ledger.signer)


def flaws(made: Mapping[str, Any], verifier: str) -> tuple[str, ...]:
    """Say what is wrong with a receipt in any format, offline; nothing when it proves itself.

    `verifier` is the log's verifier key line. The key in the file itself proves nothing.
    """
    if made.get("schema") == receipts.SCHEMA:
        return receipts.flaws(dict(made), verifier)
    try:
        return tuple(_flaws(dict(made), verifier))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return ("it has not the shape of a receipt",)


def _flaws(made: Keepsake, verifier: str) -> Iterator[str]:
    if not notes.verify_line(signed_text(made), made["signature"], verifier):
        yield "its signature is not the log's"
    yield from receipts.flaws(made["receipt"], verifier)
    said = entries.decode(entries.from_base64url(made["receipt"]["entry"]))
    if "opening" in made and not _opens(made["opening"], said):
        yield "its opening is not what the entry commits to"
    if _told(made) != (said["purpose"], said["at"] // SECOND):
        yield "it says something else than its entry"


def _opens(opened: Mapping[str, Any], said: Mapping[str, Any]) -> bool:
    salted = entries.from_base64url(opened["salt"])
    digest = hashlib.sha256(salted + entries.canonical(opened["facts"])).digest()
    return said.get("facts") == entries.base64url(digest)


def _told(made: Keepsake) -> tuple[str, int]:
    """Read what a format says of the act: which purpose, and when, to the second."""
    if made.get("version") == kantara.VERSION:
        (purpose,) = made["services"][0]["purposes"]
        return _OF_PLAIN[purpose["purpose"]], made["consentTimestamp"]
    record = made["dpv:hasRecordOfActivity"]
    told = [one["dpv:isIndicatedAtTime"] for one in record["dpv:hasConsentStatus"]]
    at = max(parse_rfc3339(one) for one in told) // SECOND
    return record["dpv:hasProcess"]["dpv:hasPurpose"]["dct:identifier"], at


_OF_PLAIN: Final[Mapping[str, Purpose]] = MappingProxyType(
    {words: purpose for purpose, words in PLAIN.items()}
)
