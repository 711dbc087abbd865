# SPDX-License-Identifier: Apache-2.0
"""The one writer of effects for all rooms: the row and its entry, in one transaction.

Rules:
1. every effect row spends one permit, once; the database refuses a second, another, an expired
   one. That it is spent outlives the row: what was destroyed is not made again by the same permit
2. the effect entry stands in the transaction of the row and names the decision it rests on
3. a permit whose basis has gone since, or whose person has paused everything, is answered with a
   Denial; the rest of the batch goes on
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Table, select
from sqlalchemy.exc import IntegrityError

from consent.among import among
from consent.errors import Misused
from consent.gate import Denial, Permit, S
from consent.paused import lasting
from consent.policy import UNPAUSED
from consent.tables import basis, pause
from consent.tables import spent as spent_permits
from consent.words import Actor, ObjectId, Reason, Seq, Step, Subject
from consent.writing import Writing


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """A permit that became an effect; `seq` is the effect's entry."""

    seq: Seq
    subject: Subject
    object: ObjectId


def spend(
    writing: Writing,
    permits: Sequence[Permit[S]],
    table: Table,
    rows: Sequence[Mapping[str, Any]] = (),
    *,
    recipe: str | None = None,
    marks: Sequence[str | None] = (),
    reasons: Sequence[Reason] = (),
    arms: Sequence[str] = (),
    actor: Actor | None = None,
) -> tuple[Spent | Denial, ...]:
    """Turn permits into effect rows; answers come in the order of the permits.

    `rows` holds each row's own columns (none by default); `recipe` is the hash of the card of the
    models that touched the face, where some did; `marks` holds, for each, the commitment to the
    label and credential that a portrait leaves with; `reasons`, for each, why a gate
    holds its picture back; `arms`, for each, the arm of an experiment that it notes.
    Errors: Misused(permit-used) when a permit is spent twice, on another object, too late or in
    the wrong table: a bug or an attack.
    """
    own = rows or [{}] * len(permits)
    marked = marks or [None] * len(permits)
    held: Sequence[Sequence[Reason] | None] = [[why] for why in reasons] or [None] * len(permits)
    noted: Sequence[str | None] = arms or [None] * len(permits)
    step: Step = table.info["step"]
    living, stopped = _living(writing, permits, step)
    writing.know(permit.subject for permit in permits)
    spent: list[Spent | Denial] = []
    effects: list[dict[str, Any]] = []
    for permit, columns, named, why, arm in zip(permits, own, marked, held, noted, strict=True):
        if (permit.subject, permit.purpose, permit.epoch) not in living:
            spent.append(too_late(permit))
            continue
        if permit.subject in stopped:
            spent.append(paused(permit))
            continue
        seq = writing.append(
            "effect",
            subject=permit.subject,
            object=permit.object,
            request=permit.request,
            step=step,
            recipe=recipe,
            marks=named,
            reasons=why,
            arm=arm,
            actor=actor,
            effect_of=permit.place,
        )
        spent.append(Spent(seq=seq, subject=permit.subject, object=permit.object))
        effects.append(dict(columns) | _row(permit, writing, seq))
    _insert(writing, table, effects)
    return tuple(spent)


def _living(
    writing: Writing, permits: Sequence[Permit[S]], step: Step
) -> tuple[set[tuple[int, str, int]], set[int]]:
    """Read which bases still hold, and of whom a pause stops this step."""
    people = {permit.subject for permit in permits}
    purposes = sorted({str(permit.purpose) for permit in permits})
    columns = (basis.c.subject, basis.c.purpose, basis.c.epoch)
    lasts = (pause.c.subject == basis.c.subject) & lasting(writing.now)
    rows = writing.connection.execute(
        select(*columns, pause.c.subject)
        .select_from(basis.outerjoin(pause, lasts))
        .where(among(basis.c.subject, people), basis.c.purpose.in_(purposes))
    ).all()
    stopped = {by for *_, by in rows if by is not None and step not in UNPAUSED}
    return {(subject, purpose, epoch) for subject, purpose, epoch, _ in rows}, stopped


def _row(permit: Permit[S], writing: Writing, seq: Seq) -> dict[str, Any]:
    return {
        "permit_seq": permit.seq,
        "permit_slot": permit.slot,
        "subject": permit.subject,
        "purpose": permit.purpose,
        "epoch": permit.epoch,
        "object": permit.object,
        "step": permit.step,
        "not_after": permit.not_after,
        "at": writing.now,
        "effect_seq": seq,
    }


def _insert(writing: Writing, table: Table, effects: Sequence[Mapping[str, Any]]) -> None:
    used = [{name: one[name] for name in _USED} for one in effects]
    try:
        writing.insert(spent_permits, used)
        writing.insert(table, effects)
    except IntegrityError as error:
        raise Misused(
            Reason.PERMIT_USED,
            f"no row in {table.name}: the permit is used, expired or for something else",
        ) from error


_USED: Final = ("permit_seq", "permit_slot", "effect_seq")


def too_late(permit: Permit[Any]) -> Denial:
    """Answer a permit whose basis has gone since it was given."""
    return Denial(
        seq=permit.seq,
        step=permit.step,
        subject=permit.subject,
        purpose=permit.purpose,
        object=permit.object,
        reason=Reason.WITHDRAWN,
    )


def paused(permit: Permit[Any]) -> Denial:
    """Answer a permit whose person has paused everything since it was given."""
    return replace(too_late(permit), reason=Reason.PAUSED)


def expired(permit: Permit[Any]) -> Denial:
    """Answer a permit whose own time, or that of what it opens, is over."""
    return replace(too_late(permit), reason=Reason.EXPIRED)


def used(permit: Permit[Any]) -> Denial:
    """Answer a permit for what another process has done since: once is enough."""
    return replace(too_late(permit), reason=Reason.PERMIT_USED)


def unavailable(permit: Permit[Any]) -> Denial:
    """Answer a permit for sealed bytes that are missing or changed: nobody's fault who asks."""
    return replace(too_late(permit), reason=Reason.UNAVAILABLE)
