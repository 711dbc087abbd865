# SPDX-License-Identifier: Apache-2.0
"""Who asked for a person's face, and what was answered: their own ledger entries in plain lines.

Rules:
1. it is read from the ledger, newest first, and from nothing else; every line names its entries
2. decisions about one portrait that follow each other are one line: who, for what, the verdict
3. one refusal in a line makes it a refused one, with its reason
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from consent import entries
from consent.chains import Own, newest
from consent.recorded import Slot, decision
from consent.words import DAY, Micros, Purpose, Reason, Step, Subject, public_id
from engine.rooms import Rooms
from feed import looks
from generation.album import Image, State

MOST: Final = 400
"""So many entries are read for one page; a person may go on from there."""
_WEEK: Final = 7 * DAY
_STUDIO: Final = "The studio"

_ASKED: Final[Mapping[Step, tuple[str, str]]] = MappingProxyType(
    {
        Step.ENROL: ("You", "gave a selfie"),
        Step.READ: (_STUDIO, "drew"),
        Step.GENERATE: (_STUDIO, "drew"),
        Step.MODERATE: (_STUDIO, "drew"),
        Step.STORE: (_STUDIO, "drew"),
        Step.INSERT: ("Your feed", "took in"),
        Step.VIEW: ("You", "opened"),
        Step.SHARE: ("You", "showed to others"),
    }
)
_SELECTED: Final[Mapping[Purpose, tuple[str, str]]] = MappingProxyType(
    {
        Purpose.FEED_INSERT: ("The nightly planner", "asked whether to draw you"),
        Purpose.IMAGINE: ("You", "asked for a drawing"),
        Purpose.AVATAR_PACK: ("You", "asked for a pack"),
        Purpose.PROFILE_PICTURE: ("You", "asked for a profile picture"),
        Purpose.ADS: ("An advertiser", "asked to use your face"),
        Purpose.TRAINING: ("A model's trainer", "asked to use your face"),
    }
)
_LEARNED: Final[Mapping[Purpose, tuple[str, str]]] = MappingProxyType(
    {
        Purpose.PERSONALISATION: ("The ranking", "asked to learn from what you did"),
        Purpose.TELEMETRY: ("Your feed", "asked to note what you looked at"),
        Purpose.EXPERIMENT: ("An experiment", "asked to count you"),
    }
)
_DECISIONS: Final = frozenset({"decision", "block"})
_UNKNOWN: Final = ("Somebody", "asked for your face")


@dataclass(frozen=True, slots=True, kw_only=True)
class Enquiry:
    """One line: who asked for what, of which portrait, and why not, where it was refused."""

    who: str
    what: str
    idea: str | None
    refused: Reason | None
    at: Micros  #: of the newest of its entries
    first: int
    last: int
    count: int
    request: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Some lines, newest first, and the place to go on from; None at the beginning of it all."""

    lines: tuple[Enquiry, ...]
    onward: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """How many lines of the last seven days were allowed and refused; `whole` if all were read."""

    allowed: int
    refused: int
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What tells a line's portrait: ideas by request, what is there still, looks by others."""

    titles: Mapping[str, str]
    living: frozenset[str] = frozenset()
    by_others: frozenset[int] = frozenset()


def asked(rooms: Rooms, subject: Subject, images: Iterable[Image], before: str = "") -> Asked:
    """Tell who asked, from a place on; `before` is the place that an earlier answer named.

    Errors: Misused(unknown-key) for a place that is not theirs.
    """
    own = newest(rooms.consent.ledger, subject, MOST, _place(before))
    lines = tuple(told(own, _known(rooms, subject, images)))
    end = own[-1] if len(own) == MOST else None
    onward = None if end is None else str(end.seq) + ("" if end.slot is None else f".{end.slot}")
    return Asked(lines=lines, onward=onward)


def week(lines: Asked, now: Micros) -> Week:
    """Count the lines of the last seven days."""
    recent = [one for one in lines.lines if one.at > now - _WEEK]
    refused = sum(one.refused is not None for one in recent)
    whole = lines.onward is None or len(recent) < len(lines.lines)
    return Week(allowed=len(recent) - refused, refused=refused, whole=whole)


