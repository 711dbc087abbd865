# SPDX-License-Identifier: Apache-2.0
"""Tell one portrait's life from the ledger, in plain words and in order.

What belongs to it: every entry of its request or about the portrait itself, the yeses that its
decisions rest on with the notices they quote, how those ended, and the pauses in between.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection, select

from consent import entries, recorded
from consent.errors import Misused
from consent.room import ConsentRoom
from consent.sentences import sentence
from consent.tables import entry, permit
from consent.words import (
    PLAIN,
    Actor,
    Kind,
    Micros,
    Purpose,
    Reason,
    Seq,
    Step,
    parse_id,
    rfc3339,
)

Entry = dict[str, Any]
_CHUNK: Final = 1_000
_STOPS: Final = frozenset({"pause", "resume"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry: what happened, by which basis and notice, in words."""

    seq: Seq
    slot: int | None = None  #: the person's place in the entry, where that is a block
    at: Micros
    t: str
    step: str | None = None
    verdict: str | None = None
    reasons: tuple[str, ...] = ()
    basis: str | None = None  #: explicit, parental or implied
    epoch: int | None = None  #: the entry of the yes that it rests on
    notice: str | None = None  #: SHA-256 of the notice that this yes quotes
    policy: str | None = None  #: SHA-256 of the policy that decided
    text: str


def story(room: ConsentRoom, portrait: str) -> tuple[Line, ...]:
    """Tell the life of a portrait, named by its id or by its request as the ledger names it.

    Errors: Misused(unknown-key) where the ledger knows no such portrait, the caller's fault.
    """
    with room.ledger.read() as connection:
        begun = _begun(connection, portrait)
        if begun is None:
            raise Misused(Reason.UNKNOWN_KEY, f"the ledger knows no portrait {portrait!r}")
        mine = dict(_naming(connection, f'"tag":"{begun["tag"]}"'))
        mine |= dict(_slots(connection, mine))
    life = _life(mine, begun)
    return tuple(_line(seq, said, mine) for seq, said in life.items())


def _begun(connection: Connection, portrait: str) -> Entry | None:
    """Find the decision that a portrait begins with; where that is a block's, its effect."""
    number = parse_id(portrait)
    if number is None:
        named = _naming(connection, f'"request":{json.dumps(portrait)}')
        return next((said for _, said in named if "object" in said), None)
    first = (
        select(permit.c.seq, permit.c.slot, permit.c.t, entry.c.body)
        .join(entry, entry.c.seq == permit.c.seq)
        .where(permit.c.object == number, permit.c.step == Step.SELECT)
        .order_by(permit.c.seq)
    )
    row = connection.execute(first.limit(1)).one_or_none()
    if row is None:
        return None
    seq, slot, t, body = row
    if t == "decision":
        return entries.decode(body)
    return next((said for _, said in _naming(connection, f'"effect_of":[{seq},{slot}]')), None)


def _slots(connection: Connection, mine: Mapping[int, Entry]) -> Iterator[tuple[int, Entry]]:
    """Yield the slots of blocks that a person's effects rest on, as the decisions they are."""
    for said in mine.values():
        if isinstance(of := said.get("effect_of"), list):
            seq, slot = of
            body = connection.execute(select(entry.c.body).where(entry.c.seq == seq)).scalar_one()
            one = recorded.slot_of(connection, seq, slot)
            named = {name: said[name] for name in ("object", "request") if name in said}
            yield seq, recorded.decision(entries.decode(body), one) | named


def _naming(connection: Connection, words: str) -> Iterator[tuple[int, Entry]]:
    """Yield the entries in which a piece of canonical JSON stands."""
    rows = select(entry.c.seq, entry.c.body).order_by(entry.c.seq)
    wanted = words.encode()
    with connection.execute(rows.execution_options(yield_per=_CHUNK)) as found:
        for seq, body in found:
            if wanted in bytes(body):
                yield seq, entries.decode(body)


def _life(mine: Mapping[int, Entry], begun: Entry) -> Mapping[int, Entry]:
    """Choose from a person's entries those that this portrait's life consists of."""
    about = {seq: said for seq, said in mine.items() if _belongs(said, begun)}
    epochs = {said["epoch"] for said in about.values() if "epoch" in said}
    purposes = {mine[epoch]["purpose"] for epoch in epochs}
    rests = {
        seq: said
        for seq, said in mine.items()
        if _ends(said, epochs) or _grants(seq, said, epochs, purposes)
    }
    served = {said["served"] for said in rests.values() if "served" in said}
    shown = {seq: mine[seq] for seq in served}
    span = range(min(about), max(about))
    stopped = {seq: said for seq, said in mine.items() if seq in span and said["t"] in _STOPS}
    return dict(sorted((about | rests | shown | stopped).items()))


def _belongs(said: Entry, begun: Entry) -> bool:
    of_request = "request" in said and said["request"] == begun.get("request")
    return bool(of_request or said.get("object") == begun["object"])


def _ends(said: Entry, epochs: Collection[int]) -> bool:
    return said["t"] in {"withdraw", "expire", "key.destroy"} and said.get("epoch") in epochs


def _grants(seq: int, said: Entry, epochs: Collection[int], purposes: Collection[str]) -> bool:
    if said["t"] == "renew":
        return said["purpose"] in purposes and seq > min(epochs)
    return seq in epochs


