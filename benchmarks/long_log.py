# SPDX-License-Identifier: Apache-2.0
"""A synthetic honest log of any length, streamed to disk as a signed bundle: for verify_speed.

Each person has 32 entries: two grants with their notices, an enrolment, one portrait made and six
times viewed, and four denials of what they did not agree to.
"""

import hashlib
import json
import struct
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consent import notes, policies, tiles
from consent.bundle import SCHEMA
from consent.verify.tree import leaf_hashes, tree_root
from consent.words import DAY, SECOND

ORIGIN = "onlyou.example/bench"
NOON = 1_780_000_000_000_000
LIFE = 32
"""Entries of one person."""
VIEWS = 6
FACTS = b'{"age_band":"adult","confirmed":true,"kind":"explicit","preview":true}'
POLICY = policies.load("strict-opt-in")
NOTICE = hashlib.sha256(b"notice").hexdigest()
STEPS = ("select", "read", "generate", "moderate", "store")
Entry = tuple[bytes, bytes | None]
"""An entry, and its opening if it is a decision."""


def stream(people: int) -> Iterator[Entry]:
    """Yield the entries of some people, one person after the other."""
    yield f'{{"at":{NOON},"policy":"{POLICY.sha256}","t":"policy.publish","v":1}}'.encode(), None
    yield f'{{"at":{NOON},"notice":"{NOTICE}","t":"notice.publish","v":1}}'.encode(), None
    for person in range(people):
        yield from Life(person, 2 + person * LIFE).entries()


class Life:
    """One person's entries from a seq on."""

    def __init__(self, person: int, first: int) -> None:
        self._seq = self._first = first
        self._at = NOON + person * SECOND
        self.be(named(f"tag {person}".encode())[:21] + "A")

    def be(self, tag: str) -> None:
        """Take a tag."""
        self._tag, self._end = tag, f'"tag":"{tag}","v":1'

    def entries(self) -> Iterator[Entry]:
        """Yield the whole life."""
        epochs = []
        for purpose in ("likeness", "imagine"):
            yield self.served(purpose)
            epochs.append(self._seq)
            yield self.granted(purpose)
        selfie, portrait = (named(f"{self._tag} {n}".encode()) for n in range(2))
        yield from self._step("enrol", "likeness", epochs[0], selfie)
        for step in STEPS:
            thing = selfie if step == "read" else portrait
            yield from self._step(step, "imagine", epochs[1], thing)
        for view in range(VIEWS):
            yield from self._step("view", "imagine", epochs[1], portrait)
            if view < LIFE - 4 - 2 * (1 + len(STEPS) + VIEWS):
                yield self._denied(portrait)

    def _close(self, text: str, rest: str = "}") -> bytes:
        self._seq += 1
        return f"{text}{self._end}{rest}".encode()

    def _prev(self) -> str:
        return f'"prev":{self._seq - 1},' if self._seq > self._first else ""

    def served(self, purpose: str) -> Entry:
        """Write that a notice was served."""
        head = f'{{"at":{self._at},"notice":"{NOTICE}",{self._prev()}"purpose":"{purpose}",'
        return self._close(f'{head}"t":"notice.served",'), None

    def granted(self, purpose: str) -> Entry:
        """Write a grant that quotes it."""
        until = self._at + 365 * DAY
        head = f'{{"actor":"self","at":{self._at},"kind":"explicit","not_after":{until},'
        rest = f'"notice":"{NOTICE}","policy":"{POLICY.sha256}",{self._prev()}'
        words = f'"purpose":"{purpose}","served":{self._seq - 1},"t":"grant",'
        return self._close(head + rest + words), None

    def _step(self, step: str, purpose: str, epoch: int, thing: str) -> Iterator[Entry]:
        yield self._allowed(step, purpose, epoch, thing)
        head = f'{{"at":{self._at},"effect_of":{self._seq - 1},"object":"{thing}",{self._prev()}'
        yield self._close(f'{head}"step":"{step}","t":"effect",'), None

    def _allowed(self, step: str, purpose: str, epoch: int, thing: str) -> Entry:
        committed, opening = self._facts(FACTS)
        until = self._at + 600 * SECOND
        head = f'{{"at":{self._at},"basis":"explicit","epoch":{epoch},"facts":"{committed}",'
        rest = f'"not_after":{until},"object":"{thing}","policy":"{POLICY.sha256}",{self._prev()}'
        words = f'"purpose":"{purpose}","step":"{step}","t":"decision",'
        return self._close(head + rest + words, ',"verdict":"allow"}'), opening

    def _denied(self, thing: str) -> Entry:
        committed, opening = self._facts(b"{}")
        head = f'{{"at":{self._at},"facts":"{committed}","object":"{thing}",'
        rest = f'"policy":"{POLICY.sha256}",{self._prev()}"purpose":"feed_insert",'
        words = '"reasons":["not-granted"],"step":"select","t":"decision",'
        return self._close(head + rest + words, ',"verdict":"deny"}'), opening

    def _facts(self, facts: bytes) -> tuple[str, bytes]:
        salt = hashlib.sha256(f"salt {self._seq}".encode()).digest()
        words = f'"salt":"{base64url(salt)}","seq":{self._seq}}}'
        return named(salt + facts), b'{"facts":' + facts + b"," + words.encode()


def base64url(raw: bytes) -> str:
    """Write bytes as entries carry them."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def named(raw: bytes) -> str:
    """Return a hash as entries carry it."""
    return base64url(hashlib.sha256(raw).digest())


def write(bundle: Path, people: int, *, openings: bool = False) -> int:
    """Write and sign a bundle of some people's entries; return how many those are."""
    writer = Writer(bundle)
    if openings:
        (bundle / "openings").mkdir(parents=True)
    for raw, opening in stream(people):
        if openings and opening is not None:
            (bundle / f"openings/{writer.size}.json").write_bytes(opening)
        writer.append(raw)
    return writer.close()


