# SPDX-License-Identifier: Apache-2.0
"""The same report for any number of processes, on honest logs and on every fraud."""

import json
import multiprocessing
import runpy
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from benchmarks import long_log
from consent import verify
from consent.verify import parts, single
from consent.verify.canonical import Folder
from consent.verify.openings import Bits
from consent.verify.work import Share
from tests.consent.conftest import Year
from tests.consent.forge import Forge, Operator
from tests.consent.frauds import FRAUDS
from tests.consent.night_frauds import NIGHT_FRAUDS

ALONE = """
import json, runpy, sys
verifier = runpy.run_path(sys.argv[1])
for line in sys.stdin:
    print(json.dumps(verifier["verify"](verifier["Path"](line.strip()))))
"""
UNSIGNED = {"signatures", "signatures_unchecked"}


@pytest.fixture(scope="module")
def spoilt(year: Year, nights: Year, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Commit every fraud that we know."""
    home, bundles = tmp_path_factory.mktemp("frauds"), [year.bundle, nights.bundle]
    for known, of in ((FRAUDS, year), (NIGHT_FRAUDS, nights)):
        for name, commit in known.items():
            forge = Forge(
                shutil.copytree(of.bundle, home / name), Operator(of.rooms.consent.ledger)
            )
            commit(forge)
            bundles.append(forge.close())
    return bundles


def test_two_processes_and_seven_find_what_one_finds(spoilt: list[Path]) -> None:
    for place, bundle in enumerate(spoilt[::3]):
        alone = verify.verify(bundle, jobs=1)
        assert verify.verify(bundle, jobs=2) == alone, bundle
        if place % 10 == 0:
            assert verify.verify(bundle, jobs=7) == alone, bundle


def test_the_one_file_without_any_package_finds_the_same(
    spoilt: list[Path], tmp_path: Path
) -> None:
    out = tmp_path / "verify.py"
    single.write([str(out)])
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", ALONE, str(out)],
        input="\n".join(map(str, spoilt)),
        capture_output=True,
        text=True,
        check=True,
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    for bundle, alone in zip(spoilt, told, strict=True):
        mine = verify.verify(bundle)
        assert alone["findings"] == mine["findings"], bundle
        assert alone["signatures_unchecked"]
        assert {**alone["checked"], "signatures": 0} == {**mine["checked"], "signatures": 0}


def test_a_longer_log_than_a_tile_is_shared_out(tmp_path: Path) -> None:
    size = long_log.write(tmp_path / "log", 40, openings=True)
    one, three = (verify.verify(tmp_path / "log", jobs=jobs) for jobs in (1, 3))
    assert one == three
    assert one["ok"]
    assert one["checked"]["recomputed"] == 40 * 16
    assert size == one["size"] == 40 * 32 + 2


def test_every_person_is_looked_after_by_one_process() -> None:
    for of in range(1, 9):
        shares = [Share(number, of) for number in range(of)]
        for first in range(256):
            assert sum(share.owns[first] for share in shares) == 1
            assert sum(share.owns_tag[first] for share in shares) == 1
            assert sum(share.mine(first) for share in shares) == 1


def test_where_a_process_dies_one_does_all_the_work(
    year: Year, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "_send_part", lambda *_: None)
    task = parts.Task(Folder(year.bundle), len(year.rooms.entries()), Bits())
    assert parts.read_all(task, 2).size == len(year.rooms.entries())


def test_where_none_dies_nobody_does_it_alone(year: Year) -> None:
    task = parts.Task(Folder(year.bundle), len(year.rooms.entries()), Bits())
    done = parts._in_processes(task, 2)
    assert done is not None
    assert done.size == len(year.rooms.entries())


def test_the_one_file_runs_as_a_module_too(tmp_path: Path) -> None:
    out = tmp_path / "verify.py"
    single.write([str(out)])
    assert runpy.run_path(str(out))["main"]([str(tmp_path / "none")]) == 2


def test_what_two_processes_send_is_together_what_one_finds(nights: Year) -> None:
    task = parts.Task(Folder(nights.bundle), len(nights.rooms.entries()), Bits())
    pipes = [multiprocessing.Pipe(duplex=False) for _ in range(2)]
    with ThreadPoolExecutor(2) as threads:
        for number, (_, there) in enumerate(pipes):
            threads.submit(parts._send_part, task, number, 2, there)
        together = parts._collect([here for here, _ in pipes])
    for here, _ in pipes:
        with pytest.raises(EOFError):
            here.recv()
        here.close()
    alone = parts.read_all(task, 1)
    assert together.counts == alone.counts
    assert together.roots == alone.roots
    assert together.made == alone.made != {}
    assert (together.total, together.size, together.last) == (0, alone.size, alone.last)
