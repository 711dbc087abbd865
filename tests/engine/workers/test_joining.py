# SPDX-License-Identifier: Apache-2.0
"""Ray is started for us alone, or joined by name, and only where many processes may write."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from consent.errors import Broken, Misused
from engine.settings import Settings
from engine.workers import joining


def test_settings_that_cannot_be_are_refused(tmp_path: Path) -> None:
    chosen = Settings(home=tmp_path, workers="ray", database_url="postgresql+psycopg://here/x")
    joining.check(chosen)
    for wrong in (replace(chosen, workers="elves"), replace(chosen, database_url="")):
        with pytest.raises(Misused):
            joining.check(wrong)


def test_one_of_our_own_lies_in_a_folder_of_ours_and_another_is_joined_by_name(
    tmp_path: Path,
) -> None:
    chosen = Settings(home=tmp_path, workers="ray")
    assert joining._terms(replace(chosen, ray_address="head:6379"))["address"] == "head:6379"
    ours = joining._terms(chosen)
    assert ours["_node_ip_address"] == "127.0.0.1"
    assert Path(ours["_temp_dir"]).parent.stat().st_mode & 0o777 == 0o700


@pytest.fixture
def joined(tmp_path: Path) -> Iterator[Settings]:
    """Name a Ray of the operator's, whose shares nobody remembers."""
    joining.share.cache_clear()
    yield Settings(home=tmp_path, workers="ray", ray_address="head:6379")
    joining.share.cache_clear()


def ray(monkeypatch: pytest.MonkeyPatch, there: dict[str, float], free: dict[str, float]) -> None:
    """Say what a Ray has, and what of it is free."""
    said = SimpleNamespace(cluster_resources=lambda: there, available_resources=lambda: free)
    monkeypatch.setattr(joining, "started", lambda _: said)


@pytest.mark.parametrize(
    ("there", "free", "share"),
    [
        ({"CPU": 8.0}, {"CPU": 3.0}, (3, False)),
        ({"CPU": 8.0, "GPU": 4.0}, {"CPU": 8.0, "GPU": 1.0}, (1, True)),
    ],
)
def test_of_a_ray_of_others_what_is_free_is_taken_and_no_more(
    joined: Settings,
    monkeypatch: pytest.MonkeyPatch,
    there: dict[str, float],
    free: dict[str, float],
    share: tuple[int, bool],
) -> None:
    ray(monkeypatch, there, free)
    assert joining.share(joined) == share
    assert joining.share(replace(joined, ray_actors=7)) == (7, share[1])
    count = int(there["GPU" if share[1] else "CPU"])
    assert joining.share(replace(joined, ray_address="")) == (count, share[1])


@pytest.mark.parametrize("free", [{}, {"CPU": 0.5}, {"CPU": 8.0, "GPU": 0.0}])
def test_where_nothing_is_free_one_is_told_at_once_how_to_divide_it(
    joined: Settings, monkeypatch: pytest.MonkeyPatch, free: dict[str, float]
) -> None:
    ray(monkeypatch, {"CPU": 8.0} | ({"GPU": 1.0} if "GPU" in free else {}), free)
    with pytest.raises(Broken, match="ONLYOU_RAY_ACTORS"):
        joining.share(joined)


def test_whoever_takes_the_place_of_the_dead_is_as_many(
    joined: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ray(monkeypatch, {"CPU": 8.0}, {"CPU": 3.0})
    assert joining.share(joined) == (3, False)
    ray(monkeypatch, {"CPU": 8.0}, {"CPU": 1.0})
    assert joining.share(joined) == (3, False), "those that died are not all gone yet"
