# SPDX-License-Identifier: Apache-2.0
"""A worker of the simulation: see engine/simulation/workers."""

import sys

from engine.simulation.workers import serve

if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
