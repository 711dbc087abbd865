# SPDX-License-Identifier: Apache-2.0
"""The same small home that the engine's own tests open."""

from tests.engine.conftest import home, made_home, open_home

__all__ = ["home", "made_home", "open_home"]
