# SPDX-License-Identifier: Apache-2.0
"""Rule 9: every effect spends one earlier allowed decision on the same thing, once, in time.

And who could see what: a portrait is inserted, viewed and shared only for the person whose store
effect made it, while they still have it; a selfie is read only while its person has it. Somebody
else (`actor` friend) views a portrait only while its person shares it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from consent.verify.blocks import Blocks, Slot
from consent.verify.canonical import canonical, read_json
from consent.verify.decisions import Decisions, Live
from consent.verify.grammar import STEPS, Entry
from consent.verify.observer import Done
from consent.verify.people import Person
from consent.verify.policy import UNPAUSED
from consent.verify.standing import LASTING, Standing
from consent.verify.work import Work

_KEYED: Final = frozenset({"enrol", "read", "store", "view"})
"""Steps that seal or open with the person's key."""
_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "insert": ("store",),
    "view": ("store", "enrol"),
    "share": ("store",),
    "read": ("enrol",),
}
"""What must have put the object there, one of them. A selfie is viewed by its own person."""
_SHOWN: Final = ("share",)
"""What a portrait that is viewed by somebody else must have."""
_FRIEND: Final = "friend"
_STEP_OF: Final = {step.encode(): step for step in STEPS}
SEEN: Final = ("view", "insert", "share")
"""Steps by which somebody may come to see a portrait."""
Of = tuple[int, int | None]


class Effect(NamedTuple):
    """An effect's own words, as its entry carries them."""

    tag: bytes
    at: int
    of: Of
    object: bytes
    request: bytes | None
    step: str
    recipe: str | None
    prev: bytes | None
    held: bool  #: whether a gate held the picture back: its entry names reasons
    shown: bool  #: whether somebody else looked, of a share's audience


def effect(fields: tuple[Any, ...]) -> Effect | None:
    """Read an effect from the groups of its pattern; None: read it exactly."""
    actor, at, of, thing, prev, recipe, request, _, step, tag = fields
    if of[:1] == b"[":
        seq, slot = of[1:-1].split(b",")
        place: Of = (int(seq), int(slot))
    else:
        place = (int(of), None)
    named_step = _STEP_OF.get(step)
    if named_step is None or (actor is not None and actor != _FRIEND.encode()):
        return None
    what = None if recipe is None else recipe.decode()
    shown = actor is not None and named_step == "view"
    told = (tag, int(at), place, thing, request, named_step, what, prev, False, shown)
    return tuple.__new__(Effect, told)


