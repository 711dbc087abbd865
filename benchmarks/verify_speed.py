# SPDX-License-Identifier: Apache-2.0
"""Time the offline verifier on synthetic histories: `onlyou bench verify_speed`.

Figures are entries a second, checkpoint to finding, files in the page cache; `ratio` is the part
of the floor that is reached. The floor reads the same entries and only hashes the tree over them,
with one `json.loads` each: what no verifier written in Python can go without.
"""

import hashlib
import json
import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.conditions import Result, report
from consent import entries, merkle, notes, policies, tiles, verify
from consent.words import DAY, SECOND

ORIGIN = "onlyou.example/bench"
NOON = 1_780_000_000_000_000
VIEWS = 12
"""Views and denials of each person; their whole life is 32 entries."""
SIZES = (10_000, 100_000)


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Measure both sizes, with and without openings; `users` sets one size by its people."""
    sizes = (1_000,) if smoke else SIZES
    sizes = sizes if users is None else (users * life_length(),)
    with tempfile.TemporaryDirectory() as folder:
        results = [row for size in sizes for row in measured(Path(folder), size, 3)]
    return report("verify_speed", smoke=smoke, packages=("cryptography",), results=results)


def measured(folder: Path, size: int, n: int) -> Iterator[Result]:
    """Time one size: the floor, the bundle without openings, the same with them."""
    closed, opened = folder / f"{size}", folder / f"{size}-opened"
    log, facts = history(size)
    write(closed, log, {})
    write(opened, log, facts)
    count = len(log)
    floor = rate(f"floor: hash and parse, {count} entries", lambda: bare(closed, count), count, n)
    yield floor
    for what, bundle in (("without openings", closed), ("with openings", opened)):
        act = checked(bundle)
        yield rate(f"verify {what}, {count} entries", act, count, n, floor=floor["value"])


def rate(
    what: str, act: Callable[[], object], entries_read: int, n: int, floor: float | None = None
) -> Result:
    """Run `act` once to warm up, then n times; report the median of entries a second."""
    act()
    rates = sorted(entries_read / took(act) for _ in range(n))
    value = statistics.median(rates)
    return {
        "what": what,
        "value": round(value),
        "unit": "entries/s",
        "floor": None if floor is None else round(floor),
        "ratio": None if floor is None else round(value / floor, 2),
        "n": n,
        "spread": round(rates[-1] - rates[0]),
    }


def took(act: Callable[[], object]) -> float:
    """Return the seconds that one run takes."""
    start = perf_counter()
    act()
    return perf_counter() - start


def checked(bundle: Path) -> Callable[[], None]:
    """Return a run of the verifier that must find nothing."""

    def act() -> None:
        found = verify.verify(bundle)["findings"]
        assert not found, found[:3]

    return act


def bare(bundle: Path, size: int) -> bytes:
    """Do what every verifier must: read, hash into the tree, parse."""
    leaves = []
    for number, width in tiles.spans(size):
        for raw in tiles.unpack((bundle / tiles.entries_path(number, width)).read_bytes()):
            leaves.append(hashlib.sha256(b"\x00" + raw).digest())
            json.loads(raw)
    return verify.tree_root(leaves)


# --- a synthetic history


def history(size: int) -> tuple[list[bytes], dict[int, bytes]]:
    """Write about `size` entries of people who agree, look, and are refused what they did not."""
    policy = policies.load("strict-opt-in").sha256
    notice = hashlib.sha256(b"notice").hexdigest()
    log = [
        {"v": 1, "t": "policy.publish", "at": NOON, "policy": policy},
        {"v": 1, "t": "notice.publish", "at": NOON, "notice": notice},
    ]
    facts: dict[int, bytes] = {}
    for person in range(max(1, size // life_length())):
        log += life(person, len(log), policy, notice, facts)
    return [entries.canonical(entry) for entry in log], facts


def life_length() -> int:
    """Return how many entries one person has."""
    return 4 + VIEWS * 2 + VIEWS // 3


def life(
    person: int, first: int, policy: str, notice: str, facts: dict[int, bytes]
) -> list[dict[str, Any]]:
    """Write one person's entries from seq `first` on."""
    tag = entries.base64url(hashlib.sha256(f"tag {person}".encode()).digest()[:16])
    mine: list[dict[str, Any]] = []

    def say(t: str, **fields: Any) -> int:  # noqa: ANN401 - an entry's own fields
        seq = first + len(mine)
        prev = {"prev": seq - 1} if mine else {}
        mine.append({"v": 1, "t": t, "at": NOON + person, "tag": tag} | prev | fields)
        return seq

    def decide(known: dict[str, entries.Value], **fields: Any) -> int:  # noqa: ANN401 - as above
        seq = first + len(mine)
        salt = hashlib.sha256(f"salt {seq}".encode()).digest()
        opened = {"seq": seq, "salt": entries.base64url(salt), "facts": known}
        facts[seq] = entries.canonical(opened)
        committed = entries.commitment(salt, known)
        return say("decision", policy=policy, facts=committed, **fields)

    for purpose in ("likeness", "imagine"):
        served = say("notice.served", purpose=purpose, notice=notice)
        epoch = say(
            "grant",
            purpose=purpose,
            kind="explicit",
            notice=notice,
            served=served,
            policy=policy,
            not_after=NOON + person + 365 * DAY,
            actor="self",
        )
    for view in range(VIEWS):
        thing = entries.base64url(hashlib.sha256(f"{person} {view}".encode()).digest())
        allowed = {"verdict": "allow", "basis": "explicit", "epoch": epoch}
        until = {"not_after": NOON + person + 600 * SECOND}
        what = {"step": "view", "object": thing}
        of = decide({"kind": "explicit"}, purpose="imagine", **allowed, **until, **what)
        say("effect", effect_of=of, **what)
        if view % 3 == 0:
            denied = {"verdict": "deny", "reasons": ["not-granted"]}
            decide({}, purpose="feed_insert", step="select", object=thing, **denied)
    return mine


def write(bundle: Path, log: list[bytes], openings: dict[int, bytes]) -> None:
    """Write and sign a bundle of these entries."""
    signer = notes.Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"b" * 32))
    tree = merkle.Tree(map(merkle.leaf_hash, log))
    head = notes.Checkpoint(ORIGIN, len(log), tree.root())
    policy = policies.load("strict-opt-in")
    manifest = {"origin": ORIGIN, "size": head.size, "root": head.root.hex()}
    files = {
        "checkpoint": signer.note(head.text()).encode(),
        "manifest.json": json.dumps(manifest).encode(),
        "keys/log.vkey": signer.verifier.encode(),
        "keys/witnesses.json": b'{"threshold":0,"keys":[]}',
        f"policies/{policy.sha256}.toml": policy.text.encode(),
        f"notices/{hashlib.sha256(b'notice').hexdigest()}.md": b"notice",
        **dict(tiles.tiles(tree, len(log))),
        **{f"openings/{seq}.json": opened for seq, opened in openings.items()},
    }
    for number, width in tiles.spans(len(log)):
        first = number * tiles.WIDTH
        files[tiles.entries_path(number, width)] = tiles.pack(log[first : first + width])
    for path, content in files.items():
        (bundle / path).parent.mkdir(parents=True, exist_ok=True)
        (bundle / path).write_bytes(content)


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
