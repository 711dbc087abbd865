# SPDX-License-Identifier: Apache-2.0
"""What a dishonest operator may try: each edits entries, and says what must be found and where."""

import json
import shutil
from collections.abc import Callable
from typing import Any

from consent import entries
from consent.words import DAY
from tests.consent.forge import Forge

Found = tuple[str, int | None]
Fraud = Callable[[Forge], list[Found]]
FRAUDS: dict[str, Fraud] = {}


def fraud(function: Fraud) -> Fraud:
    """Register a fraud: it changes the bundle and returns what must be found, code and seq."""
    FRAUDS[function.__name__] = function
    return function


@fraud
def a_denial_is_dropped(forge: Forge) -> list[Found]:
    """Carelessly: nothing that points past it is moved."""
    seq = forge.find("decision", verdict="deny", reasons=["withdrawn"])
    forge.log.pop(seq)
    forge.careful = False
    prevs = [entry.get("prev", -1) for entry in forge.log]
    after = next(s for s, prev in enumerate(prevs) if type(prev) is int and prev >= seq)
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
    last = next(entry for entry in reversed(forge.log) if "tag" in entry)
    done = {name: last[name] for name in ("v", "at", "tag")} | {"t": "erase.done"}
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
