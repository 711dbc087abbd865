# SPDX-License-Identifier: Apache-2.0
"""The offline verifier: silent on an honest year, and on every fraud it names code and entry.

The operator of these frauds has everything: the database, the real signing key, this code.
"""

import ast
import base64
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any, get_args

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from consent import entries, merkle, notes, policies, verify
from consent.policy import Deny, Facts, decide
from consent.words import DAY, Kind, Purpose, Step
from tests.consent.conftest import Year
from tests.consent.forge import Forge, read_log, sign, write_log

VERIFIER = Path(verify.__file__)
STRANGER = notes.Signer("onlyou.test/log", Ed25519PrivateKey.from_private_bytes(b"x" * 32))
Found = tuple[str, int | None]
Fraud = Callable[[Forge], list[Found]]
FRAUDS: dict[str, Fraud] = {}


def fraud(function: Fraud) -> Fraud:
    """Register a fraud: it changes the bundle and returns what must be found, code and seq."""
    FRAUDS[function.__name__] = function
    return function


def found_in(bundle: Path) -> list[Found]:
    return [(f["code"], f["seq"]) for f in verify.verify(bundle)["findings"]]


# --- an honest bundle


def test_an_honest_year_gives_no_finding_and_every_verdict_is_recomputed(year: Year) -> None:
    report = verify.verify(year.bundle)
    decisions = year.rooms.entries("decision")
    assert report == {
        "ok": True,
        "size": len(year.rooms.entries()),
        "root": year.rooms.consent.ledger.tree().root().hex(),
        "checked": {
            "entries": len(year.rooms.entries()),
            "decisions": len(decisions),
            "recomputed": len(decisions),
            "not_recomputable": 0,
            "signatures": 1,
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
    command = [sys.executable, *flags, str(VERIFIER), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_verifier_imports_the_standard_library_and_at_most_cryptography() -> None:
    tree = ast.parse(VERIFIER.read_text())
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


# --- the second verdict


@pytest.mark.parametrize("policy_id", policies.names())
def test_the_verifier_decides_as_the_gate_does_on_all_facts(policy_id: str) -> None:
    """Two codes that share nothing, over every fact that a policy can tell apart."""
    policy = policies.load(policy_id)
    second = verify.read_policy(policy.text.encode())
    assert second is not None
    top = max((caps.per_week for caps in policy.caps.values()), default=0)
    uses = (0, policy.caps[Purpose.FEED_INSERT].per_day, top)
    for facts in map(as_facts, product((None, *Kind), *[(False, True)] * 5, uses, (0, top))):
        for step, purpose in product(Step, Purpose):
            first = decide(policy, step, purpose, facts)
            reason = str(first.reason) if isinstance(first, Deny) else None
            assert verify.decide(second, step, purpose, facts.opening()) == reason


def as_facts(values: tuple[Any, ...]) -> Facts:
    kind, withdrawn, expired, current, preview, confirmed, day, week = values
    return Facts(
        kind=kind,
        withdrawn=withdrawn,
        expired=expired,
        notice_current=current,
        preview=preview,
        confirmed=confirmed,
        used_day=day,
        used_week=week,
    )


@given(st.integers(0, 600))
def test_the_verifier_grows_the_same_tree(size: int) -> None:
    leaves = [merkle.leaf_hash(number.to_bytes(2, "big")) for number in range(size)]
    assert verify.tree_root(leaves) == merkle.Tree(leaves).root()


# --- frauds: entries edited, tree rebuilt, signed with the real key


@fraud
def a_denial_is_dropped(forge: Forge) -> list[Found]:
    """Carelessly: nothing that points past it is moved."""
    seq = forge.find("decision", verdict="deny", reasons=["withdrawn"])
    forge.log.pop(seq)
    after = next(s for s, entry in enumerate(forge.log) if entry.get("prev", -1) >= seq)
    return [("chain-broken", after)]


@fraud
def a_grant_stands_before_its_notice(forge: Forge) -> list[Found]:
    seq = forge.find("grant")
    tag = forge.log[seq]["tag"]
    forge.log[seq - 1], forge.log[seq] = forge.log[seq], forge.log[seq - 1]
    forge.edit(seq - 1, served=seq, prev=None)
    forge.edit(seq, prev=seq - 1)
    for entry in forge.log:
        if entry.get("tag") == tag and entry.get("epoch") == seq:
            entry["epoch"] = seq - 1
    return [("grant-backdated", seq - 1)]


@fraud
def a_grant_is_dated_back(forge: Forge) -> list[Found]:
    seq = forge.find("renew")
    forge.edit(seq, at=forge.log[seq]["at"] - DAY)
    return [("time-reversed", seq), ("grant-backdated", seq)]


@fraud
def a_child_purpose_is_granted_before_its_parent(forge: Forge) -> list[Found]:
    seq = forge.find("grant", purpose="imagine")
    parent = forge.find("grant", tag=forge.log[seq]["tag"], purpose="likeness")
    forge.edit(parent, purpose="telemetry")
    return [("grant-backdated", seq)]


@fraud
def a_grant_quotes_another_notice(forge: Forge) -> list[Found]:
    seq = forge.find("grant")
    other = next(e["notice"] for e in forge.log if e["t"] == "notice.publish")
    forge.edit(seq, notice=other)
    return [("notice-mismatch", seq)]


@fraud
def a_notice_is_served_that_was_never_published(forge: Forge) -> list[Found]:
    seq = forge.find("notice.served")
    return [("notice-mismatch", forge.edit(seq, notice="e" * 64))]


@fraud
def a_grant_quotes_nothing(forge: Forge) -> list[Found]:
    return [("notice-unserved", forge.edit(forge.find("grant"), served=None))]


@fraud
def a_grant_quotes_what_another_person_was_served(forge: Forge) -> list[Found]:
    first, second = forge.find("grant", purpose="likeness"), forge.find("grant", -1)
    forge.edit(second, served=forge.log[first]["served"], notice=forge.log[first]["notice"])
    return [("notice-unserved", second)]


@fraud
def a_serving_is_quoted_twice(forge: Forge) -> list[Found]:
    seq = forge.find("renew")
    first = forge.find("grant", tag=forge.log[seq]["tag"], purpose=forge.log[seq]["purpose"])
    return [("notice-unserved", forge.edit(seq, served=forge.log[first]["served"]))]


@fraud
def a_grant_lasts_longer_than_its_policy_says(forge: Forge) -> list[Found]:
    seq = forge.find("grant")
    return [("policy-mismatch", forge.edit(seq, not_after=forge.log[seq]["not_after"] + 1))]


@fraud
def a_basis_is_implied_that_the_policy_does_not_imply(forge: Forge) -> list[Found]:
    seq = forge.find("renew", purpose="feed_insert")
    forge.edit(seq, kind="implied", served=None, notice=None)
    return [("policy-mismatch", seq)]


@fraud
def a_grant_is_made_of_a_renewal(forge: Forge) -> list[Found]:
    return [("entry-malformed", forge.edit(forge.find("renew"), t="grant"))]


@fraud
def a_decision_is_made_under_a_policy_that_was_never_published(forge: Forge) -> list[Found]:
    return [("policy-unpublished", forge.edit(forge.find("decision"), policy="f" * 64))]


@fraud
def a_policy_is_published_only_after_its_use(forge: Forge) -> list[Found]:
    published = dict(forge.log[forge.find("policy.publish")])
    forge.drop(0)
    last = forge.find("grant")
    forge.add(last + 1, published | {"at": forge.log[last]["at"]})
    return [("policy-unpublished", last)]


@fraud
def a_permit_lasts_longer_than_its_policy_says(forge: Forge) -> list[Found]:
    seq = forge.find("decision", verdict="allow")
    return [("policy-mismatch", forge.edit(seq, not_after=forge.log[seq]["not_after"] + 1))]


@fraud
def an_effect_has_no_decision(forge: Forge) -> list[Found]:
    seq = forge.find("effect", step="insert")
    decision = forge.log[seq]["effect_of"]
    forge.drop(decision)
    return [("effect-without-decision", forge.edit(seq - 1, effect_of=seq - 2))]


@fraud
def an_effect_quotes_a_decision_about_somebody_else(forge: Forge) -> list[Found]:
    first, second = forge.find("effect", step="enrol"), forge.find("effect", 1, step="enrol")
    return [
        ("effect-without-decision", forge.edit(second, effect_of=forge.log[first]["effect_of"]))
    ]


@fraud
def an_effect_is_of_another_step_than_was_allowed(forge: Forge) -> list[Found]:
    seq = forge.find("effect", step="view")
    return [("effect-without-decision", forge.edit(seq, step="share"))]


@fraud
def an_effect_belongs_to_another_request(forge: Forge) -> list[Found]:
    seq = forge.find("effect", step="store")
    return [("effect-without-decision", forge.edit(seq, request="bm90aGluZyBvZiB0aGUga2luZA"))]


@fraud
def an_effect_quotes_a_slot_that_its_block_does_not_have(forge: Forge) -> list[Found]:
    seq = forge.find("effect", -1)
    return [("effect-without-decision", forge.edit(seq, effect_of=[forge.find("block"), 0]))]


@fraud
def a_permit_is_used_twice(forge: Forge) -> list[Found]:
    seq = forge.find("effect", step="view")
    return [("decision-reused", forge.add(seq + 1, forge.log[seq]))]


@fraud
def a_denied_insert_is_made_all_the_same(forge: Forge) -> list[Found]:
    seq = forge.find("decision", verdict="deny", reasons=["cap"])
    denied = forge.log[seq]
    effect = {name: denied[name] for name in ("v", "at", "tag", "step", "object", "request")}
    return [("decision-denied", forge.add(seq + 1, effect | {"t": "effect", "effect_of": seq}))]


@fraud
def an_effect_comes_after_the_withdrawal(forge: Forge) -> list[Found]:
    """Move a view behind the withdrawal, and its time with it."""
    withdrawal = forge.find("withdraw", purpose="feed_insert")
    tag = forge.log[withdrawal]["tag"]
    seq = forge.find("effect", -1, tag=tag, step="view")
    late = forge.log[seq] | {"at": forge.log[withdrawal]["at"]}
    forge.drop(seq)
    moved = forge.add(withdrawal, late)
    return [("effect-after-withdrawal", moved), ("effect-expired", moved)]


@fraud
def an_effect_uses_the_key_after_its_destruction(forge: Forge) -> list[Found]:
    shredded = forge.find("key.destroy", purpose="feed_insert")
    tag = forge.log[shredded]["tag"]
    seq = forge.find("effect", -1, tag=tag, step="view")
    late = forge.log[seq] | {"at": forge.log[shredded]["at"]}
    forge.drop(seq)
    return [("key-use-after-destroy", forge.add(shredded, late))]


@fraud
def an_effect_comes_when_its_permit_has_run_out(forge: Forge) -> list[Found]:
    seq = forge.find("effect", -1)
    forge.edit(forge.log[seq]["effect_of"], not_after=forge.log[seq]["at"])
    return [("effect-expired", seq)]


@fraud
def a_denial_is_turned_into_an_allowance(forge: Forge) -> list[Found]:
    seq = forge.find("decision", verdict="deny", reasons=["cap"])
    until = forge.log[seq]["at"] + 1
    return [("verdict-mismatch", forge.edit(seq, verdict="allow", reasons=None, not_after=until))]


@fraud
def a_denial_is_turned_even_without_an_opening_to_recompute_it(forge: Forge) -> list[Found]:
    shutil.rmtree(forge.bundle / "openings")
    (forge.bundle / "openings").mkdir()
    return a_denial_is_turned_into_an_allowance(forge)


@fraud
def an_allowance_is_turned_into_a_denial(forge: Forge) -> list[Found]:
    seq = forge.find("decision", verdict="allow", step="insert")
    forge.edit(seq, verdict="deny", reasons=["cap"], not_after=None)
    return [("verdict-mismatch", seq), ("decision-denied", seq + 1)]


@fraud
def a_denial_gives_another_reason_than_the_policy(forge: Forge) -> list[Found]:
    seq = forge.find("decision", verdict="deny", reasons=["withdrawn"])
    return [("verdict-mismatch", forge.edit(seq, reasons=["cap"]))]


@fraud
def an_allowance_rests_on_a_basis_that_has_ended(forge: Forge) -> list[Found]:
    seq = forge.find("decision", verdict="deny", reasons=["withdrawn"])
    epoch = forge.find("grant", tag=forge.log[seq]["tag"], purpose="feed_insert")
    until = forge.log[seq]["at"] + 1
    forge.edit(seq, verdict="allow", reasons=None, basis="explicit", epoch=epoch, not_after=until)
    return [("verdict-mismatch", seq)]


def lie(forge: Forge, seq: int, **facts: Any) -> int:
    """Commit to other facts, as the holder of the person's key can."""
    path = forge.bundle / f"openings/{seq}.json"
    opened = json.loads(path.read_bytes())
    opened["facts"] |= facts
    path.write_bytes(entries.canonical(opened))
    salt = entries.from_base64url(opened["salt"])
    return forge.edit(seq, facts=entries.commitment(salt, opened["facts"]))


@fraud
def the_facts_hide_that_the_cap_was_reached(forge: Forge) -> list[Found]:
    seq = forge.find("decision", verdict="deny", reasons=["cap"])
    lie(forge, seq, used_day=0, used_week=0)
    forge.edit(seq, verdict="allow", reasons=None, not_after=forge.log[seq]["at"] + 1)
    return [("verdict-mismatch", seq)]


@fraud
def more_is_allowed_in_one_batch_than_the_cap(forge: Forge) -> list[Found]:
    """Decide twice before either is spent, each as if it were the first, then spend both."""
    shutil.rmtree(forge.bundle / "openings")
    (forge.bundle / "openings").mkdir()
    first = forge.find("decision", verdict="allow", step="insert")
    other = {"object": "YW5vdGhlciBwb3J0cmFpdA"}
    second = forge.add(first + 1, forge.log[first] | other)
    forge.add(second + 2, forge.log[second + 1] | other | {"effect_of": second})
    return [("verdict-mismatch", second)]


@fraud
def the_facts_invent_a_use_that_never_was(forge: Forge) -> list[Found]:
    seq = forge.find("decision", verdict="allow", step="select")
    lie(forge, seq, used_day=1)
    forge.edit(seq, verdict="deny", reasons=["cap"], not_after=None)
    return [("verdict-mismatch", seq)]


@fraud
def the_facts_hide_that_the_term_was_over(forge: Forge) -> list[Found]:
    seq = forge.find("decision", verdict="deny", reasons=["expired"])
    lie(forge, seq, expired=False)
    forge.edit(seq, verdict="allow", reasons=None, not_after=forge.log[seq]["at"] + 1)
    return [("verdict-mismatch", seq)]


@fraud
def the_facts_turn_a_yes_into_something_implied(forge: Forge) -> list[Found]:
    return [("verdict-mismatch", lie(forge, forge.find("decision"), kind="implied"))]


@fraud
def a_withdrawal_leaves_the_key(forge: Forge) -> list[Found]:
    forge.drop(forge.find("key.destroy"))
    return [("erasure-false", forge.find("withdraw", purpose="feed_insert"))]


@fraud
def a_withdrawal_leaves_a_portrait(forge: Forge) -> list[Found]:
    withdrawal = forge.find("withdraw", purpose="feed_insert")
    forge.drop(forge.find("destroy", tag=forge.log[withdrawal]["tag"]))
    return [("erasure-false", withdrawal)]


@fraud
def a_withdrawal_ends_less_than_it_says(forge: Forge) -> list[Found]:
    seq = forge.find("withdraw", purpose="feed_insert")
    return [("erasure-false", forge.edit(seq, epoch=None))]


@fraud
def a_parent_ends_without_its_child(forge: Forge) -> list[Found]:
    child = forge.find("expire", purpose="imagine")
    tag = forge.log[child]["tag"]
    forge.drop(child)
    return [("erasure-false", forge.find("expire", tag=tag, purpose="likeness"))]


@fraud
def a_key_is_said_to_be_destroyed_that_is_still_needed(forge: Forge) -> list[Found]:
    first = forge.find("grant")
    entry = {
        **{name: forge.log[first][name] for name in ("v", "at", "tag", "purpose")},
        "t": "key.destroy",
        "epoch": first,
    }
    return [("erasure-false", forge.add(first + 1, entry))]


@fraud
def a_thing_is_destroyed_that_was_not_kept(forge: Forge) -> list[Found]:
    seq = forge.find("destroy")
    return [("erasure-false", forge.add(seq + 1, forge.log[seq]))]


@fraud
def a_destroyed_portrait_is_viewed_again(forge: Forge) -> list[Found]:
    seq = forge.find("destroy", tag=forge.log[forge.find("grant", purpose="imagine")]["tag"])
    view = forge.find("effect", -1, tag=forge.log[seq]["tag"], step="view")
    late = dict(forge.log[view])
    forge.drop(view)
    forge.edit(late["effect_of"], not_after=forge.log[seq - 1]["at"] + 1)
    moved = forge.add(seq, late | {"at": forge.log[seq - 1]["at"]})
    return [("erasure-false", moved)]


@fraud
def somebody_erased_goes_on_being_processed(forge: Forge) -> list[Found]:
    seq = forge.find("expire", -1)
    after = forge.find("key.destroy", -1, tag=forge.log[seq]["tag"])
    done = {name: forge.log[after][name] for name in ("v", "at", "tag")} | {"t": "erase.done"}
    last = forge.add(after + 1, done)
    shown = done | {"t": "label.shown"}
    return [("erasure-false", forge.add(last + 1, shown))]


@fraud
def an_erasure_is_done_while_something_holds(forge: Forge) -> list[Found]:
    seq = len(forge.log)
    done = {name: forge.log[-1][name] for name in ("v", "at", "tag")} | {"t": "erase.done"}
    return [("erasure-false", forge.add(seq, done))]


@fraud
def a_chain_points_past_an_entry(forge: Forge) -> list[Found]:
    seq = forge.find("effect", 4)
    passed = forge.log[seq]["prev"]
    forge.edit(seq, prev=forge.log[passed]["prev"])
    return [("chain-broken", seq), ("chain-hidden", passed)]


@fraud
def an_entry_is_given_to_somebody_else(forge: Forge) -> list[Found]:
    seq = forge.find("label.shown")
    after = next(s for s, entry in enumerate(forge.log) if entry.get("prev") == seq)
    mine = forge.log[seq]["tag"]
    forge.edit(seq, tag=next(e["tag"] for e in forge.log if e.get("tag", mine) != mine))
    return [("chain-broken", seq), ("chain-broken", after), ("chain-hidden", seq)]


@fraud
def a_block_counts_more_than_it_holds(forge: Forge) -> list[Found]:
    return [("block-mismatch", forge.edit(forge.find("block"), n=2))]


@fraud
def a_block_denies_more_than_it_decides(forge: Forge) -> list[Found]:
    return [("block-mismatch", forge.edit(forge.find("block"), denied=2))]


@fraud
def statistics_are_not_what_was_committed_to(forge: Forge) -> list[Found]:
    entry = {"v": 1, "t": "aggregate", "at": forge.log[-1]["at"], "object": "a" * 64}
    return [("commitment-mismatch", forge.add(len(forge.log), entry))]


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
        assert report["checked"]["signatures"] == 2


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


@pytest.mark.parametrize("spoilt", [b"", b"[]", b"{}", b'{"seq":1e3}', b"\xff", b"[" * 100_000])
def test_an_opening_that_is_none_is_found(forge: Forge, spoilt: bytes) -> None:
    seq = forge.find("decision")
    (forge.bundle / f"openings/{seq}.json").write_bytes(spoilt)
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


def test_a_checkpoint_of_another_size_is_found(forge: Forge) -> None:
    size = len(forge.log)
    forge.close(size=size + 1)
    assert ("size-mismatch", size) in found_in(forge.bundle)
    forge.close(size=size - 1)
    assert ("size-mismatch", size - 1) in found_in(forge.bundle)


def test_a_tile_missing_in_the_middle_is_a_gap(copied: Path, year: Year) -> None:
    log = [b'{"at":1,"t":"admin","v":1}'] * 600
    signer = year.rooms.consent.ledger.signer
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
    line = cosigned(copied, witness, key, b"\x04")
    path = copied / "keys/witnesses.json"
    path.write_text(json.dumps({"threshold": 1, "keys": [line]}))
    report = verify.verify(copied)
    assert report["findings"] == []
    assert report["checked"]["signatures"] == 2
    path.write_text(json.dumps({"threshold": 2, "keys": [line, line]}))
    assert found_in(copied) == [("witness-threshold", None)]
    note = (copied / "checkpoint").read_text()
    dash, name, blob = note.splitlines()[-1].split(" ")
    worse = base64.b64encode(base64.b64decode(blob)[:-1] + b"\x00").decode()
    (copied / "checkpoint").write_text(note.replace(blob, worse))
    path.write_text(json.dumps({"threshold": 1, "keys": [line]}))
    assert (dash, name) == ("\N{EM DASH}", "witness.example/w1")
    assert found_in(copied) == [("witness-threshold", None)]


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
    assert isinstance(verify.read_entry(GOOD), dict)
    assert isinstance(verify.read_entry(MALFORMED[name]), str)


def test_a_malformed_entry_is_passed_over_and_the_rest_is_checked(
    copied: Path, year: Year
) -> None:
    log = read_log(copied)
    sign(copied, year.rooms.consent.ledger.signer, write_log(copied, [*log, b"entry", GOOD]))
    assert found_in(copied) == [
        ("entry-malformed", len(log)),
        ("time-reversed", len(log) + 1),
    ]


@pytest.mark.parametrize("t", sorted(entries.TYPES))
def test_both_sides_know_the_same_types(t: str) -> None:
    raw = entries.canonical({"v": 1, "t": t, "at": 1})
    read = verify.read_entry(raw)
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
    assert len(report["findings"]) == verify.MOST_FINDINGS
    assert report["findings_omitted"] > 0
    assert "more findings" in verify.text(report)


def test_a_size_beyond_all_measure_ends_at_the_last_entry(forge: Forge) -> None:
    forge.close(size=10**15)
    assert ("size-mismatch", len(forge.log)) in found_in(forge.bundle)


def test_every_code_of_the_contract_is_found_by_a_test_here() -> None:
    source = Path(__file__).read_text()
    assert [code for code in get_args(verify.Code) if f'"{code}"' not in source] == []
