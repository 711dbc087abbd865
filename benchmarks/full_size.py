# SPDX-License-Identifier: Apache-2.0
"""Exchange one person in a batch of full-size SDXL, on a processor: `onlyou bench full_size`.

Isolation does not depend on the weights, and needs no card: 2.6 billion random parameters, bf16,
two people, two steps with guidance, pictures of 64 pixels. Takes minutes and 8 GB of memory; the
smoke run uses tiny networks. A control by the stock pipeline is in `onlyou bench isolation`.
"""

from typing import Any, Final

import torch

from benchmarks.conditions import Result, report
from benchmarks.gpu_passes import Passes
from benchmarks.gpu_workloads import Case, Work

WAYS: Final = (
    ("faceid", {}),
    ("plusface", {"channels_last": True, "fused_qkv": True}),
    ("plusface", {"channels_last": True, "fused_qkv": True, "eight_bit": "int8"}),
)


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Exchange the first, then the last person, for each adapter and in 8 bits."""
    del users  # nobody's faces are drawn
    torch.set_num_threads(1)
    passes = Passes(device="cpu", tiny=smoke, dtype=torch.bfloat16)
    results = [one for adapter, options in WAYS for one in _way(passes, adapter, options)]
    return report("full_size", smoke=smoke, packages=("torch", "diffusers"), results=results)


def _way(passes: Passes, adapter: str, options: dict[str, Any]) -> tuple[Result, Result]:
    passes.drop()
    passes.load(adapter, options)
    work = Work(px=64, steps=2, guidance=8.0, adapter=adapter)
    others, own = passes.isolation(Case(work=work, rows=2, way="eager"))
    named = ", ".join([adapter, *(f"{name} {value}" for name, value in options.items())])
    plain = {"unit": "of 2", "floor": None, "ratio": None, "n": 2, "spread": None}
    return (
        {"what": f"{named}: largest change of the other person", "value": others, **plain},
        {"what": f"{named}: least change of whoever was exchanged", "value": own, **plain},
    )
