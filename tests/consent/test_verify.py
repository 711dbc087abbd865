# SPDX-License-Identifier: Apache-2.0
"""The offline verifier: silent on an honest year, and on every fraud it names code and entry.

The operator of the frauds has everything: the database, the real signing key, this code.
"""

import ast
import atexit
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent import verify
from consent.verify.single import write
from tests.consent.conftest import Year
from tests.consent.findings import STRANGER, found_in, said_in, said_of
from tests.consent.forge import Forge
from tests.consent.frauds import FRAUDS

# --- an honest bundle


def test_an_honest_year_gives_no_finding_and_every_verdict_is_recomputed(year: Year) -> None:
    report = verify.verify(year.bundle)
    nights = [entry for entry in year.rooms.entries("block") if "policy" in entry]
    decisions, effects = year.rooms.entries("decision"), year.rooms.entries("effect")
    assert report == {
        "ok": True,
        "size": len(year.rooms.entries()),
        "root": year.rooms.consent.ledger.tree().root().hex(),
        "checked": {
            "entries": len(year.rooms.entries()),
            "decisions": len(decisions) + sum(night["n"] for night in nights),
            "recomputed": len(decisions) + sum(night["n"] for night in nights),
            "not_recomputable": 0,
            "signatures": len(year.rooms.consent.ledger.verifiers),
            "effects": len(effects),
            "views": sum(e["step"] == "view" for e in effects),
            "inserts": sum(e["step"] == "insert" for e in effects),
            "shares": 0,
            "blocks": len(nights),
            "maps": len(year.rooms.entries("aggregate")),
        },
        "signatures_unchecked": False,
        "findings": [],
        "findings_omitted": 0,
    }


def test_the_honest_year_is_worth_verifying(year: Year) -> None:
    """Were it poorer, the frauds below would have nothing to spoil."""
    kinds = {entry["t"] for entry in year.rooms.entries()}
    reasons = {r for e in year.rooms.entries("decision") for r in e.get("reasons", ())}
    assert reasons == {"cap", "not-granted", "withdrawn", "expired"}
    assert kinds >= {"grant", "renew", "withdraw", "expire", "destroy", "key.destroy", "block"}


def test_a_bundle_without_openings_verifies_and_says_what_it_could_not_recompute(
    copied: Path,
) -> None:
    shutil.rmtree(copied / "openings")
    report = verify.verify(copied)
    assert report["ok"]
    assert report["checked"]["recomputed"] == 0
    assert report["checked"]["not_recomputable"] == report["checked"]["decisions"] > 0


# --- standing alone


