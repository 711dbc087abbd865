# SPDX-License-Identifier: Apache-2.0
"""Rule 5 from the other end: logged maps of everybody's last entry, made anew at each.

Leaf SHA-256(0x00 || tag 16 || seq 8 || slot 4), sorted by tag, RFC 6962; of everybody who has an
entry before the map and did not ask for erasure. Aggregates that are no map are statistics.
"""

from hashlib import sha256
from struct import Struct
from typing import Final

from consent.verify.canonical import Folder, canonical, read_json
from consent.verify.findings import Findings
from consent.verify.grammar import Entry
from consent.verify.openings import salted
from consent.verify.people import Person
from consent.verify.tree import tree_root

_SLOT_AT: Final = 64
_LOW: Final = (1 << _SLOT_AT) - 1
_NO_BLOCK: Final = (1 << 32) - 1
_LEAF: Final = Struct(">c16sQI")
HASH: Final = 32


def map_leaves(people: dict[bytes, Person]) -> bytes:
    """Return the hashes of the leaves of these people, in the order of their tags."""
    found = []
    for text, person in people.items():
        if not person.asked and person.last >= 0:
            slot = (person.last >> _SLOT_AT) - 1
            found.append((salted(text), person.last & _LOW, _NO_BLOCK if slot < 0 else slot))
    found.sort()
    return b"".join(sha256(_LEAF.pack(b"\x00", *one)).digest() for one in found)


def map_root(leaves: bytes) -> tuple[str, int]:
    """Return root and number of a map of these leaves."""
    hashes = [leaves[i : i + HASH] for i in range(0, len(leaves), HASH)]
    return tree_root(hashes).hex(), len(hashes)


def check_map(seq: int, said: tuple[str, int], made: tuple[str, int], findings: Findings) -> None:
    """Hold a logged map against the one that the entries before it give."""
    if said != made:
        detail = (
            f"the map of last entries is {said[0]} of {said[1]} people; the entries before it "
            f"give {made[0]} of {made[1]}: somebody's newest are hidden"
        )
        findings.add("chain-hidden", detail, seq=seq)


def check_aggregate(folder: Folder, seq: int, entry: Entry, findings: Findings) -> None:
    """Hold an aggregate's file against its entry."""
    file = f"aggregates/{entry['object']}.json"
    raw = folder.read(file)
    if raw is None or sha256(raw).hexdigest() != entry["object"]:
        detail = "the statistics are not what the entry commits to"
        findings.add("commitment-mismatch", detail, seq=seq, file=file)
    elif "map" in entry and not _says(raw, seq, entry):
        detail = "the file does not say of the map what the entry says"
        findings.add("commitment-mismatch", detail, seq=seq, file=file)


def _says(raw: bytes, seq: int, entry: Entry) -> bool:
    said = {"kind": "tag-map", "map": entry["map"], "n": entry["n"], "size": seq}
    return bool(read_json(raw) == said and canonical(said) == raw)
