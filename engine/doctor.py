# SPDX-License-Identifier: Apache-2.0
"""Look an installation over and name what is wrong, one line a check."""

import sqlite3
from collections.abc import Callable, Iterator

from consent import database, entries, merkle, recorded
from consent.errors import OnlyouError
from consent.words import SECOND
from engine import migrations, stock
from engine.checks import Check, attempt
from engine.rooms import Rooms

__all__ = ["Check", "examine"]


def examine(rooms: Rooms) -> tuple[Check, ...]:
    """Run every check; none changes anything."""
    engine = rooms.consent.ledger.engine
    return (
        _try("schema", lambda: migrations.check(engine), f"version {migrations.head()}"),
        _try("forbidden rows", lambda: database.self_test(engine), "refused by the database"),
        *_sqlite(engine.dialect.name),
        _ledger(rooms),
        _blocks(rooms),
        attempt("blobs", lambda: _blobs(rooms)),
        _witnesses(rooms),
        Check("keys", None, f"{type(rooms.consent.keys).__name__}: fine for a demo only"),
        Check("policy", True, f"{rooms.consent.policy.id} {rooms.consent.policy.sha256[:12]}"),
        _recipe(rooms),
        _selftest(rooms),
    )


def _try(name: str, attempt: Callable[[], None], good: str) -> Check:
    try:
        attempt()
    except OnlyouError as error:
        return Check(name, False, error.sentence)
    return Check(name, True, good)


def _sqlite(dialect: str) -> Iterator[Check]:
    if dialect != "sqlite":
        return
    safe = sqlite3.sqlite_version_info >= database.WAL_SAFE
    mode = "WAL" if safe else "journal_mode TRUNCATE, because of a WAL race before 3.51.3"
    yield Check("sqlite", True if safe else None, f"{sqlite3.sqlite_version}: {mode}")


def _ledger(rooms: Rooms) -> Check:
    ledger = rooms.consent.ledger
    size, _ = ledger.head()
    leaves = [merkle.leaf_hash(ledger.body(seq)) for seq in range(size)]
    bodies = all(entries.canonical(entries.decode(ledger.body(seq))) for seq in range(size))
    whole = merkle.Tree(leaves).root() == ledger.tree().root(size) and bodies
    return Check("ledger", whole, f"{size} entries, root {'recomputed' if whole else 'DIFFERS'}")


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
