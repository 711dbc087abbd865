# SPDX-License-Identifier: Apache-2.0
"""The verifier, whole."""

import argparse
import base64
import hashlib
import json
import re
import sys
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from consent.verify.observer import Changed, Decided, Done, Observer

Code = Literal[
    "bundle-unreadable", "signature-missing", "signature-invalid", "root-mismatch",
    "size-mismatch", "inconsistent-checkpoint", "entry-malformed", "time-reversed", "seq-gap",
    "chain-broken", "chain-hidden", "effect-without-decision", "decision-reused",
    "decision-denied", "effect-after-withdrawal", "effect-expired", "policy-unpublished",
    "policy-mismatch", "notice-unserved", "notice-mismatch", "grant-backdated",
    "verdict-mismatch", "commitment-mismatch", "block-mismatch", "key-use-after-destroy",
    "erasure-false", "witness-threshold",
]  # fmt: skip
Entry = dict[str, Any]
Key = tuple[str, str]
"""Whose and what for: a person's tag and a purpose."""

MOST_FINDINGS: Final = 1_000
"""One broken rule can break every entry; beyond these the findings are only counted."""
SECOND: Final = 1_000_000
DAY: Final = 86_400 * SECOND


class Findings:
    """What is wrong, in the order in which it was found."""

    def __init__(self) -> None:
        self.found: list[dict[str, Any]] = []
        self.omitted = 0

    def add(
        self, code: Code, detail: str, *, seq: int | None = None, file: str | None = None
    ) -> None:
        """Report one thing that is wrong, at an entry or in a file."""
        if len(self.found) >= MOST_FINDINGS:
            self.omitted += 1
            return
        named = {} if file is None else {"file": file}
        self.found.append({"code": code, "seq": seq, **named, "detail": detail})


class Folder:
    """The bundle's directory; whatever cannot be read is simply not there."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes, or None."""
        try:
            return (self.root / path).read_bytes()
        except OSError:
            return None

    def names(self, path: str) -> list[str]:
        """List the names in a folder; none where there is no such folder."""
        try:
            return [child.name for child in (self.root / path).iterdir()]
        except OSError:
            return []


# --- bytes, hashes, canonical JSON


def base64url(raw: bytes) -> str:
    """Write bytes as entries carry them."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unbase64url(text: str) -> bytes:
    """Read bytes as entries carry them. Errors: ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _no_float(text: str) -> Any:  # noqa: ANN401 - it never returns
    raise ValueError(f"{text} is no integer")


_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
_DECODER: Final = json.JSONDecoder(parse_float=_no_float, parse_constant=_no_float)


def read_json(raw: bytes | None) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """Read JSON with integers only; None for what is not such a thing, never an error."""
    try:
        return None if raw is None else _DECODER.decode(raw.decode())
    except (ValueError, RecursionError):
        return None


def canonical(value: Any) -> bytes:  # noqa: ANN401 - as above
    """Write a value as the one byte string that stands for it."""
    return _ENCODER.encode(value).encode()


