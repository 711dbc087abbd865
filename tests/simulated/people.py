# SPDX-License-Identifier: Apache-2.0
"""Clients: each speaks for one person, to whatever server is there, and remembers what it heard.

A no that nobody answered is said again until it is acknowledged; so are erasures. Of everything
else that is not answered a client does not know what became.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from consent.errors import Broken, Denied, OnlyouError
from consent.words import ObjectId, Purpose, Subject
from tests.simulated.history import Event, History, How
from tests.simulated.machines import Process
from tests.simulated.scheduler import Crashed, Scheduler, Task

WANTED = (Purpose.FEED_INSERT, Purpose.IMAGINE)
UNKNOWN = (SQLAlchemyError, OSError, Broken, Crashed)
"""What leaves a client without an answer: nobody knows whether it was done."""
WEIGHTS: Mapping[str, int] = {
    "look": 30,
    "held": 8,
    "imagine": 14,
    "withdraw": 9,
    "grant": 14,
    "selfie": 3,
    "pause": 2,
    "resume": 4,
    "destroy": 3,
    "erase": 1,
}
INSISTS = ("withdraw", "erase")


@dataclass(slots=True, kw_only=True)
class Client:
    """A person's phone, or another of their devices."""

    name: str
    person: Subject
    scheduler: Scheduler
    servers: tuple[Process, ...]
    history: History
    seconds: float  #: between two acts, on average
    seen: Callable[[Any, Subject, ObjectId], bool]  #: whether the log says that it was looked at
    insists: tuple[str, Purpose | None] | None = None
    at: Process | None = None
    _bytes: dict[ObjectId, bytes] = field(default_factory=dict)

    def live(self) -> None:
        """Go on for ever, one act after the other."""
        while True:
            self.once()

    def once(self) -> None:
        """Wait a while, then do something; first of all what was not acknowledged."""
        names, weights = list(WEIGHTS), list(WEIGHTS.values())
        self.scheduler.sleep(float(self.scheduler.draws.exponential(self.seconds)))
        act = str(self.scheduler.draws.choice(names, p=[w / sum(weights) for w in weights]))
        purpose = self.scheduler.pick(WANTED)
        if self.insists is not None:
            act, purpose = self.insists
        elif act == "withdraw" and self.scheduler.chance(0.2):
            purpose = Purpose.LIKENESS
        self._do(act, purpose)

    def _do(self, act: str, purpose: Purpose) -> None:
        """Send one act to a server that is there, and note what was heard."""
        up = [one for one in self.servers if one.alive]
        if not up:
            return
        self.at = self.scheduler.pick(up)
        task = self.scheduler.current
        assert task is not None
        life = self.at.starts
        task.doomed = lambda: not self.at.alive or self.at.starts != life
        try:
            ACTS[act](self, act, purpose)
        finally:
            _free(task)
            self.at = None

    def noted(self, act: str, purpose: Purpose | None, do: Callable[[], Any]) -> Any:
        """Do something, and note from when to when it took, how it ended, what was answered."""
        asked, how, answer = self.history.tick(), "ok", None
        try:
            answer = do()
        except UNKNOWN:
            how = "info"
        except (Denied, OnlyouError):
            how = "fail"
        self._note(act, purpose, asked, how, answer)
        if act in INSISTS:
            self.insists = (act, purpose) if how == "info" else None
        return answer

    def _note(self, act: str, purpose: Purpose | None, asked: int, how: Any, answer: Any) -> None:
        ended: How = how
        self.history.events.append(
            Event(
                client=self.name,
                person=self.person,
                act=act,
                purpose=purpose,
                asked=asked,
                told=self.history.tick(),
                how=ended,
                answer=answer,
            )
        )

    @property
    def village(self) -> Any:
        assert self.at is not None
        return self.at.village

    @property
    def consent(self) -> Any:
        return self.village.rooms.consent

    # --- acts

    def look(self, _act: str, _purpose: Purpose) -> None:
        """Open everything there is of one's own, and try something of somebody else's."""
        try:
            found = list(self.village.portraits(self.person))
        except UNKNOWN:
            return
        for obj, purpose in found[-3:]:
            self.noted("look", purpose, lambda o=obj, p=purpose: self._open(o, p))
            if self.at is None or not self.at.alive:
                return

    def _open(self, obj: ObjectId, purpose: Purpose) -> ObjectId:
        content = self.village.look(self.person, obj, purpose)
        assert self._bytes.setdefault(obj, content) == content, "I17: other bytes than before"
        logged = self.seen(self.consent, self.person, obj)
        assert logged, "I1h: bytes were opened and no view is logged"
        return obj

    def speak(self, act: str, purpose: Purpose) -> None:
        """Say yes or no, or ask for something, as the act is named."""
        self.noted(act, purpose, lambda: SAID[act](self, purpose))

    def _withdraw(self, purpose: Purpose) -> int:
        return int(self.consent.withdrawals.withdraw(self.person, purpose)["seq"])

    def _grant(self, purpose: Purpose) -> None:
        if Purpose.LIKENESS not in self.consent.grants.show(self.person):
            self.village.grant(self.person, Purpose.LIKENESS)
            self.village.selfie(self.person)
        self.village.grant(self.person, purpose)

    def _destroy(self, _purpose: Purpose) -> None:
        found = self.village.portraits(self.person)
        if found:
            self.consent.withdrawals.destroy(self.person, found[0][0])


SAID: Mapping[str, Callable[[Client, Purpose], object]] = {
    "withdraw": Client._withdraw,
    "grant": Client._grant,
    "destroy": Client._destroy,
    "erase": lambda it, _: bool(it.consent.erasures.erase(it.person)),
    "pause": lambda it, _: it.consent.pauses.pause(it.person, None),
    "resume": lambda it, _: it.consent.pauses.resume(it.person),
    "held": lambda it, _: set(it.consent.grants.show(it.person)),
    "imagine": lambda it, _: it.village.imagine(it.person),
    "selfie": lambda it, _: it.village.selfie(it.person),
}
ACTS: Mapping[str, Callable[[Client, str, Purpose], None]] = {
    act: Client.look if act == "look" else Client.speak for act in WEIGHTS
}


def _free(task: Task) -> None:
    task.doomed = lambda: False
    task.open = task.still = 0
