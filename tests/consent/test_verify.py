# SPDX-License-Identifier: Apache-2.0
"""The offline verifier: silent on an honest year, and on every fraud it names code and entry.

The operator of the frauds has everything: the database, the real signing key, this code.
"""

import ast
import base64
import hashlib
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
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from consent import bundle, entries, merkle, notes, policies, tiles, verify
from consent.gate import Ask
from consent.verify.findings import MOST_FINDINGS
from consent.verify.grammar import read_entry
from consent.verify.policy import decide, read_policy
from consent.verify.single import write
from consent.verify.tree import tile_path, tree_root
from consent.verify.uses import most_uses
from consent.words import Purpose
from tests.conftest import Opener
from tests.consent import frauds
from tests.consent.conftest import Year
from tests.consent.facts import CELLS, listed, scalar
from tests.consent.forge import Forge, Operator, read_log, sign, write_log
from tests.consent.frauds import FRAUDS, Found

STRANGER = notes.Signer("onlyou.test/log", Ed25519PrivateKey.from_private_bytes(b"x" * 32))


def found_in(bundle: Path) -> list[Found]:
    return [(f["code"], f["seq"]) for f in verify.verify(bundle)["findings"]]


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
    path = Path(tempfile.mkdtemp()) / "verify.py"
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


def test_only_a_directory_that_is_not_there_exits_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify.main([str(tmp_path / "nowhere")]) == 2
    assert "there is no" in capsys.readouterr().err
    assert verify.main([str(tmp_path)]) == 1
    (tmp_path / "file").write_text("no bundle")
    assert verify.main([str(tmp_path / "file")]) == 1


