# SPDX-License-Identifier: Apache-2.0
"""`onlyou demo | serve | schedule | cycle | work`: run the engine."""

import logging
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
import uvicorn
from rich.progress import Progress
from sqlalchemy.exc import OperationalError
from starlette.types import ASGIApp

from consent.clocks import VirtualClock
from consent.errors import Misused
from consent.scopes import NOBODY
from consent.words import Micros, Reason, parse_rfc3339
from engine import cast, cycle, egress, journal, settings, wiring
from engine.cells import layout, rounds
from engine.cells.front import Front
from engine.cells.house import open_cells
from engine.cli.output import Home, Json, progress, say, say_json, say_table
from engine.demo import MORNING_OF_DAY_ONE, Demo, play
from engine.journal import Format
from engine.rooms import Rooms
from engine.schedule import scheduler
from engine.settings import Settings
from engine.shards import is_spread
from engine.summary import summarise
from engine.web import site
from generation import decoding

LogFormat = Annotated[
    Format,
    typer.Option("--log-format", help="How log lines are written.", envvar="ONLYOU_LOG_FORMAT"),
]
Recipe = Annotated[str | None, typer.Option("--recipe", help="Which recipe renders.")]
SUMMARY = "summary.json"
_POLL_SECONDS = 2.0
_log = logging.getLogger(__name__)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("demo")(demo)
    app.command("serve")(serve)
    app.command("schedule")(schedule)
    app.command("cycle")(run_cycle)
    app.command("work")(work)


