# SPDX-License-Identifier: Apache-2.0
"""Statements that the log signs for people to keep: JSON, one signature line over all the rest.

Receipts, certificates and their exports are such statements. Each can be checked without us,
against the log's public key; where it carries a checkpoint and proofs, its entries as well.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from consent import entries, merkle, notes

Statement = dict[str, Any]


def signed_text(made: Statement) -> str:
    """Return the text that a signature line covers: the JSON without the signature."""
    plain = {key: value for key, value in made.items() if key != "signature"}
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"


def signed(made: Statement, signer: notes.Signer) -> Statement:
    """Sign a statement."""
    return made | {"signature": signer.line(signed_text(made))}


def proves(shown: Mapping[str, Any], head: notes.Checkpoint) -> bool:
    """Say whether what is shown of an entry (seq, entry, proof) is in a checkpoint's tree."""
    leaf = merkle.leaf_hash(entries.from_base64url(shown["entry"]))
    proof = [bytes.fromhex(node) for node in shown["proof"]]
    return merkle.verify_inclusion(leaf, shown["seq"], head.size, proof, head.root)


Told = Callable[[Statement, notes.Checkpoint], Iterator[str]]
"""Yields what is wrong with what a statement says, given the checkpoint that it carries."""


def flaws(
    made: Statement, verifier: str, *, schema: str, called: str, told: Told
) -> tuple[str, ...]:
    """Say what is wrong with a statement that carries a checkpoint: nothing when it is in order.

    `verifier` is the log's verifier key line, as bundles carry it; `called` is the word for it.
    """
    try:
        return tuple(_flaws(made, verifier, schema, told))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError):
        return (f"it has not the shape of a {called}",)


def _flaws(made: Statement, verifier: str, schema: str, told: Told) -> Iterator[str]:
    if made["schema"] != schema:
        yield "its schema is another"
    if not notes.verify_line(signed_text(made), made["signature"], verifier):
        yield "its signature is not the log's"
    text = notes.open_note(made["checkpoint"], verifier)
    if text is None:
        yield "its checkpoint is not signed by the log"
    else:
        yield from told(made, notes.parse_checkpoint(text))