def test_where_cryptography_cannot_be_imported_nothing_is_claimed_about_signatures(
    year: Year, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    report = verify.verify(year.bundle)
    assert report["ok"]
    assert report["signatures_unchecked"]
    assert report["checked"]["signatures"] == 0


def test_the_command_line_runs_the_same_check(
    year: Year, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify.main([str(year.bundle), "--against", str(year.bundle / "checkpoint")]) == 0
    lines = 2 * len(year.rooms.consent.ledger.verifiers)
    assert f"{lines} signatures checked" in capsys.readouterr().out


# --- the second verdict


@pytest.mark.parametrize("policy_id", policies.names())
def test_the_verifier_decides_as_the_gate_does_on_all_facts(policy_id: str) -> None:
    """Two codes that share nothing, over every fact that a policy can tell apart."""
    policy = policies.load(policy_id)
    second = read_policy(policy.text.encode())
    assert second is not None
    for step, purpose in CELLS:
        mine = scalar(policy, step, purpose)
        told = [one.opening() for one in listed(policy_id, step, purpose)]
        said = [decide(second, step, purpose, one) or "allow" for one in told]
        assert said == mine


@pytest.mark.parametrize("policy_id", policies.names())
def test_an_honest_history_under_any_policy_has_no_finding(
    policy_id: str, open_rooms: Opener, sqlite_url: str, tmp_path: Path
) -> None:
    """What is implied and bundled included, which only the policy's file makes honest."""
    rooms = open_rooms(sqlite_url, policy=policy_id)
    ada = rooms.person("Ada", Purpose.LIKENESS)
    rooms.selfie(ada)
    for purpose in rooms.consent.policy.consent.implies:
        rooms.grant(ada, purpose)
        rooms.consent.grants.imply(ada, purpose)
    asks = [Ask(step=s, subject=ada, purpose=p, object=rooms.object()) for s, p in CELLS]
    answers = rooms.consent.gate.ask_all(asks)
    bundle.export(rooms.consent, tmp_path / "bundle")
    report = verify.verify(tmp_path / "bundle")
    assert report["findings"] == []
    assert report["checked"]["recomputed"] == len(answers) + 1
    assert {type(answer).__name__ for answer in answers} == {"Permit", "Denial"}


@given(st.integers(0, 600))
def test_the_verifier_grows_the_same_tree(size: int) -> None:
    leaves = [merkle.leaf_hash(number.to_bytes(2, "big")) for number in range(size)]
    assert tree_root(leaves) == merkle.Tree(leaves).root()


@pytest.mark.parametrize("number", [0, 7, 999, 1_000, 1_234_067])
@pytest.mark.parametrize("width", [1, 256])
def test_the_verifier_looks_for_tiles_where_the_engine_puts_them(number: int, width: int) -> None:
    assert tile_path("3", number, width) == tiles.tile_path(3, number, width)
    assert tile_path("entries", number, width) == tiles.entries_path(number, width)


def test_without_facts_an_allowance_may_have_used_less_than_the_cap_if_there_is_one() -> None:
    strict = read_policy(policies.load("strict-opt-in").text.encode())
    assert most_uses(strict, "feed_insert", None) == (0, 2)
    assert most_uses(strict, "avatar_pack", None) is None
    assert most_uses(None, "feed_insert", None) is None
    assert most_uses(strict, "feed_insert", {"used_day": 5}) == (5, 0)


def test_statistics_that_hash_to_their_entry_are_no_finding(forge: Forge) -> None:
    words = b'{"inserts":3}'
    sha256 = hashlib.sha256(words).hexdigest()
    (forge.bundle / f"aggregates/{sha256}.json").write_bytes(words)
    entry = {"v": 1, "t": "aggregate", "at": forge.log[-1]["at"], "object": sha256}
    forge.add(len(forge.log), entry)
    assert found_in(forge.close()) == []


# --- frauds: entries edited, tree rebuilt, signed with the real key


@pytest.mark.parametrize("name", FRAUDS)
def test_a_fraud_is_found_with_its_code_and_entry(forge: Forge, name: str) -> None:
    expected = FRAUDS[name](forge)
    found = found_in(forge.close())
    assert expected
    assert set(expected) <= set(found), found
    assert not any(code in {"root-mismatch", "signature-invalid"} for code, _ in found)


def test_a_history_written_anew_with_care_is_found_by_whoever_kept_a_checkpoint(
    year: Year, forge: Forge, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    shutil.copy(year.bundle / "checkpoint", kept)
    seq = forge.find("decision", verdict="deny", reasons=["withdrawn"])
    (forge.bundle / f"openings/{seq}.json").unlink()
    forge.drop(seq)
    bundle = forge.close()
    assert found_in(bundle) == []
    report = verify.verify(bundle, against=kept)
    assert [f["code"] for f in report["findings"]] == ["inconsistent-checkpoint"]


def test_a_log_that_has_only_grown_agrees_with_every_checkpoint_kept(
    year: Year, tmp_path: Path
) -> None:
    ledger = year.rooms.consent.ledger
    for size in (1, 2, 63, 64, ledger.head()[0]):
        (tmp_path / "kept").write_text(ledger.checkpoint(size), encoding="utf-8")
        report = verify.verify(year.bundle, against=tmp_path / "kept")
        assert report["findings"] == []
        assert report["checked"]["signatures"] > len(ledger.verifiers)


def test_a_history_of_the_same_size_that_was_changed_differs_from_a_checkpoint_kept(
    year: Year, forge: Forge, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.write_text(year.rooms.consent.ledger.checkpoint(70), encoding="utf-8")
    forge.edit(forge.find("label.shown"), note="edited")
    (found,) = verify.verify(forge.close(), against=kept)["findings"]
    assert (found["code"], found["seq"]) == ("inconsistent-checkpoint", 69)


def test_a_kept_checkpoint_that_is_none_is_a_finding(year: Year, tmp_path: Path) -> None:
    report = verify.verify(year.bundle, against=tmp_path / "missing")
    assert [f["code"] for f in report["findings"]] == ["bundle-unreadable"]


# --- frauds: files changed


def test_a_changed_byte_in_an_entry_is_found_at_that_entry(forge: Forge) -> None:
    log = read_log(forge.bundle)
    seq = forge.find("grant")
    path = next((forge.bundle / "tile/entries/000.p").iterdir())
    path.write_bytes(
        path.read_bytes().replace(log[seq], log[seq].replace(b"explicit", b"parental"))
    )
    found = verify.verify(forge.bundle)["findings"]
    assert {(f["code"], f["seq"]) for f in found} >= {
        ("root-mismatch", seq),
        ("root-mismatch", None),
    }


FILES = ("checkpoint", "manifest.json", "keys/log.vkey", "keys/witnesses.json")


@pytest.mark.parametrize("name", FILES)
def test_a_bundle_that_lacks_a_part_is_unreadable_and_says_which(copied: Path, name: str) -> None:
    (copied / name).unlink()
    found = verify.verify(copied)["findings"]
    assert ("bundle-unreadable", name) in {(f["code"], f.get("file")) for f in found}


@pytest.mark.parametrize(
    ("folder", "code"), [("policies", "policy-mismatch"), ("notices", "notice-mismatch")]
)
def test_a_published_text_that_was_changed_or_lost_is_found(
    copied: Path, folder: str, code: str
) -> None:
    path = min((copied / folder).iterdir())
    path.write_text(path.read_text() + "\n")
    (found,) = verify.verify(copied)["findings"]
    assert (found["code"], found["file"]) == (code, f"{folder}/{path.name}")
    path.unlink()
    (found,) = verify.verify(copied)["findings"]
    assert (found["code"], found["file"]) == ("bundle-unreadable", f"{folder}/{path.name}")


def test_a_published_policy_that_is_no_policy_is_found(forge: Forge) -> None:
    words = b"id = 'anything goes'\n"
    sha256 = hashlib.sha256(words).hexdigest()
    (forge.bundle / f"policies/{sha256}.toml").write_bytes(words)
    for entry in forge.log:
        if "policy" in entry:
            entry["policy"] = sha256
    assert ("policy-mismatch", 0) in found_in(forge.close())


def test_a_changed_opening_is_found_at_its_decision(forge: Forge) -> None:
    seq = forge.find("decision", verdict="deny")
    path = forge.bundle / f"openings/{seq}.json"
    opened = json.loads(path.read_bytes())
    opened["facts"]["used_day"] = 99
    path.write_bytes(entries.canonical(opened))
    assert found_in(forge.bundle) == [("commitment-mismatch", seq)]


SPOILT = (
    *(b"", b"[]", b"{}", b'{"seq":1e3}', b"\xff", b"[" * 100_000),
    b'{"facts":{},"salt":"?","seq":%d}',
    b'{"facts":{"note":' + b"[" * 900 + b"]" * 900 + b'},"salt":"","seq":%d}',
    b'{"facts":{"kind":7},"salt":"","seq":%d}',
)


@pytest.mark.parametrize("spoilt", SPOILT)
def test_an_opening_that_is_none_is_found(forge: Forge, spoilt: bytes) -> None:
    seq = forge.find("decision")
    path = forge.bundle / f"openings/{seq}.json"
    path.write_bytes(spoilt % seq if b"%d" in spoilt else spoilt)
    assert found_in(forge.bundle) == [("commitment-mismatch", seq)]


def test_an_opening_of_nothing_is_found(copied: Path) -> None:
    (copied / "openings/0.json").write_text("{}")
    (found,) = verify.verify(copied)["findings"]
    assert (found["code"], found["file"]) == ("commitment-mismatch", "openings/0.json")


def test_a_changed_or_lost_block_is_found(forge: Forge) -> None:
    seq = forge.find("block")
    path = forge.bundle / f"blocks/{seq}.bin"
    path.write_bytes(bytes(32))
    assert found_in(forge.bundle) == [("block-mismatch", seq)]
    path.unlink()
    assert found_in(forge.bundle) == [("block-mismatch", seq)]


def test_a_changed_tile_of_hashes_is_found(copied: Path) -> None:
    path = next((copied / "tile/0/000.p").iterdir())
    raw = bytearray(path.read_bytes())
    raw[32 * 5] ^= 1
    path.write_bytes(raw)
    assert found_in(copied) == [("root-mismatch", 5)]
    path.unlink()
    assert found_in(copied) == [("bundle-unreadable", None)]


# --- frauds: checkpoints


def test_a_truncated_log_ends_where_the_checkpoint_does_not(forge: Forge) -> None:
    size = len(forge.log)
    write_log(forge.bundle, read_log(forge.bundle)[:-3])
    assert ("size-mismatch", size - 3) in found_in(forge.bundle)


def test_an_entry_that_is_cut_short_is_missing(forge: Forge) -> None:
    path = next((forge.bundle / "tile/entries/000.p").iterdir())
    path.write_bytes(path.read_bytes()[:-1])
    assert ("size-mismatch", len(forge.log) - 1) in found_in(forge.bundle)


def test_a_checkpoint_of_another_size_is_found(forge: Forge) -> None:
    size = len(forge.log)
    forge.close(size=size + 1)
    assert ("size-mismatch", size) in found_in(forge.bundle)
    forge.close(size=size - 1)
    assert ("size-mismatch", size - 1) in found_in(forge.bundle)


def test_a_tile_missing_in_the_middle_is_a_gap(copied: Path, year: Year) -> None:
    log = [b'{"at":1,"t":"admin","v":1}'] * 600
    signer = Operator(year.rooms.consent.ledger)
    sign(copied, signer, write_log(copied, log))
    for folder in ("openings", "blocks"):
        shutil.rmtree(copied / folder)
    assert found_in(copied) == []
    (copied / "tile/entries/001").unlink()
    assert found_in(copied)[0] == ("seq-gap", 256)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("size", 7, "size-mismatch"),
        ("root", "00" * 32, "root-mismatch"),
        ("origin", "elsewhere", "inconsistent-checkpoint"),
    ],
)
def test_a_manifest_that_contradicts_the_checkpoint_is_found(
    copied: Path, field: str, value: object, code: str
) -> None:
    path = copied / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | {field: value}))
    (found,) = verify.verify(copied)["findings"]
    assert (found["code"], found["file"]) == (code, "manifest.json")


