# SPDX-License-Identifier: Apache-2.0
"""Start experiments on the feed, stop arms, let them run again: each one transaction.

Rules:
1. a start logs the plan as an aggregate and `experiment.start`, which commits to it: whoever has
   the log has the plan. It names who started it; so does every stop and every restart by hand
2. what cannot run here is refused, with everything that is in its way, before anything is written
3. a stop is the switch, its entry and the end of what the arm has waiting, together: after it no
   page, plan or ranking asks the arm, and no portrait that it was to show first is there
4. an automatic stop is undone by a named person and by nobody else; a split that was not as meant
   by nobody: there is nothing to go on with
5. names in entries are public and stay: a role will do
"""

import hashlib
import logging
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select, update

from consent.errors import Misused
from consent.ledger import Ledger
from consent.policy import Policy
from consent.telling import told
from consent.withdrawal import Withdrawals, destroy
from consent.words import Actor, ObjectId, Reason, Seq, Subject
from consent.writing import Writing
from feed.experiments import records
from feed.experiments.plan import Experiment
from feed.experiments.record import BY_HAND, CEILING, SPLIT, Stop
from feed.tables import arm_stop, experiment, exposure, feed_insert, feed_view
from feed.trials import admission, counting, daybook, running
from feed.trials.places import Trials
from feed.trials.running import WHOLE, Running

_MAX_NAME: Final = 80
_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """A stop that stands: its entry, how many inserts went, and bytes that nobody can open."""

    seq: Seq
    arm: str | None  #: None for all of it
    removed: int
    blobs: tuple[str, ...]


class Switches:
    """Start, stop, and start again."""

    def __init__(
        self, *, ledger: Ledger, policy: Policy, withdrawals: Withdrawals, trials: Trials
    ) -> None:
        self._ledger = ledger
        self._policy = policy
        self._withdrawals = withdrawals
        self._trials = trials

    def started(self, name: str) -> bool:
        """Say whether an experiment of that name was ever started here."""
        now = self._ledger.now()
        with self._ledger.read() as connection:
            ever = running.started(connection, now)
        return name in {one.experiment.id for one in ever}

    def start(self, plan: Experiment, *, by: str, recipe: str) -> Seq:
        """Start an experiment; return its entry. `recipe` is what this installation draws with.

        Errors: Misused(policy-forbids | stale | unavailable | unknown-key), with all that is in
        its way; nothing is started then.
        """
        who = _named(by)
        admission.here(plan, self._policy, recipe)
        content = records.write_plan(plan)
        sha256 = hashlib.sha256(content).hexdigest()
        with self._ledger.write() as writing:
            whole = _whole(plan, sha256, writing)
            people = counting.assigned(writing.connection, whole, self._trials)
            admission.now(plan, running.started(writing.connection, writing.now), people)
            daybook.file(writing, plan.id, content)
            policy = self._policy.sha256
            seq = _log_start(writing, whole, who, policy=policy)
            row = {"id": plan.id, "plan": sha256, "content": content.decode(), "seq": seq}
            writing.insert(experiment, [row | {"started_at": writing.now}])
        return seq

    def again(self, name: str, *, by: str, arm: str | None = None) -> Seq:
        """Let an arm that was stopped run again, or all of it; return the entry.

        Evidence counts anew from here. Errors: Misused(unknown-key | stale), nothing is started.
        """
        who = _named(by)
        with self._ledger.write() as writing:
            one = _found(writing, name, arm)
            _may_go_on(writing, one, arm)
            daybook.close(writing, one, self._trials)
            seq = _log_start(writing, one, who, arm=arm, day=one.day)
            off = (arm_stop.c.experiment == name) & arm_stop.c.lifted_seq.is_(None)
            mine = off if arm is None else off & (arm_stop.c.arm == arm)
            writing.connection.execute(update(arm_stop).where(mine).values(lifted_seq=seq))
        return seq

    def stop(self, name: str, *, by: str, arm: str | None = None) -> Stopped:
        """Stop an arm by hand, or all of it. Errors: Misused(unknown-key | stale).

        With the control goes all of it: no arm runs on with nothing to be held against.
        """
        who = _named(by)
        with self._ledger.write() as writing:
            one = _found(writing, name, arm)
            if one.over or {arm or WHOLE, WHOLE} & one.off:
                raise Misused(Reason.STALE, f"{_what(name, arm)} does not run")
            self._close(writing, one)
            which = None if arm == one.experiment.control.id else arm
            found = Stop(arm=which, day=one.day, at=writing.now, why=BY_HAND, value=0.0, by=who)
            done = halt(writing, one, found)
        self._withdrawals.forget(done.blobs)
        return done

    def _close(self, writing: Writing, one: Running) -> None:
        """Log the day so far where that can be done; a switch works whatever cannot be counted."""
        writing.begin_part()
        try:
            daybook.close(writing, one, self._trials)
            writing.keep_part()
        except Exception:  # noqa: BLE001 - it is to stop, now
            writing.take_back()
            _log.exception(
                "stopped without the sums of today", extra=told(experiment=one.experiment.id)
            )


