# SPDX-License-Identifier: Apache-2.0
"""The darkroom as it is where the kernel filters no system calls: on another kind of machine."""

from generation import confinement, darkroom

confinement.platform.machine = lambda: "riscv64"
main = darkroom.main