def alone(*arguments: str, site: bool = True) -> subprocess.CompletedProcess[str]:
    flags = ["-I"] if site else ["-I", "-S"]
    command = [sys.executable, *flags, str(one_file()), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@cache
def one_file() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="onlyou-verify-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "verify.py"
    assert write([str(path)]) == 0
    return path


def test_the_verifier_imports_the_standard_library_and_at_most_cryptography() -> None:
    tree = ast.parse(one_file().read_text())
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    plain = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    names = {str(node.module).split(".")[0] for node in froms}
    names |= {alias.name.split(".")[0] for node in plain for alias in node.names}
    assert names - set(sys.stdlib_module_names) == {"cryptography"}


def test_it_runs_alone_and_prints_the_contract_as_json(year: Year) -> None:
    done = alone(str(year.bundle), "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout) == verify.verify(year.bundle)


def test_without_cryptography_signatures_are_unchecked_which_is_no_finding(year: Year) -> None:
    done = alone(str(year.bundle), site=False)
    assert done.returncode == 0
    assert "signatures unchecked" in done.stdout
    assert "nothing wrong was found" in done.stdout


def test_without_cryptography_a_line_of_no_key_of_the_log_is_still_found(copied: Path) -> None:
    write = Forge(copied, STRANGER).close()
    done = alone(str(write), "--json", site=False)
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert [f["code"] for f in report["findings"]] == ["signature-missing"]
    assert report["checked"]["signatures"] == 0


def test_findings_are_printed_with_code_and_entry_and_exit_one(forge: Forge) -> None:
    seq = forge.edit(forge.find("effect", 3), effect_of=0)
    done = alone(str(forge.close()))
    assert done.returncode == 1
    assert f"effect-without-decision at entry {seq}: " in done.stdout
    assert done.stdout.endswith("NOT in order\n")
    assert done.stderr == ""


# --- frauds: entries edited, tree rebuilt, signed with the real key


@pytest.mark.parametrize("name", FRAUDS)
def test_a_fraud_is_found_with_its_code_and_entry(forge: Forge, name: str) -> None:
    expected = FRAUDS[name](forge)
    bundle = forge.close()
    found = found_in(bundle)
    assert expected
    assert set(expected) <= set(found), found
    assert said_in(bundle) == said_of(name)
    assert not any(code in {"root-mismatch", "signature-invalid"} for code, _ in found)


# --- damage


def every_file(bundle: Path) -> Iterator[Path]:
    yield from sorted(path for path in bundle.rglob("*") if path.is_file())


UNSIGNED = {"manifest.json", "keys/witnesses.json"}
"""Of these only what they say is checked, not how it is spelt."""


def test_no_file_of_a_bundle_can_be_damaged_or_cut_unnoticed(night: Forge) -> None:
    bundle = night.bundle
    for path in every_file(bundle):
        raw = path.read_bytes()
        spoilt = bytearray(raw)
        spoilt[len(raw) // 2] ^= 0x15
        for changed in (bytes(spoilt), raw[: len(raw) // 2]):
            path.write_bytes(changed)
            assert verify.verify(bundle)["findings"], path
        path.write_bytes(raw)
    assert verify.verify(bundle)["ok"]


@settings(max_examples=150)
@given(st.data())
def test_any_flipped_byte_and_any_cut_is_found_and_never_a_traceback(
    nights: Year, data: st.DataObject
) -> None:
    bundle = damageable(nights)
    files = {str(path.relative_to(bundle)): path for path in every_file(bundle)}
    name = data.draw(st.sampled_from([*sorted(files), *KINDS * 4]))
    raw = files[name].read_bytes()
    place = data.draw(st.integers(0, len(raw) - 1))
    flipped = bytearray(raw)
    flipped[place] ^= data.draw(st.integers(1, 255))
    changed = data.draw(st.sampled_from([bytes(flipped), raw[:place]]))
    try:
        files[name].write_bytes(changed)
        assert verify.verify(bundle)["findings"] or name in UNSIGNED, name
    finally:
        files[name].write_bytes(raw)


KINDS = ("checkpoint", "keys/log.vkey", *UNSIGNED)


@settings(max_examples=40)
@given(st.data())
def test_damage_is_never_a_traceback(nights: Year, data: st.DataObject) -> None:
    bundle = damageable(nights)
    path = data.draw(st.sampled_from(sorted(every_file(bundle))))
    raw = path.read_bytes()
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, len(raw)))
    try:
        path.write_bytes(raw[:start] + data.draw(st.binary(max_size=20)) + raw[end:])
        assert verify.main([str(bundle), "--json"]) in {0, 1}
    finally:
        path.write_bytes(raw)


def damageable(of: Year) -> Path:
    """Return a copy of a bundle that each example puts back in order."""
    bundle = of.bundle.with_name("damaged")
    if not bundle.exists():
        shutil.copytree(of.bundle, bundle)
    return bundle


def test_every_code_of_the_contract_is_found_by_a_test_here() -> None:
    folder = Path(__file__).parent
    paths = [*folder.glob("*frauds.py"), *folder.glob("verify/test_*.py"), Path(__file__)]
    source = "".join(path.read_text() for path in paths)
    assert [code for code in get_args(verify.Code) if f'"{code}"' not in source] == []