def told(own: Iterable[Own], known: Known) -> Iterator[Enquiry]:
    """Put entries, newest first, into lines; what asked for nothing is passed over."""
    line: Enquiry | None = None
    effects: dict[object, int] = {}
    for one in own:
        body = _body(one)
        if body["t"] == "effect":
            effects[str(body["effect_of"])] = one.seq
        if "verdict" not in body or body["t"] not in _DECISIONS:
            continue
        found = _line(one, body, known, effects.pop(_named(one), None))
        if line is not None and _together(line, found):
            line = _joined(line, found)
            continue
        if line is not None:
            yield line
        line = found
    if line is not None:
        yield line


def _named(one: Own) -> str:
    """Name a decision as its effect does."""
    return str(one.seq if one.slot is None else [one.seq, one.slot])


def _line(one: Own, body: Mapping[str, Any], known: Known, effect: int | None) -> Enquiry:
    who, what = _who(Step(body["step"]), Purpose(body["purpose"]))
    request = body.get("request")
    if body["step"] == Step.VIEW:
        who = _looker(one, request, known)
    denied = body["verdict"] != "allow"
    idea = None if request is None else known.titles.get(request)
    return Enquiry(
        who=who,
        what=f"{what} as" if idea and body["step"] == Step.SELECT else what,
        idea=idea,
        refused=Reason(body["reasons"][0]) if denied else None,
        at=Micros(body["at"]),
        first=one.seq,
        last=effect or one.seq,
        count=1 if effect is None else 2,
        request=request,
    )


def _looker(one: Own, request: str | None, known: Known) -> str:
    """Say who looked: of what is gone nobody keeps whether it was its owner."""
    if one.seq in known.by_others:
        return "Somebody you show it to"
    return "You" if request in known.living else "You, or somebody you showed it to,"


def _who(step: Step, purpose: Purpose) -> tuple[str, str]:
    match step:
        case Step.SELECT:
            return _SELECTED.get(purpose, _UNKNOWN)
        case Step.LEARN:
            return _LEARNED.get(purpose, _UNKNOWN)
        case _:
            return _ASKED[step]


def _together(line: Enquiry, found: Enquiry) -> bool:
    """Say whether two neighbours are one act: the same who and what about the same portrait."""
    same = (line.who, line.what, line.request) == (found.who, found.what, found.request)
    return same and line.request is not None


def _joined(line: Enquiry, found: Enquiry) -> Enquiry:
    """Add an earlier decision to a line."""
    refused = line.refused or found.refused
    return replace(line, first=found.first, count=line.count + found.count, refused=refused)


def _body(one: Own) -> Mapping[str, Any]:
    body = entries.decode(one.body)
    if one.slot is None:
        return body
    return decision(body, Slot(seq=one.seq, slot=one.slot, record=one.record))


def _known(rooms: Rooms, subject: Subject, images: Iterable[Image]) -> Known:
    """Name each portrait's idea by what the ledger calls its request."""
    secret, ideas = rooms.consent.keys.secret(subject), rooms.feed.catalogue.by_id
    requests = {entries.request_name(secret, public_id(one.id)): one for one in images}
    with rooms.consent.ledger.read() as connection:
        by_others = looks.by_others(connection, subject)
    return Known(
        titles={
            name: ideas[one.scenario].title
            for name, one in requests.items()
            if one.scenario is not None and one.scenario in ideas
        },
        living=frozenset(name for name, one in requests.items() if one.state is State.READY),
        by_others=by_others,
    )


def _place(text: str) -> tuple[int, int | None] | None:
    """Read a place as `asked` writes it; whatever else it is names no place of anybody."""
    if not text:
        return None
    seq, _, slot = text.partition(".")
    digits = seq.isdecimal() and (not slot or slot.isdecimal())
    return (int(seq), int(slot) if slot else None) if digits else (-1, None)
