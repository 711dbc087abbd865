# SPDX-License-Identifier: Apache-2.0
"""Ray is started for us alone, or joined by name, and only where many processes may write."""

from dataclasses import replace
from pathlib import Path

import pytest

from consent.errors import Misused
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
