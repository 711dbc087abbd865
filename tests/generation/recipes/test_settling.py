# SPDX-License-Identifier: Apache-2.0
"""A full device is told from a broken one."""

from typing import NoReturn

import pytest
import torch

from generation.recipes.batched import OutOfMemory
from generation.recipes.settling import settled

pytestmark = pytest.mark.xdist_group("torch")

FULL = (
    torch.OutOfMemoryError("CUDA out of memory"),
    MemoryError(),
    RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes"),
    RuntimeError("CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
)
BROKEN = (RuntimeError("sizes do not match"), ZeroDivisionError("memory"), ValueError("no"))


def raising(error: Exception) -> NoReturn:
    raise error


def test_what_is_done_is_handed_on() -> None:
    assert settled("cpu", lambda: 7) == 7


@pytest.mark.parametrize("error", FULL, ids=str)
def test_what_does_not_fit_is_said(error: Exception) -> None:
    with pytest.raises(OutOfMemory, match="do not fit"):
        settled("cpu", lambda: raising(error))


@pytest.mark.parametrize("error", BROKEN, ids=str)
def test_what_is_broken_stays_so(error: Exception) -> None:
    with pytest.raises(type(error), match=str(error)):
        settled("cpu", lambda: raising(error))