def tree_root(hashes: Sequence[bytes]) -> bytes:
    """Return the RFC 6962 root over hashes of one height: an odd last one goes up as it is."""
    level = list(hashes)
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [hashlib.sha256(b"\x01" + left + right).digest() for left, right in pairs] + odd
    return level[0] if level else hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Return SHA-256(0x00 || entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


# --- rules 1 and 2: the checkpoint

_ED25519: Final = 1
_COSIGNATURE: Final = 4
_HASH_BYTES: Final = 4
_ROOT_BYTES: Final = 32
_TIME_BYTES: Final = 8
_DASH: Final = "\N{EM DASH}"
Verify = Callable[[bytes, bytes, bytes], bool]


def ed25519() -> Verify | None:
    """Return a function that checks (key, signature, message), or None without `cryptography`."""
    try:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - it is optional
        from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
            Ed25519PublicKey,
        )
    except ImportError:
        return None

    def check(key: bytes, signature: bytes, message: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    return check


@dataclass(frozen=True, slots=True)
class Head:
    """A checkpoint as it was read: text, its three lines, its signature lines."""

    text: str
    origin: str
    size: int
    root: bytes
    lines: tuple[str, ...]


def read_note(raw: bytes | None) -> Head | None:
    """Read a signed checkpoint, or None where it is none."""
    try:
        text, blank, signatures = (raw or b"").decode().rpartition("\n\n")
        origin, size, root, *_ = f"{text}\n".split("\n")
        hashed = base64.b64decode(root, validate=True)
        if not (blank and origin and re.fullmatch(r"0|[1-9]\d{0,15}", size, re.ASCII)):
            return None
    except ValueError:
        return None
    if len(hashed) != _ROOT_BYTES:
        return None
    return Head(f"{text}\n", origin, int(size), hashed, tuple(signatures.splitlines()))


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A name, the four bytes that stand for it on a signature line, its type and key."""

    name: str
    short: bytes
    kind: int
    key: bytes


def read_key(line: str) -> VerifierKey | None:
    """Read `name+hash+base64(type || key)`; None where it does not hang together."""
    try:
        name, short, encoded = line.strip().split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
        hashed = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:_HASH_BYTES]
    except ValueError:
        return None
    return VerifierKey(name, hashed, raw[0], raw[1:]) if raw and hashed.hex() == short else None


class Signatures:
    """Check the lines under a checkpoint. `checked` stays 0 without `cryptography`."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._verify = ed25519()
        self.possible = self._verify is not None
        self.checked = 0

    def log(self, head: Head, keys: Sequence[VerifierKey], file: str) -> None:
        """Expect a line of the log's own key, and none that pretends to be one."""
        usable = [key for key in keys if key.kind == _ED25519]
        told = [(key, blob) for key in usable for blob in _blobs(head, key)]
        if not told:
            self._findings.add(
                "signature-missing", "no line is signed by a key of keys/log.vkey", file=file
            )
        for key, blob in told:
            if not self._good(key, blob, head.text):
                self._findings.add(
                    "signature-invalid", f"the line of {key.name!a} does not verify", file=file
                )

    def witnesses(self, head: Head, threshold: int, keys: Sequence[VerifierKey]) -> None:
        """Expect lines of at least `threshold` different witnesses."""
        good = {
            key.short + key.key
            for key in keys
            for blob in _blobs(head, key)
            if self._good(key, blob, head.text)
        }
        if len(good) < threshold:
            self._findings.add(
                "witness-threshold",
                f"{len(good)} witnesses cosigned, {threshold} are needed",
                file="checkpoint",
            )

    def _good(self, key: VerifierKey, blob: bytes, text: str) -> bool:
        """Say whether a line verifies; one that cannot be checked counts as good."""
        if self._verify is None:
            return True
        self.checked += 1
        if key.kind == _COSIGNATURE:
            stamp, blob = int.from_bytes(blob[:_TIME_BYTES], "big"), blob[_TIME_BYTES:]
            text = f"cosignature/v1\ntime {stamp}\n{text}"
        return self._verify(key.key, blob, text.encode())


def _blobs(head: Head, key: VerifierKey) -> Iterator[bytes]:
    for line in head.lines:
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        try:
            raw = base64.b64decode(encoded, validate=True)
        except ValueError:
            continue
        if (dash, name, raw[:_HASH_BYTES]) == (_DASH, key.name, key.short):
            yield raw[_HASH_BYTES:]


# --- rule 3: entries, tiles, root

_WIDTH: Final = 256
_GROUP: Final = 1_000


def tile_path(level: str, number: int, width: int) -> str:
    """Name a C2SP tile; `level` is a height or `entries`."""
    groups = [f"{number % _GROUP:03}"]
    while number := number // _GROUP:
        groups.append(f"x{number % _GROUP:03}")
    path = f"tile/{level}/{'/'.join(reversed(groups))}"
    return path if width == _WIDTH else f"{path}.p/{width}"


class Tree:
    """Grow the tree from entries and hold the bundle's tiles against it."""

    def __init__(self, folder: Folder, findings: Findings) -> None:
        self._folder = folder
        self._findings = findings
        self._full: list[bytes] = []
        self._last: list[bytes] = []
        self.size = 0

    def extend(self, entries: Sequence[bytes]) -> None:
        """Take the next tile's entries."""
        self._last = [leaf_hash(entry) for entry in entries]
        self._compare(0, self.size // _WIDTH, self._last)
        self.size += len(entries)
        if len(self._last) == _WIDTH:
            self._full.append(tree_root(self._last))
            self._last = []

    def root(self, more: Sequence[bytes] = ()) -> bytes:
        """Return the root over all entries so far, or over full tiles so far and `more` leaves."""
        last = more or self._last
        return tree_root([*self._full, tree_root(last)] if last else self._full)

    def finish(self) -> None:
        """Hold the tiles above the lowest against the tree."""
        level, hashes = 1, self._full
        while hashes:
            for start in range(0, len(hashes), _WIDTH):
                self._compare(level, start // _WIDTH, hashes[start : start + _WIDTH])
            full = range(0, len(hashes) - _WIDTH + 1, _WIDTH)
            hashes = [tree_root(hashes[start : start + _WIDTH]) for start in full]
            level += 1

    def _compare(self, level: int, number: int, hashes: Sequence[bytes]) -> None:
        path = tile_path(str(level), number, len(hashes))
        stored = self._folder.read(path)
        if stored is None:
            self._findings.add("bundle-unreadable", "a tile of hashes is missing", file=path)
        elif stored != b"".join(hashes):
            wrong = next(i for i, h in enumerate([*hashes, b""]) if stored[32 * i :][:32] != h)
            seq = number * _WIDTH + wrong if level == 0 else None
            detail = f"hash {wrong} of the tile is not that of the entries"
            self._findings.add("root-mismatch", detail, seq=seq, file=path)


def read_tiles(folder: Folder, size: int | None, findings: Findings) -> Iterator[list[bytes]]:
    """Yield the entries tile by tile, up to `size`; stop with a finding where some are missing."""
    number = 0
    while True:
        start = number * _WIDTH
        left = _WIDTH if size is None else min(_WIDTH, size - start)
        if left <= 0:
            break
        path, entries = _read_bundle(folder, number, left)
        if entries:
            yield entries[:left]
        if len(entries) < left:
            if size is not None:
                _missing(folder, findings, seq=start + len(entries), size=size, file=path)
            return
        if len(entries) > left:
            break
        number += 1
    beyond = _read_bundle(folder, number, _WIDTH)[1]
    if size is not None and beyond and number * _WIDTH + len(beyond) > size:
        findings.add("size-mismatch", "there are entries beyond the checkpoint's size", seq=size)


def _missing(folder: Folder, findings: Findings, *, seq: int, size: int, file: str) -> None:
    later = tile_path("entries", seq // _WIDTH + 1, _WIDTH)
    if folder.read(later) is not None or folder.names(f"{later}.p"):
        findings.add("seq-gap", "entries are missing in the middle of the log", seq=seq, file=file)
    else:
        detail = f"the checkpoint says {size} entries; they end here"
        findings.add("size-mismatch", detail, seq=seq, file=file)


def _read_bundle(folder: Folder, number: int, width: int) -> tuple[str, list[bytes]]:
    """Read a bundle of entries, of another width if the one that should be there is not."""
    path = tile_path("entries", number, width)
    raw = folder.read(path)
    full = tile_path("entries", number, _WIDTH)
    if raw is None:
        widths = [int(name) for name in folder.names(f"{full}.p") if name.isdecimal()]
        others = [full, *(f"{full}.p/{width}" for width in sorted(widths, reverse=True))]
        raw = next((found for p in others if (found := folder.read(p)) is not None), b"")
    return path, _unpack(raw)


def _unpack(raw: bytes) -> list[bytes]:
    """Read length-prefixed entries; a cut last one is left out."""
    entries, position = [], 0
    while (start := position + 2) <= len(raw):
        position = start + int.from_bytes(raw[start - 2 : start], "big")
        if position > len(raw):
            break
        entries.append(raw[start:position])
    return entries


# --- rule 4: what an entry may say


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_STEPS: Final = _words("enrol select read generate moderate store insert view share learn")
_ROOTS: Final = _words("likeness personalisation experiment telemetry")
_PURPOSES: Final = _ROOTS | _words(
    "imagine feed_insert avatar_pack profile_picture story share ads training"
)
_KINDS: Final = _words("explicit parental implied")
_ACTORS: Final = _words("self system guardian operator friend")
_REASONS: Final = _words(
    "not-granted withdrawn expired notice-outdated notice-missing paused purpose-mismatch "
    "policy-silent policy-forbids cap quota selfies-required age guardian-required stale "
    "permit-used moderation-failed identity-failed nsfw no-face multi-face too-small blurred "
    "dark duplicate different-person attestation-missing unreadable unavailable stopped "
    "unknown-subject unknown-key schema-version"
)
_NO_MORE: Final = _words(
    "experiment.start experiment.stop selftest checkpoint.witnessed schema.migrate admin"
)
_NEEDED: Final[Mapping[str, str]] = {
    "policy.publish": "policy",
    "notice.publish": "notice",
    "notice.served": "tag purpose notice",
    "grant": "tag purpose kind policy not_after actor",
    "renew": "tag purpose kind policy not_after actor",
    "withdraw": "tag purpose actor",
    "expire": "tag purpose epoch",
    "decision": "tag purpose step policy verdict object",
    "block": "step n denied inner",
    "effect": "tag step object effect_of",
    "destroy": "tag object",
    "key.destroy": "tag purpose epoch",
    "aggregate": "object",
    **dict.fromkeys(_words("pause resume label.shown erase.request erase.done"), "tag"),
    **dict.fromkeys(_NO_MORE, ""),
}
_REQUIRED: Final = {t: {"v", "t", "at"} | _words(names) for t, names in _NEEDED.items()}
_OF_VERDICT: Final = {"allow": _words("basis epoch not_after"), "deny": _words("reasons")}
_MAX_INT: Final = 1 << 53
_TEXT: Final = re.compile(r"[ -~]+")
_HEX: Final = re.compile(r"[0-9a-f]{64}")
_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]+")


def _whole(value: Any) -> bool:  # noqa: ANN401 - it is here to find out
    return type(value) is int and 0 <= value < _MAX_INT


def _place(value: Any) -> bool:  # noqa: ANN401 - as above
    pair = type(value) is list and len(value) == len(("seq", "slot")) and all(map(_whole, value))
    return _whole(value) or pair


def _one_of(words: frozenset[str]) -> Callable[[Any], bool]:
    return lambda value: type(value) is str and value in words


def _like(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: type(value) is str and pattern.fullmatch(value) is not None


def _reasons(value: Any) -> bool:  # noqa: ANN401 - as above
    return type(value) is list and bool(value) and all(map(_one_of(_REASONS), value))


_FIELDS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "v": lambda value: value == 1 and type(value) is int,
    "t": _one_of(frozenset(_REQUIRED)),
    "purpose": _one_of(_PURPOSES),
    "step": _one_of(_STEPS),
    "actor": _one_of(_ACTORS),
    "kind": _one_of(_KINDS),
    "basis": _one_of(_KINDS),
    "verdict": _one_of(frozenset(_OF_VERDICT)),
    "reasons": _reasons,
    **dict.fromkeys(_words("policy notice inner"), _like(_HEX)),
    **dict.fromkeys(_words("run request"), _like(_TEXT)),
    **dict.fromkeys(_words("tag object facts"), _like(_BASE64URL)),
    **dict.fromkeys(_words("at served epoch not_after n denied"), _whole),
    **dict.fromkeys(_words("prev effect_of"), _place),
}


def read_entry(raw: bytes) -> Entry | str:
    """Read an entry, or say in words why it is none."""
    entry = read_json(raw)
    if type(entry) is not dict:
        return "it is no JSON object with integers only"
    try:
        return _flaw(entry, raw) or entry
    except (ValueError, RecursionError):
        return "it has no canonical form"


def _flaw(entry: Entry, raw: bytes) -> str | None:
    if canonical(entry) != raw:
        return "its bytes are not the canonical ones"
    for name, value in entry.items():
        good = _FIELDS.get(name)
        if not (good(value) if good else name.isascii() and _plain(value)):
            return f"its field {name!a} is not what it may be"
    needed = _REQUIRED.get(entry.get("t", ""), {"t"})
    if entry.get("t") == "decision":
        needed = needed | _OF_VERDICT.get(entry.get("verdict", ""), frozenset())
    missing = needed - entry.keys()
    return f"it lacks {', '.join(sorted(missing))}" if missing else None


def _plain(value: Any) -> bool:  # noqa: ANN401 - it is here to find out
    """Admit in a field that we do not know what the canonical profile admits."""
    match value:
        case bool():
            return True
        case int():
            return abs(value) < _MAX_INT
        case str():
            return unicodedata.is_normalized("NFC", value)
        case list():
            return all(map(_plain, value))
        case dict():
            return all(name.isascii() and _plain(inner) for name, inner in value.items())
        case _:
            return False


# --- rules 6 and 8: policies, and the verdict they give

_CAPPED: Final = _words("select insert")
_FACTS: Final[Mapping[str, type]] = {
    **dict.fromkeys(_words("withdrawn expired notice_current preview confirmed"), bool),
    **dict.fromkeys(_words("used_day used_week"), int),
    **dict.fromkeys(_words("kind age_band region"), str),
}
_BEST: Final[Mapping[str, Any]] = {
    "notice_current": True,
    "preview": True,
    "confirmed": True,
    "age_band": "adult",
}
"""What the log does not show, at its most favourable: what even that denies was not allowed."""


@dataclass(frozen=True, slots=True)
class Rule:
    """For these steps and purposes, which kinds of basis count and what else is needed."""

    steps: frozenset[str]
    purposes: frozenset[str]
    kinds: frozenset[str]
    needs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Policy:
    """What of a policy file decides."""

    rules: tuple[Rule, ...]
    caps: Mapping[str, tuple[int, int]]
    term: int
    permit: int
    view: int
    current_notice: bool
    implied: frozenset[str]
    minors: str
    unknown_age: str
    regions_refused: frozenset[str]

    def lasts(self, step: str) -> int:
        """Return for how many microseconds a permit for a step is good."""
        return self.view if step == "view" else self.permit


def read_policy(raw: bytes) -> Policy | None:
    """Read a policy file, or None where it is none."""
    try:
        table = tomllib.loads(raw.decode())
        terms = {name: _value(value) for name, value in table["consent"].items()}
        return Policy(
            rules=tuple(
                Rule(
                    steps=frozenset(rule["steps"]),
                    purposes=frozenset(rule["purposes"]),
                    kinds=frozenset(rule["kinds"]),
                    needs=frozenset(rule.get("needs", ())),
                )
                for rule in table["rule"]
            ),
            caps={
                purpose: (int(_value(caps["per_day"])), int(_value(caps["per_week"])))
                for purpose, caps in table["caps"].items()
            },
            term=int(terms["term_days"]) * DAY,
            permit=int(terms["permit_seconds"]) * SECOND,
            view=int(terms["view_seconds"]) * SECOND,
            current_notice=bool(terms["current_notice"]),
            implied=frozenset(
                purpose
                for table_of in ("implies", "bundles")
                for given in terms.get(table_of, {}).values()
                for purpose in _value(given)
            ),
            minors=str(_value(table["ages"]["minors"])),
            unknown_age=str(_value(table["ages"]["unknown"])),
            regions_refused=frozenset(_value(table["regions"]["refused"])),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _value(given: Any) -> Any:  # noqa: ANN401 - TOML values have no narrower type
    """Take a value that carries its source without it."""
    return given["value"] if isinstance(given, dict) and "value" in given else given


def decide(policy: Policy, step: str, purpose: str, facts: Mapping[str, Any]) -> str | None:
    """Decide as the policy's words say: None allows, else the reason of the denial."""
    rule = next((r for r in policy.rules if step in r.steps and purpose in r.purposes), None)
    if rule is None:
        return "policy-silent"
    if not rule.kinds:
        return "policy-forbids"
    return (
        _unheld(policy, rule, facts)
        or _unwelcome(policy, facts)
        or _unmet(policy, rule, step, purpose, facts)
    )


def _unheld(policy: Policy, rule: Rule, facts: Mapping[str, Any]) -> str | None:
    kind = facts.get("kind")
    if kind is None:
        return "withdrawn" if facts.get("withdrawn") else "not-granted"
    if facts.get("expired"):
        return "expired"
    if kind not in rule.kinds:
        return "policy-forbids"
    outdated = policy.current_notice and not facts.get("notice_current", True)
    return "notice-outdated" if outdated else None


def _unwelcome(policy: Policy, facts: Mapping[str, Any]) -> str | None:
    """Refuse where the policy stays out, and minors as it says; an age may be unknown."""
    if facts.get("region") in policy.regions_refused:
        return "policy-forbids"
    age = facts.get("age_band")
    if age == "adult":
        return None
    treatment = policy.minors if age == "minor" else policy.unknown_age
    if treatment == "guardian":
        return None if facts.get("kind") == "parental" else "guardian-required"
    return "age" if treatment == "refused" else None


def _unmet(
    policy: Policy, rule: Rule, step: str, purpose: str, facts: Mapping[str, Any]
) -> str | None:
    if not all(facts.get(need) for need in rule.needs):
        return "not-granted"
    if step not in _CAPPED or purpose not in policy.caps:
        return None
    per_day, per_week = policy.caps[purpose]
    reached = facts.get("used_day", 0) >= per_day or facts.get("used_week", 0) >= per_week
    return "cap" if reached else None


class Library:
    """Policies and notices: what the log has published so far, held against the files."""

    def __init__(self, folder: Folder, findings: Findings) -> None:
        self._folder = folder
        self._findings = findings
        self._policies: dict[str, Policy | None] = {}
        self._notices: set[str] = set()

    def publish_policy(self, seq: int, entry: Entry) -> None:
        """Take a policy into force."""
        sha256 = entry["policy"]
        raw = self._checked(seq, sha256, f"policies/{sha256}.toml", "policy-mismatch")
        policy = None if raw is None else read_policy(raw)
        if raw is not None and policy is None:
            file = f"policies/{sha256}.toml"
            self._findings.add("policy-mismatch", "the file is no policy", seq=seq, file=file)
        self._policies[sha256] = policy

    def publish_notice(self, seq: int, entry: Entry) -> None:
        """Take a notice into force."""
        sha256 = entry["notice"]
        self._checked(seq, sha256, f"notices/{sha256}.md", "notice-mismatch")
        self._notices.add(sha256)

    def _checked(self, seq: int, sha256: str, file: str, code: Code) -> bytes | None:
        raw = self._folder.read(file)
        if raw is None:
            self._findings.add("bundle-unreadable", "the file is missing", seq=seq, file=file)
        elif hashlib.sha256(raw).hexdigest() != sha256:
            self._findings.add(code, "the file is not what its hash says", seq=seq, file=file)
            return None
        return raw

    def policy(self, seq: int, entry: Entry) -> Policy | None:
        """Return the policy that an entry names; a finding where it was not published before."""
        if entry["policy"] not in self._policies:
            detail = f"policy {entry['policy']} is published by no earlier entry"
            self._findings.add("policy-unpublished", detail, seq=seq)
        return self._policies.get(entry["policy"])

    def notice(self, seq: int, entry: Entry) -> None:
        """Expect the notice that an entry names to be published before."""
        if entry["notice"] not in self._notices:
            detail = f"notice {entry['notice']} is published by no earlier entry"
            self._findings.add("notice-mismatch", detail, seq=seq)


# --- rules 7 and 10: what holds, and what has ended

_PARENT: Final = "likeness"
_LASTING: Final = ("share", "store", "enrol")
"""Steps whose effects stay until they are destroyed, in the order in which they go."""
_KEYED: Final = _words("enrol read store view")
"""Steps that seal or open with the person's key."""
_UNKNOWN: Final = -1
"""Stands for the epoch of what a block of decisions allowed: its records are not read here."""


@dataclass(slots=True)
class Basis:
    """What one person's grant of one purpose amounts to now."""

    epoch: int
    kind: str
    not_after: int


class Standing:
    """Fold grants and withdrawals into what holds, keys and kept things into what is left."""

    def __init__(self, library: Library, findings: Findings) -> None:
        self._library = library
        self._findings = findings
        self.held: dict[Key, Basis] = {}
        self.ever: set[Key] = set()
        self.ran_out: dict[Key, str] = {}
        self.ended: dict[int, int] = {}
        self.shredded: dict[int, int] = {}
        self._owner: dict[int, Key] = {}
        self._served: dict[int, tuple[str, str, str, int]] = {}
        self._kept: dict[Key, list[tuple[str, int]]] = {}
        self.destroyed: dict[Key, int] = {}

    # grants

    def serve(self, seq: int, entry: Entry) -> None:
        """Remember what a person was shown, for a grant to quote."""
        self._library.notice(seq, entry)
        self._served[seq] = (entry["tag"], entry["purpose"], entry["notice"], entry["at"])

    def grant(self, seq: int, entry: Entry) -> None:
        """Begin or renew a basis."""
        key = (entry["tag"], entry["purpose"])
        policy = self._library.policy(seq, entry)
        if entry["kind"] != "implied":
            self._quote(seq, entry)
        if policy is not None:
            self._allowed(seq, entry, policy)
        held = self.held.get(key)
        if (entry["t"] == "renew") != (held is not None):
            said = "renews what is not held" if held is None else "grants what is held already"
            self._findings.add("entry-malformed", f"it {said}", seq=seq)
        above = (entry["tag"], _PARENT)
        if entry["purpose"] not in _ROOTS and above not in self.held:
            detail = f"{entry['purpose']} is granted while {_PARENT} is not"
            self._findings.add("grant-backdated", detail, seq=seq)
        epoch = held.epoch if held else seq
        self.held[key] = Basis(epoch, entry["kind"], entry["not_after"])
        self.ever.add(key)
        self.ran_out.pop(key, None)
        self._owner[epoch] = key

    def _quote(self, seq: int, entry: Entry) -> None:
        add = self._findings.add
        served = entry.get("served")
        if served is None or "notice" not in entry:
            add("notice-unserved", "the grant quotes no notice that was served", seq=seq)
            return
        if served >= seq:
            add("grant-backdated", f"it stands before entry {served}, which it quotes", seq=seq)
            return
        tag, purpose, notice, at = self._served.pop(served, ("", "", "", 0))
        if tag != entry["tag"]:
            detail = f"entry {served} served nothing to this person that was not yet quoted"
            add("notice-unserved", detail, seq=seq)
            return
        if (purpose, notice) != (entry["purpose"], entry["notice"]):
            add("notice-mismatch", f"entry {served} served another notice", seq=seq)
        if entry["at"] < at:
            add("grant-backdated", f"its time is before that of entry {served}", seq=seq)

    def _allowed(self, seq: int, entry: Entry, policy: Policy) -> None:
        if entry["not_after"] > entry["at"] + policy.term:
            self._findings.add("policy-mismatch", "it lasts longer than its policy says", seq=seq)
        if entry["kind"] == "implied" and entry["purpose"] not in policy.implied:
            self._findings.add("policy-mismatch", "its policy implies no such thing", seq=seq)

    # ends

    def end(self, seq: int, entry: Entry) -> None:
        """End a basis. A withdrawal of what was never granted names no epoch and ends nothing."""
        key = (entry["tag"], entry["purpose"])
        held = self.held.pop(key, None)
        if (held.epoch if held else None) != entry.get("epoch"):
            detail = f"it ends {entry.get('epoch')}, but what holds is {held and held.epoch}"
            self._findings.add("erasure-false", detail, seq=seq)
        self.ran_out.pop(key, None)
        if held is not None:
            self.ended[held.epoch] = seq
            if entry["t"] == "expire":
                self.ran_out[key] = held.kind
        if entry["purpose"] == _PARENT:
            self._end_children(seq, entry["tag"])

    def _end_children(self, seq: int, tag: str) -> None:
        for purpose in sorted(_PURPOSES - _ROOTS):
            if (child := self.held.pop((tag, purpose), None)) is not None:
                self.ended[child.epoch] = seq
                detail = f"{purpose} (epoch {child.epoch}) ends with it and has no entry"
                self._findings.add("erasure-false", detail, seq=seq)

    def shred(self, seq: int, entry: Entry) -> None:
        """Destroy the key of a basis that has ended."""
        epoch = entry["epoch"]
        right = self._owner.get(epoch) == (entry["tag"], entry["purpose"])
        if not right or epoch not in self.ended or epoch in self.shredded:
            detail = f"no basis that ended at an earlier entry has a key of epoch {epoch} left"
            self._findings.add("erasure-false", detail, seq=seq)
        self.shredded[epoch] = seq

    # things

    def keep(self, entry: Entry, epoch: int) -> None:
        """Remember a selfie, portrait or share until it is destroyed."""
        if entry["step"] in _LASTING:
            self._kept.setdefault((entry["tag"], entry["object"]), []).append(
                (entry["step"], epoch)
            )

    def destroy(self, seq: int, entry: Entry) -> None:
        """Destroy one thing that was kept; of equal names a share goes before its portrait."""
        thing = (entry["tag"], entry["object"])
        kept = sorted(self._kept.get(thing, ()), key=lambda one: _LASTING.index(one[0]))
        if not kept:
            self._findings.add("erasure-false", "it destroys what was not kept", seq=seq)
        elif kept[1:]:
            self._kept[thing] = kept[1:]
        else:
            del self._kept[thing]
            self.destroyed[thing] = seq

    def erase(self, seq: int, entry: Entry) -> None:
        """Expect nothing of a person to be left when their erasure is said to be done."""
        if left := sorted(purpose for tag, purpose in self.held if tag == entry["tag"]):
            self._findings.add("erasure-false", f"{', '.join(left)} still holds", seq=seq)

    def finish(self) -> None:
        """Expect of every basis that ended that its key and what was kept under it are gone."""
        for epoch, seq in self.ended.items():
            if epoch not in self.shredded:
                detail = f"the key of epoch {epoch} was never destroyed"
                self._findings.add("erasure-false", detail, seq=seq)
        for things in self._kept.values():
            for step, epoch in things:
                if epoch in self.ended:
                    detail = f"what {step} left under epoch {epoch} was never destroyed"
                    self._findings.add("erasure-false", detail, seq=self.ended[epoch])


# --- rules 5 to 11, entry by entry


@dataclass(frozen=True, slots=True)
class Decision:
    """What an effect must match, and whether it may spend it."""

    about: tuple[str, str, str]
    request: str | None
    purpose: str
    allowed: bool
    epoch: int
    not_after: int


@dataclass(slots=True)
class Counts:
    """How much was checked."""

    entries: int = 0
    decisions: int = 0
    recomputed: int = 0
    not_recomputable: int = 0


_CHANGES: Final = _words("grant renew withdraw expire")
_Place = tuple[int, int]
_Pair = tuple[int, int]
"""A count of the last day and one of the last week."""


@dataclass(frozen=True, slots=True)
class Use:
    """An allowed decision that caps count, and how many others it may have had before it."""

    at: int
    seq: int
    object: str
    most: _Pair | None


class Uses:
    """Count what was allowed of what is capped.

    A permit that is given back unspent counts no more and leaves no entry. So the fewest that
    there can have been are the spent ones, the most all of them.
    """

    def __init__(self, spent: Mapping[_Place, int]) -> None:
        self._spent = spent
        self._log: dict[tuple[str, str, str], list[Use]] = {}

    def add(self, seq: int, entry: Entry, most: _Pair | None) -> None:
        """Take an allowed decision."""
        uses = self._log.setdefault((entry["tag"], entry["step"], entry["purpose"]), [])
        uses.append(Use(entry["at"], seq, entry["object"], most))

    def others(self, entry: Entry, *, spent: bool) -> _Pair:
        """Count the other things of the last day and week before an entry that is read now."""
        uses = self._log.get((entry["tag"], entry["step"], entry["purpose"]), [])
        return self._count(uses, len(uses), entry["at"], entry["object"], spent=spent)

    def _count(self, uses: Sequence[Use], end: int, at: int, obj: str, *, spent: bool) -> _Pair:
        day, week = set(), set()
        for place in range(end - 1, -1, -1):
            use = uses[place]
            if use.at <= at - 7 * DAY:
                break
            if use.object != obj and (not spent or (use.seq, 0) in self._spent):
                week.add(use.object)
                if use.at > at - DAY:
                    day.add(use.object)
        return len(day), len(week)

    def beyond(self) -> Iterator[tuple[int, str]]:
        """Yield the decisions before which more was used than they, or their caps, say."""
        for uses in self._log.values():
            for place, use in enumerate(uses):
                used = self._count(uses, place, use.at, use.object, spent=True)
                if use.most is not None and any(map(int.__gt__, used, use.most)):
                    told = f"in the last day and week {used} others were used before it"
                    yield use.seq, f"{told}, which allows at most {use.most}"


def most_uses(
    policy: Policy | None, purpose: str, opened: Mapping[str, Any] | None
) -> _Pair | None:
    """Say how many others an allowed decision may have had: as its facts say, or below the cap."""
    if opened is not None:
        return opened.get("used_day", 0), opened.get("used_week", 0)
    if policy is None or purpose not in policy.caps:
        return None
    per_day, per_week = policy.caps[purpose]
    return per_day - 1, per_week - 1


class History:
    """Read the entries in order and hold each against all before it."""

    def __init__(
        self, folder: Folder, findings: Findings, observer: Observer | None = None
    ) -> None:
        self.counts = Counts()
        self._observer = observer
        self._folder = folder
        self._add = findings.add
        self._library = Library(folder, findings)
        self._standing = Standing(self._library, findings)
        self._at = 0
        self._last: dict[str, int] = {}
        self._erased: dict[str, int] = {}
        self._decisions: dict[int, Decision] = {}
        self._spent: dict[_Place, int] = {}
        self._blocks: dict[int, int] = {}
        self._uses = Uses(self._spent)
        self._openings = set(folder.names("openings"))
        self._rules: Mapping[str, Callable[[int, Entry], None]] = {
            "policy.publish": self._library.publish_policy,
            "notice.publish": self._library.publish_notice,
            "notice.served": self._standing.serve,
            "grant": self._granted,
            "renew": self._granted,
            "withdraw": self._standing.end,
            "expire": self._standing.end,
            "key.destroy": self._standing.shred,
            "destroy": self._standing.destroy,
            "erase.done": self._erase,
            "decision": self._decision,
            "effect": self._effect,
            "block": self._block,
            "aggregate": self._aggregate,
        }

    def take(self, seq: int, raw: bytes) -> None:
        """Check one entry; a malformed one is a finding and is otherwise passed over."""
        self.counts.entries += 1
        entry = read_entry(raw)
        if isinstance(entry, str):
            self._add("entry-malformed", entry, seq=seq)
            return
        if entry["at"] < self._at:
            self._add("time-reversed", "its time is before that of the entry before", seq=seq)
        self._at = max(self._at, entry["at"])
        if "tag" in entry:
            self._chain(seq, entry)
        rule = self._rules.get(entry["t"])
        if rule is not None:
            rule(seq, entry)
        if self._observer is not None and entry["t"] in _CHANGES:
            self._observer.change(
                Changed(
                    seq,
                    entry["at"],
                    entry["t"],
                    entry["tag"],
                    entry["purpose"],
                    entry.get("kind"),
                    entry.get("not_after"),
                )
            )

    def finish(self) -> None:
        """Check what can only be said at the end."""
        self._standing.finish()
        for seq, detail in self._uses.beyond():
            self._add("verdict-mismatch", detail, seq=seq)
        for name in sorted(self._openings):
            self._add("commitment-mismatch", "it opens no decision", file=f"openings/{name}")

    # rule 5

    def _chain(self, seq: int, entry: Entry) -> None:
        tag = entry["tag"]
        last, prev = self._last.get(tag), entry.get("prev")
        self._last[tag] = seq
        if tag in self._erased:
            detail = f"this person was erased at entry {self._erased[tag]}"
            self._add("erasure-false", detail, seq=seq)
        if isinstance(prev, list):
            inside = prev[0] in self._blocks and prev[0] > (-1 if last is None else last)
            last, prev = (None, None) if inside else (last, prev[0])
        if prev != last:
            detail = f"it names {prev} as this person's entry before it, which is {last}"
            self._add("chain-broken", detail, seq=seq)
            hidden = max(-1 if one is None else one for one in (last, prev))
            if hidden < seq:
                detail = f"the chain from entry {seq} back passes this one over or misnames it"
                self._add("chain-hidden", detail, seq=hidden)

    def _erase(self, seq: int, entry: Entry) -> None:
        self._standing.erase(seq, entry)
        self._erased[entry["tag"]] = seq

    # rule 8

    def _decision(self, seq: int, entry: Entry) -> None:
        self.counts.decisions += 1
        policy = self._library.policy(seq, entry)
        opened = self._opening(seq, entry)
        self.counts.recomputed += opened is not None
        self.counts.not_recomputable += opened is None
        wrong = self._wrong(entry, policy, opened)
        if wrong is not None:
            self._add("verdict-mismatch", wrong, seq=seq)
        allowed = entry["verdict"] == "allow"
        self._decisions[seq] = Decision(
            (entry["tag"], entry["step"], entry["object"]),
            entry.get("request"),
            entry["purpose"],
            allowed,
            entry.get("epoch", seq),
            entry.get("not_after", 0),
        )
        if self._observer is not None:
            self._observer.decision(
                Decided(
                    seq,
                    None,
                    entry["at"],
                    entry["step"],
                    entry["purpose"],
                    entry["tag"],
                    entry["policy"],
                    None if allowed else entry["reasons"][0],
                    entry["object"],
                    opened,
                    entry.get("request"),
                    entry.get("basis"),
                )
            )
        if not allowed:
            return
        if policy and entry["not_after"] > entry["at"] + policy.lasts(entry["step"]):
            self._add("policy-mismatch", "its permit lasts longer than its policy says", seq=seq)
        if entry["step"] in _CAPPED:
            most = most_uses(policy, entry["purpose"], opened) if wrong is None else None
            self._uses.add(seq, entry, most)

    def _wrong(
        self, entry: Entry, policy: Policy | None, opened: Mapping[str, Any] | None
    ) -> str | None:
        """Say why a verdict is not what the log and the policy give, or None."""
        held = self._standing.held.get((entry["tag"], entry["purpose"]))
        allowed = entry["verdict"] == "allow"
        if allowed or "epoch" in entry:
            rests = (entry.get("epoch"), entry.get("basis"))
            holds = (held.epoch, held.kind) if held else (None, None)
            if rests != holds:
                return f"it rests on epoch and kind {rests}, the log shows {holds}"
        shown = self._shown(entry, held)
        if opened is not None and (lie := self._lie(entry, held, shown, opened)):
            return lie
        if policy is None:
            return None
        facts = {**_BEST, **shown} if opened is None else opened
        reason = decide(policy, entry["step"], entry["purpose"], facts)
        recorded = None if allowed else entry["reasons"][0]
        if reason == recorded or (opened is None and not allowed):
            return None
        return f"the policy says {reason or 'allow'}, the entry {recorded or 'allow'}"

    def _shown(self, entry: Entry, held: Basis | None) -> dict[str, Any]:
        """Return the facts that the log itself shows; of uses the fewest that there can be."""
        key = (entry["tag"], entry["purpose"])
        if held is None and key in self._standing.ran_out:
            return {"kind": self._standing.ran_out[key], "expired": True}
        if held is None:
            return {"withdrawn": key in self._standing.ever}
        day, week = self._uses.others(entry, spent=True)
        return {
            "kind": held.kind,
            "expired": held.not_after <= entry["at"],
            "used_day": day,
            "used_week": week,
        }

    def _lie(
        self, entry: Entry, held: Basis | None, shown: Mapping[str, Any], opened: Mapping[str, Any]
    ) -> str | None:
        for name, nothing in (("kind", None), ("withdrawn", False), ("expired", False)):
            said, known = opened.get(name, nothing), shown.get(name, nothing)
            if said != known:
                return f"its facts say {name} is {said}, the log shows {known}"
        most = self._uses.others(entry, spent=False) if held else (0, 0)
        for name, high in zip(("used_day", "used_week"), most, strict=True):
            low, said = shown.get(name, 0), opened.get(name, 0)
            if not low <= said <= high:
                return f"its facts say {name} is {said}, the log shows {high}"
        return None

    def _granted(self, seq: int, entry: Entry) -> None:
        """Hold what a grant says of how it came about to its commitment, where it is disclosed."""
        if "facts" in entry:
            self._opening(seq, entry)
        self._standing.grant(seq, entry)

    def _opening(self, seq: int, entry: Entry) -> Mapping[str, Any] | None:
        """Open the facts behind a decision, where the bundle discloses them."""
        name = f"{seq}.json"
        if name not in self._openings:
            return None
        self._openings.discard(name)
        file = f"openings/{name}"
        facts = _open(read_json(self._folder.read(file)), seq, entry.get("facts", ""))
        if facts is None:
            detail = "it does not open what the entry commits to"
            self._add("commitment-mismatch", detail, seq=seq, file=file)
        return facts

    # rule 9

    def _effect(self, seq: int, entry: Entry) -> None:
        of = entry["effect_of"]
        place = (of[0], of[1]) if isinstance(of, list) else (of, 0)
        if self._observer is not None:
            told = (of[0], of[1]) if isinstance(of, list) else (of, None)
            self._observer.effect(
                Done(
                    seq,
                    entry["at"],
                    told,
                    entry["tag"],
                    entry["step"],
                    entry["object"],
                    entry.get("request"),
                )
            )
        decision = self._decisions.get(place[0])
        if decision is None and isinstance(of, list) and place[1] < self._blocks.get(of[0], 0):
            self._spend(seq, place)
            self._standing.keep(entry, _UNKNOWN)
            return
        about = (entry["tag"], entry["step"], entry["object"])
        if decision is None or decision.about != about or _apart(decision, entry):
            detail = f"entry {of} is no decision about this person, step and object"
            self._add("effect-without-decision", detail, seq=seq)
            return
        if not decision.allowed:
            self._add("decision-denied", f"entry {of} said no", seq=seq)
        self._spend(seq, place)
        if decision.allowed:
            self._in_time(seq, entry, decision)
        self._standing.keep(entry, decision.epoch)

    def _spend(self, seq: int, place: _Place) -> None:
        if place in self._spent:
            detail = f"entry {place[0]} was used by entry {self._spent[place]} already"
            self._add("decision-reused", detail, seq=seq)
        self._spent.setdefault(place, seq)

    def _in_time(self, seq: int, entry: Entry, decision: Decision) -> None:
        ended = self._standing.ended.get(decision.epoch)
        if entry["at"] >= decision.not_after:
            self._add("effect-expired", "its permit was no longer good", seq=seq)
        if ended is not None:
            detail = f"{decision.purpose} ended at entry {ended}"
            self._add("effect-after-withdrawal", detail, seq=seq)
        if entry["step"] in _KEYED and decision.epoch in self._standing.shredded:
            detail = f"the key was destroyed at entry {self._standing.shredded[decision.epoch]}"
            self._add("key-use-after-destroy", detail, seq=seq)
        gone = self._standing.destroyed.get((entry["tag"], entry["object"]))
        if gone is not None and ended is None:
            self._add("erasure-false", f"its object was destroyed at entry {gone}", seq=seq)

    # rule 11

    def _block(self, seq: int, entry: Entry) -> None:
        """Check the records of a block. One with a policy holds decisions, others what is gone."""
        file, n = f"blocks/{seq}.bin", entry["n"]
        raw = self._folder.read(file) or b""
        width = len(raw) // n if n else 0
        records = [raw[i : i + width] for i in range(0, len(raw), width)] if width else []
        root = tree_root([leaf_hash(record) for record in records]).hex()
        if len(records) != n or root != entry["inner"]:
            detail = "the records are not those that the entry commits to"
            self._add("block-mismatch", detail, seq=seq, file=file)
        if entry["denied"] > n:
            self._add("block-mismatch", "it denies more than it decides", seq=seq)
        self._blocks[seq] = n if "policy" in entry else 0
        if "policy" in entry:
            self._library.policy(seq, entry)
            self.counts.decisions += n
            self.counts.not_recomputable += n

    def _aggregate(self, seq: int, entry: Entry) -> None:
        file = f"aggregates/{entry['object']}.json"
        raw = self._folder.read(file)
        if raw is None or hashlib.sha256(raw).hexdigest() != entry["object"]:
            detail = "the statistics are not what the entry commits to"
            self._add("commitment-mismatch", detail, seq=seq, file=file)


def _apart(decision: Decision, entry: Entry) -> bool:
    """Say whether both name a request, and not the same."""
    return decision.request not in {None, entry.get("request", decision.request)}


def _open(opening: Any, seq: int, commitment: str) -> Mapping[str, Any] | None:  # noqa: ANN401
    """Return the facts of an opening if they are what was committed to, else None."""
    match opening:
        case {"seq": int(named), "salt": str(salt), "facts": dict(facts)} if named == seq:
            typed = all(type(facts.get(n, kind())) is kind for n, kind in _FACTS.items())
        case _:
            return None
    try:
        committed = base64url(hashlib.sha256(unbase64url(salt) + canonical(facts)).digest())
    except (ValueError, RecursionError):
        return None
    return facts if typed and committed == commitment else None


# --- the whole, in the order of the rules


def verify(
    directory: Path, *, against: Path | None = None, observer: Observer | None = None
) -> dict[str, Any]:
    """Verify a bundle and return what `onlyou audit verify --json` prints (CONTRACTS, Finding).

    `against` is a checkpoint kept from before, such as that of a receipt: the log may only have
    grown since, under the same key. Without one, nothing shows that all of it was not made anew.
    """
    folder, findings = Folder(directory), Findings()
    signatures, history = Signatures(findings), History(folder, findings, observer)
    tree = Tree(folder, findings)
    head = _checkpoint(folder, findings, signatures)
    if head is not None:
        _manifest(folder, findings, head)
    kept = _kept(against, findings, signatures, folder) if against else None
    for entries in read_tiles(folder, head.size if head else None, findings):
        if kept is not None:
            _prefix(kept, tree, entries, findings)
        for seq, raw in enumerate(entries, tree.size):
            history.take(seq, raw)
        tree.extend(entries)
    tree.finish()
    history.finish()
    _compare(head, kept, tree, findings)
    return _report(tree, history, signatures, findings)


def _checkpoint(folder: Folder, findings: Findings, signatures: Signatures) -> Head | None:
    head = read_note(folder.read("checkpoint"))
    if head is None:
        findings.add("bundle-unreadable", "there is no readable checkpoint", file="checkpoint")
        return None
    signatures.log(head, _log_keys(folder, findings), "checkpoint")
    policy = read_json(folder.read("keys/witnesses.json"))
    match policy:
        case {"threshold": int(threshold), "keys": list(lines)}:
            keys = [key for line in lines if (key := read_key(str(line)))]
            signatures.witnesses(head, threshold, keys)
        case _:
            detail = "it does not say how many witnesses must cosign, and which"
            findings.add("bundle-unreadable", detail, file="keys/witnesses.json")
    return head


def _log_keys(folder: Folder, findings: Findings) -> list[VerifierKey]:
    file = "keys/log.vkey"
    lines = (folder.read(file) or b"").decode(errors="replace").splitlines()
    keys = [key for line in lines if (key := read_key(line))]
    if not keys:
        findings.add("bundle-unreadable", "it holds no verifier key", file=file)
    return keys


def _manifest(folder: Folder, findings: Findings, head: Head) -> None:
    file = "manifest.json"
    match read_json(folder.read(file)):
        case {"origin": origin, "size": size, "root": root}:
            told: tuple[tuple[Code, Any, Any], ...] = (
                ("inconsistent-checkpoint", origin, head.origin),
                ("size-mismatch", size, head.size),
                ("root-mismatch", root, head.root.hex()),
            )
            for code, said, signed in told:
                if said != signed:
                    detail = f"it says {said!a}, the checkpoint {signed!a}"
                    findings.add(code, detail, file=file)
        case _:
            findings.add("bundle-unreadable", "there is no readable manifest", file=file)


def _kept(path: Path, findings: Findings, signatures: Signatures, folder: Folder) -> Head | None:
    kept = read_note(Folder(path.parent).read(path.name))
    if kept is None:
        findings.add("bundle-unreadable", "the kept checkpoint is not readable", file=path.name)
    else:
        signatures.log(kept, _log_keys(folder, findings), path.name)
    return kept


def _prefix(kept: Head, tree: Tree, entries: Sequence[bytes], findings: Findings) -> None:
    """Where a tile holds the last entry of the kept checkpoint, expect its root there."""
    if tree.size < kept.size <= tree.size + len(entries):
        part = [leaf_hash(entry) for entry in entries[: kept.size - tree.size]]
        if tree.root(part) != kept.root:
            detail = f"the first {kept.size} entries are not those of the kept checkpoint"
            findings.add("inconsistent-checkpoint", detail, seq=kept.size - 1)


def _compare(head: Head | None, kept: Head | None, tree: Tree, findings: Findings) -> None:
    if head is None:
        return
    if tree.size == head.size and tree.root() != head.root:
        detail = f"the entries give {tree.root().hex()}, the checkpoint says {head.root.hex()}"
        findings.add("root-mismatch", detail, file="checkpoint")
    if kept is not None and (kept.origin != head.origin or kept.size > head.size):
        detail = f"the kept checkpoint is of {kept.origin!a} with {kept.size} entries"
        findings.add("inconsistent-checkpoint", detail)


def _report(
    tree: Tree, history: History, signatures: Signatures, findings: Findings
) -> dict[str, Any]:
    counts = history.counts
    return {
        "ok": not findings.found,
        "size": tree.size,
        "root": tree.root().hex(),
        "checked": {
            "entries": counts.entries,
            "decisions": counts.decisions,
            "recomputed": counts.recomputed,
            "not_recomputable": counts.not_recomputable,
            "signatures": signatures.checked,
        },
        "signatures_unchecked": not signatures.possible,
        "findings": findings.found,
        "findings_omitted": findings.omitted,
    }


def text(report: Mapping[str, Any]) -> str:
    """Write a report for people."""
    checked = report["checked"]
    signed = (
        "signatures unchecked (install the package cryptography)"
        if report["signatures_unchecked"]
        else f"{checked['signatures']} signatures checked"
    )
    lines = [
        f"{checked['entries']} entries, root {report['root']}, {signed}",
        f"{checked['decisions']} decisions: {checked['recomputed']} recomputed from their facts, "
        f"{checked['not_recomputable']} not re-computable",
    ]
    for found in report["findings"]:
        where = f" at entry {found['seq']}" if found["seq"] is not None else ""
        file = f" ({found['file']})" if "file" in found else ""
        lines.append(f"{found['code']}{where}: {found['detail']}{file}")
    if report["findings_omitted"]:
        lines.append(f"and {report['findings_omitted']} more findings")
    return "\n".join([*lines, "nothing wrong was found" if report["ok"] else "NOT in order"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify DIR. Exit status: 0 nothing found, 1 findings, 2 there is no DIR."""
    parser = argparse.ArgumentParser(description="Verify an Onlyou bundle offline.")
    parser.add_argument("directory", type=Path, metavar="DIR")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--against", type=Path, metavar="NOTE", help="a checkpoint you kept")
    chosen = parser.parse_args(arguments)
    if not chosen.directory.exists():
        sys.stderr.write(f"there is no {str(chosen.directory)!a}\n")
        return 2
    report = verify(chosen.directory, against=chosen.against)
    told = json.dumps(report) if chosen.json else text(report)
    sys.stdout.write(told.encode("ascii", "backslashreplace").decode() + "\n")
    return 0 if report["ok"] else 1
