# SPDX-License-Identifier: Apache-2.0
"""A soak in which nobody worked does not end well."""

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.soak.__main__ import LIVING, Soak


@pytest.fixture
def soak(tmp_path: Path) -> Soak:
    truth: Any = SimpleNamespace(log=SimpleNamespace(bodies=()))
    return Soak(folder=tmp_path, lines={}, truth=truth, seed=1, _log=io.StringIO())


@pytest.mark.parametrize("idle", LIVING)
def test_where_one_kind_never_began_that_is_found(soak: Soak, idle: str) -> None:
    soak.counted.update(name for name in LIVING if name != idle)
    assert not soak.check("ready", lambda: soak.ready(0))
    assert soak.found == [f"ready: since the beginning there was no {idle}"]


@pytest.mark.parametrize("idle", LIVING)
def test_where_one_kind_did_nothing_once_things_failed_that_is_found(
    soak: Soak, idle: str
) -> None:
    soak.counted.update(LIVING)
    assert soak.check("ready", lambda: soak.ready(0))
    soak.counted.update(name for name in LIVING if name != idle)
    assert not soak.check("lived", soak.lived)
    assert soak.found == [f"lived: since all was ready there was no {idle}"]
    soak.counted.update(LIVING)
    assert soak.check("lived", soak.lived)
