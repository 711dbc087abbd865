# SPDX-License-Identifier: Apache-2.0
"""Frauds on blocks, maps of last entries, recipes, facts of grants, and on who saw what."""

import hashlib
import json
import shutil
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consent import entries, notes
from tests.consent.forge import NO_SEQ, RECORD, Forge
from tests.consent.frauds import Found, Fraud

NIGHT_FRAUDS: dict[str, Fraud] = {}


def fraud(function: Fraud) -> Fraud:
    """Register a fraud on a bundle with blocks."""
    NIGHT_FRAUDS[function.__name__] = function
    return function


def first_block(forge: Forge, place: int = 0) -> int:
    """Find a block of decisions."""
    found = [s for s, e in enumerate(forge.log) if e["t"] == "block" and "policy" in e]
    return found[place]


def slot_of(forge: Forge, seq: int, *, denied: bool) -> int:
    """Find a slot that was allowed, or denied."""
    told = enumerate(forge.records(seq))
    return next(slot for slot, record in told if (record[-1] > 0) == denied)


def tag_of(forge: Forge, seq: int, slot: int) -> str:
    """Say whose slot it is."""
    return entries.base64url(bytes(forge.records(seq)[slot][:16]))


def unopened(forge: Forge) -> None:
    """Disclose nothing."""
    shutil.rmtree(forge.bundle / "openings")
    (forge.bundle / "openings").mkdir()


def after(forge: Forge, tag: str, seq: int) -> int:
    """Find somebody's next place."""
    return next(place[0] for place in forge.places(tag) if place[0] > seq)


@fraud
def a_slot_is_dropped_from_a_block(forge: Forge) -> list[Found]:
    unopened(forge)
    seq = first_block(forge)
    slot = slot_of(forge, seq, denied=True)
    tag, records = tag_of(forge, seq, slot), forge.records(seq)
    following = after(forge, tag, seq)
    forge.seal(seq, records[:slot] + records[slot + 1 :])
    return [("chain-broken", following)]


@fraud
def a_denial_in_a_record_is_flipped(forge: Forge) -> list[Found]:
    seq = first_block(forge)
    records = forge.records(seq)
    records[slot_of(forge, seq, denied=True)][-1] = 0
    return [("verdict-mismatch", forge.seal(seq, records))]


@fraud
def a_denial_in_a_record_is_flipped_where_nothing_is_opened(forge: Forge) -> list[Found]:
    unopened(forge)
    return a_denial_in_a_record_is_flipped(forge)


@fraud
def an_allowance_in_a_record_is_flipped(forge: Forge) -> list[Found]:
    seq = first_block(forge)
    slot, records = slot_of(forge, seq, denied=False), forge.records(seq)
    records[slot][-1] = 10
    spender = forge.find("effect", effect_of=[seq, slot])
    return [("verdict-mismatch", forge.seal(seq, records)), ("decision-denied", spender)]


@fraud
def a_record_gives_another_reason_than_the_policy(forge: Forge) -> list[Found]:
    seq = first_block(forge)
    slot, records = slot_of(forge, seq, denied=True), forge.records(seq)
    records[slot][-1] = 1 + (records[slot][-1] % 30)
    return [("verdict-mismatch", forge.seal(seq, records))]


@fraud
def a_record_says_what_no_record_may_say(forge: Forge) -> list[Found]:
    seq = first_block(forge)
    records = forge.records(seq)
    records[slot_of(forge, seq, denied=True)][-1] = 255
    return [("block-mismatch", forge.seal(seq, records))]


@fraud
def a_record_rests_on_a_basis_that_the_person_does_not_have(forge: Forge) -> list[Found]:
    seq = first_block(forge)
    slot, records = slot_of(forge, seq, denied=False), forge.records(seq)
    records[slot][48:56] = (1).to_bytes(8, "big")
    return [("verdict-mismatch", forge.seal(seq, records))]


