# SPDX-License-Identifier: Apache-2.0
"""A worker of the simulation: see engine/simulation/workers."""

import sys
from contextlib import suppress

from engine.simulation.workers import serve

if __name__ == "__main__":
    with suppress(BrokenPipeError):  # whoever asked is gone
        serve(sys.stdin.buffer, sys.stdout.buffer)
