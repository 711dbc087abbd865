# SPDX-License-Identifier: Apache-2.0
"""Do a device's work to its end, or say that it does not fit.

Importing this loads no torch; only recipes that draw with it call it.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from generation.recipes.batched import OutOfMemory

T = TypeVar("T")
_FULL: Final = ("DefaultCPUAllocator: can't allocate", "CUBLAS_STATUS_ALLOC_FAILED")
"""What torch says, as a plain RuntimeError, when the processor or a library finds no memory."""


def settled(device: str, work: Callable[[], T]) -> T:
    """Return what the work gives once the device has finished it.

    Errors: OutOfMemory, the device's memory given back before.
    """
    import torch  # noqa: PLC0415 - an extra

    card = device.startswith("cuda")
    try:
        done = work()
        if card:
            torch.cuda.synchronize(device)
    except (RuntimeError, MemoryError) as error:
        if not _is_for_memory(error):
            raise
    else:
        return done
    if card:  # outside of the block above nothing holds the failed pass's tensors any more
        torch.cuda.empty_cache()
    raise OutOfMemory("so many rows do not fit the device")


def _is_for_memory(error: Exception) -> bool:
    """Tell a full device from a broken one; only torch's CUDA allocator has a type for it."""
    import torch  # noqa: PLC0415

    known = isinstance(error, (torch.OutOfMemoryError, MemoryError))
    return known or any(sign in str(error) for sign in _FULL)