@fraud
def a_permit_of_a_denied_slot_is_spent(forge: Forge) -> list[Found]:
    seq = first_block(forge)
    slot = slot_of(forge, seq, denied=True)
    return [("decision-denied", forge.add(seq + 1, spending(forge, seq, slot)))]


def spending(forge: Forge, seq: int, slot: int) -> dict[str, Any]:
    """Write an effect of a slot."""
    who = {"tag": tag_of(forge, seq, slot), "at": forge.log[seq]["at"]}
    thing = {"step": "select", "object": "bm90aGluZyBvZiB0aGUga2luZA", "effect_of": [seq, slot]}
    return {"v": 1, "t": "effect"} | who | thing


@fraud
def a_slot_is_spent_twice(forge: Forge) -> list[Found]:
    seq = first_block(forge)
    slot = slot_of(forge, seq, denied=False)
    spender = forge.find("effect", effect_of=[seq, slot])
    return [("decision-reused", forge.add(spender + 1, forge.log[spender]))]


@fraud
def a_slot_is_spent_that_the_block_does_not_have(forge: Forge) -> list[Found]:
    seq = first_block(forge)
    spender = forge.find("effect", effect_of=[seq, slot_of(forge, seq, denied=False)])
    return [("effect-without-decision", forge.edit(spender, effect_of=[seq, 99]))]


@fraud
def a_slot_of_somebody_else_is_spent(forge: Forge) -> list[Found]:
    seq = first_block(forge)
    mine, other = slot_of(forge, seq, denied=False), slot_of(forge, seq, denied=True)
    spender = forge.find("effect", effect_of=[seq, mine])
    return [("effect-without-decision", forge.edit(spender, effect_of=[seq, other]))]


@fraud
def a_slot_is_spent_for_another_step(forge: Forge) -> list[Found]:
    seq = first_block(forge)
    spender = forge.find("effect", effect_of=[seq, slot_of(forge, seq, denied=False)])
    return [("effect-without-decision", forge.edit(spender, step="generate"))]


@fraud
def a_slot_is_spent_when_its_block_has_run_out(forge: Forge) -> list[Found]:
    seq = first_block(forge)
    spender = forge.find("effect", effect_of=[seq, slot_of(forge, seq, denied=False)])
    forge.edit(seq, not_after=forge.log[spender]["at"])
    return [("effect-expired", spender)]


@fraud
def the_permits_of_a_block_last_longer_than_its_policy_says(forge: Forge) -> list[Found]:
    seq = first_block(forge)
    return [("policy-mismatch", forge.edit(seq, not_after=forge.log[seq]["not_after"] + 1))]


@fraud
def a_block_allows_without_saying_until_when(forge: Forge) -> list[Found]:
    return [("block-mismatch", forge.edit(first_block(forge), not_after=None))]


@fraud
def a_slot_passes_over_an_entry(forge: Forge) -> list[Found]:
    seq = first_block(forge)
    slot = slot_of(forge, seq, denied=False)
    mine = [place for place in forge.places(tag_of(forge, seq, slot)) if place[0] < seq]
    forge.chain((seq, slot), mine[-2])
    return [("chain-broken", seq), ("chain-hidden", mine[-1][0])]


@fraud
def a_slot_begins_a_chain_anew(forge: Forge) -> list[Found]:
    seq = first_block(forge)
    records = forge.records(seq)
    records[0][56:64] = NO_SEQ.to_bytes(8, "big")
    return [("chain-broken", forge.seal(seq, records))]


@fraud
def somebody_stands_in_a_block_twice(forge: Forge) -> list[Found]:
    unopened(forge)
    seq = first_block(forge)
    records = forge.records(seq)
    slot = slot_of(forge, seq, denied=True)
    again = bytearray(records[slot])
    again[56:68] = seq.to_bytes(8, "big") + slot.to_bytes(4, "big")
    return [("block-mismatch", forge.seal(seq, [*records, again]))]


