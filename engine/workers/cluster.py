# SPDX-License-Identifier: Apache-2.0
"""Actors that Ray runs: one a graphics card or a core, on this machine or on many.

Rules:
1. Ray is disposable: the queue, the permits and what is unique are the database's. Whatever an
   actor was doing when it was killed is done by another, and once
2. what goes to an actor and comes back are ids, counts and closed words (engine/workers/hand.py)
3. a request whose actor died is handed out again a few times, then left in the queue
4. an actor that is silent for too long (it hangs, or was stopped) is ended, and counts as one that
   died: no plan waits for it for ever, nor does the lead under which it was asked
"""

import logging
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from consent.errors import Broken
from consent.gate import Denial
from consent.words import ObjectId, Reason, Seq, Step
from engine import leading, planning
from engine.plans import Plan
from engine.rooms import Rooms
from engine.workers import joining
from engine.workers.hand import OPENER, Answer, Told
from engine.workers.joining import READY_SECONDS, Hands
from generation.batching import Made
from generation.portraits import Elsewhere, HeldBack, Portrait, Refusal, Request
from generation.studio import Between, nobody

BATCH: Final = 16
"""Requests handed out at once."""
_TRIES: Final = 3
_PAUSE: Final = 0.1
_log: Final = logging.getLogger(__name__)


def joined(rooms: Rooms) -> "Cluster":
    """Take the actors of an installation; the first time they are started.

    Errors: Misused(unknown-key) for settings that do not allow it, Broken(unavailable) where Ray
    cannot be started or joined.
    """
    joining.check(rooms.settings)
    return Cluster(rooms=rooms, hands=joining.hands(rooms.settings, OPENER))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """The rooms of this process, and the actors that work for it."""

    rooms: Rooms
    hands: Hands

    def order(self, plan: Plan) -> planning.Ordered:
        """Let each actor plan a part of the people; a budget is spent by one planner alone.

        Errors: Broken(unavailable) where an actor died or is silent: the plan stays open, and is
        resumed.
        """
        if self.rooms.settings.gpu_seconds:
            return planning.order(self.rooms, plan)
        actors = self.hands.actors
        term = leading.present()
        lead = None if term is None else (term.name, term.holder, term.number)
        slot = (plan.policy, int(plan.slot))
        asked = {
            actor.order.remote(slot, (number, len(actors)), lead): actor
            for number, actor in enumerate(actors)
        }
        answers = self.hands.heard(asked)
        parts = [_value(one) for one in answers if one is not None]
        if len(parts) < len(answers):
            joining.hands.cache_clear()
            raise Broken(Reason.UNAVAILABLE, "a planner died or is silent; the plan is resumed")
        ids = [ObjectId(one) for ordered, _ in parts for one in ordered]
        counted: Counter[str] = Counter()
        for _, counts in parts:
            counted.update(counts)
        return planning.Ordered(requests=self.rooms.studio.pending(ids), counted=counted)

    def making(self, requests: Sequence[Request], between: Between = nobody) -> Iterator[Made]:
        """Hand requests out in batches; outcomes come in their order."""
        parts = [requests[at : at + BATCH] for at in range(0, len(requests), BATCH)]
        done: dict[int, Sequence[Made]] = {}
        following = 0
        for number, made in self._handed(parts, between):
            done[number] = made
            while following in done:
                yield from done.pop(following)
                following += 1

    def take_turn(self) -> Counter[str]:
        """Let every actor make some of whatever waits. Errors: Broken where every one died."""
        counts: Counter[str] = Counter()
        answers = self.hands.heard({one.take_turn.remote(): one for one in self.hands.actors})
        for answer in answers:
            counts.update(_value(answer) if answer is not None else {})
        died = answers.count(None)
        if died:
            _log.warning("workers died; what they were making is taken over")
        if died == len(answers):
            joining.hands.cache_clear()
            raise Broken(Reason.UNAVAILABLE, "every worker of Ray died; others are started")
        return counts

    def _handed(
        self, parts: Sequence[Sequence[Request]], between: Between
    ) -> Iterator[tuple[int, Sequence[Made]]]:
        """Hand out parts to whoever is free, and again those whose actor died."""
        todo = deque((number, _TRIES) for number in range(len(parts)))
        crew = _Crew(self.hands)
        while todo or crew.busy:
            while todo and crew.free:
                number, tries = todo.popleft()
                between(parts[number])
                crew.hand([int(one.id) for one in parts[number]], (number, tries))
            for (number, tries), answer in crew.ended():
                if answer is not None:
                    yield number, self._read(parts[number], _value(answer))
                elif tries > 1:
                    todo.append((number, tries - 1))
                else:
                    yield number, [Elsewhere(request=one) for one in parts[number]]

    def _read(self, requests: Sequence[Request], told: Sequence[Told]) -> Sequence[Made]:
        """Give outcomes back their requests; what an actor that died had made is recalled."""
        by_id = {one.id: one for one in told}
        before = self.rooms.studio.recall([one for one in requests if one.id not in by_id])
        return [
            before.get(one.id) or _made(one, by_id.get(one.id, Told(one.id, "elsewhere")))
            for one in requests
        ]


