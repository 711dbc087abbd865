# SPDX-License-Identifier: Apache-2.0
"""One person's record of consent to one purpose: what every export of a receipt is made from.

It holds the receipt of the last act, every act before it, what was opened of how each yes came
about, and the cards of the models that touched the face under that purpose. No name, no picture.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select

from consent import cards, entries
from consent.chains import own_entries
from consent.ledger import Ledger
from consent.policy import Policy
from consent.receipts import Receipt, last_receipt
from consent.standing import Quoted
from consent.tables import ended, entry, granted, notice_served, opening
from consent.words import Micros, Purpose, Seq, Subject, parent_of

Opening = Mapping[str, Any]
"""`{"salt", "facts"}`: what a grant's entry commits to by SHA-256(salt || canonical facts)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One act on a purpose, as its entry tells it; `notice` and `opening` are a yes's alone."""

    seq: Seq
    body: Mapping[str, Any]
    notice: Quoted | None = None
    opening: Opening | None = None

    @property
    def facts(self) -> Mapping[str, Any]:
        """How a yes came about; empty for a no."""
        return self.opening["facts"] if self.opening else {}


NOT_STATED: Final = "not stated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Controller:
    """Who answers for an installation, as its operator says; empty where they did not."""

    name: str = ""
    address: str = ""
    email: str = ""
    phone: str = ""


NOT_NAMED: Final = Controller()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a person can prove of a purpose; `tag` is what the ledger calls them."""

    origin: str
    verifier: str
    tag: str
    purpose: Purpose
    receipt: Receipt
    jurisdiction: str
    events: tuple[Event, ...]
    processors: tuple[Mapping[str, Any], ...]
    made_at: Micros
    controller: Controller

    @property
    def last(self) -> Event:
        """The act that the receipt is of."""
        return next(one for one in self.events if one.seq == self.receipt["seq"])

    @property
    def yes(self) -> Event | None:
        """The newest yes, or None where there never was one."""
        said = [one for one in self.events if one.body["t"] in _YES]
        return said[-1] if said else None

    def proof(self) -> dict[str, Any]:
        """Return what proves the record to whoever holds the log's key, for every export."""
        last = self.last
        more = {"opening": dict(last.opening)} if last.opening else {}
        listed = [dict(one) for one in self.processors]
        return {"receipt": self.receipt, **more, "processors": listed, "key": self.verifier}


_YES: Final = frozenset(("grant", "renew"))


def read(
    ledger: Ledger,
    policy: Policy,
    subject: Subject,
    purpose: Purpose,
    *,
    controller: Controller = NOT_NAMED,
) -> Record | None:
    """Read a person's record of a purpose; None where they never said anything about it."""
    receipt = last_receipt(ledger, subject, purpose)
    if receipt is None:
        return None
    tag, own = own_entries(ledger, subject)
    named = _cards_for([entries.decode(one.body) | {"seq": one.seq} for one in own], purpose)
    made_at = ledger.now()
    with ledger.read() as connection:
        events = _events(ledger, connection, subject, purpose)
        listed = cards.read(connection, named)
    laws = [one.facts["jurisdiction"] for one in events if "jurisdiction" in one.facts]
    return Record(
        origin=ledger.origin,
        verifier=ledger.signer.verifier,
        tag=tag,
        purpose=purpose,
        receipt=receipt,
        jurisdiction=laws[-1] if laws else policy.jurisdiction,
        events=events,
        processors=tuple({"sha256": sha256, **card} for sha256, card in listed.items()),
        made_at=made_at,
        controller=controller,
    )


def _events(
    ledger: Ledger, connection: Connection, subject: Subject, purpose: Purpose
) -> tuple[Event, ...]:
    which = {"who": subject, "what": purpose}
    said = {seq: rest for seq, *rest in connection.execute(_SAID, which)}
    seqs = sorted({*said, *connection.execute(_ENDED, which).scalars()})
    rows = connection.execute(select(entry.c.seq, entry.c.body).where(entry.c.seq.in_(seqs)))
    bodies = {seq: entries.decode(bytes(body)) for seq, body in rows}
    return tuple(_event(ledger, subject, Seq(seq), bodies[seq], said.get(seq)) for seq in seqs)


def _event(
    ledger: Ledger,
    subject: Subject,
    seq: Seq,
    body: Mapping[str, Any],
    said: Sequence[Any] | None,
) -> Event:
    if said is None:
        return Event(seq=seq, body=body)
    served, sha256, version, language, sealed = said
    quoted = Quoted(seq=served, sha256=sha256, version=version, language=language)
    opened = ledger.open_facts(subject, bytes(sealed)) if sealed else None
    return Event(seq=seq, body=body, notice=quoted if sha256 else None, opening=opened)


def _cards_for(own: Sequence[Mapping[str, Any]], purpose: Purpose) -> set[str]:
    """Name the cards of effects under a purpose; likeness is what all of them rest on."""
    asked = {one["seq"] for one in own if one.get("purpose") == purpose}
    every = purpose is Purpose.LIKENESS
    return {one["recipe"] for one in own if "recipe" in one and (every or _decision(one) in asked)}


def _decision(effect: Mapping[str, Any]) -> int:
    """Name the entry, a decision or a block of them, that an effect rests on."""
    of: int | list[int] = effect["effect_of"]
    return of if isinstance(of, int) else of[0]


def of_face(purpose: Purpose) -> bool:
    """Say whether a purpose is about the face: biometric data."""
    return purpose is Purpose.LIKENESS or parent_of(purpose) is not None


def named(content: bytes) -> str:
    """Name content by its hash as an IRI (RFC 6920): ni:///sha-256;..."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"ni:///sha-256;{digest}"


def named_hash(sha256: str) -> str:
    """Name by the same IRI what is known by its hash in hex."""
    digest = base64.urlsafe_b64encode(bytes.fromhex(sha256)).rstrip(b"=").decode()
    return f"ni:///sha-256;{digest}"


_SAID: Final = (
    select(
        granted.c.seq,
        notice_served.c.seq,
        notice_served.c.sha256,
        notice_served.c.version,
        notice_served.c.language,
        opening.c.sealed,
    )
    .select_from(
        granted.outerjoin(notice_served, notice_served.c.seq == granted.c.served_seq).outerjoin(
            opening, opening.c.seq == granted.c.seq
        )
    )
    .where(granted.c.subject == bindparam("who"), granted.c.purpose == bindparam("what"))
)
_ENDED: Final = select(ended.c.seq).where(
    ended.c.subject == bindparam("who"), ended.c.purpose == bindparam("what")
)