def test_a_checkpoint_over_another_root_is_found(forge: Forge) -> None:
    tree = merkle.Tree(map(merkle.leaf_hash, read_log(forge.bundle)[::-1]))
    sign(forge.bundle, forge.signer, tree)
    assert found_in(forge.bundle) == [("root-mismatch", None)]


def test_a_forged_signature_is_found(copied: Path) -> None:
    path = copied / "checkpoint"
    *text, line = path.read_text().splitlines()
    dash, name, blob = line.split(" ")
    raw = bytearray(base64.b64decode(blob))
    raw[-1] ^= 1
    forged = " ".join((dash, name, base64.b64encode(raw).decode()))
    path.write_text("\n".join([*text, forged]) + "\n")
    assert found_in(copied) == [("signature-invalid", None)]


def test_a_checkpoint_signed_by_somebody_else_is_found(forge: Forge) -> None:
    assert found_in(forge.close(signer=STRANGER)) == [("signature-missing", None)]


def cosigned(bundle: Path, witness: notes.Signer, key: Ed25519PrivateKey, kind: bytes) -> str:
    """Add a witness's line in the manner of C2SP tlog-cosignature; return its verifier key."""
    path = bundle / "checkpoint"
    note = path.read_text()
    text = note.partition("\n\n")[0] + "\n"
    stamp = 1_780_000_000
    message = f"cosignature/v1\ntime {stamp}\n{text}".encode()
    public = key.public_key().public_bytes_raw()
    short = hashlib.sha256(witness.name.encode() + b"\n" + kind + public).digest()[:4]
    blob = short + stamp.to_bytes(8, "big") + key.sign(message)
    line = f"\N{EM DASH} {witness.name} {base64.b64encode(blob).decode()}\n"
    path.write_text(note + line)
    return f"{witness.name}+{short.hex()}+{base64.b64encode(kind + public).decode()}"


