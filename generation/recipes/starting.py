# SPDX-License-Identifier: Apache-2.0
"""May a recipe start here: what its licence asks for, and which libraries it needs.

Rules: what does not start says why in one sentence, and what to do about it; nothing is imported
to find out.
"""

from collections.abc import Mapping
from importlib.util import find_spec
from types import MappingProxyType
from typing import Final

from generation.recipes.specs import Spec

_NEEDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "sdxl": ("torch", "diffusers", "transformers", "peft", "safetensors"),
        "flux2": ("torch", "diffusers", "transformers", "safetensors"),
    }
)
"""What a kind imports beside the base install: all of it is in the extra `diffusion`."""


class CannotStart(Exception):
    """A recipe does not start here; the sentence says why and what to do."""


class NotAcknowledged(CannotStart):
    """Its licence forbids commercial use, and the settings do not say that this is known."""


class MissingExtra(CannotStart):
    """A library is not installed."""


def check_licence(spec: Spec, acknowledged: frozenset[str]) -> None:
    """Refuse what is not for commercial use unless the settings name it.

    Errors: NotAcknowledged.
    """
    if spec.licence_class == "non-commercial" and spec.id not in acknowledged:
        raise NotAcknowledged(
            f"{spec.id} is not for commercial use: {spec.acknowledge.rstrip('.')}. "
            f"To say that you know, set ONLYOU_ACKNOWLEDGE={spec.id}"
        )


def check_libraries(spec: Spec) -> None:
    """Refuse where a library is missing, without importing one. Errors: MissingExtra."""
    if missing := [name for name in _NEEDS.get(spec.kind, ()) if find_spec(name) is None]:
        raise MissingExtra(
            f"{spec.id} needs {', '.join(missing)}: install the extra, "
            "`pip install 'onlyou[diffusion]'`"
        )
