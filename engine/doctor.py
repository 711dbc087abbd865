# SPDX-License-Identifier: Apache-2.0
"""Look an installation over and name what is wrong, one line a check. Nothing is changed.

From below upwards: the machine (engine/machine.py), the packages (engine/packages.py), the
database, the stores of keys and of sealed bytes, then what is in them.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import make_url

from consent import database, handover, recorded, roles
from consent.keys import WEEK, KeyStore, UnsafeFileKeys, week_of
from consent.rotation import PROMISE
from consent.words import SECOND
from engine import egress, machine, migrations, packages, settings, stock
from engine.checks import Check, attempt
from engine.rooms import Rooms
from engine.settings import Settings
from engine.workers import health
from generation import decoding

__all__ = ["Check", "examine"]

_OTHERS: Final = 0o077
_ENTRY: Final = 0o011
_PROBE: Final = "00/a-name-that-no-blob-has"
_NAMED: Final = 3
_PASSES: Final = frozenset({"is a superuser", "passes by row security"})
"""Row security holds nobody of whom one of these is said."""


def examine(rooms: Rooms) -> tuple[Check, ...]:
    """Run every check; none changes anything."""
    engine = rooms.consent.ledger.engine
    return (
        *packages.checks(),
        *machine.checks(rooms),
        _try("schema", lambda: migrations.check(engine), f"version {migrations.head()}"),
        _try("forbidden rows", lambda: database.self_test(engine), "refused by the database"),
        *_postgresql(rooms),
        attempt("keys", lambda: _keys(rooms)),
        attempt("weeks", lambda: _weeks(rooms)),
        attempt("store", lambda: _store(rooms)),
        attempt("blobs", lambda: _blobs(rooms)),
        attempt("files", _files_of_strangers),
        attempt("egress", lambda: _egress(rooms)),
        attempt("ledger", lambda: _ledger(rooms)),
        attempt("blocks", lambda: _blocks(rooms)),
        attempt("witnesses", lambda: _witnesses(rooms)),
        *health.checks(rooms),
        attempt("policy", lambda: _policy(rooms)),
        attempt("recipe", lambda: _recipe(rooms)),
        attempt("self-test", lambda: _selftest(rooms)),
    )


def _try(name: str, look: Callable[[], None], good: str) -> Check:
    def looked() -> Check:
        look()
        return Check(name, True, good)

    return attempt(name, looked)


def _postgresql(rooms: Rooms) -> Iterator[Check]:
    """Say what the application may do there that it should not, and what is not guarded."""
    if rooms.consent.ledger.engine.dialect.name != "postgresql":
        return
    yield attempt("server", lambda: _server(rooms))
    yield attempt("role", lambda: _role(rooms))
    yield attempt("row security", lambda: _row_security(rooms))
    yield attempt("limits", lambda: _limits(rooms))


def _server(rooms: Rooms) -> Check:
    with rooms.consent.ledger.read() as connection:
        version = connection.exec_driver_sql("SHOW server_version").scalar_one()
        durable = connection.exec_driver_sql("SHOW synchronous_commit").scalar_one()
    if durable == "off":
        return Check(
            "server", False, "synchronous_commit is off: what is acknowledged may be lost"
        )
    return Check("server", True, f"PostgreSQL {version}")


def _role(rooms: Rooms) -> Check:
    with rooms.consent.ledger.read() as connection:
        found = tuple(roles.findings(connection))
    if found:
        passes = not _PASSES.isdisjoint(found)
        said = f"the application {', '.join(found)}; see docs/postgresql.md"
        return Check("role", False if passes else None, said)
    return Check("role", True, "the application owns nothing and is no superuser")


def _row_security(rooms: Rooms) -> Check:
    with rooms.consent.ledger.read() as connection:
        open_ones = roles.unguarded(connection)
    if open_ones:
        return Check("row security", False, f"off on {', '.join(open_ones[:_NAMED])}")
    return Check("row security", True, "on, and forced, on every table of people's rows")


def _limits(rooms: Rooms) -> Check:
    with rooms.consent.ledger.read() as connection:
        missing = roles.unlimited(connection)
    if missing:
        said = "of the application's role: a client that vanishes may hold everybody up"
        return Check("limits", None, f"no {', '.join(missing)} {said}; see docs/postgresql.md")
    return Check("limits", True, "the server gives up on whoever vanishes")


def _keys(rooms: Rooms) -> Check:
    """Say what keeps the keys, and whether anybody else on the machine can read them, or rows."""
    store = rooms.consent.keys
    adapter = type(store).__name__
    loose = [path for path in _held(store) if path.stat().st_mode & _OTHERS]
    loose += [path for path in _owned(rooms.settings) if _is_open(path)]
    if loose:
        named = ", ".join(sorted(path.name for path in loose)[:_NAMED])
        return Check("keys", False, f"others on this machine may open {named}")
    if isinstance(store, UnsafeFileKeys):
        return Check("keys", None, f"{adapter}: beside the data, fine for a demo only")
    return Check("keys", True, adapter)


def _held(store: KeyStore) -> Iterator[Path]:
    """Name the files of keys, where keys are files."""
    if isinstance(store, UnsafeFileKeys):
        yield store.folder
        yield from store.folder.rglob("*")


def _owned(chosen: Settings) -> Iterator[Path]:
    """Name the files of settings and rows: one may hold a password, the others people's names."""
    yield chosen.home / settings.FILE
    url = make_url(chosen.database)
    if url.get_backend_name() == "sqlite" and url.database:
        rows = Path(url.database)
        yield from rows.parent.glob(f"{rows.name}*")


