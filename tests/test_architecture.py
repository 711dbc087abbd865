# SPDX-License-Identifier: Apache-2.0
"""What must be true of the code itself, whatever it does."""

import ast
import importlib
import inspect
import pkgutil
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("engine", "feed", "generation", "consent")
ARROWS = {
    "engine": {"engine", "feed", "generation", "consent", "data"},
    "feed": {"feed", "consent", "data"},
    "generation": {"generation", "consent", "data"},
    "consent": {"consent", "data"},
}
EMPTY_WORDS = {"utils", "util", "helpers", "helper", "common", "base", "manager", "managers"}
EMPTY_WORDS |= {"service", "services", "handler", "handlers", "misc"}
GIVEN_NAMES = {"get_route_handler"}  # FastAPI's own name for what we override
UNTESTED = {
    "__init__.py",
    "__main__.py",
    "env.py",  # Alembic's entry, run by every migration test
    "tables.py",  # a room's tables are tried by that room's tests and tests/consent/test_tables.py
    "shapes.py",
    "rooms.py",  # names for what the wiring's test builds
}
"""Files that need no test file of their own beside what tests them."""
WITHOUT_A_TEST_FILE = ("migrations/versions/", "recipes/photobooth/", "tables/")
"""Tested as wholes: migrations by running them, scenarios by their sheet, tables by attack."""


