# SPDX-License-Identifier: Apache-2.0
"""Somebody with telling words does everything there is; nothing of them is told or left in clear.

Looked through: every log line in both forms, at every level and of every package; what metrics,
errors and public routes answer; temporary files; the database and the store. `test_canaries` does
the same for what leaves as a bundle.
"""

import logging
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from consent.tables import metadata
from engine.journal import JsonLines, TextLines
from generation import decoding
from tests.attacks import polyglots
from tests.engine import test_canaries as canaries
from tests.engine.homes import Home
from tests.generation import samples

IN_THE_DATABASE = {"an address"}
"""People are found by their names, here an address too; nothing else of theirs is in clear."""
PUBLIC = ("/metrics", "/healthz", "/openapi.json", "/v1/ledger/checkpoint", "/v1/verify/anchor")


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Write down all that is logged, and let temporary files lie where they can be looked at."""
    folder = tmp_path / "told"
    (folder / "temporary").mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "temporary"))
    root, before = logging.getLogger(), logging.getLogger().level
    lines = [logging.FileHandler(folder / "lines.json"), logging.FileHandler(folder / "lines")]
    for one, form in zip(lines, (JsonLines(), TextLines()), strict=True):
        one.setFormatter(form)
        root.addHandler(one)
    root.setLevel(logging.DEBUG)
    yield folder
    root.setLevel(before)
    for one in lines:
        root.removeHandler(one)
        one.close()


def fail(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[bytes]:
    """Let everything go wrong for the person, with words of theirs in what is raised."""
    said = f"{canaries.NAME} {canaries.SAID} {canaries.EMAIL}"

    def broken(*_given: Any, **_more: Any) -> Any:
        raise RuntimeError(said)

    headers = canaries.telling(home)
    asked: list[tuple[str, str, Any]] = [
        ("GET", path, None)
        for path in ("/v1/feed", "/v1/notices/story", "/v1/portraits", "/likeness")
    ]
    asked += [
        ("POST", "/v1/imagine", {"prompt": canaries.SAID}),
        ("POST", "/v1/imagine", {"prompt": [canaries.SAID]}),
        ("POST", "/v1/chat", {"words": canaries.SAID}),
        ("POST", f"/v1/portraits/{canaries.NAME}/share", {"confirm": canaries.SAID}),
    ]
    consent = home.rooms.consent
    broken_here: list[tuple[object, str]] = [
        (consent.gate, "ask_all"), (consent.vault, "view"), (consent.notices, "serve"),
        (consent.ledger, "now"), (consent.accounts, "find"),
    ]  # fmt: skip
    for owner, name in broken_here:
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, broken, raising=False)
            for method, path, body in asked:
                answer = home.client.request(method, path, headers=headers, json=body)
                if answer.status_code >= 400:  # what answers shows a person their own
                    yield answer.content


def words(home: Home) -> dict[str, str | bytes]:
    """Say what would tell of the person: their words, names, ids, face and keys."""
    said = canaries.words(home)
    mine = {what: word for what, word in said.items() if "serving" not in what}
    photo = samples.file_of(1, "studio_portrait")
    mine |= {"the photograph": photo[4_000:4_064], "its pixels": pixels(photo)}
    return mine | {"a place in it": polyglots.WORD}


def pixels(file: bytes) -> bytes:
    found = decoding.decoded(file)
    assert isinstance(found, np.ndarray)
    return found[400, 300:330].tobytes()


def live(home: Home) -> None:
    canaries.live(home)
    baggage = polyglots.gps(b"", "JPEG")
    for path, more in (("/v1/selfies", canaries_form()), ("/v1/verify", {})):
        files = [("file", (canaries.FILE, baggage, "image/jpeg"))]
        home.client.post(path, headers=canaries.telling(home), files=files, data=more)
    for path in PUBLIC:
        assert home.client.get(path).status_code == 200


def canaries_form() -> Mapping[str, str]:
    return {"attest_self": "true", "attest_adult": "true"}


def test_nothing_of_a_person_is_told_or_left_in_clear(
    home: Home, told: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live(home)
    errors = list(fail(home, monkeypatch))
    assert len(errors) > 10
    (told / "errors").write_bytes(b"\n".join(errors))
    (told / "public").write_bytes(b"\n".join(home.client.get(path).content for path in PUBLIC))
    mine = words(home)
    assert canaries.hits(told, mine) == set()
    assert (told / "lines").stat().st_size > 1_000
    plain = {what: mine[what] for what in mine if not sealed_or_named(what)}
    kept = home.rooms.settings.home
    for part in ("onlyou.sqlite3", "blobs"):
        assert canaries.hits(apart(kept, part, told.parent), plain) <= IN_THE_DATABASE, part
    assert naming(home) == {"account"}
    plant(told)
    assert {"an address", "the photograph"} <= canaries.hits(told, mine)


def naming(home: Home) -> set[str]:
    """List the tables in which the name stands."""
    with home.rooms.consent.ledger.read() as connection:
        return {
            table.name
            for table in metadata.sorted_tables
            if canaries.NAME in repr(connection.execute(select(table)).all())
        }


def plant(told: Path) -> None:
    """Prove the search: a line as Python would write it, and a file that was left."""
    loud = logging.FileHandler(told / "as python would")
    logging.getLogger().addHandler(loud)
    logging.getLogger("elsewhere").error("failed for %s", canaries.EMAIL)
    logging.getLogger().removeHandler(loud)
    loud.close()
    (told / "temporary" / "left").write_bytes(samples.file_of(1, "studio_portrait"))


def sealed_or_named(what: str) -> bool:
    """Say whether a word is one that a database is for: names, ids, what names sealed things."""
    kept_there = ("name", "id of", "thing", "blob", "sealed", "secret of", "prompt", "wrote")
    return any(word in what for word in kept_there)


def apart(kept: Path, part: str, into: Path) -> Path:
    """Show one part of a home alone."""
    folder = into / f"only-{part}"
    folder.mkdir()
    (folder / part).symlink_to(kept / part, target_is_directory=(kept / part).is_dir())
    if (kept / part).is_dir():
        return kept / part
    return folder
