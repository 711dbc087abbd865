# SPDX-License-Identifier: Apache-2.0
"""The homes that the engine's tests use, to be attacked."""

from tests.engine.conftest import home, made_home, open_home

__all__ = ["home", "made_home", "open_home"]
