# SPDX-License-Identifier: Apache-2.0
"""A receipt in the structure of ISO/IEC TS 27560: JSON-LD in the words of DPV.

Four parts, as the guide has them: header (identifier, conformsTo), processing (hasProcess,
hasNotice), parties (hasEntity), events (hasConsentStatus). Only closed words and hashes stand in
it. What proves it (receipt, opening, processors, key, signature) is carried as JSON literals.

Source: "Consent Records and Receipts as per ISO/IEC TS 27560:2023 using DPV" (w3c/dpv,
guides/consent-27560.html, read whole): sections Record Metadata, Notice Fields, Processing Fields,
Entity Fields, Consent Event Fields, DPV-27560 Consent Receipts. Terms from the DPV 2.0 CSVs
(consent_types, consent_status, consent_controls, entities_datasubject, purposes, pd). The ISO text
itself was not read.
Name and address of the controller are the operator's to say (settings); else they are not stated.
DPV expects an implied consent to be informed; a basis nobody was told of is marked uninformed too.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from consent.entries import from_base64url
from consent.records import NOT_STATED, Controller, Event, Record, named, named_hash, of_face
from consent.rotation import PROMISE
from consent.statements import signed_text
from consent.words import DAY, PLAIN, Purpose, rfc3339

_LITERAL: Final = {"@type": "@json"}
CONTEXT: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "@version": 1.1,
        "dct": "http://purl.org/dc/terms/",
        "dpv": "https://w3id.org/dpv#",
        "pd": "https://w3id.org/dpv/pd#",
        "loc": "https://w3id.org/dpv/loc#",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "schema": "https://schema.org/",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "onlyou": "https://onlyou.example/terms#",
        "receipt": {"@id": "onlyou:receipt", **_LITERAL},
        "opening": {"@id": "onlyou:opening", **_LITERAL},
        "processors": {"@id": "onlyou:processors", **_LITERAL},
        "key": "onlyou:key",
        "signature": "onlyou:signature",
    }
)
_SCHEMA: Final = "https://w3id.org/dpv/schema/dpv-27560#"
_WHERE: Final = "/likeness"
_PURPOSE: Final[Mapping[Purpose, str]] = MappingProxyType(
    {
        Purpose.LIKENESS: "dpv:ServiceProvision",
        Purpose.IMAGINE: "dpv:RequestedServiceProvision",
        Purpose.FEED_INSERT: "dpv:ServicePersonalisation",
        Purpose.AVATAR_PACK: "dpv:RequestedServiceProvision",
        Purpose.PROFILE_PICTURE: "dpv:RequestedServiceProvision",
        Purpose.STORY: "dpv:RequestedServiceProvision",
        Purpose.SHARE: "dpv:RequestedServiceProvision",
        Purpose.ADS: "dpv:Advertising",
        Purpose.TRAINING: "dpv:ResearchAndDevelopment",
        Purpose.PERSONALISATION: "dpv:ServicePersonalisation",
        Purpose.EXPERIMENT: "dpv:ResearchAndDevelopment",
        Purpose.TELEMETRY: "dpv:ServiceUsageAnalytics",
    }
)
_STATUS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "grant": "dpv:ConsentGiven",
        "renew": "dpv:RenewedConsentGiven",
        "withdraw": "dpv:ConsentWithdrawn",
        "expire": "dpv:ConsentExpired",
    }
)
_AGES: Final = MappingProxyType({"adult": "dpv:Adult", "minor": "dpv:Child"})


def export(record: Record) -> dict[str, Any]:
    """Write a record as a 27560 receipt around a 27560 record, not yet signed."""
    own = named(signed_text(record.receipt).encode())
    return {
        "@context": dict(CONTEXT),
        "@id": own,
        "@type": "dpv:ConsentReceipt",
        "dct:identifier": own,
        "dpv:hasIdentifier": own,
        "dct:conformsTo": f"{_SCHEMA}receipt",
        "dct:created": rfc3339(record.made_at),
        "dct:publisher": _controller(record),
        "schema:recipient": "dpv:DataSubject",
        "dpv:hasRecordOfActivity": _record(record),
        **record.proof(),
    }


def _record(record: Record) -> dict[str, Any]:
    own = named(from_base64url(record.receipt["entry"]))
    return {
        "@id": own,
        "@type": "dpv:ConsentRecord",
        "dct:identifier": own,
        "dct:conformsTo": f"{_SCHEMA}record",
        "dpv:hasDataSubject": _subject(record),
        "dpv:hasDataController": _controller(record),
        "dpv:hasJurisdiction": _place(record.jurisdiction),
        "dpv:hasProcess": _process(record),
        **_notice(record),
        "dpv:hasConsentControl": {
            "@type": ["dpv:ProvideConsent", "dpv:WithdrawConsent", "dpv:ReaffirmConsent"],
            "dpv:isExercisedAt": _WHERE,
        },
        "dpv:hasRight": {
            "@type": "dpv:DataSubjectRight",
            "dct:title": "Turn it off, see everything, delete everything",
            "dpv:isExercisedAt": _WHERE,
        },
        "dpv:hasConsentStatus": [_event(record, one) for one in record.events],
        "dpv:hasEntity": _entities(record),
    }


# --- processing


def _process(record: Record) -> dict[str, Any]:
    return {
        "@type": "dpv:Process",
        "dpv:hasPurpose": {
            "@type": "dpv:Purpose",
            "skos:broader": _PURPOSE[record.purpose],
            "dct:identifier": str(record.purpose),
            "dct:description": PLAIN[record.purpose],
        },
        "dpv:hasPersonalData": _data(record.purpose),
        "dpv:hasProcessing": ["dpv:Collect", "dpv:Store", "dpv:Use", "dpv:Derive"],
        "dpv:hasDataSource": "dpv:DataSubjectDataSource",
        "dpv:hasStorageCondition": _storage(record),
        "dpv:hasDataController": _controller(record),
        "dpv:hasLegalBasis": _basis(record.yes) if record.yes else [],
        "dpv:hasRecipient": [_controller(record), "dpv:DataSubject"],
        "dpv:hasJurisdiction": _place(record.jurisdiction),
    }


def _data(purpose: Purpose) -> list[dict[str, str]]:
    if not of_face(purpose):
        return [{"@type": "dpv:PersonalData", "skos:broader": "pd:Behavioral"}]
    return [
        {"@type": "dpv:SpecialCategoryPersonalData", "skos:broader": "pd:Biometric"},
        {"@type": "dpv:PersonalData", "skos:broader": "pd:Picture"},
    ]


def _storage(record: Record) -> list[dict[str, Any]]:
    here = {"dct:title": "this installation, sealed under a key of the person's own"}
    end = record.last.body.get("not_after", record.last.body["at"])
    return [
        {"@type": "dpv:StorageLocation", "dpv:hasLocation": here},
        {"@type": "dpv:StorageDuration", "dpv:hasDuration": _until(end)},
        {"@type": "dpv:StorageDeletion", "dpv:hasDuration": f"P{PROMISE // DAY}D"},
    ]


def _notice(record: Record) -> dict[str, Any]:
    """Name the words the newest yes rests on; what was implied rests on none."""
    quoted = record.yes.notice if record.yes else None
    if quoted is None:
        return {}
    return {
        "dpv:hasNotice": {
            "@id": named_hash(quoted.sha256),
            "@type": "dpv:ConsentNotice",
            "dct:identifier": quoted.sha256,
            "dct:language": quoted.language,
            "schema:version": quoted.version,
        }
    }


def _place(jurisdiction: str) -> Any:  # noqa: ANN401 - an IRI or a node
    known = len(jurisdiction) == len("US") and jurisdiction.isupper()
    return f"loc:{jurisdiction}" if known else {"@type": "dpv:Location", "dct:title": jurisdiction}


# --- parties


def _controller(record: Record) -> str:
    return f"onlyou:log/{record.origin}"


def _subject(record: Record) -> dict[str, str]:
    band = record.yes.facts.get("age_band") if record.yes else None
    kind = _AGES[band] if band else "dpv:DataSubject"
    return {"@id": f"onlyou:tag/{record.tag}", "@type": kind, "dct:identifier": record.tag}


def _entities(record: Record) -> list[dict[str, Any]]:
    controller = {
        "@id": _controller(record),
        "@type": "dpv:DataController",
        "dpv:hasIdentifier": _controller(record),
        "dpv:hasName": record.controller.name or record.origin,
        "schema:contactPoint": _contact(record.controller),
        "schema:address": {
            "@type": "schema:PostalAddress",
            "schema:streetAddress": record.controller.address or NOT_STATED,
        },
    }
    return [controller, _subject(record)]


def _contact(who: Controller) -> dict[str, str]:
    said = {"schema:email": who.email, "schema:telephone": who.phone}
    known = {name: value for name, value in said.items() if value}
    return {"@type": "schema:ContactPoint", "schema:url": _WHERE, **known}


# --- events


def _event(record: Record, one: Event) -> dict[str, Any]:
    yes = "not_after" in one.body
    by = one.body.get("actor", "system")
    status = _STATUS[one.body["t"]]
    if status == "dpv:ConsentWithdrawn" and by != "self":
        status = "dpv:ConsentRevoked"
    method = {"dpv:hasIndicationMethod": one.facts["method"]} if "method" in one.facts else {}
    ends = one.body["not_after"] if yes else one.body["at"]
    return {
        "@type": [status, *(_basis(one) if yes else [])],
        "dpv:isIndicatedBy": _speaker(record, by),
        "dpv:isIndicatedAtTime": rfc3339(one.body["at"]),
        "dpv:hasDuration": _until(ends),
        **method,
        "onlyou:entry": one.seq,
    }


def _speaker(record: Record, by: str) -> str:
    known = {"self": "dpv:DataSubject", "guardian": "dpv:GuardianOfDataSubject"}
    return known.get(by, _controller(record))


def _basis(one: Event) -> list[str]:
    if one.body["kind"] == "implied":
        return ["dpv:ImpliedConsent", "dpv:UninformedConsent"]
    alone = one.facts.get("unbundled", True)
    return ["dpv:ExplicitlyExpressedConsent" if alone else "dpv:ExpressedConsent"]


def _until(at: int) -> dict[str, str]:
    return {"@type": "dpv:UntilTimeDuration", "rdf:value": rfc3339(at)}