def halt(writing: Writing, one: Running, stop: Stop) -> Stopped:
    """Turn the switch in an open transaction: entry, row, and no insert left to be shown first.

    Once it is committed, `blobs` are to be forgotten.
    """
    blobs: list[str] = []
    going = _unseen(writing, one, stop)
    for subject, obj in going:
        blobs += destroy(writing, subject, obj)
    name = one.experiment.id
    seq = writing.append(
        "experiment.stop",
        content=one.plan,
        experiment=name,
        arm=stop.arm,
        day=stop.day,
        why=stop.why,
        value=repr(stop.value),
        n=len(going),
        by=stop.by,
        actor=Actor.SYSTEM if stop.by is None else Actor.OPERATOR,
    )
    row = {"experiment": name, "arm": stop.arm or WHOLE, "seq": seq, "at": writing.now}
    told = {"day": stop.day, "why": stop.why, "value": stop.value, "by": stop.by}
    writing.insert(arm_stop, [row | told])
    return Stopped(seq=seq, arm=stop.arm, removed=len(going), blobs=tuple(blobs))


def _log_start(
    writing: Writing,
    one: Running,
    who: str,
    *,
    policy: str | None = None,
    arm: str | None = None,
    day: int | None = None,
) -> Seq:
    return writing.append(
        "experiment.start",
        content=one.plan,
        experiment=one.experiment.id,
        policy=policy,
        arm=arm,
        day=day,
        by=who,
        actor=Actor.OPERATOR,
    )


def _whole(plan: Experiment, sha256: str, writing: Writing) -> Running:
    """See a plan as it will be on its last day, when the ramp has let everybody in."""
    off: frozenset[str] = frozenset()
    return Running(experiment=plan, plan=sha256, started_at=writing.now, day=plan.days, off=off)


def _unseen(writing: Writing, one: Running, stop: Stop) -> Sequence[tuple[Subject, ObjectId]]:
    """List what the arm had waiting for people it acts for: placed, and never looked at.

    Of a whole experiment that is every arm's but the control's, and also its where it did harm.
    """
    arms = [stop.arm] if stop.arm else [arm.id for arm in one.experiment.arms]
    if stop.arm is None and stop.why != CEILING:
        arms.remove(one.experiment.control.id)
    same = (feed_view.c.object == feed_insert.c.object) & (
        feed_view.c.subject == feed_insert.c.subject
    )
    waiting = (
        select(feed_insert.c.subject, feed_insert.c.object)
        .join(exposure, exposure.c.subject == feed_insert.c.subject)
        .outerjoin(feed_view, same)
        .where(
            exposure.c.experiment == one.experiment.id,
            exposure.c.arm.in_(arms),
            feed_view.c.object.is_(None),
        )
        .order_by(feed_insert.c.effect_seq)
    )
    rows = writing.connection.execute(waiting).all()
    return [(Subject(subject), ObjectId(obj)) for subject, obj in rows]


def _found(writing: Writing, name: str, arm: str | None) -> Running:
    for one in running.started(writing.connection, writing.now):
        if one.experiment.id == name:
            if arm is not None and arm not in {known.id for known in one.experiment.arms}:
                raise Misused(Reason.UNKNOWN_KEY, f"experiment {name!r} has no arm {arm!r}")
            return one
    raise Misused(Reason.UNKNOWN_KEY, f"no experiment {name!r} was started here")


def _may_go_on(writing: Writing, one: Running, arm: str | None) -> None:
    name = one.experiment.id
    if one.over or not (one.off if arm is None else {arm} & one.off):
        raise Misused(Reason.STALE, f"{_what(name, arm)} was not stopped, or is over")
    if arm is not None and WHOLE in one.off:
        raise Misused(Reason.STALE, f"all of experiment {name!r} is stopped, not an arm")
    why = select(arm_stop.c.why).where(arm_stop.c.experiment == name)
    if SPLIT in writing.connection.execute(why).scalars().all():
        detail = "its people were not split as meant; no figure of it means anything"
        raise Misused(Reason.STALE, f"experiment {name!r} cannot go on: {detail}")
    admission.apart(one.experiment, running.started(writing.connection, writing.now))


def _named(by: str) -> str:
    clean = unicodedata.normalize("NFC", " ".join(by.split()))
    if not 1 <= len(clean) <= _MAX_NAME:
        raise Misused(Reason.UNKNOWN_KEY, f"say who does this, in 1 to {_MAX_NAME} characters")
    return clean


def _what(name: str, arm: str | None) -> str:
    return f"experiment {name!r}" if arm is None else f"arm {arm!r} of experiment {name!r}"