def test_as_many_witnesses_as_are_needed_must_have_cosigned(copied: Path) -> None:
    key = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
    witness = notes.Signer("witness.example/w1", key)
    own = verify.verify(copied)["checked"]["signatures"]
    line = cosigned(copied, witness, key, b"\x04")
    path = copied / "keys/witnesses.json"
    path.write_text(json.dumps({"threshold": 1, "keys": [line]}))
    report = verify.verify(copied)
    assert report["findings"] == []
    assert report["checked"]["signatures"] == own + 1
    path.write_text(json.dumps({"threshold": 2, "keys": [line, line]}))
    assert found_in(copied) == [("witness-threshold", None)]
    note = (copied / "checkpoint").read_text()
    dash, name, blob = note.splitlines()[-1].split(" ")
    signed = bytearray(base64.b64decode(blob))
    signed[-1] ^= 1
    worse = base64.b64encode(signed).decode()
    (copied / "checkpoint").write_text(note.replace(blob, worse))
    path.write_text(json.dumps({"threshold": 1, "keys": [line]}))
    assert (dash, name) == ("\N{EM DASH}", "witness.example/w1")
    assert found_in(copied) == [("witness-threshold", None)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n\n", "\n"),
        ("onlyou.test/log\n", "\n"),
        ("\nSIZE\n", "\n0SIZE\n"),
        ("\nSIZE\n", "\n-1\n"),
        ("=\n\n", "\n\n"),
        ("\nSIZE\n", "\nSIZE\nAAAA\n"),
    ],
)
def test_a_checkpoint_that_is_none_is_unreadable(copied: Path, old: str, new: str) -> None:
    path = copied / "checkpoint"
    text = path.read_text()
    size = text.splitlines()[1]
    old, new = old.replace("SIZE", size), new.replace("SIZE", size)
    assert old in text
    path.write_text(text.replace(old, new, 1))
    found = verify.verify(copied)["findings"]
    assert ("bundle-unreadable", "checkpoint") in {(f["code"], f.get("file")) for f in found}