class Writer:
    """Write tiles as entries come, keep one hash a tile."""

    def __init__(self, bundle: Path) -> None:
        self._bundle = bundle
        self._tile: list[bytes] = []
        self._roots: list[bytes] = []
        self.size = 0

    def append(self, raw: bytes) -> None:
        """Take the next entry."""
        self._tile.append(raw)
        self.size += 1
        if len(self._tile) == tiles.WIDTH:
            self._roots.append(tree_root(self._flush()))

    def _flush(self) -> list[bytes]:
        hashes, number = leaf_hashes(self._tile), len(self._roots)
        self._put(tiles.entries_path(number, len(hashes)), tiles.pack(self._tile))
        self._put(tiles.tile_path(0, number, len(hashes)), b"".join(hashes))
        self._tile = []
        return hashes

    def close(self) -> int:
        """Write what is above the lowest tiles, and sign."""
        last = [tree_root(self._flush())] if self._tile else []
        root, level, hashes = tree_root([*self._roots, *last]), 1, self._roots
        while hashes:
            for number, width in tiles.spans(len(hashes)):
                some = hashes[number * tiles.WIDTH : number * tiles.WIDTH + width]
                self._put(tiles.tile_path(level, number, width), b"".join(some))
            whole = range(len(hashes) // tiles.WIDTH)
            hashes = [tree_root(hashes[256 * n : 256 * (n + 1)]) for n in whole]
            level += 1
        self._sign(root)
        return self.size

    def _sign(self, root: bytes) -> None:
        signer = notes.Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"b" * 32))
        text = notes.Checkpoint(ORIGIN, self.size, root).text()
        manifest = {"schema": SCHEMA, "origin": ORIGIN, "size": self.size, "root": root.hex()}
        self._put("checkpoint", signer.note(text).encode())
        self._put("manifest.json", json.dumps(manifest).encode())
        self._put("keys/log.vkey", signer.verifier.encode())
        self._put("keys/witnesses.json", b'{"threshold":0,"keys":[]}')
        self._put(f"policies/{POLICY.sha256}.toml", POLICY.text.encode())
        self._put(f"notices/{NOTICE}.md", b"notice")

    def _put(self, path: str, content: bytes) -> None:
        target = self._bundle / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


# --- blocks of decisions

SLOTS = 10_000
RECORD = struct.Struct(">16s32sQQIBB")
NONE, NO_SLOT = (1 << 64) - 1, (1 << 32) - 1
WITHHELD = b'{"kind":"explicit","preview":true}'


def write_blocks(bundle: Path, blocks: int, *, openings: bool = False) -> int:
    """Write a log of people who said yes and are decided on in blocks, each of all of them."""
    writer, people = Writer(bundle), [f"person {n}".encode() for n in range(SLOTS)]
    tags = sorted(hashlib.sha256(person).digest()[:16] for person in people)
    for raw, _ in stream(0):
        writer.append(raw)
    lasts = [_agrees(writer, tag) for tag in tags]
    for night in range(blocks):
        lasts = _night(bundle, writer, tags, lasts, night, openings=openings)
    writer.close()
    return blocks * SLOTS


def _agrees(writer: Writer, tag: bytes) -> tuple[int, int, int]:
    """Let somebody say yes; return the grant's number, twice, and that it is no slot."""
    life, first = Life(0, writer.size), writer.size
    life.be(base64url(tag))
    for purpose in ("likeness", "feed_insert"):
        writer.append(life.served(purpose)[0])
        writer.append(life.granted(purpose)[0])
    return first + 3, first + 3, NO_SLOT


def _night(
    bundle: Path,
    writer: Writer,
    tags: list[bytes],
    lasts: list[tuple[int, int, int]],
    night: int,
    *,
    openings: bool,
) -> list[tuple[int, int, int]]:
    seq, at = writer.size, NOON + (1 + night) * DAY
    salts = [hashlib.sha256(b"%d/%d" % (seq, slot)).digest()[:16] for slot in range(SLOTS)]
    told = zip(tags, salts, lasts, strict=True)
    records = [
        RECORD.pack(tag, hashlib.sha256(salt + WITHHELD).digest(), epoch, last, slot, 1, 0)
        for tag, salt, (epoch, last, slot) in told
    ]
    root = tree_root(leaf_hashes(records)).hex()
    nonce = base64url(hashlib.sha256(b"%d" % seq).digest()[:16])
    entry = {"v": 1, "t": "block", "at": at, "run": "bench", "step": "select"}
    entry |= {"purpose": "feed_insert", "policy": POLICY.sha256, "n": SLOTS, "denied": 0}
    entry |= {"inner": root, "not_after": at + 600 * SECOND, "nonce": nonce}
    writer.append(json.dumps(entry, sort_keys=True, separators=(",", ":")).encode())
    files = {f"blocks/{seq}.bin": b"".join(records)}
    if openings:
        slots = [[slot, base64url(salt), 0] for slot, salt in enumerate(salts)]
        opened = {"seq": seq, "facts": [json.loads(WITHHELD)], "slots": slots}
        files[f"openings/{seq}.json"] = json.dumps(opened, separators=(",", ":")).encode()
    for path, content in files.items():
        (bundle / path).parent.mkdir(parents=True, exist_ok=True)
        (bundle / path).write_bytes(content)
    return [(epoch, seq, slot) for slot, (epoch, _, _) in enumerate(lasts)]