class _Crew:
    """Actors at work: who is free, who does what, who is starting anew after its process died."""

    def __init__(self, hands: Hands) -> None:
        self._hands, self._ray, self._lost = hands, hands.ray, hands.lost
        self.free = deque(hands.actors)
        self._asked: dict[Any, tuple[Any, tuple[int, int]]] = {}
        self._starting: dict[Any, Any] = {}
        self._waited = 0.0

    @property
    def busy(self) -> bool:
        """Say whether an answer is to come."""
        return bool(self._asked)

    def hand(self, ids: Sequence[int], task: tuple[int, int]) -> None:
        """Let whoever is free make these requests."""
        actor = self.free.popleft()
        self._asked[actor.make.remote(ids)] = actor, task

    def ended(self) -> Iterator[tuple[tuple[int, int], Answer | None]]:
        """Wait until something has ended; tell tasks with their answers, None where one died."""
        waiting = [*self._asked, *self._starting]
        patience = self._hands.patience if self._asked else READY_SECONDS
        found, _ = self._ray.wait(waiting, num_returns=1, timeout=patience)
        if not found:
            yield from self._silent()
            return
        (done,) = found
        if done in self._starting:
            self._started(self._starting.pop(done), done)
            return
        actor, task = self._asked.pop(done)
        try:
            answer = self._ray.get(done)
        except self._lost:
            _log.warning("a worker died; what it was making is handed out again")
            self._starting[actor.ready.remote()] = actor
            yield task, None
        else:
            self.free.append(actor)
            yield task, answer

    def _silent(self) -> Iterator[tuple[tuple[int, int], None]]:
        """End all that were asked: nobody has answered. Errors: Broken where none comes back."""
        if not self._asked:
            raise self._gone()
        hung, self._asked = self._asked, {}
        self._hands.end(actor for actor, _ in hung.values())
        for actor, task in hung.values():
            self._starting[actor.ready.remote()] = actor
            yield task, None

    def _started(self, actor: Any, done: Any) -> None:  # noqa: ANN401 - Ray's own handles
        try:
            self._ray.get(done)
        except self._lost as error:
            self._waited += _PAUSE
            if self._waited > READY_SECONDS:
                raise self._gone() from error
            time.sleep(_PAUSE)
            self._starting[actor.ready.remote()] = actor
        else:
            self.free.append(actor)

    def _gone(self) -> Broken:
        joining.hands.cache_clear()
        return Broken(Reason.UNAVAILABLE, "a worker of Ray does not come back")


def _value(answer: Answer) -> Any:  # noqa: ANN401 - what the actor's method says
    """Take what an actor answered. Errors: Broken(unavailable) with the kind of its error."""
    if answer.broke:
        raise Broken(Reason.UNAVAILABLE, f"a worker broke: {answer.broke} {answer.reason}".strip())
    return answer.value


def _made(request: Request, told: Told) -> Made:
    match told.end:
        case "portrait":
            return Portrait(request=request, recipe=told.word)
        case "held":
            return HeldBack(request=request, reason=Reason(told.word))
        case "refusal":
            return Refusal(request=request, reason=Reason(told.word))
        case "denial":
            return Denial(
                seq=None if told.seq is None else Seq(told.seq),
                step=Step(told.step),
                subject=request.subject,
                purpose=request.purpose,
                object=request.id,
                reason=Reason(told.word),
            )
        case _:
            return Elsewhere(request=request)