def _is_open(path: Path) -> bool:
    """Say whether a file is there that somebody may open who may also enter its folder."""
    entered = (path.parent.stat().st_mode & _ENTRY) * 0o7
    return path.exists() and bool(path.stat().st_mode & entered)


def _weeks(rooms: Rooms) -> Check:
    """Say whether old wrapping keys were destroyed, so that old backups open nothing."""
    now = rooms.consent.ledger.now()
    there = rooms.consent.keys.weeks()
    over = [week for week in there if week * WEEK + PROMISE + WEEK <= now]
    if over:
        late = week_of(now) - over[0]
        detail = (
            f"a wrapping key of {late} weeks ago is still there: is `onlyou schedule` running?"
        )
        return Check("weeks", False, detail)
    return Check("weeks", True, f"{len(there)} wrapping keys, none older than was promised")


def _store(rooms: Rooms) -> Check:
    """Ask the store of sealed bytes for a name that it does not have: it must answer."""
    rooms.consent.blobs.head(_PROBE)
    where = "a folder" if "://" not in rooms.settings.blob_store else "a bucket"
    return Check("store", True, f"{where}, which answers")


def _files_of_strangers() -> Check:
    """Say how whoever looks at strangers' files is confined on this machine."""
    if decoding.filtered():
        return Check("files", True, "decoded behind limits, all but a few system calls refused")
    return Check("files", None, "decoded behind limits alone: no system call is filtered here")


def _egress(rooms: Rooms) -> Check:
    """Say where this installation may call, and who holds it to that."""
    allowed = egress.reachable(rooms.settings)
    if allowed.anywhere:
        return Check("egress", None, "may call anywhere")
    sealed = egress.sealable(allowed)
    return Check(
        "egress", True if sealed else None, f"may call {egress.held(allowed, sealed=sealed)}"
    )


def _policy(rooms: Rooms) -> Check:
    policy = rooms.consent.policy
    return Check("policy", True, f"{policy.id} {policy.sha256[:12]}")


def _ledger(rooms: Rooms) -> Check:
    """Compute the root from the entries, and hold it against what was signed last."""
    ledger = rooms.consent.ledger
    ledger.whole()
    found = handover.recomputed(ledger.engine, ledger.origin)
    if found.root != ledger.tree().root(found.size):
        return Check("ledger", False, f"{found.size} entries, root DIFFERS")
    if not ledger.holds_signed():
        said = "which DIFFER from those that were signed"
        return Check("ledger", False, f"{found.size} entries, {said}")
    never = "" if rooms.consent.keys.signed() else "; its keys know of no signature yet"
    return Check("ledger", True, f"{found.size} entries, root recomputed{never}")


def _blocks(rooms: Rooms) -> Check:
    with rooms.consent.ledger.read() as connection:
        damaged = recorded.damaged(connection)
    said = (
        f"DIFFER from what entry {damaged[0]} names" if damaged else "as their entries name them"
    )
    return Check("blocks", not damaged, f"records {said}")


def _witnesses(rooms: Rooms) -> Check:
    witnessing = rooms.consent.witnessing
    needed = witnessing.quorum.threshold
    if not needed:
        return Check("witnesses", None, "none: only the operator vouches for the ledger")
    now = rooms.consent.ledger.now()
    found = witnessing.newest()
    if found is None:
        return Check("witnesses", False, f"{needed} must cosign, nothing is cosigned: closed")
    age = (now - found.at) // SECOND
    late = age > witnessing.quorum.seconds
    state = "the gate is closed" if late else "the gate is open"
    return Check("witnesses", not late, f"{found.size} entries cosigned {age} s ago: {state}")


def _recipe(rooms: Rooms) -> Check:
    """Say whether the recipe can start here; its files are not hashed: `recipe check` does."""
    recipe, spec = rooms.studio.recipe, stock.find(rooms.settings)
    why = stock.hindrance(spec, rooms.settings) if spec else None
    return Check("recipe", why is None, why or f"{recipe.id}, {len(recipe.scenarios)} scenarios")


def _selftest(rooms: Rooms) -> Check:
    """Tell the last self-test in the ledger; a recipe of our own code alone needs none."""
    said = [body for body in rooms.consent.ledger.bodies() if body["t"] == "selftest"]
    if not said:
        return Check("self-test", None, "none in the ledger: no recipe with weights has drawn yet")
    last = said[-1]
    detail = f"{last['kind']}, {last['verdict']}, of the card {last['recipe'][:12]}"
    return Check("self-test", last["verdict"] == "pass", detail)


def _blobs(rooms: Rooms) -> Check:
    stray = rooms.consent.retention.strays()
    lost = rooms.consent.retention.lost()
    detail = f"{lost} rows without bytes, {stray} blobs without a row"
    return Check("blobs", lost == 0, detail)
