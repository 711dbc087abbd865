# SPDX-License-Identifier: Apache-2.0
"""What strangers' bytes meet first, each as a function that may answer no and may not break.

A target takes any bytes and returns; what it raises is a finding. Where two readers read the same
thing, a target compares them. None needs a network or a database.
"""

import atexit
import contextlib
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from consent import (
    backups,
    blocks,
    entries,
    notes,
    policies,
    quorum,
    receipts,
    tiles,
    verify,
    witness,
)
from consent.bundle import export
from consent.clocks import VirtualClock
from consent.errors import Broken, Misused
from consent.gate import Select
from consent.verify import grammar, signatures
from consent.verify.canonical import read_json
from consent.verify.policy import read_policy
from consent.words import Micros, Purpose, Step, Subject
from engine.api import cursors
from engine.api.problems import Problem
from engine.api.tokens import Issuer
from engine.cells import heads
from generation import darkroom, fitting, notary, photographs, phrasing, screening
from generation.authority import Authority
from generation.expander import Expanded, Template
from generation.notary import State
from generation.wishes import NotOffered
from tests.rooms import Rooms, empty

Target = Callable[[bytes], None]
NOON: Final = Micros(1_780_000_000_000_000)
SELECTED: Select = Step.SELECT
_PIXELS: Final = 1_000_000
_READ: Final = object()
_SECRET: Final = bytes(range(32))
_NOTICED: Final = frozenset({"tile", "blocks", "policies", "notices", "openings", "aggregates"})
"""Parts of a bundle of which no byte can be another unnoticed."""
_CORPUS: Final = Path(__file__).parent / "corpus"


def image(data: bytes) -> None:
    """Open a stranger's file: what passes the header is decoded, to pixels of a bounded size."""
    refusal: object = None
    with contextlib.suppress(Exception):  # `opened` makes a refusal of whatever this raises
        refusal = photographs._from_header(data, _PIXELS, moving=False) or _READ
    if refusal is not _READ:
        return
    answer = darkroom.answer(data)
    kind, width, height = darkroom.HEAD.unpack_from(answer)
    if kind == darkroom.PIXELS:
        assert 0 < max(width, height) <= darkroom.LONGER_SIDE
        assert len(answer) == darkroom.HEAD.size + 3 * width * height
    else:
        assert answer[darkroom.HEAD.size :].decode()


def entry(data: bytes) -> None:
    """Read an entry as an auditor does; one that passes is written back to the same bytes."""
    read = grammar.read_entry(data)
    if isinstance(read, dict):
        assert entries.canonical(entries.decode(data)) == data


def checkpoint(data: bytes) -> None:
    """Read a checkpoint in both readers; where both read it, they read the same."""
    text = data.decode("utf-8", "replace")
    with contextlib.suppress(ValueError):
        ours = notes.parse_checkpoint(text)
        theirs = signatures.read_note(text.encode())
        if theirs is not None:
            assert (ours.origin, ours.size, ours.root) == (theirs.origin, theirs.size, theirs.root)
    assert notes.open_note(text, _verifier()) is None or "\n\n" in text
    with contextlib.suppress(ValueError):
        notes.read_key(text)
    signatures.read_key(text)


def witnessed(data: bytes) -> None:
    """Read what a log sends to a witness."""
    with contextlib.suppress(ValueError):
        asked = witness.read(data)
        assert witness.written(asked.old, asked.proof, asked.note) == data


def tile(data: bytes) -> None:
    """Read a path of a tile, and a bundle of entries; both write back to what was read."""
    text = data.decode("utf-8", "replace")
    found = tiles.parse_path(text)
    if found is not None and found.level is not None:
        assert tiles.tile_path(found.level, found.number, found.width) in text
    with contextlib.suppress(ValueError):
        assert tiles.pack(tiles.unpack(data)) == data


def block(data: bytes) -> None:
    """Read records of a block as decisions, and what their openings pack."""
    with contextlib.suppress(ValueError):
        blocks.root(data)
        for start in range(0, min(len(data), 4_096), blocks.RECORD.itemsize):
            blocks.read(data[start : start + blocks.RECORD.itemsize])
        blocks.verdicts(data)
    with contextlib.suppress(ValueError):
        blocks.unpack(data)


def policy(data: bytes) -> None:
    """Read a policy in both readers; what ours takes, the verifier takes too."""
    text = data.decode("utf-8", "replace")
    read_policy(text.encode())
    with contextlib.suppress(Misused):
        ours = policies.parse(text)
        assert read_policy(ours.text.encode()) is not None


def quorum_file(data: bytes) -> None:
    """Read who must cosign."""
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(Misused):
        path = Path(folder) / "witnesses.toml"
        path.write_bytes(data)
        quorum.read(path)


def cursor(data: bytes) -> None:
    """Read a cursor that is nobody's; none but our own names a place."""
    text = data.decode("utf-8", "surrogateescape")
    items = [{"id": "1"}, {"id": "2"}]
    with contextlib.suppress(Problem):
        cursors.after(_rooms(), Subject(1), text, items)  # type: ignore[arg-type]
        assert text == cursors.cursor(_rooms(), Subject(1), "1")  # type: ignore[arg-type]


