# SPDX-License-Identifier: Apache-2.0
"""One signature over the heads of all shards: what it says, and how anybody checks it.

A global checkpoint is a signed note. Its text names the installation, its own number and time, how
many shards there are, the Merkle root over their heads (RFC 6962; a leaf is the text of a shard's
own checkpoint, in order of number), and the SHA-256 of the text before it. So:
1. two that bear one number and differ are proof of a split view, whoever shows them
2. each chains to the one before: a history that was told twice cannot be told as one
3. a shard's head in it is consistent with that in any later one, by that shard's own proof
The text is no C2SP checkpoint, whose size and root would be those of one log: it begins otherwise.
Source: C2SP signed-note; RFC 9162 section 2.1.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from consent import merkle, notes
from consent.notes import Checkpoint

_FIRST: Final = "onlyou cells 1"
NOTHING: Final = bytes(merkle.HASH_BYTES)
"""Stands where there is no text before."""
_LINES: Final = 8
Proofs = Mapping[int, Sequence[bytes]]
"""By shard: that its head continues the one of another global checkpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Global:
    """The heads of all shards at one moment, in order of number."""

    origin: str
    number: int
    at: int
    heads: tuple[Checkpoint, ...]
    before: bytes

    @property
    def name(self) -> str:
        """Name the key that signs it."""
        return key_name(self.origin)

    @property
    def root(self) -> bytes:
        """Join the heads under one root."""
        return merkle.root_of([leaf(head) for head in self.heads])

    @property
    def digest(self) -> bytes:
        """Return what the next one names it by."""
        return hashlib.sha256(self.text().encode()).digest()

    def text(self) -> str:
        """Write what is signed."""
        lines = (
            _FIRST,
            self.origin,
            str(self.number),
            str(self.at),
            str(len(self.heads)),
            _encoded(self.root),
            _encoded(self.before),
        )
        return "\n".join((*lines, ""))


def key_name(origin: str) -> str:
    """Name the key that signs over all shards of an installation."""
    return f"{origin}/cells"


def leaf(head: Checkpoint) -> bytes:
    """Name a shard's head as a leaf."""
    return merkle.leaf_hash(head.text().encode())


def read(text: str, heads: Sequence[Checkpoint]) -> Global:
    """Read a text together with its heads. Errors: ValueError where they are of another."""
    first, origin, number, at, _, _, before, *rest = [*text.split("\n"), *[""] * _LINES][:_LINES]
    made = Global(
        origin=origin,
        number=int(number or -1),
        at=int(at or -1),
        heads=tuple(heads),
        before=base64.b64decode(before, validate=True),
    )
    if first != _FIRST or any(rest) or made.text() != text:
        raise ValueError("no global checkpoint, or its heads are others")
    return made


# --- what is handed out


def written(note: str, made: Global, key: str, since: int = 0, proofs: Proofs = {}) -> Any:  # noqa: ANN401, B006 - JSON; never changed
    """Write a global checkpoint as JSON, with proofs that it continues number `since`."""
    return {
        "note": note,
        "heads": [head.text() for head in made.heads],
        "key": key,
        "since": since,
        "proofs": {str(n): [_encoded(one) for one in proof] for n, proof in proofs.items()},
    }


def findings(told: Any, key: str, older: Any = None) -> Iterator[str]:  # noqa: ANN401 - JSON
    """Check what somebody handed out, offline; yield what is wrong with it, a sentence each.

    `key` is the verifier key line that is trusted; `older` another global checkpoint, that must be
    of the same history.
    """
    try:
        made = opened(told, key)
        before = None if older is None else opened(older, key)
        proofs = {
            int(n): [base64.b64decode(one, validate=True) for one in proof]
            for n, proof in told["proofs"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        yield f"it cannot be read: {wrong}"
        return
    if before is not None:
        yield from _apart(before, made, proofs)


def opened(told: Any, key: str) -> Global:  # noqa: ANN401 - JSON
    """Read and check one. Errors: ValueError where the signature or the heads are another's."""
    text = notes.open_note(told["note"], key)
    if text is None or notes.read_key(key).name != key_name(text.split("\n")[1]):
        raise ValueError("the signature is not of that key")
    return read(text, [notes.parse_checkpoint(one) for one in told["heads"]])


def _apart(before: Global, made: Global, proofs: Proofs) -> Iterator[str]:
    """Yield in what two global checkpoints are not of one history."""
    if before.number > made.number:
        yield f"number {before.number} is the later one"
    elif before.number == made.number and before.text() != made.text():
        yield f"number {made.number} was told in two ways: a split view"
    elif before.number + 1 == made.number and made.before != before.digest:
        yield f"number {made.number} names another number {before.number}: a split view"
    if len(before.heads) != len(made.heads) or before.origin != made.origin:
        yield "they are of different installations"
        return
    for number, (old, new) in enumerate(zip(before.heads, made.heads, strict=True)):
        if old.origin != new.origin:
            yield f"shard {number} is called otherwise"
        elif old != new and not _continues(old, new, proofs.get(number)):
            yield f"shard {number} is not shown to continue its {old.size} entries"


def _continues(old: Checkpoint, new: Checkpoint, proof: Sequence[bytes] | None) -> bool:
    return proof is not None and merkle.verify_consistency(
        old.size, new.size, proof, old.root, new.root
    )


def _encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