@pytest.mark.parametrize("line", ["", "nonsense", "a+b+c", "a+00000000+AQ==", "a+b+\x00"])
def test_a_verifier_key_that_is_none_is_unreadable(copied: Path, line: str) -> None:
    (copied / "keys/log.vkey").write_text(line)
    found = verify.verify(copied)["findings"]
    assert ("bundle-unreadable", "keys/log.vkey") in {(f["code"], f.get("file")) for f in found}


def test_lines_under_a_checkpoint_that_are_no_signatures_are_passed_over(copied: Path) -> None:
    path = copied / "checkpoint"
    path.write_text(path.read_text() + "\N{EM DASH} somebody ***\nhello\n")
    assert found_in(copied) == []


# --- form


GOOD = b'{"at":1,"t":"admin","v":1}'
MALFORMED = {
    "keys out of order": b'{"t":"admin","at":1,"v":1}',
    "white space": b'{"at":1, "t":"admin","v":1}',
    "a float": b'{"at":1.0,"t":"admin","v":1}',
    "not a number": b'{"at":NaN,"t":"admin","v":1}',
    "null": b'{"at":1,"note":null,"t":"admin","v":1}',
    "a key twice": b'{"at":1,"at":1,"t":"admin","v":1}',
    "a key that is not ASCII": '{"at":1,"t":"admin","v":1,"\u00e9":1}'.encode(),
    "text not in NFC": '{"at":1,"note":"e\u0301","t":"admin","v":1}'.encode(),
    "a number too large": b'{"at":1,"note":9007199254740992,"t":"admin","v":1}',
    "true for one": b'{"at":1,"t":"admin","v":true}',
    "another version": b'{"at":1,"t":"admin","v":2}',
    "no time": b'{"t":"admin","v":1}',
    "a time before time": b'{"at":-1,"t":"admin","v":1}',
    "no type": b'{"at":1,"v":1}',
    "a type nobody knows": b'{"at":1,"t":"gossip","v":1}',
    "a purpose nobody knows": b'{"at":1,"purpose":"fun","t":"admin","v":1}',
    "a list": b"[]",
    "no JSON": b"entry",
    "nothing": b"",
    "bytes": b"\xff\xfe",
    "half a surrogate": b'{"at":1,"note":"\\ud800","t":"admin","v":1}',
    "a grant of nothing": b'{"at":1,"t":"grant","v":1}',
    "an abyss": b'{"at":1,"note":' + b"[" * 5_000 + b"]" * 5_000 + b',"t":"admin","v":1}',
    "a well": b'{"at":1,"note":' + b"[" * 900 + b"]" * 900 + b',"t":"admin","v":1}',
    "a number without end": b'{"at":' + b"9" * 5_000 + b',"t":"admin","v":1}',
}