def _line(seq: int, said: Entry, mine: Mapping[int, Entry]) -> Line:
    return Line(
        seq=Seq(seq),
        slot=said.get("slot"),
        at=Micros(said["at"]),
        t=said["t"],
        step=said.get("step"),
        verdict=said.get("verdict"),
        reasons=tuple(said.get("reasons", ())),
        basis=said.get("basis", said.get("kind")),
        epoch=said.get("epoch", seq if said["t"] == "grant" else None),
        notice=said.get("notice", _quoted(seq, said, mine)),
        policy=said.get("policy"),
        text=_text(said),
    )


def _quoted(seq: int, said: Entry, mine: Mapping[int, Entry]) -> str | None:
    """Find the notice that the yes quotes on which a decision or effect rests, as of then."""
    decision = mine.get(_entry(said["effect_of"]), said) if "effect_of" in said else said
    if "epoch" not in decision:
        return None
    purpose = mine[decision["epoch"]]["purpose"]
    yeses = [
        one
        for place, one in mine.items()
        if decision["epoch"] <= place < seq
        and one["t"] in {"grant", "renew"}
        and one["purpose"] == purpose
    ]
    return yeses[-1].get("notice") if yeses else None


# --- words

_MAY: Final[Mapping[Step, str]] = MappingProxyType(
    {
        Step.ENROL: "keeping a selfie",
        Step.SELECT: "planning this portrait",
        Step.READ: "opening a selfie for it",
        Step.GENERATE: "drawing it",
        Step.MODERATE: "checking it",
        Step.STORE: "sealing it",
        Step.INSERT: "placing it in the feed",
        Step.VIEW: "showing it",
        Step.SHARE: "sharing it",
        Step.LEARN: "learning from it",
    }
)
_DONE: Final[Mapping[Step, str]] = MappingProxyType(
    {
        Step.ENROL: "A selfie was kept",
        Step.SELECT: "This portrait was planned",
        Step.READ: "A selfie was opened for it",
        Step.GENERATE: "It was drawn",
        Step.MODERATE: "It was checked",
        Step.STORE: "It was sealed",
        Step.INSERT: "It was placed in the feed",
        Step.VIEW: "It was shown to its owner",
        Step.SHARE: "It was shared",
        Step.LEARN: "What its owner did with it was learned from",
    }
)
_OTHERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "notice.served": "The notice for {plain} was shown",
        "grant": "Yes to {plain}, {how}",
        "renew": "Yes once more to {plain}, {how}",
        "implied": "{plain} was taken as implied by use: nobody was asked",
        "withdraw": "{plain} was withdrawn: all that hangs on entry {epoch} ends here",
        "expire": "{plain} ran out: all that hangs on entry {epoch} ends here",
        "pause": "Everything was paused{until}",
        "resume": "Everything went on",
        "key.destroy": "The key for {plain} was destroyed: what it sealed cannot be opened again",
        "label.shown": "It stood on a page, with its label",
        "destroy": "The portrait was destroyed",
        "unshared": "The share under {plain} was ended",
    }
)


def _text(said: Entry) -> str:
    match said["t"]:
        case "decision" | "block":
            return _decided(said)
        case "effect":
            return f"{_done(said)}, as allowed at entry {_place(said['effect_of'])}"
        case t:
            plain = f"\N{LEFT DOUBLE QUOTATION MARK}{_plain(said)}\N{RIGHT DOUBLE QUOTATION MARK}"
            words = _OTHERS.get(_kind_of(said), t)
            told = {"epoch": said.get("epoch"), "how": _how(said), "until": _until(said)}
            return words.format(plain=plain, **told)


def _kind_of(said: Entry) -> str:
    if said.get("kind") == Kind.IMPLIED:
        return "implied"
    of_a_share = said["t"] == "destroy" and "epoch" in said
    return "unshared" if of_a_share else str(said["t"])


def _done(said: Entry) -> str:
    done = _DONE[Step(said["step"])]
    if said.get("actor") == Actor.FRIEND:
        return "It was shown to somebody of its audience"
    if "reasons" not in said:
        return done
    return f"{done} and held back ({', '.join(said['reasons'])}): nobody sees it"


def _decided(said: Entry) -> str:
    may = _MAY[Step(said["step"])]
    if said["verdict"] == "deny":
        why = sentence(Reason(said["reasons"][0]), Purpose(said["purpose"]))
        return f"Denied {may}: {why}"
    until = rfc3339(said["not_after"])
    basis = "implied basis" if said["basis"] == Kind.IMPLIED else f"{said['basis']} yes"
    return f"Allowed {may} until {until}, on the {basis} of entry {said['epoch']}"


def _how(said: Entry) -> str:
    given = "given by a guardian, " if said.get("kind") == Kind.PARENTAL else ""
    return f"{given}quoting the notice shown at entry {said.get('served')}"


def _until(said: Entry) -> str:
    return f" until {rfc3339(said['not_after'])}" if "not_after" in said else ""


def _plain(said: Entry) -> str:
    return PLAIN[Purpose(said["purpose"])] if "purpose" in said else ""


def _entry(of: int | Sequence[int]) -> int:
    return of if isinstance(of, int) else of[0]


def _place(of: int | Sequence[int]) -> str:
    return f"{of}" if isinstance(of, int) else f"{of[0]}, slot {of[1]}"
