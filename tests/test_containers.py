# SPDX-License-Identifier: Apache-2.0
"""The container recipe and compose file, as far as they can be checked where nothing runs them."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml  # type: ignore[import-untyped]

from engine import cli, settings
from engine.settings import Settings

ROOT = Path(__file__).parent.parent
OURS = ("init", "api", "scheduler", "worker")
LASTING = ("database", "store", "api", "scheduler", "worker")


@cache
def composed() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    return read


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = composed()["services"]
    return found


@cache
def commands() -> dict[str, Any]:
    group: Any = typer.main.get_command(cli.app)  # of the click that typer carries
    return dict(group.commands)


@pytest.mark.parametrize("name", OURS)
def test_every_command_of_ours_exists_with_its_options(name: str) -> None:
    command, *options = services()[name]["command"]
    known = {word for option in commands()[command].params for word in option.opts}
    assert {word for word in options if word.startswith("-")} <= known


def test_every_variable_of_ours_is_a_setting_and_read_as_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in OURS:
        for variable, value in services()[name]["environment"].items():
            monkeypatch.setenv(variable, str(value))
    monkeypatch.setenv("ONLYOU_HOME", str(tmp_path))
    read = settings.read()
    plain = Settings(home=tmp_path)
    given = [key for key in services()["init"]["environment"] if key.startswith("ONLYOU_")]
    assert len(given) == 6
    for key in given:
        own = key.removeprefix("ONLYOU_").lower()
        assert getattr(read, own) != getattr(plain, own)


def test_only_who_makes_the_schema_knows_its_owner() -> None:
    knows = {
        name
        for name, service in services().items()
        if "OWNER_PASSWORD" in str(service.get("environment"))
    }
    assert knows == {"database", "init"}


def test_no_secret_stands_in_the_file_and_none_may_be_left_out() -> None:
    text = (ROOT / "compose.yaml").read_text("utf-8")
    said = re.findall(r"\$\{([A-Z_]+)([^}]*)\}", text)
    assert {name for name, _ in said} == {
        "OWNER_PASSWORD", "APP_PASSWORD", "STORE_USER", "STORE_PASSWORD", "PUBLIC_ORIGIN",
    }  # fmt: skip
    assert {rest for _, rest in said} == {":?"}
    secret = re.compile(r"PASSWORD|SECRET|ACCESS_KEY|ROOT_USER")
    for service in services().values():
        for variable, value in service.get("environment", {}).items():
            assert not secret.search(variable) or value.startswith("${")


@pytest.mark.parametrize("name", sorted(services()))
def test_nothing_is_written_where_it_runs_and_nothing_gains_rights(name: str) -> None:
    service = services()[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    if name in OURS:
        assert service["user"] == "10001:10001"


def test_only_the_api_is_reached_and_only_from_this_machine() -> None:
    assert composed()["networks"]["inside"] == {"internal": True}
    for name, service in services().items():
        assert service["networks"] == (["inside", "edge"] if name == "api" else ["inside"])
    ports = {name: service["ports"] for name, service in services().items() if "ports" in service}
    assert ports == {"api": ["127.0.0.1:8000:8000"]}


@pytest.mark.parametrize("name", LASTING)
def test_what_lasts_says_whether_it_is_well(name: str) -> None:
    assert services()[name]["healthcheck"]["test"][0] == "CMD"
    assert services()[name]["restart"] == "unless-stopped"


def test_the_checks_of_health_are_programs_that_run() -> None:
    for name in ("api", "scheduler"):
        _, program, flag, code = services()[name]["healthcheck"]["test"]
        assert (program, flag) == ("python", "-c")
        compile(code, name, "exec")


def test_keys_lie_in_no_volume_that_rows_or_bytes_lie_in() -> None:
    where = {
        name: service["volumes"] for name, service in services().items() if "volumes" in service
    }
    assert where["database"] == ["rows:/var/lib/postgresql"]
    assert where["store"] == ["sealed:/data"]
    assert {str(where[name]) for name in OURS} == {"['home:/var/lib/onlyou']"}


def test_everything_waits_for_what_it_needs() -> None:
    for name in ("api", "scheduler", "worker"):
        assert (
            services()[name]["depends_on"]["init"]["condition"] == "service_completed_successfully"
        )
    assert set(services()["init"]["depends_on"]) == {"database", "bucket"}


def test_every_image_is_of_one_version() -> None:
    for service in services().values():
        _, _, version = service["image"].rpartition(":")
        assert any(sign.isdigit() for sign in version)


def installs(recipe: str) -> list[list[str]]:
    """List the words of every `pip install` of a recipe."""
    lines = recipe.replace("\\\n", " ").splitlines()
    runs = (one for line in lines if line.startswith("RUN ") for one in re.split("&&|;", line))
    return [run.split("pip install", 1)[1].split() for run in runs if "pip install" in run]


def exact(words: list[str]) -> bool:
    """Say whether files are taken by their hashes alone, or ourselves and nothing besides."""
    if "--no-deps" not in words:
        return False
    named = [word for word in words if not word.startswith("-")]
    if "--require-hashes" in words:
        return words.count("-r") == len(named) and all(one.startswith("locks/") for one in named)
    return named == ["."]


def test_everything_is_installed_by_its_hash() -> None:
    found = installs((ROOT / "Containerfile").read_text("utf-8"))
    assert [words for words in found if not exact(words)] == []
    named = {word for words in found for word in words if word.startswith("locks/")}
    assert named == {"locks/build.txt", "locks/base.txt", "locks/postgres.txt"}
    once = installs(
        'RUN /bin/pip install --no-deps . \\\n && pip install --constraint c.txt "a[b]"'
    )
    assert [exact(words) for words in once] == [True, False]


def test_the_recipe_copies_what_is_there_and_runs_as_nobody() -> None:
    lines = (ROOT / "Containerfile").read_text("utf-8").replace("\\\n", " ").splitlines()
    own = (line for line in lines if line.startswith("COPY ") and "--from" not in line)
    copied = {path for line in own for path in line.split()[1:-1]}
    assert {path for path in copied if not (ROOT / path).exists()} == set()
    words = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    assert [rest for word, rest in words if word == "USER"] == ["10001:10001"]
    assert all(":" in rest and "latest" not in rest for word, rest in words if word == "FROM")
    packages = (ROOT / "pyproject.toml").read_text("utf-8")
    shipped = re.search(r"wheel\]\npackages = (\[.*\])", packages)
    assert shipped is not None
    assert copied >= set(yaml.safe_load(shipped.group(1)))
