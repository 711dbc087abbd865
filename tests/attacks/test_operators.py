# SPDX-License-Identifier: Apache-2.0
"""Who runs an installation is shown nobody's picture: by no command, no route and no detour."""

import ast
import base64
import io
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress

import pytest
import typer
from PIL import Image

from engine import cli
from tests.attacks.threats import ROOT
from tests.engine.homes import Home
from tests.test_architecture import sources, tree

OPENS: Mapping[str, set[str]] = {
    "view": {
        "engine/api/portraits.py",  # the owner, named by their own token
        "engine/demo.py",  # plays its synthetic people
        "feed/shares.py",  # the audience of a share, each look decided
    },
    "take": {"engine/api/downloads.py"},  # the owner takes a file away
    "read": set(),
    "read_beside": {"generation/reading.py"},  # a studio draws
    "beside": {"generation/enrolment.py"},  # new selfies meet earlier ones of the same person
}
"""Where each way of the vault that hands out bytes is walked, and for whom."""
PICTURE = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|RIFF.{4}WEBP|/9j/4[AQ]|iVBORw0KGgo|UklGR.{7}RUJQ", re.DOTALL
)
"""How JPEG, PNG and WebP begin, and the same in base64; long enough to stand in no signature."""
SHOWS = {
    "demo": "plays synthetic people and opens the pages",
    "serve": "opens the pages; what they show is in test_leaks",
    "backup": "ciphertext",
    "restore": "ciphertext",
    "verify-image": "reads a picture that it is given",
}
"""Commands that have to do with pictures at all, and why none of a person's is shown by them."""
READS = (
    ("doctor",),
    ("subject", "list"),
    ("audit", "story", "0" * 13),
    ("recipe", "list"),
    ("report", "list"),
    ("share", "list"),
    ("cost",),
    ("metrics",),
)


def opening() -> Iterator[tuple[str, str]]:
    """List who walks which way."""
    for path in sources("engine", "feed", "generation"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Attribute) and node.attr in OPENS:
                owner = ast.unparse(node.value).rpartition(".")[2].lstrip("_")
                if owner == "vault":
                    yield node.attr, str(path)


def test_bytes_are_opened_in_a_handful_of_places_each_for_their_owner() -> None:
    found: dict[str, set[str]] = {way: set() for way in OPENS}
    for way, path in opening():
        found[way].add(path)
    assert found == OPENS


def test_no_command_opens_anything() -> None:
    commands = {str(path) for path in sources("engine") if "cli" in path.parts}
    assert commands
    for path in commands:
        text = (ROOT / path).read_text("utf-8")
        assert ".vault." not in text, path
        assert ".quarantine." not in text, path


def names(command: object, before: tuple[str, ...] = ()) -> Iterator[str]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield " ".join(before)
        return
    for name, one in inner.items():
        yield from names(one, (*before, name))


def test_every_command_that_has_to_do_with_pictures_is_known() -> None:
    every = set(names(typer.main.get_command(cli.app)))
    assert set(SHOWS) <= every
    assert len(every) > 50


@pytest.mark.parametrize("command", READS, ids=" ".join)
def test_what_an_operator_is_told_holds_no_picture(
    home: Home,
    command: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    monkeypatch.setattr("sys.argv", ["onlyou", *command, "--home", str(home.rooms.settings.home)])
    with suppress(SystemExit):
        cli.main()
    said = b"".join(capfdbinary.readouterr())
    assert said
    assert not PICTURE.search(said)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WebP"])
def test_a_picture_that_were_told_would_be_seen(form: str) -> None:
    written = io.BytesIO()
    Image.new("RGB", (64, 64)).save(written, form)
    for told in (written.getvalue(), base64.b64encode(written.getvalue())):
        assert PICTURE.search(b"\x00" + told)


def test_staff_routes_name_no_person(home: Home) -> None:
    """What auditors and experimenters read holds no id of anybody and no picture."""
    ids = {one["id"] for name in ("Anna", "Ben") for one in home.portraits(name)}
    auditor = home.as_(None, "audit:read")
    for path in ("/v1/audit", "/v1/audit/report", "/audit"):
        answer = home.client.get(path, headers=auditor)
        assert answer.status_code == 200, path
        assert not [one for one in ids if one in answer.text]
        assert not PICTURE.search(answer.content)
