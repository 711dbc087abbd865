# SPDX-License-Identifier: Apache-2.0
"""One seed: who does what when, which process dies where, whose clock jumps, what fails.

Two phases. In the first the world fails: points raise what they could raise, processes die at
them, are stopped for a minute, have their clocks set forward and back. In the second it is healed,
and within a minute everything that was begun must have come to its end.
Servers answer clients; two workers draw; a planner ticks; a reaper reaps; a replica lags. Whoever
starts again may find that another policy was published meanwhile, under which others do not run.
All of it is the real engine over one home; after every step the truth is looked at from outside
(`truth`), and at the end what clients were told is compared with itself (`history`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from consent import faults
from consent.policy import Policy
from consent.retention import GRACE
from consent.words import HOUR, SECOND, Micros, Subject
from engine import cycle
from engine.atelier import Atelier
from tests.simulated import acts
from tests.simulated.history import History
from tests.simulated.machines import Process, Skewed
from tests.simulated.people import Client
from tests.simulated.replicas import Replica
from tests.simulated.scheduler import Crashed, Scheduler, Task
from tests.simulated.truth import Truth
from tests.simulated.village import NAMES, NINE, STRICT, STRICTER
from tests.simulated.weather import GIVING, USUAL, Options, Weather

DAY_TWO = Micros(NINE + 50 * HOUR)


@dataclass(slots=True, kw_only=True)
class Simulation:
    """A home under one seed."""

    home: Path
    seed: int
    options: Options = USUAL
    scheduler: Scheduler = field(init=False)
    truth: Truth = field(init=False)
    history: History = field(default_factory=History)
    processes: dict[str, Process] = field(default_factory=dict)
    where: dict[int, Process] = field(default_factory=dict)
    policy: Policy = STRICT
    weather: Weather = field(init=False)
    _clients: list[Client] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.scheduler = Scheduler(seed=self.seed, now=DAY_TWO, after=lambda _task: self.look())
        self.weather = Weather(options=self.options, scheduler=self.scheduler)
        self.truth = Truth(self.home)
        dates: dict[str, Micros] = {}
        for name in ("serve-a", "serve-b", "plan", "work-a", "work-b", "reap"):
            clock = Skewed(self.scheduler)
            self.processes[name] = Process(name, self.home, self.scheduler, clock, dates)

    def run(self) -> None:
        """Fail, heal, drain, check. Errors: AssertionError with seed, options and step."""
        try:
            with faults.injecting(self.stand):
                self._fail()
                self._heal()
            self.history.check()
        except AssertionError as error:
            said = f"seed {self.seed}, step {self.scheduler.switches}, {self.options}"
            raise AssertionError(f"{error} [{said}]") from error
        finally:
            self.close()

    def close(self) -> None:
        """Let all databases go."""
        self.truth.close()
        for process in self.processes.values():
            process.close()

    def look(self) -> None:
        """See that everything holds."""
        self.truth.look()

    # --- two phases

    def _fail(self) -> None:
        for process in self.processes.values():
            self._begin(process)
        self._people()
        self.weather.calm = False
        self.scheduler.start("chaos", self._chaos)
        self.scheduler.start("replica", self._lag)
        self.scheduler.run(Micros(self.scheduler.now + round(self.options.hours * HOUR)))
        self.weather.calm = True

    def _heal(self) -> None:
        """Let everything run again, with its clock right, and nobody asking for anything new."""
        self.scheduler.tasks.clear()
        for process in self.processes.values():
            process.end()
            process.clock.off = process.paused_until = 0
            self._begin(process)
        village = self.processes["plan"].village
        acts.resume(village)
        deadline = self.scheduler.now + acts.PATIENCE * SECOND
        while not acts.drained(village) and self.scheduler.now < deadline:
            self.scheduler.run(Micros(self.scheduler.now + 10 * SECOND))
            self._at_once()
        self.truth.sealed()  # a cause before what came of it
        left = acts.waiting(village)
        assert not any(left.values()), f"I14: still under way after a minute: {left}"
        self._settle()

    def _at_once(self) -> None:
        """Let workers and planner have their turn, as their own next tick would."""
        for name in ("work-a", "work-b"):
            Atelier(self.processes[name].village.rooms).drain()
        rooms = self.processes["plan"].village.rooms
        rooms.consent.retention.sweep()
        cycle.finish(
            rooms
        )  # as `onlyou work` does: also what broke, and was left alone for a while
        cycle.run(rooms, rooms.consent.ledger.now())
        self.look()

    def _settle(self) -> None:
        """See that nothing is left over, and that doing it again changes nothing."""
        village = self.processes["reap"].village
        consent, size = village.rooms.consent, self._planned()
        consent.retention.reap(Micros(self.scheduler.now + GRACE + SECOND), apart=Micros(0))
        assert consent.retention.strays() == 0, "I9: bytes without a row"
        assert self._planned() == size, "I8: a plan that was made was made again"
        acts.sound(village, (0, consent.ledger.tree().root(0)))
        people = {account.subject for account in consent.accounts.list()}
        assert set(consent.keys.people()) == people, "I10: a secret without its person"
        consent.ledger.checkpoint()
        self.look()

    def _planned(self) -> int:
        rooms = self.processes["plan"].village.rooms
        cycle.run(rooms, rooms.consent.ledger.now())
        return rooms.consent.ledger.head()[0]

    # --- who is there

    def _begin(self, process: Process) -> None:
        process.begin(self.policy)
        act = {"plan": self._plan, "reap": self._reap}.get(process.name)
        if process.name.startswith("work"):
            act = self._work
        if act is not None:
            self._daemon(process, act)

    def _daemon(self, process: Process, act: Callable[[Process], None]) -> None:
        life = process.starts
        task = self.scheduler.start(process.name, lambda: act(process))
        task.doomed = lambda: not process.alive or process.starts != life
        self.where[id(task)] = process

    def _plan(self, process: Process) -> None:
        while True:
            self.scheduler.sleep(self.options.tick)
            self._safely(lambda: self._tick(process))

    def _tick(self, process: Process) -> None:
        rooms = process.village.rooms
        faults.point("tick.before")
        rooms.consent.retention.sweep()
        cycle.run(rooms, rooms.consent.ledger.now())

    def _work(self, process: Process) -> None:
        atelier = Atelier(process.village.rooms)
        while True:
            self.scheduler.sleep(self.options.work)
            self._safely(atelier.drain)

    def _reap(self, process: Process) -> None:
        while True:
            self.scheduler.sleep(self.options.reap)
            self._safely(lambda: self._reaped(process))

    def _reaped(self, process: Process) -> None:
        """Reap by this machine's clock, which is not the one that dates the store's objects."""
        faults.point("reap.before")
        process.village.rooms.consent.retention.reap(process.clock.now())

    def _safely(self, act: Callable[[], object]) -> None:
        """Do something of which the next time comes whatever fails, as every daemon does."""
        try:
            act()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
            self.weather.done[f"failed: {type(error).__name__}"] += 1

    def _people(self) -> None:
        village = self.processes["serve-a"].village
        servers = (self.processes["serve-a"], self.processes["serve-b"])
        people: list[Subject] = [village.find(name) for name in NAMES[:3]]
        for number in range(self.options.clients):
            client = Client(
                name=f"{NAMES[number % 3]} {number}",
                person=people[number % 3],
                scheduler=self.scheduler,
                servers=servers,
                history=self.history,
                seconds=self.options.every,
                seen=self.truth.seen,
            )
            self._clients.append(client)
            self.scheduler.start(client.name, client.live)

    # --- what fails

    def stand(self, name: str) -> None:
        """Stand at every point: let it fail, let the process die there, let others go on."""
        task = self.scheduler.current
        process = None if task is None else self._of(task)
        if task is None or process is None:
            return
        if not process.alive or task.doomed():
            raise Crashed
        if self.weather.strikes(name):
            self._crash(process)
            raise Crashed
        if name in GIVING and not task.open and not task.still:
            wait = max(0, process.paused_until - self.scheduler.now) / SECOND
            self.scheduler.sleep(wait + self.weather.slowly())

    def _of(self, task: Task) -> Process | None:
        """Say in which process a task goes on: its own, or the server that answers it."""
        if id(task) in self.where:
            return self.where[id(task)]
        return next((one.at for one in self._clients if one.name == task.name), None)

    def _crash(self, process: Process) -> None:
        process.end()
        if self.scheduler.chance(self.options.policies):
            self.policy = STRICTER if self.policy is STRICT else STRICT
            self.weather.done["another policy"] += 1
        wait = float(self.scheduler.draws.uniform(1, 600))
        self.scheduler.start("supervisor", lambda: self._begin(process), after=wait)

    def _lag(self) -> None:
        """Now and then let somebody ask a copy of the database that has fallen behind."""
        while True:
            self.scheduler.sleep(float(self.scheduler.draws.exponential(self.options.replicas)))
            replica = Replica.take(self.home, self.history)
            self.scheduler.sleep(float(self.scheduler.draws.uniform(0, self.options.lag)))
            replica.look(self.truth.keys, self.history)
            self.weather.done["keys refused to a replica"] += replica.refused
            self.weather.done["keys opened by a replica"] += replica.opened

    def _chaos(self) -> None:
        """Now and then end a process, stop one for a minute, or turn a clock."""
        while True:
            self.scheduler.sleep(float(self.scheduler.draws.exponential(self.options.chaos)))
            process = self.scheduler.pick(one for one in self.processes.values() if one.alive)
            what = self.scheduler.pick(("end", "stop", "clock", "clock"))
            self.weather.done[what] += 1
            if what == "end":
                self._crash(process)
            elif what == "stop":
                process.paused_until = self.scheduler.now + 60 * SECOND
            else:
                process.clock.off = round(float(self.scheduler.draws.normal(0, 2 * HOUR)))
