# SPDX-License-Identifier: Apache-2.0
"""What runs is compared with what was tested; what we need and what that needs is all there."""

from importlib import metadata
from pathlib import Path

import pytest

from engine import packages


def package(folder: Path, name: str, version: str, *requires: str) -> None:
    """Install an empty package that says what it needs."""
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    lines = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {r}" for r in requires)]
    (info / "METADATA").write_text("\n".join(["Metadata-Version: 2.1", *lines, ""]))


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    package(tmp_path, "ours-a", "1.0", "ours_b[more]>=2", 'never; python_version < "3"')
    package(tmp_path, "ours-b", "2.1", 'ours-c; extra == "more"', 'gone; extra == "other"')
    return tmp_path


def test_what_is_needed_is_followed_to_its_end_with_the_extras_that_were_asked_for(
    town: Path,
) -> None:
    assert packages.needed("ours-a") == {"ours-b": "2.1", "ours-c": None}
    package(town, "ours-c", "3.0+cpu", "ours-a")
    assert packages.needed("ours-a") == {"ours-b": "2.1", "ours-c": "3.0+cpu", "ours-a": "1.0"}


def test_a_version_that_is_too_old_counts_as_lacking(town: Path) -> None:
    package(town, "ours-c", "3.0", "ours-b>=2.2")
    assert packages.needed("ours-a")["ours-b"] is None


def test_what_lacks_is_wrong_and_what_differs_is_said() -> None:
    said = packages._packages({"a": "1", "b": None}, {"a": "1"})
    assert (said.ok, said.detail) == (False, "not installed as it is needed: b")
    said = packages._packages({"a": "1", "b": "2"}, {"a": "1", "b": "3"})
    assert (said.ok, "b 2 (tested: 3)" in said.detail) == (None, True)
    assert packages._packages({"a": "1+cpu"}, {"a": "1"}).ok is True
    many = packages._packages({str(n): None for n in range(8)}, {})
    assert many.detail.endswith("and 3 more")


def test_where_only_the_package_is_its_own_list_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = packages.pins()
    monkeypatch.setattr(packages, "_PINS", "not/here.txt")
    brought = packages.pins()
    assert brought.items() <= whole.items()
    assert brought.keys() == packages.needed().keys()


def test_here_all_that_is_needed_is_there() -> None:
    found = packages.needed()
    assert {"sqlalchemy", "cryptography", "numpy", "pydantic"} <= found.keys()
    assert [name for name, version in found.items() if version is None] == []


def test_everything_that_is_installed_here_is_pinned() -> None:
    pinned = packages.pins()
    installed = {
        packages.canonicalize_name(dist.metadata["Name"]): packages._public(dist.version)
        for dist in metadata.distributions()
    }
    ours = {"onlyou", "pip", "setuptools", "wheel"}
    odd = {
        name: version
        for name, version in installed.items()
        if name not in ours and pinned.get(name) != version
    }
    assert odd == {}
