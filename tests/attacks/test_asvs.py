# SPDX-License-Identifier: Apache-2.0
"""The mapping to ASVS is whole, its tests exist, and what it says of the code is so."""

import re
from collections.abc import Iterator

import pytest

from tests.attacks import asvs, threats
from tests.attacks.asvs import Requirement
from tests.attacks.threats import ROOT
from tests.test_architecture import sources

ALL = asvs.read()
SECTIONS = {
    "V5": (1, 6, 3, 3),
    "V8": (4, 4, 3, 2),
    "V11": (4, 5, 5, 4, 2, 2, 2),
    "V14": (2, 8, 3),
    "V16": (1, 5, 4, 3, 4),
}
"""How many requirements each section of the standard has, in the chapters that we go through."""
ENCRYPTS = {
    "consent/envelopes.py",
    "consent/keys.py",
    "consent/notes.py",
    "consent/verify/signatures.py",
    "engine/api/idempotency.py",
    "engine/api/tokens.py",
    "engine/cosigning.py",
    "engine/machine.py",
    "generation/authority.py",
    "generation/credentials.py",
    "generation/notary.py",
}
"""Where anything is encrypted or signed; docs/security.md says with what."""
WEAK = re.compile(r"\.(?:md5|sha1|MD5|SHA1|TripleDES|ARC4|Blowfish|ECB|PKCS1v15)\(")
IMPORTED = re.compile(r"^\s*(?:from|import) (?:cryptography|joserfc|c2pa)\b", re.MULTILINE)
STORES = ("localStorage", "sessionStorage", "indexedDB", "document.cookie", "caches.open")


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.id)
def test_what_is_said_to_be_tested_is(one: Requirement) -> None:
    assert one.state in asvs.STATES
    assert one.level in {1, 2, 3}
    assert one.asks.endswith(".")
    assert one.how.endswith(".")
    assert [why for named in one.tests if (why := threats.unfound(named, slow=False))] == []
    assert not (one.state == "not" and one.tests)


def test_every_requirement_of_the_chapters_is_there_once_and_in_order() -> None:
    every = [
        f"{chapter[1:]}.{section}.{number}"
        for chapter, counts in SECTIONS.items()
        for section, count in enumerate(counts, 1)
        for number in range(1, count + 1)
    ]
    assert [one.id for one in ALL] == every
    assert list(asvs.chapters()) == list(SECTIONS)


def test_the_page_is_written_from_the_data() -> None:
    assert asvs.PAGE.read_text("utf-8") == asvs.page(ALL), "make threats"


def test_every_page_that_is_named_exists() -> None:
    told = " ".join(one.how for one in ALL)
    named = set(re.findall(r"docs/[\w.-]+\.(?:md|json)", told))
    assert named
    assert {name for name in named if not (ROOT / name).exists()} == set()


# --- what is said of the code


def encrypting() -> Iterator[str]:
    for path in sources():
        if IMPORTED.search((ROOT / path).read_text("utf-8")):
            yield str(path)


def test_cryptography_is_used_in_the_files_that_are_listed() -> None:
    assert set(encrypting()) == ENCRYPTS
    text = (ROOT / "docs" / "security.md").read_text("utf-8")
    assert {path for path in ENCRYPTS if f"`{path}`" not in text} == set()


def test_no_weak_hash_stands_in_the_code() -> None:
    found = {str(path): WEAK.findall((ROOT / path).read_text("utf-8")) for path in sources()}
    assert {path: words for path, words in found.items() if words} == {}
    assert WEAK.search("hashlib.md5(b'')")


def test_no_script_stores_anything_in_a_browser() -> None:
    ours = [
        path
        for path in (ROOT / "engine" / "web").rglob("*")
        if path.suffix in {".js", ".html"} and "htmx" not in path.name
    ]
    assert ours
    assert [
        path.name for path in ours if any(one in path.read_text("utf-8") for one in STORES)
    ] == []