@cache
def tracked() -> tuple[Path, ...]:
    """List the files of the repository, those not yet committed included."""
    listed = subprocess.run(
        ("git", "ls-files", "--cached", "--others", "--exclude-standard"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        return tuple(p for p in map(Path, listed.stdout.splitlines()) if (ROOT / p).is_file())
    return tuple(
        path.relative_to(ROOT)
        for folder in (*ROOMS, "data", "tests", "benchmarks")
        for path in (ROOT / folder).rglob("*.py")
    )


def sources(*folders: str) -> tuple[Path, ...]:
    wanted = folders or ROOMS
    return tuple(p for p in tracked() if p.suffix == ".py" and p.parts[0] in wanted)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text("utf-8"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


# --- files


@pytest.mark.parametrize("room", ROOMS)
def test_every_file_of_a_room_has_its_test_file(room: str) -> None:
    missing = []
    for path in sources(room):
        inside = Path(*path.parts[1:])
        exempt = any(str(inside).startswith(folder) for folder in WITHOUT_A_TEST_FILE)
        own = ROOT / "tests" / room / inside.parent / f"test_{inside.name}"
        if not exempt and inside.name not in UNTESTED and not own.exists():
            missing.append(str(path))
    assert not missing


def test_every_test_file_tests_a_file() -> None:
    gone = [
        str(path)
        for path in sources("tests")
        if path.name.startswith("test_")
        and path.parts[1] in ROOMS
        and (ROOT / "tests" / path.parts[1]).exists()
        and not (ROOT / Path(*path.parts[1:-1]) / path.name.removeprefix("test_")).exists()
        and not (ROOT / Path(*path.parts[1:-1]) / path.stem.removeprefix("test_")).is_dir()
    ]
    assert set(gone) - OF_MORE_THAN_ONE_FILE == set()


OF_MORE_THAN_ONE_FILE = {
    "tests/engine/api/test_api.py",
    "tests/engine/api/test_fuzz.py",
    "tests/engine/api/test_hostile.py",
    "tests/engine/api/test_leaks.py",
    "tests/engine/api/test_matrix.py",
    "tests/engine/test_canaries.py",
    "tests/engine/test_upgrades.py",
    "tests/engine/web/test_browser.py",
    "tests/engine/web/test_journey.py",
    "tests/generation/recipes/flux2/test_flux2.py",
    "tests/generation/recipes/photobooth/test_photobooth.py",
    "tests/generation/recipes/sdxl/test_sdxl.py",
}
"""Test files that look at a whole folder."""


def test_every_source_begins_with_its_licence() -> None:
    line = "# SPDX-License-Identifier: Apache-2.0\n"
    bare = [
        str(path)
        for path in sources(*ROOMS, "data", "tests", "benchmarks")
        if not (ROOT / path).read_text("utf-8").startswith(line)
    ]
    assert bare == []


def test_no_file_or_name_is_an_empty_word() -> None:
    named = {path.stem for path in sources()}
    for path in sources():
        kinds = ast.ClassDef | ast.FunctionDef
        named |= {node.name for node in ast.walk(tree(path)) if isinstance(node, kinds)}
    empty = {
        name
        for name in named - GIVEN_NAMES
        if EMPTY_WORDS & {w.lower() for w in re.findall(r"[A-Z]?[a-z]+\d*", name)}
    }
    assert empty == set()


def test_no_source_is_longer_than_a_reader_can_hold() -> None:
    allowed: set[str] = set()
    long = {
        str(path): lines
        for path in sources()
        if str(path) not in allowed
        and "versions" not in path.parts
        and (lines := len((ROOT / path).read_text("utf-8").splitlines())) > 330
    }
    assert long == {}


def test_nothing_names_the_machine_it_was_written_on() -> None:
    private = re.compile(r"(?<![\w.])/(?:work|root|home/\w+)/")
    found = [
        str(path)
        for path in tracked()
        if path.suffix in {".py", ".md", ".toml", ".txt", ".cfg", ".html", ".json", ".yml"}
        and private.search((ROOT / path).read_text("utf-8", errors="replace"))
    ]
    assert found == []


# --- arrows


@pytest.mark.parametrize("room", ROOMS)
def test_arrows_between_rooms_run_one_way(room: str) -> None:
    wrong = [
        f"{path}: {name}"
        for path in sources(room)
        for name in imports(path)
        if name.split(".")[0] in {*ROOMS, "data", "tests"} - ARROWS[room]
    ]
    assert wrong == []


BANNED = {
    "pickle": "data with a hash, never code",
    "random": "take a seed",
    "sqlalchemy.orm": "Core only",
    "unittest.mock": "the real thing, or a port",
}


def test_nobody_imports_what_is_banned() -> None:
    found = [
        f"{path}: {name}"
        for path in sources(*ROOMS, "tests", "benchmarks")
        for name in imports(path)
        for banned in BANNED
        if name == banned or name.startswith(f"{banned}.")
    ]
    assert found == []


@cache
def calls(path: Path) -> tuple[str, ...]:
    return tuple(
        ast.unparse(node.func) for node in ast.walk(tree(path)) if isinstance(node, ast.Call)
    )


def test_time_comes_from_the_clock_alone() -> None:
    reads = re.compile(r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|time\.time(_ns)?)$")
    found = {str(p): c for p in sources() for c in calls(p) if reads.search(c)}
    assert set(found) <= {"consent/clocks.py"}


def test_keys_and_ids_come_from_chance_alone() -> None:
    draws = re.compile(r"(^|\.)(secrets\.\w+|os\.urandom|uuid4|uuid1|urandom)$")
    found = {str(path) for path in sources() for call in calls(path) if draws.search(call)}
    assert found <= {"consent/chance.py"}


def test_only_the_wiring_starts_a_recipe_and_names_adapters() -> None:
    adapters = {"UnsafeFileKeys", "ObstoreBlobs"}
    found = {
        str(path) for path in sources() for call in calls(path) if call.split(".")[-1] in adapters
    }
    assert found == {"engine/wiring.py"}


# --- doors


@cache
def modules() -> tuple[Any, ...]:
    found = []
    for room in ROOMS:
        package = importlib.import_module(room)
        for info in pkgutil.walk_packages(package.__path__, f"{room}."):
            skipped = ("migrations", "__main__", "recipes.photobooth.scenarios")
            if not any(part in info.name for part in skipped):
                found.append(importlib.import_module(info.name))
    return tuple(found)


def functions() -> Iterator[tuple[str, FunctionType]]:
    """Walk every function and method that our code defines."""
    for module in modules():
        for name, thing in vars(module).items():
            if getattr(thing, "__module__", None) != module.__name__:
                continue
            if isinstance(thing, FunctionType):
                yield f"{module.__name__}.{name}", thing
            elif inspect.isclass(thing):
                for inner, method in vars(thing).items():
                    function = getattr(method, "__func__", method)
                    if isinstance(function, FunctionType):
                        yield f"{module.__name__}.{name}.{inner}", function


PEOPLE = {"subject", "owner", "viewer", "user", "person", "who", "people", "subjects"}


def doors() -> Iterator[tuple[str, FunctionType, list[str]]]:
    """Walk what takes a permit: the parameter's type says so."""
    for name, function in functions():
        types = {k: str(v) for k, v in function.__annotations__.items() if k != "return"}
        if any(re.search(r"\bPermit\b", hint) for hint in types.values()):
            yield name, function, list(types)


def test_there_are_doors_to_look_at() -> None:
    named = {name for name, _, _ in doors()}
    assert {
        "consent.effects.spend",
        "consent.vault.Vault.seal",
        "consent.vault.Vault.read",
        "consent.vault.Vault.read_beside",
        "consent.vault.Vault.seal_beside",
    } <= named
    assert "feed.inserts.Inserts.place" in named


def test_no_door_takes_a_person_beside_the_permit() -> None:
    both = {name for name, _, parameters in doors() if PEOPLE & set(parameters)}
    assert both == set()


def test_only_the_gate_makes_permits() -> None:
    made = {
        str(path)
        for path in sources()
        for call in calls(path)
        if call.split(".")[-1].split("[")[0] == "Permit"
    }
    assert made == {"consent/gate.py"}


def test_only_the_gate_and_the_schema_write_to_the_permit_table() -> None:
    """And a restore, which remembers what was used since its backup: nothing that can be spent."""
    writes = re.compile(r"\b(?:permits?)\.(?:insert|update)\(|\binsert\(permits?\b")
    found = {str(p) for p in sources() if writes.search((ROOT / p).read_text("utf-8"))}
    assert found <= {"consent/gate.py", "consent/since.py"}


def test_only_the_vault_unseals_a_persons_bytes() -> None:
    """Keys wrap and unwrap keys; the ledger opens openings; contents open in the vault alone."""
    found = {
        str(path)
        for path in sources()
        for call in calls(path)
        if call.split(".")[-1] == "content_context"
    }
    assert found == {"consent/vault.py"}


def test_what_is_kept_beside_a_selfie_opens_in_one_place_alone() -> None:
    found = {
        str(path)
        for path in sources()
        for call in calls(path)
        if call.split(".")[-1] == "companion_context"
    }
    assert found == {"consent/companions.py"}


def test_no_other_room_writes_an_effect_past_the_one_writer() -> None:
    effects = {table.name for table in _effect_tables()}
    found = set()
    for path in sources("engine", "feed", "generation"):
        for call in calls(path):
            owner, _, verb = call.rpartition(".")
            if verb in {"insert", "update"} and owner.split(".")[-1] in effects:
                found.add(f"{path}: {call}")
    assert found == set()


def _effect_tables() -> tuple[Any, ...]:
    from consent.tables import effect_tables  # noqa: PLC0415 - after all rooms are imported

    modules()
    return effect_tables()


def test_every_step_has_a_table_where_it_leaves_its_row() -> None:
    from consent.words import Step  # noqa: PLC0415

    left = {table.info["step"] for table in _effect_tables()}
    assert set(Step) - left <= {Step.SHARE}  # shares come with their own issue


# --- the project


def test_every_shipped_policy_and_notice_is_packed_with_the_code() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "data" in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert (ROOT / "data" / "__init__.py").exists()


def test_tests_are_sentences() -> None:
    terse = []
    for path in sources("tests"):
        for node in ast.walk(tree(path)):
            named = isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
            if named and node.name.count("_") < 3:
                terse.append(f"{path}: {node.name}")
    assert terse == []


def test_no_test_is_skipped_or_empty() -> None:
    skips = ("mark.skip", "mark.skipif", "mark.xfail", "pytest.skip")
    skipped = {str(p) for p in sources("tests") for call in calls(p) if call.endswith(skips)}
    empty = {
        str(path)
        for path in sources("tests")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Assert) and isinstance(node.test, ast.Constant)
    }
    assert skipped <= {"tests/engine/web/conftest.py"}  # no Chromium on a reader's own machine
    assert empty == set()