@fraud
def somebody_erased_stands_in_a_block(forge: Forge) -> list[Found]:
    unopened(forge)
    done = forge.find("erase.done")
    seq = first_block(forge, -1)
    records = forge.records(seq)
    gone = bytearray(entries.from_base64url(forge.log[done]["tag"])) + bytes(RECORD - 16)
    gone[48:56], gone[-1] = NO_SEQ.to_bytes(8, "big"), 2
    gone[56:68] = done.to_bytes(8, "big") + b"\xff" * 4
    return [("erasure-false", forge.seal(seq, [*records, gone]))]


@fraud
def a_nonce_is_used_again(forge: Forge) -> list[Found]:
    first, second = first_block(forge), first_block(forge, 1)
    return [("block-mismatch", forge.edit(second, nonce=forge.log[first]["nonce"]))]


@fraud
def a_block_counts_its_denials_wrongly(forge: Forge) -> list[Found]:
    seq = first_block(forge)
    return [("block-mismatch", forge.edit(seq, denied=forge.log[seq]["denied"] - 1))]


@fraud
def a_block_is_decided_under_a_policy_that_was_never_published(forge: Forge) -> list[Found]:
    return [("policy-unpublished", forge.edit(first_block(forge), policy="f" * 64))]


@fraud
def the_facts_of_a_slot_are_not_those_that_were_decided_on(forge: Forge) -> list[Found]:
    seq = first_block(forge)
    path = forge.bundle / f"openings/{seq}.json"
    opened = json.loads(path.read_bytes())
    opened["facts"][0]["used_day"] = 7
    path.write_bytes(entries.canonical(opened))
    return [("commitment-mismatch", seq)]


@fraud
def an_opening_of_a_block_names_a_slot_that_is_not_there(forge: Forge) -> list[Found]:
    seq = first_block(forge)
    path = forge.bundle / f"openings/{seq}.json"
    opened = json.loads(path.read_bytes())
    opened["slots"][0][0] = 99
    path.write_bytes(entries.canonical(opened))
    return [("commitment-mismatch", seq)]


# --- maps


def last_map(forge: Forge) -> int:
    """Find the newest map of last entries."""
    return next(s for s in reversed(range(len(forge.log))) if "map" in forge.log[s])


@fraud
def a_map_hides_somebodys_newest_entry(forge: Forge) -> list[Found]:
    forge.careful = False
    seq = last_map(forge)
    lasts = forge.lasts(seq)
    tag = max(lasts, key=lambda one: lasts[one][0])
    mine = [place for place in forge.places(entries.base64url(tag)) if place[0] < seq]
    return [("chain-hidden", forge.map(seq, lasts | {tag: mine[-2]}))]


@fraud
def a_map_leaves_somebody_out(forge: Forge) -> list[Found]:
    forge.careful = False
    seq = last_map(forge)
    lasts = forge.lasts(seq)
    lasts.popitem()
    return [("chain-hidden", forge.map(seq, lasts))]


@fraud
def a_map_is_of_another_log(forge: Forge) -> list[Found]:
    forge.careful = False
    return [("chain-hidden", forge.map(last_map(forge), {b"a" * 16: (1, None)}))]


@fraud
def a_map_still_names_somebody_who_asked_for_erasure(forge: Forge) -> list[Found]:
    forge.careful = False
    seq, asked = last_map(forge), forge.find("erase.request")
    gone = entries.from_base64url(forge.log[asked]["tag"])
    return [("chain-hidden", forge.map(seq, forge.lasts(seq) | {gone: (asked, None)}))]