def token(data: bytes) -> None:
    """Read a token as a header brings it; none but our own is one."""
    text = data.decode("latin-1")
    with contextlib.suppress(Problem):
        _issuer().read(text)
        assert text.count(".") == 2
        raise AssertionError("a token that nobody issued was taken")


def prompt(data: bytes) -> None:
    """Screen somebody's words; what a model is given in the end passes the screen again."""
    text = data.decode("utf-8", "replace")
    screening.screen(text)
    with contextlib.suppress(NotOffered):
        made = phrasing.phrased(Template(), text, ideas=_ideas(), choices={})
        if isinstance(made, Expanded):
            assert made.scenario in _ideas()
            assert isinstance(screening.screen(made.words, screening.EXPANDED), screening.Passed)


def receipt(data: bytes) -> None:
    """Check a receipt that somebody sends: flaws are named, whatever it is made of."""
    made: Any = read_json(data)
    if isinstance(made, dict):
        receipts.flaws(made, _verifier())


def credential(data: bytes) -> None:
    """Read the credential of a stranger's picture; nothing that we did not sign is trusted."""
    kind = "image/png" if data[:1] == b"\x89" else "image/jpeg"
    assert notary.read(data, kind, _anchor()).state is not State.TRUSTED


def cells(data: bytes) -> None:
    """Read a global checkpoint as somebody hands it out, and the text of one."""
    key = _verifier()
    found = list(heads.findings(read_json(data), key, read_json(data)))
    assert found, "what nobody signed was believed"
    text = data.decode("utf-8", "replace")
    with contextlib.suppress(ValueError):
        assert heads.read(text, ()).text() == text


def backup(data: bytes) -> None:
    """Read what a backup says of itself, and hold it against the log's own keys."""
    keys = _rooms().consent.keys
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(Misused, Broken):
        (Path(folder) / backups.MANIFEST).write_bytes(data)
        backups.checked(Path(folder), keys)
        raise AssertionError("a backup that nobody wrote was taken")


def bundle(data: bytes) -> None:
    """Change a file of an honest bundle, verify it and go on from it: never a traceback.

    The first byte names the file, two the place; the rest is written there.
    """
    folder, files = _bundle()
    if len(data) < 4:
        return
    path = files[data[0] % len(files)]
    honest = path.read_bytes()
    place = int.from_bytes(data[1:3], "big") % (len(honest) + 1)
    changed = honest[:place] + data[3:] + honest[place + len(data) - 3 :]
    path.write_bytes(changed)
    try:
        with contextlib.suppress(Misused):
            backups._added(folder, 0)
        report = verify.verify(folder)
        assert report["ok"] is (not report["findings"])
        json.dumps(report)
        if changed != honest and path.relative_to(folder).parts[0] in _NOTICED:
            assert not report["ok"], f"{path.relative_to(folder)} was changed unnoticed"
    finally:
        path.write_bytes(honest)


@cache
def _rooms() -> Rooms:
    """Open one small home for the whole process: it ends with it."""
    home = Path(tempfile.mkdtemp(prefix="onlyou-fuzz-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    return Rooms.open(empty(home), home)


@cache
def _bundle() -> tuple[Path, tuple[Path, ...]]:
    """Export a log in which everything of a bundle occurs; its files, those of the log first."""
    rooms = _rooms()
    ada, bob = rooms.inserted_person("Ada"), rooms.inserted_person("Bob")
    rooms.consent.gate.decide_all(SELECTED, Purpose.FEED_INSERT, [ada, bob], run="a plan")
    rooms.consent.withdrawals.withdraw(bob, Purpose.FEED_INSERT)
    rooms.consent.lasts.log()
    folder = rooms.home / "bundle"
    export(rooms.consent, folder)
    return folder, tuple(sorted(path for path in folder.rglob("*") if path.is_file()))


@cache
def _verifier() -> str:
    return _rooms().consent.ledger.verifiers[0]


@cache
def _issuer() -> Issuer:
    return Issuer(_SECRET, VirtualClock(NOON))


@cache
def _anchor() -> str:
    return Authority(_SECRET).anchor


@cache
def _ideas() -> tuple[str, ...]:
    return tuple(sorted(one.id for one in fitting.known()))


TARGETS: Final[Mapping[str, Target]] = MappingProxyType(
    {
        one.__name__: one
        for one in (
            image, entry, checkpoint, witnessed, tile, block, policy, quorum_file, cursor, token,
            prompt, receipt, credential, cells, backup, bundle,
        )
    }
)  # fmt: skip
"""Every reader of strangers' bytes."""


def corpus(name: str) -> tuple[Path, ...]:
    """List the kept inputs of a target, those that once broke it among them."""
    return tuple(sorted((_CORPUS / name).iterdir()))
