# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consent import entries, merkle, notes
from consent.statements import Statement, flaws, proves, signed, signed_text
from consent.words import rfc3339

SIGNER = notes.Signer("log.example", Ed25519PrivateKey.from_private_bytes(bytes(32)))
OTHER = notes.Signer("log.example", Ed25519PrivateKey.from_private_bytes(bytes(31) + b"x"))
BODIES = [b"one", b"two", b"three"]
TREE = merkle.Tree()
TREE.extend([merkle.leaf_hash(body) for body in BODIES])
HEAD = notes.Checkpoint("log.example", len(BODIES), TREE.root())
SHOWN = {
    "seq": 1,
    "entry": entries.base64url(BODIES[1]),
    "proof": [node.hex() for node in TREE.inclusion(1, len(BODIES))],
}


def statement(signer: notes.Signer = SIGNER) -> Statement:
    made = {"schema": "x/1", "checkpoint": signer.note(HEAD.text()), **SHOWN}
    return signed(made, signer)


def wrong(made: Statement, verifier: str = SIGNER.verifier) -> tuple[str, ...]:
    return flaws(made, verifier, schema="x/1", called="thing", told=unproved)


def unproved(made: Statement, head: notes.Checkpoint) -> Iterator[str]:
    if not proves(made, head):
        yield "unproved"


def test_a_signature_covers_the_letters_as_they_are() -> None:
    assert signed_text({"b": "Zoë", "a": 1, "signature": "x"}) == '{"a":1,"b":"Zoë"}\n'


def test_an_honest_statement_has_no_flaw() -> None:
    assert wrong(statement()) == ()


def test_a_change_anywhere_breaks_the_signature() -> None:
    said = "its signature is not the log's"
    assert wrong(statement() | {"more": 1}) == (said,)
    assert wrong(statement() | {"seq": 0}) == (said, "unproved")


def test_another_key_signed_neither_it_nor_its_checkpoint() -> None:
    assert wrong(statement(), OTHER.verifier) == (
        "its signature is not the log's",
        "its checkpoint is not signed by the log",
    )


def test_another_schema_is_said_even_where_it_is_signed() -> None:
    assert wrong(signed(statement() | {"schema": "x/2"}, SIGNER)) == ("its schema is another",)


@pytest.mark.parametrize("spoilt", ["schema", "signature", "checkpoint", "entry", "proof"])
def test_what_lacks_a_part_is_no_such_thing(spoilt: str) -> None:
    less = {key: value for key, value in statement().items() if key != spoilt}
    if spoilt in {"entry", "proof"}:
        less = signed(less, SIGNER)
    assert wrong(less) == ("it has not the shape of a thing",)


def test_an_entry_of_a_time_that_no_calendar_has_is_no_such_thing() -> None:
    def told(_made: Statement, _head: notes.Checkpoint) -> Iterator[str]:
        yield rfc3339(1 << 60)

    found = flaws(statement(), SIGNER.verifier, schema="x/1", called="thing", told=told)
    assert found == ("it has not the shape of a thing",)


def test_an_entry_is_proved_at_its_own_place_only() -> None:
    assert proves(SHOWN, HEAD)
    assert not proves(SHOWN | {"seq": 2}, HEAD)
    assert not proves(SHOWN | {"entry": entries.base64url(b"four")}, HEAD)