@pytest.mark.parametrize("name", MALFORMED)
def test_an_entry_that_is_not_canonical_and_whole_is_found(name: str) -> None:
    assert isinstance(read_entry(GOOD), dict)
    assert isinstance(read_entry(MALFORMED[name]), str)


def test_fields_that_nobody_knows_yet_are_read_past() -> None:
    more = {"note": "e\u00e9", "deep": {"a": [1, True, "x"]}, "n1": -(2**53) + 1}
    entry = {"v": 1, "t": "admin", "at": 1} | more
    assert read_entry(entries.canonical(entry)) == entry


def test_a_malformed_entry_is_passed_over_and_the_rest_is_checked(
    copied: Path, year: Year
) -> None:
    log = read_log(copied)
    sign(copied, Operator(year.rooms.consent.ledger), write_log(copied, [*log, b"entry", GOOD]))
    assert found_in(copied) == [
        ("entry-malformed", len(log)),
        ("time-reversed", len(log) + 1),
    ]


@pytest.mark.parametrize("t", sorted(entries.TYPES))
def test_both_sides_know_the_same_types(t: str) -> None:
    raw = entries.canonical({"v": 1, "t": t, "at": 1})
    read = read_entry(raw)
    assert isinstance(read, dict) or read.startswith("it lacks ")


# --- damage


def every_file(bundle: Path) -> Iterator[Path]:
    yield from sorted(path for path in bundle.rglob("*") if path.is_file())


def test_no_file_of_a_bundle_can_be_damaged_unnoticed(copied: Path) -> None:
    for path in every_file(copied):
        raw = path.read_bytes()
        spoilt = bytearray(raw)
        spoilt[len(raw) // 2] ^= 0x15
        path.write_bytes(spoilt)
        assert verify.verify(copied)["findings"], path
        path.write_bytes(raw)
    assert verify.verify(copied)["ok"]


@settings(max_examples=40)
@given(st.data())
def test_damage_is_never_a_traceback(year: Year, data: st.DataObject) -> None:
    bundle = year.bundle.with_name("damaged")
    shutil.rmtree(bundle, ignore_errors=True)
    shutil.copytree(year.bundle, bundle)
    files = list(every_file(bundle))
    path = data.draw(st.sampled_from(files))
    raw = path.read_bytes()
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, len(raw)))
    path.write_bytes(raw[:start] + data.draw(st.binary(max_size=20)) + raw[end:])
    assert verify.main([str(bundle), "--json"]) in {0, 1}


def test_findings_without_end_are_counted_not_kept(forge: Forge) -> None:
    for entry in forge.log:
        entry["v"] = 2
    forge.log *= 10
    report = verify.verify(forge.close())
    assert len(report["findings"]) == MOST_FINDINGS
    assert report["findings_omitted"] > 0
    assert "more findings" in verify.text(report)


def test_a_size_beyond_all_measure_ends_at_the_last_entry(forge: Forge) -> None:
    forge.close(size=10**15)
    assert ("size-mismatch", len(forge.log)) in found_in(forge.bundle)


def test_every_code_of_the_contract_is_found_by_a_test_here() -> None:
    source = Path(__file__).read_text() + Path(frauds.__file__).read_text()
    assert [code for code in get_args(verify.Code) if f'"{code}"' not in source] == []
