# SPDX-License-Identifier: Apache-2.0
"""Every scenario is one module here that exports ``SCENARIO``; nothing else knows its name."""

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from generation.recipes.photobooth.scenario import Scenario


def collect() -> Mapping[str, Scenario]:
    """Read all scenarios, by id, in alphabetical order.

    Errors: ValueError when a module's name is not its scenario's id.
    """
    found = {}
    for name in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        scenario: Scenario = importlib.import_module(f"{__name__}.{name}").SCENARIO
        if scenario.id != name:
            raise ValueError(f"expected the id {name!r} in {name}.py, found {scenario.id!r}")
        found[name] = scenario
    return MappingProxyType(found)
