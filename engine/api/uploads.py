# SPDX-License-Identifier: Apache-2.0
"""What is sent stays in memory until it is sealed: no photograph lies on a disk as it was sent.

Starlette writes what is larger than a megabyte into a temporary file, which outlives its name on
the disk. A request's body has a limit of its own (`limits`), and is read whole anyway.
"""

from starlette.formparsers import MultiPartParser


def stay_in_memory(most: int) -> None:
    """Let no file of a body of up to so many bytes be written to a disk. Units: bytes."""
    MultiPartParser.spool_max_size = max(MultiPartParser.spool_max_size, most + 1)