class Effects:
    """Check effects against the decisions that they say they spend."""

    def __init__(
        self, work: Work, decisions: Decisions, blocks: Blocks, standing: Standing
    ) -> None:
        self._live, self._blocks, self._standing = decisions, blocks, standing
        self._library, self._past = work.library, work.past
        self._findings, self._observer = work.findings, work.observer
        self.seen = dict.fromkeys(SEEN, 0)
        self.taken = 0

    def take(self, seq: int, person: Person, one: Effect) -> None:
        """Check an effect: what it spends, when, and whose thing it is about."""
        self.taken += 1
        if self._observer is not None:
            self._observer.effect(_done(seq, one))
        if one.recipe is not None:
            self._library.recipe(seq, one.recipe, self._findings)
        spent = self._spend(seq, one)
        if spent is None:
            return
        if spent.not_after >= 0:
            self._in_time(seq, person, one, spent)
        if one.step == "moderate":
            self._judged(one, spent)
        elif one.step in LASTING:
            self._unheld(seq, one)
            self._standing.keep(one.tag + one.object, one.step, spent.epoch)

    def _judged(self, one: Effect, spent: Live) -> None:
        """Remember what a gate held back until it passes or is destroyed."""
        if one.held:
            self._standing.hold(one.tag + one.object, spent.epoch)
        else:
            self._standing.passed(one.tag + one.object)

    def _unheld(self, seq: int, one: Effect) -> None:
        """Expect that nothing is stored while it is held back: so nobody can come to see it."""
        if one.step == "store" and self._standing.keeps(one.tag + one.object, "moderate"):
            detail = "a gate held it back, and none has let it pass since"
            self._findings.add("effect-without-decision", detail, seq=seq)

    def _spend(self, seq: int, one: Effect) -> Live | None:
        """Return the permit that an effect spends; None, and a finding, where there is none.

        One that said no has an end before all time.
        """
        of, slot = one.of
        if slot is not None:
            return self._of_block(seq, one, of, slot)
        live = self._live.live.get(of)
        if live is not None and _about(live, one):
            del self._live.live[of]
            if live.use is not None:
                live.use.spend(one.at)
            return live
        return self._look_up(seq, one)

    def _look_up(self, seq: int, one: Effect) -> Live | None:
        """Read the decision again: it was denied, spent or too old, or is none at all."""
        found = self._past.entry(one.of[0]) if one.of[0] < seq else None
        live = _again(one.of[0], found) if found and found["t"] == "decision" else None
        if live is None or found is None or not _about(live, one):
            self._none(seq, one)
            return None
        if live.not_after < 0:
            detail = f"entry {one.of[0]} said no"
            self._findings.add("decision-denied", detail, seq=seq)
        self._reused(seq, one)
        return live

    def _of_block(self, seq: int, one: Effect, of: int, slot: int) -> Live | None:
        found = self._blocks.slot(of, slot, one.tag) if of < seq else None
        if found is None or found.step != one.step:
            self._none(seq, one)
            return None
        if found.not_after < 0:
            detail = f"slot {slot} of entry {of} said no"
            self._findings.add("decision-denied", detail, seq=seq)
        if self._blocks.spend(of, slot):
            self._reused(seq, one)
        elif found.not_after >= 0:
            self._blocks.goes_on(seq, of, one.tag, one.at, one.object)
        return _of_slot(one, found)

    def _none(self, seq: int, one: Effect) -> None:
        of = one.of[0] if one.of[1] is None else list(one.of)
        detail = f"entry {of} is no decision about this person, step and object"
        self._findings.add("effect-without-decision", detail, seq=seq)

    def _reused(self, seq: int, one: Effect) -> None:
        """Say which effect of this person spent the same decision first."""
        of = one.of[0] if one.of[1] is None else list(one.of)
        first = None
        for before, entry in self._past.chain(seq, _before(one)):
            if before <= one.of[0]:
                break
            if entry["t"] == "effect" and entry["effect_of"] == of:
                first = before
        if first is not None:
            detail = f"entry {one.of[0]} was used by entry {first} already"
            self._findings.add("decision-reused", detail, seq=seq)

    def _in_time(self, seq: int, person: Person, one: Effect, spent: Live) -> None:
        if one.at >= spent.not_after:
            self._findings.add("effect-expired", "its permit was no longer good", seq=seq)
        if one.at < person.stopped and one.step not in UNPAUSED:
            detail = f"everything was paused at entry {person.stopper}"
            self._findings.add("effect-after-withdrawal", detail, seq=seq)
        held = person.held.get(spent.purpose)
        ended = held is None or held.epoch != spent.epoch
        if ended:
            ended = self._ended(seq, one, spent)
        needed = _SHOWN if one.shown else _NEEDS.get(one.step)
        if needed is None:
            return
        if one.step in self.seen:
            self.seen[one.step] += 1
        thing = one.tag + one.object
        if not ended and not any(self._standing.keeps(thing, step) for step in needed):
            self._gone(seq, one, needed)

    def _ended(self, seq: int, one: Effect, spent: Live) -> bool:
        ended, shredded = self._standing.end_of(seq, _before(one), spent.epoch)
        if ended is not None:
            detail = f"{spent.purpose} ended at entry {ended}"
            self._findings.add("effect-after-withdrawal", detail, seq=seq)
        if shredded is not None and one.step in _KEYED:
            detail = f"the key was destroyed at entry {shredded}"
            self._findings.add("key-use-after-destroy", detail, seq=seq)
        return ended is not None

    def _gone(self, seq: int, one: Effect, needed: Sequence[str]) -> None:
        """Say whether the object of an effect is gone, or never was this person's."""
        thing = one.object.decode()
        for before, entry in self._past.chain(seq, _before(one)):
            if entry["t"] == "destroy" and entry["object"] == thing:
                detail = f"its object was destroyed at entry {before}"
                self._findings.add("erasure-false", detail, seq=seq)
                return
        detail = f"no {' or '.join(needed)} of this object by this person stands before it"
        self._findings.add("effect-without-decision", detail, seq=seq)


def _done(seq: int, one: Effect) -> Done:
    tag, thing = one.tag.decode(), one.object.decode()
    request = None if one.request is None else one.request.decode()
    return Done(seq, one.at, one.of, tag, one.step, thing, request)


def _about(live: Live, one: Effect) -> bool:
    """Say whether a permit is about an effect's person, step and object, and no other request."""
    return (
        live.object == one.object
        and live.tag == one.tag
        and live.step == one.step.encode()
        and (live.request is None or one.request is None or live.request == one.request)
    )


def _again(seq: int, entry: Entry) -> Live:
    """Make the permit of a decision anew; that of a denial ends before all time."""
    request = entry.get("request")
    return Live(
        entry["tag"].encode(),
        entry["step"].encode(),
        entry["object"].encode(),
        None if request is None else request.encode(),
        entry["purpose"],
        entry.get("epoch", seq),
        entry["not_after"] if entry["verdict"] == "allow" else -1,
        None,
    )


def _of_slot(one: Effect, slot: Slot) -> Live:
    step, thing = one.step.encode(), one.object
    return Live(one.tag, step, thing, None, slot.purpose, slot.epoch, slot.not_after, None)


def exact_effect(entry: Entry) -> Effect:
    """Read an effect from an entry."""
    of, request = entry["effect_of"], entry.get("request")
    return Effect(
        entry["tag"].encode(),
        entry["at"],
        (of[0], of[1]) if isinstance(of, list) else (of, None),
        entry["object"].encode(),
        None if request is None else request.encode(),
        entry["step"],
        entry.get("recipe"),
        canonical(entry["prev"]) if "prev" in entry else None,
        entry["step"] == "moderate" and "reasons" in entry,
        entry["step"] == "view" and entry.get("actor") == _FRIEND,
    )


def _before(one: Effect) -> Entry:
    """Return the beginning of an effect's chain."""
    prev = None if one.prev is None else read_json(one.prev)
    return {"tag": one.tag.decode(), "prev": prev}