def demo(
    *,
    home: Annotated[Path, typer.Option(help="Where the demo keeps its data.")] = Path(
        ".onlyou-demo"
    ),
    people: Annotated[int, typer.Option(help="1 to 10: as many faces as there are.")] = 10,
    days: Annotated[int, typer.Option(min=1, max=60)] = 2,
    policy: Annotated[str, typer.Option(help="Which policy holds.")] = "strict-opt-in",
    seed: int = 7,
    recipe: Recipe = None,
    fixed_keys: Annotated[
        bool, typer.Option("--fixed-keys", help="Keys from the seed. For tests only.")
    ] = False,
    serve_it: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Open the pages afterwards.")
    ] = True,
    port: int = 8000,
    simulated: Annotated[
        int, typer.Option(help="Simulated people of the experiment that is shown; 0: none.")
    ] = 20_000,
    as_json: Json = False,
) -> None:
    """Run the main job with synthetic people on a virtual clock, then open the pages."""
    members = cast.cast(people)
    chosen = _demo_settings(home, policy=policy, seed=seed, recipe=recipe, fixed=fixed_keys)
    asked = {
        "people": people,
        "days": days,
        "policy": policy,
        "seed": seed,
        "recipe": chosen.recipe,
    }
    finished = _finished(chosen, asked)
    if finished is None:
        rooms = wiring.install(chosen, clock := VirtualClock(MORNING_OF_DAY_ONE))
        finished = _play(Demo(rooms=rooms, clock=clock, members=members, days=days))
    _keep(chosen.home, finished)
    if simulated:
        from engine.cli import trials  # noqa: PLC0415 - loads the simulator

        tried = trials.demonstrate(chosen.home, people=simulated, swept=simulated // 2, seed=seed)
        finished = {**finished, "experiment": tried}
    url = f"http://127.0.0.1:{port}" if serve_it else None
    _keep(chosen.home, summary := {**finished, "url": url})
    _report(summary, as_json=as_json)
    if serve_it:
        egress.guard(chosen)
        _serve(wiring.open_home(chosen.home, scope=NOBODY), port)


def _demo_settings(
    home: Path, *, policy: str, seed: int, recipe: str | None, fixed: bool
) -> Settings:
    if fixed:
        say("[bold yellow]! --fixed-keys: whoever knows the seed knows every key. Tests only.[/]")
    chosen = settings.read(
        home,
        policy=policy,
        seed=seed,
        recipe=recipe,
        fixed_keys=fixed,
        simulated_clock=True,
        dev_tokens=True,
    )
    wiring.check(chosen)
    return chosen


def _finished(chosen: Settings, asked: dict[str, object]) -> dict[str, object] | None:
    """Return what a finished or begun home holds. Errors: Misused for one of another demo."""
    path = chosen.home / "demo.json"
    if not path.exists():
        chosen.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(orjson.dumps(asked))
    elif orjson.loads(path.read_bytes()) != asked:
        raise Misused(
            Reason.UNKNOWN_KEY,
            f"this home holds a demo with other settings ({path.read_text('utf-8')}); "
            "take another --home",
        )
    summary = chosen.home / SUMMARY
    return orjson.loads(summary.read_bytes()) if summary.exists() else None


def _play(played: Demo) -> dict[str, object]:
    started = time.perf_counter()
    with progress() as bar:
        play(played, _watching(bar))
    seconds = time.perf_counter() - started
    people, days = len(played.members), played.days
    return summarise(played.rooms, people=people, days=days, seconds=seconds)


def _keep(home: Path, summary: dict[str, object]) -> None:
    """Write the summary beside its place and rename it, so that it is whole or not there."""
    draft = home / f"{SUMMARY}.new"
    draft.write_bytes(orjson.dumps(summary, option=orjson.OPT_INDENT_2))
    draft.replace(home / SUMMARY)


def _watching(bar: Progress) -> cycle.Watch:
    task = bar.add_task("", total=None)

    def watch(what: str, done: int, total: int) -> None:
        bar.update(task, description=f"{what:<28}", completed=done, total=total)

    return watch


def _report(summary: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        say_json(summary)
        return
    shown = (
        "policy", "people", "opted_in", "days", "portraits", "inserts", "views", "refusals",
        "denials", "withdrawals", "ledger_size", "root", "recipe", "seconds", "url",
    )  # fmt: skip
    rows = [(key, orjson.dumps(summary[key]).decode().strip('"')) for key in shown]
    say_table("Onlyou demo", ("what", "how many"), rows)
    tried: Any = summary.get("experiment")
    if tried is not None:
        ends = ", ".join(
            f"{one['arm'] or 'all of it'} stopped on day {one['day']}" for one in tried["stops"]
        )
        say(
            f"Experiment {tried['id']}, {tried['people']:,} simulated people, {tried['days']} "
            f"days: {ends or 'nothing was stopped'}. See onlyou experiment report {tried['id']}."
        )


def serve(
    home: Home = None,
    host: str = "127.0.0.1",
    port: int = 8000,
    log_format: LogFormat = Format.TEXT,
) -> None:
    """Serve the API and the pages."""
    journal.configure(log_format)
    front = _front(home)
    egress.guard(front)
    if is_spread(front.home):
        _answer(Front(open_cells(front, scope=NOBODY)), port, host)
    else:
        _serve(wiring.open_home(home, scope=NOBODY), port, host)


def _serve(rooms: Rooms, port: int, host: str = "127.0.0.1") -> None:
    _answer(site(rooms, rooms.settings), port, host)


def _answer(app: ASGIApp, port: int, host: str) -> None:
    decoding.prepare()
    say(f"[bold]http://{host}:{port}[/]  (stop with Ctrl-C)")
    uvicorn.run(app, host=host, port=port, log_config=None, access_log=False)


def schedule(home: Home = None, log_format: LogFormat = Format.TEXT) -> None:
    """Tick once a minute; each slot's plan runs once, whoever else ticks."""
    journal.configure(log_format)
    front = _front(home)
    egress.guard(front)
    say("ticking; stop with Ctrl-C")
    spread = is_spread(front.home)
    beating = rounds.scheduler(open_cells(front)) if spread else scheduler(wiring.open_home(home))
    beating.start()


def _front(home: Path | None, recipe: str | None = None) -> Settings:
    """Read the settings; where people are spread over cells, every cell may be called."""
    front = settings.read(home, recipe=recipe)
    return layout.outward(layout.read(front)) if is_spread(front.home) else front


def run_cycle(
    home: Home = None,
    at: Annotated[str | None, typer.Option(help="A moment within the slot, RFC 3339.")] = None,
    as_json: Json = False,
) -> None:
    """Run the present slot's plan to its end, or recall what came of it."""
    front = _front(home)
    with egress.guarded(front), progress() as bar:
        if is_spread(front.home):
            outcome = rounds.run(open_cells(front), partial(_moment, at=at), _watching(bar))
        else:
            rooms = wiring.open_home(home)
            outcome = cycle.run(rooms, _moment(rooms, at), _watching(bar))
    if as_json:
        say_json(dict(outcome))
    else:
        say_table("Plan", ("what", "how many"), sorted(outcome.items()))


def _moment(rooms: Rooms, at: str | None) -> Micros:
    try:
        return parse_rfc3339(at) if at else rooms.consent.ledger.now()
    except ValueError as error:
        raise Misused(Reason.UNKNOWN_KEY, f"--at: {error}") from error


def work(
    home: Home = None,
    recipe: Recipe = None,
    once: Annotated[bool, typer.Option("--once", help="Stop when nothing is waiting.")] = False,
    log_format: LogFormat = Format.TEXT,
) -> None:
    """Make and place whatever was asked for and is not done yet."""
    journal.configure(log_format)
    front = _front(home, recipe)
    with egress.guarded(front, for_good=not once):
        if is_spread(front.home):
            _work(partial(rounds.finish, open_cells(front)), once=once)
        else:
            _work(partial(cycle.finish, wiring.open_home(home, recipe=recipe)), once=once)


def _work(finish: Callable[[], Counter[str]], *, once: bool) -> None:
    while True:
        done = finish() if once else _outlasted(finish)
        if done.total():
            say(", ".join(f"{count} {what}" for what, count in sorted(done.items())))
        if once:
            return
        time.sleep(_POLL_SECONDS)


def _outlasted(finish: Callable[[], Counter[str]]) -> Counter[str]:
    """Do a round of work; one in which the database is away comes to nothing."""
    try:
        return finish()
    except OperationalError:
        _log.exception("the database is away; the next round tries again")
        return Counter()
