# SPDX-License-Identifier: Apache-2.0
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from consent.errors import Misused
from engine import settings
from engine.settings import Settings


def test_defaults_need_nothing_but_a_home(tmp_path: Path) -> None:
    read = settings.read(tmp_path)
    assert (read.policy, read.recipe, read.dev_tokens) == ("strict-opt-in", "photobooth", False)
    assert read.database == f"sqlite:///{tmp_path}/onlyou.sqlite3"
    assert read.blob_store == str(tmp_path / "blobs")


def test_the_environment_wins_over_the_file_and_an_option_over_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / settings.FILE).write_text('seed = 1\nthreads = 3\npolicy = "instagram-2025"\n')
    monkeypatch.setenv("ONLYOU_SEED", "2")
    monkeypatch.setenv("ONLYOU_DEV_TOKENS", "1")
    read = settings.read(tmp_path, policy="strict-opt-in")
    assert (read.threads, read.seed, read.policy) == (3, 2, "strict-opt-in")
    assert read.dev_tokens is True


@pytest.mark.parametrize(
    ("content", "word"),
    [('colour = "red"\n', "colour"), ("seed = 'many'\n", "seed"), ("seed = = 1\n", "onlyou.toml")],
)
def test_a_file_with_a_fault_is_refused_with_a_reason(
    tmp_path: Path, content: str, word: str
) -> None:
    (tmp_path / settings.FILE).write_text(content)
    with pytest.raises(Misused, match=word):
        settings.read(tmp_path)


@pytest.mark.parametrize("content", [b"recipe = '\xff'\n", b"threads = [1]\n", b"seed = inf\n"])
def test_a_file_of_other_bytes_or_shapes_is_refused_with_a_reason(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / settings.FILE).write_bytes(content)
    with pytest.raises(Misused, match=r"cannot be read|must be a number"):
        settings.read(tmp_path)


@pytest.mark.parametrize(
    ("key", "least"),
    [
        *(("database_parts", 1), ("blobs_seconds", 1), ("plan_hours", 1), ("threads", 1)),
        *(("ray_patience", 1), ("ray_actors", 0), ("blobs_retries", 0), ("gpu_seconds", 0)),
    ],
)
def test_a_number_that_means_nothing_is_refused(tmp_path: Path, key: str, least: int) -> None:
    assert getattr(settings.read(tmp_path, **{key: least}), key) == least
    with pytest.raises(Misused, match=f"{key} is {least} at least"):
        settings.read(tmp_path, **{key: least - 1})


@pytest.mark.parametrize("key", ["database_url", "database_owner"])
@pytest.mark.parametrize("url", ["mysql://a@b/c", "postgresql+psycopg2://a@b/c", "garbage"])
def test_a_database_that_this_program_does_not_speak_to_is_refused(
    tmp_path: Path, key: str, url: str
) -> None:
    with pytest.raises(Misused, match=f"{key} must be"):
        settings.read(tmp_path, **{key: url})


def test_a_driver_that_is_not_installed_is_named_with_what_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "postgresql+psycopg://a@b/c"
    assert settings.read(tmp_path, database_url=url).database == url
    monkeypatch.setattr(settings, "find_spec", lambda _name: None)
    with pytest.raises(Misused, match=r"onlyou\[postgres\]"):
        settings.read(tmp_path, database_url=url)


def test_an_unknown_variable_with_our_prefix_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONLYOU_POLICE", "strict-opt-in")
    with pytest.raises(Misused, match="police"):
        settings.read(tmp_path)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    chosen = Settings(
        home=tmp_path / "home",
        seed=11,
        dev_tokens=True,
        policy="instagram-2025",
        controller='The "Yard", Ltd \\ Söhne',
    )
    settings.write(chosen)
    assert settings.read(tmp_path / "home") == chosen
    assert (tmp_path / "home").stat().st_mode & 0o077 == 0


def test_what_is_written_is_for_its_owner_alone_whoever_made_the_folder(tmp_path: Path) -> None:
    file = tmp_path / settings.FILE
    file.write_text("seed = 1\n")
    file.chmod(0o644)
    settings.write(Settings(home=tmp_path, database_url="postgresql+psycopg://a:secret@/one"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_who_reads_how_bytes_are_named_reads_the_same_database(tmp_path: Path) -> None:
    url = "postgresql+psycopg://app:secret@db:5433/onlyou?sslmode=require"
    plain = Settings(home=tmp_path, database_url=url)
    assert plain.reaper == ""
    for said, there in (("reaps:x:y", "reaps:x%3Ay@"), ("reaps", "reaps@")):
        named = replace(plain, database_reaper=said).reaper
        assert named == url.replace("app:secret@", there)


def test_where_weights_lie_and_what_is_acknowledged_is_read(tmp_path: Path) -> None:
    plain = settings.read(tmp_path)
    assert (plain.weights_folder, plain.acknowledged) == (tmp_path / "weights", frozenset())
    assert (plain.device, plain.gpu_seconds) == ("auto", 0)
    told = settings.read(tmp_path, weights=str(tmp_path / "there"), acknowledge=" a, b ,")
    assert (told.weights_folder, told.acknowledged) == (tmp_path / "there", {"a", "b"})
    assert settings.read(tmp_path, weights="models").weights_folder == tmp_path / "models"
