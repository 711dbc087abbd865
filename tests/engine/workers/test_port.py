# SPDX-License-Identifier: Apache-2.0
"""Both kinds of workers are what the engine asks for, to the word."""

import inspect

import pytest

from engine.workers.cluster import Cluster
from engine.workers.local import Local
from engine.workers.port import Workers


@pytest.mark.parametrize("kind", [Local, Cluster])
@pytest.mark.parametrize("act", ["order", "making", "take_turn"])
def test_whoever_works_takes_and_gives_what_the_port_says(kind: type, act: str) -> None:
    asked = inspect.signature(getattr(Workers, act))
    assert inspect.signature(getattr(kind, act)) == asked
