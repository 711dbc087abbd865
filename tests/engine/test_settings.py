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