@fraud
def the_file_of_a_map_says_another_size(forge: Forge) -> list[Found]:
    forge.careful = False
    seq = last_map(forge)
    entry = forge.log[seq]
    told = {"kind": "tag-map", "map": entry["map"], "n": entry["n"], "size": seq - 1}
    raw = entries.canonical(told)
    sha256 = hashlib.sha256(raw).hexdigest()
    (forge.bundle / f"aggregates/{sha256}.json").write_bytes(raw)
    return [("commitment-mismatch", forge.edit(seq, object=sha256))]


# --- grants, recipes, and who saw what


@fraud
def a_grant_opens_to_another_story(forge: Forge) -> list[Found]:
    seq = forge.find("grant")
    path = forge.bundle / f"openings/{seq}.json"
    opened = json.loads(path.read_bytes())
    opened["facts"]["clicks_grant"] = 9
    path.write_bytes(entries.canonical(opened))
    return [("commitment-mismatch", seq)]


@fraud
def a_portrait_is_drawn_by_a_recipe_that_nobody_has(forge: Forge) -> list[Found]:
    seq = forge.find("effect", step="generate")
    return [("bundle-unreadable", forge.edit(seq, recipe="a" * 64))]


@fraud
def a_recipe_is_not_what_its_hash_says(forge: Forge) -> list[Found]:
    seq = forge.find("effect", step="generate")
    (forge.bundle / "recipes").mkdir(exist_ok=True)
    (forge.bundle / f"recipes/{'b' * 64}.toml").write_text("model = 'another'\n")
    return [("commitment-mismatch", forge.edit(seq, recipe="b" * 64))]


@fraud
def a_portrait_is_shown_to_somebody_else(forge: Forge) -> list[Found]:
    """Decide on, and view, a portrait that was stored for another person."""
    seq = forge.find("effect", -1, step="view")
    mine = forge.log[seq]["tag"]
    other = next(e for e in forge.log if e.get("step") == "store" and e["tag"] != mine)
    forge.edit(forge.log[seq]["effect_of"], object=other["object"])
    return [("effect-without-decision", forge.edit(seq, object=other["object"]))]


@fraud
def a_portrait_is_inserted_that_was_never_stored(forge: Forge) -> list[Found]:
    seq = forge.find("effect", step="insert")
    thing = {"object": "bmV2ZXIgc3RvcmVkIGJ5IGFueWJvZHk"}
    forge.edit(forge.log[seq]["effect_of"], **thing)
    return [("effect-without-decision", forge.edit(seq, **thing))]


@fraud
def a_selfie_of_somebody_else_is_read(forge: Forge) -> list[Found]:
    seq = forge.find("effect", -1, step="read")
    mine = forge.log[seq]["tag"]
    other = next(e for e in forge.log if e.get("step") == "enrol" and e["tag"] != mine)
    forge.edit(forge.log[seq]["effect_of"], object=other["object"])
    return [("effect-without-decision", forge.edit(seq, object=other["object"]))]


@fraud
def a_slot_is_spent_after_its_basis_has_ended(forge: Forge) -> list[Found]:
    """Say, just before it is spent, that its person turned everything off."""
    seq = first_block(forge)
    spender = forge.find("effect", effect_of=[seq, slot_of(forge, seq, denied=False)])
    tag, at = forge.log[spender]["tag"], forge.log[spender]["at"]
    epoch = forge.find("grant", tag=tag, purpose="feed_insert")
    end = {"v": 1, "t": "withdraw", "at": at, "tag": tag, "actor": "self"}
    forge.add(spender, end | {"purpose": "feed_insert", "epoch": epoch})
    return [("effect-after-withdrawal", spender + 1)]


@fraud
def the_second_line_under_the_checkpoint_is_of_another_key(forge: Forge) -> list[Found]:
    """Announce a key of the log that has signed nothing."""
    path = forge.bundle / "keys/log.vkey"
    stranger = notes.Signer("onlyou.test/log", Ed25519PrivateKey.from_private_bytes(b"x" * 32))
    path.write_text(f"{path.read_text()}{stranger.verifier}\n")
    return [("signature-missing", None)]
