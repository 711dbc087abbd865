# SPDX-License-Identifier: Apache-2.0
"""A receipt in the shape of the Kantara Consent Receipt 1.1.

Source: KantaraInitiative/consent-receipt-v-next, CR_v1_1/kantara-consent-receipt-v1_1-schema.json
(field names, types and which are required) and its example (form of the categories); the numbers
of further categories as adaptant-labs/consent-receipt-go lists them. The specification's own text
was not read.
A controller's street, e-mail and telephone are required: the operator's to say (settings), else
not stated.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from consent.entries import from_base64url
from consent.records import NOT_STATED, Record, named, named_hash, of_face
from consent.words import PLAIN, SECOND, Purpose, rfc3339

VERSION: Final = "KI-CR-v1.1.0"
_ASKED: Final = "2 - Contracted Service"
_OWN: Final = "5 - Personalize Experience"
_BETTER: Final = "16 - Improve Performance"
_CATEGORY: Final[Mapping[Purpose, str]] = MappingProxyType(
    {
        Purpose.LIKENESS: "1 - Core Function",
        Purpose.IMAGINE: _ASKED,
        Purpose.FEED_INSERT: _OWN,
        Purpose.AVATAR_PACK: _ASKED,
        Purpose.PROFILE_PICTURE: _ASKED,
        Purpose.STORY: _ASKED,
        Purpose.SHARE: _ASKED,
        Purpose.ADS: "6 - Marketing",
        Purpose.TRAINING: _BETTER,
        Purpose.PERSONALISATION: _OWN,
        Purpose.EXPERIMENT: _BETTER,
        Purpose.TELEMETRY: _BETTER,
    }
)
_FACE: Final = "3 - Biometric"
_ACTS: Final = "15 - Behavioral"


def export(record: Record) -> dict[str, Any]:
    """Write a record in the shape of a Kantara receipt, not yet signed."""
    body, yes, who = record.last.body, record.yes, record.controller
    face = of_face(record.purpose)
    quoted = yes.notice if yes else None
    policy = yes.body["policy"] if yes else None
    return {
        "version": VERSION,
        "jurisdiction": record.jurisdiction,
        "consentTimestamp": body["at"] // SECOND,
        "collectionMethod": _method(record),
        "consentReceiptID": named(from_base64url(record.receipt["entry"])),
        "publicKey": record.verifier,
        **({"language": quoted.language} if quoted else {}),
        "piiPrincipalId": record.tag,
        "piiControllers": [
            {
                "piiController": who.name or record.origin,
                "contact": "whoever runs this installation",
                "address": {"streetAddress": who.address or NOT_STATED},
                "email": who.email or NOT_STATED,
                "phone": who.phone or NOT_STATED,
            }
        ],
        "policyUrl": named_hash(policy) if policy else NOT_STATED,
        "services": [{"service": "Onlyou", "purposes": [_purpose(record)]}],
        "sensitive": face,
        "spiCat": [_FACE] if face else [],
        **record.proof(),
    }


def _purpose(record: Record) -> dict[str, Any]:
    implied = record.yes is not None and record.yes.body["kind"] == "implied"
    return {
        "purpose": PLAIN[record.purpose],
        "purposeCategory": [_CATEGORY[record.purpose]],
        "consentType": "IMPLICIT" if implied else "EXPLICIT",
        "piiCategory": [_FACE if of_face(record.purpose) else _ACTS],
        "primaryPurpose": record.purpose is Purpose.LIKENESS,
        "termination": _termination(record),
        "thirdPartyDisclosure": False,
    }


def _termination(record: Record) -> str:
    body = record.last.body
    if "not_after" in body:
        return f"turned off at /likeness, or by itself at {rfc3339(body['not_after'])}"
    ran_out = body["t"] == "expire"
    return f"{'run out' if ran_out else 'turned off'} at {rfc3339(body['at'])}"


def _method(record: Record) -> str:
    facts = record.last.facts
    if not facts:
        return "a no, or a term that ended: nothing was collected"
    if not facts["affirmative"]:
        return "implied: nobody was asked and no notice was shown"
    return f"{facts['method']}: a yes to a notice that was shown before"
