# SPDX-License-Identifier: Apache-2.0
"""Order portraits: everything an order needs happens in one transaction, or nothing of it.

Rules, in their order:
1. how much one order may be is what the policy says, before anybody is asked
2. the gate is asked for the first portrait; a no is an entry, and the end of the order; what was
   confirmed to happen with it must be allowed as things are
3. selfies must be there, and the day's packs not used up: counted under the log head, so that two
   planners cannot both have the last one
4. the gate is asked for the rest; what does not fit into the caps is not begun at all
5. requests, job and parts are written; what using the purpose implies is recorded as implied
"""

from dataclasses import dataclass
from typing import Final

from consent.chance import identifier
from consent.errors import Denied, Misused
from consent.gate import Ask, Denial, Permit, Select, Share, denied
from consent.policy import Policy
from consent.sentences import sentence
from consent.words import ObjectId, Purpose, Reason, Step, Subject
from consent.writing import Writing
from engine import jobs
from engine.jobs import Kind
from engine.rooms import Rooms
from feed.shares import PURPOSE_OF, Audience
from generation import fates
from generation.portraits import Request, Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a person asks for at once. `onward` is what they confirmed should happen with it."""

    kind: Kind
    purpose: Purpose
    wishes: tuple[Wish, ...]
    onward: str | None = None


class Unfit(Misused):
    """An order that the policy does not take, whoever places it; `field` says what is wrong."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(Reason.UNKNOWN_KEY, sentence)
        self.field = field


_NO_SELFIES: Final = "this needs selfies of you: add some first"
_TOO_MANY: Final = "more selfies of you are here than the policy takes: delete some first"
_NO_PACK: Final = "you have had your packs for today"
_CAP: Final = "that is more than what is left for now"


def place(rooms: Rooms, subject: Subject, order: Order) -> ObjectId:
    """Place an order; return its job.

    Errors: Unfit for an order of a size that the policy does not take; Denied with the gate's
    reason, or selfies-required, quota, cap.
    """
    if order.kind == "pack":
        styles = len({wish.scenario for wish in order.wishes})
        fits(rooms.consent.policy, styles=styles, count=len(order.wishes))
    with rooms.consent.ledger.write() as writing:
        placed = _place(rooms, writing, subject, order)
    if isinstance(placed, Denial):
        raise denied(placed)
    return placed


def fits(policy: Policy, *, styles: int, count: int) -> None:
    """Refuse a pack that is larger than the policy takes. Errors: Unfit."""
    if styles > policy.packs.styles:
        raise Unfit("styles", f"Choose at most {policy.packs.styles} styles.")
    if count > policy.packs.outputs:
        raise Unfit("count", f"A pack has at most {policy.packs.outputs} avatars.")


def _place(rooms: Rooms, writing: Writing, subject: Subject, order: Order) -> ObjectId | Denial:
    chance = rooms.consent.chance
    asks = [_ask(subject, order.purpose, ObjectId(identifier(chance))) for _ in order.wishes]
    (first,) = rooms.consent.gate.answer(writing, asks[:1])
    if isinstance(first, Denial):
        return first
    _may_go_on(rooms, writing, subject, order)
    _enough(rooms, writing, subject, order)
    answers = (first, *rooms.consent.gate.answer(writing, asks[1:]))
    permits = [one for one in answers if isinstance(one, Permit)]
    if len(permits) < len(asks):
        raise _not(Reason.CAP, _CAP, order)
    placed = rooms.studio.place(writing, permits, order.wishes)
    requests = [one.id for one in placed if isinstance(one, Request)]
    made = ObjectId(identifier(chance))
    jobs.keep(
        writing,
        made,
        subject,
        requests,
        kind=order.kind,
        purpose=order.purpose,
        onward=order.onward,
    )
    rooms.consent.grants.use(writing, subject, order.purpose)
    return made


def _may_go_on(rooms: Rooms, writing: Writing, subject: Subject, order: Order) -> None:
    """Refuse to draw what could not be shown afterwards, as was confirmed. Errors: Denied."""
    if order.onward is None:
        return
    purpose, nothing = PURPOSE_OF[Audience(order.onward)], ObjectId(0)
    ask: Ask[Share] = Ask(
        step=Step.SHARE, subject=subject, purpose=purpose, object=nothing, confirmed=True
    )
    why = rooms.consent.gate.foresee(writing.connection, writing.now, ask)
    if why is not None:
        raise Denied(why, sentence(why, purpose), step=Step.SHARE, purpose=purpose)


def _ask(subject: Subject, purpose: Purpose, obj: ObjectId) -> Ask[Select]:
    return Ask(step=Step.SELECT, subject=subject, purpose=purpose, object=obj, request=obj)


def _enough(rooms: Rooms, writing: Writing, subject: Subject, order: Order) -> None:
    """Refuse what lacks selfies or has no pack left. Errors: Denied."""
    rules, connection = rooms.consent.policy.selfies, writing.connection
    given = fates.selfies(connection, subject, order.purpose, writing.now)
    if given < rules.minimum:
        raise _not(Reason.SELFIES_REQUIRED, _NO_SELFIES, order)
    if given > rules.maximum:
        raise _not(Reason.QUOTA, _TOO_MANY, order)
    if order.kind == "pack" and not jobs.packs_left(rooms, connection, subject, writing.now):
        raise _not(Reason.QUOTA, _NO_PACK, order)


def _not(reason: Reason, said: str, order: Order) -> Denied:
    return Denied(reason, said, step=Step.SELECT, purpose=order.purpose)
