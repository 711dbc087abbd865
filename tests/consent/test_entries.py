# SPDX-License-Identifier: Apache-2.0
import hashlib
import hmac
import json
import unicodedata
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from consent import entries

TEXT = (
    st.text(max_size=30)
    .map(lambda text: unicodedata.normalize("NFC", text))
    .filter(lambda text: text.isprintable() or not any("\ud800" <= c <= "\udfff" for c in text))
)
NUMBERS = st.integers(min_value=-(1 << 53) + 1, max_value=(1 << 53) - 1)
KEYS = st.text(st.characters(max_codepoint=127), max_size=12)
VALUES = st.recursive(
    st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
BODIES = st.dictionaries(KEYS, VALUES, max_size=6)


@given(BODIES)
def test_an_entry_is_written_exactly_as_rfc_8785_says(body: dict[str, Any]) -> None:
    assert entries.canonical(body) == rfc8785.dumps(body)


@given(BODIES)
def test_an_entry_is_read_as_it_was_written(body: dict[str, Any]) -> None:
    assert entries.decode(entries.canonical(body)) == body


@given(BODIES)
def test_the_order_in_which_fields_are_given_does_not_matter(body: dict[str, Any]) -> None:
    backwards = dict(reversed(list(body.items())))
    assert entries.canonical(backwards) == entries.canonical(body)


@pytest.mark.parametrize(
    "value",
    [
        None,
        1.5,
        1 << 53,
        -(1 << 53),
        "e\N{COMBINING ACUTE ACCENT}",
        b"bytes",
        {"\N{LATIN SMALL LETTER E WITH ACUTE}": 1},
        {1: 1},
        [None],
        {"deep": {"deeper": [1, 2.0]}},
        {1, 2},
    ],
)
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="canonical form"):
        entries.canonical({"value": value})


def test_half_a_character_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogate"):
        entries.canonical({"value": "\ud800"})


def test_an_entry_that_fits_no_tile_is_refused() -> None:
    fits = {"v": "a" * (entries.MAX_BYTES - len('{"v":""}'))}
    assert len(entries.canonical(fits)) == entries.MAX_BYTES
    with pytest.raises(ValueError, match="65535 bytes"):
        entries.canonical({"v": fits["v"] + "a"})


@given(st.binary(max_size=64))
def test_bytes_survive_the_way_into_an_entry_and_back(raw: bytes) -> None:
    text = entries.base64url(raw)
    assert "=" not in text
    assert entries.from_base64url(text) == raw


def test_a_tag_names_a_person_in_one_log_only() -> None:
    secret = b"s" * 32
    here, there = entries.tag(secret, "a/log"), entries.tag(secret, "b/log")
    assert here != there
    assert here == entries.tag(secret, "a/log")
    assert here != entries.tag(b"t" * 32, "a/log")
    assert len(entries.from_base64url(here)) == 16


def test_a_commitment_can_be_recomputed_by_whoever_is_given_the_opening() -> None:
    salt = entries.salt(b"s" * 32, b"facts", b"1")
    facts = {"kind": "explicit", "used_day": 0}
    expected = hashlib.sha256(salt + json.dumps(facts, separators=(",", ":")).encode()).digest()
    assert entries.from_base64url(entries.commitment(salt, facts)) == expected


def test_equal_facts_of_two_decisions_do_not_look_equal() -> None:
    one, other = (entries.salt(b"s" * 32, b"facts", nonce) for nonce in (b"1", b"2"))
    assert entries.commitment(one, {"a": 1}) != entries.commitment(other, {"a": 1})


def test_an_object_has_one_name_a_person_and_nobody_else_can_compute_it() -> None:
    mine = entries.object_commitment(b"s" * 32, "0123456789abc")
    assert mine == entries.object_commitment(b"s" * 32, "0123456789abc")
    assert mine != entries.object_commitment(b"t" * 32, "0123456789abc")
    assert mine != entries.object_commitment(b"s" * 32, "0123456789abd")
    assert "0123456789abc" not in mine


def test_every_name_is_the_one_that_older_logs_have() -> None:
    secret, public = b"s" * 32, "0123456789abc"
    said = [hmac.digest(secret, b"%b\x00%b" % (use, public.encode()), "sha256") for use in NAMED]
    whole = hashlib.sha256(said[0] + b'{"object":"0123456789abc"}').digest()
    assert entries.object_commitment(secret, public) == entries.base64url(whole)
    assert entries.object_commitment(secret, public).startswith("rPSKCZFWJgYCdhn6")
    assert entries.request_name(secret, public) == entries.base64url(said[1][:16])
    assert entries.request_name(secret, public) == "TyFiPqhTOvx1KuJ60ayZDg"
    assert entries.tag(secret, "onlyou.test/log") == "3B6SJpWIVG7ZQTi1wsZeLw"


NAMED = (b"object", b"request")


def test_salts_of_different_uses_never_meet() -> None:
    secret = b"s" * 32
    uses = {entries.salt(secret, use, b"1") for use in (b"facts", b"object", b"request")}
    assert len(uses) == 3


def test_a_requests_name_is_not_its_objects_commitment() -> None:
    secret, public = b"s" * 32, "0123456789abc"
    assert entries.request_name(secret, public) != entries.object_commitment(secret, public)


def test_the_types_are_those_of_the_contract() -> None:
    contract = """policy.publish notice.publish notice.served grant renew withdraw expire pause
        resume decision block effect label.shown destroy key.destroy erase.request erase.done
        experiment.start experiment.stop aggregate selftest checkpoint.witnessed schema.migrate
        admin"""
    assert set(contract.split()) == entries.TYPES


def test_a_salt_is_an_hmac_of_what_it_is_for_and_of_whom() -> None:
    for secret in (b"", b"s" * 32, b"s" * 64):
        said = hmac.digest(secret, b"facts\x00nonce", "sha256")
        assert entries.salt(secret, b"facts", b"nonce") == said
    with pytest.raises(ValueError, match="64 bytes"):
        entries.salt(b"s" * 65, b"facts", b"nonce")


def test_an_opening_is_canonical_as_the_facts_in_it_are() -> None:
    facts = {"kind": "explicit", "preview": True, "used_day": 2}
    opened = entries.opening(b"salt", entries.canonical(facts))
    named = {"salt": entries.base64url(b"salt"), "facts": facts}
    assert opened == entries.canonical(named)
    assert entries.committed(b"salt", entries.canonical(facts)) == entries.commitment(
        b"salt", facts
    )
