# SPDX-License-Identifier: Apache-2.0
"""Take everything from a process that it does not need to turn bytes into pixels.

Rules, of which each holds where another does not:
1. no more memory and processor time than said, no core file, no file written
2. no new descriptor: nothing can be opened and nothing connected, on any system
3. no privilege to regain and nobody's name to act in, where there was one to lose; root of a user
   namespace that knows no nobody keeps the name and loses every capability
4. on Linux, no system call but those on a short list; any other fails and does nothing

Imports the standard library alone: this runs where nothing else is there. Not undone by anything.
Source: seccomp(2), setrlimit(2).
"""

import ctypes
import errno
import os
import platform
import resource
import struct
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_NOBODY: Final = 65534

_SECCOMP_FILTER: Final = 2
_SET_SECCOMP: Final = 22
_SET_NO_NEW_PRIVS: Final = 38
_SET_DUMPABLE: Final = 4
_DROP_FROM_BOUNDING_SET: Final = 24
_CAPABILITIES: Final = 64  # more than any kernel knows
_CAPABILITY_VERSION: Final = 0x20080522

_LOAD: Final = 0x20  # BPF_LD | BPF_W | BPF_ABS
_EQUAL: Final = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_RETURN: Final = 0x06  # BPF_RET | BPF_K
_ALLOW: Final = 0x7FFF0000
_KILL: Final = 0x80000000
_REFUSE: Final = 0x00050000 | errno.EPERM
_NUMBER_AT: Final = 0  # of the call, in struct seccomp_data
_MACHINE_AT: Final = 4

_MACHINES: Final[Mapping[str, tuple[int, Mapping[str, int]]]] = MappingProxyType(
    {
        "x86_64": (
            0xC000003E,
            {
                "read": 0, "write": 1, "close": 3, "poll": 7, "mmap": 9, "mprotect": 10,
                "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14,
                "rt_sigreturn": 15, "sched_yield": 24, "mremap": 25, "madvise": 28,
                "getpid": 39, "exit": 60, "gettimeofday": 96, "gettid": 186, "futex": 202,
                "restart_syscall": 219, "clock_gettime": 228, "exit_group": 231,
                "getrandom": 318,
            },
        ),
        "aarch64": (
            0xC00000B7,
            {
                "close": 57, "read": 63, "write": 64, "ppoll": 73, "exit": 93, "exit_group": 94,
                "futex": 98, "clock_gettime": 113, "sched_yield": 124, "restart_syscall": 128,
                "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139,
                "gettimeofday": 169, "getpid": 172, "gettid": 178, "brk": 214, "munmap": 215,
                "mremap": 216, "mmap": 222, "mprotect": 226, "madvise": 233, "getrandom": 278,
            },
        ),
    }
)  # fmt: skip
"""What a kernel calls the machine, and the numbers that the allowed calls have on it."""


def become_nobody() -> None:
    """Give up root's name, groups and capabilities, where this process has them."""
    if os.geteuid() != 0:
        return
    try:
        os.setgroups([])
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)
    except OSError:  # EPERM or EINVAL: a user namespace in which nobody else is known
        _drop_capabilities()


def _drop_capabilities() -> None:
    """Have none, now and after any exec. Errors: OSError. Source: capabilities(7), capset(2)."""
    library = ctypes.CDLL(None, use_errno=True)
    for capability in range(_CAPABILITIES):
        library.prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0)
    header = struct.pack("Ii", _CAPABILITY_VERSION, 0)
    if library.capset(header, bytes(24)) != 0:
        raise OSError(ctypes.get_errno(), "capabilities cannot be dropped")


def limit(*, memory: int, seconds: int) -> None:
    """Set limits that only root could lift again. Units: bytes of address space; seconds."""
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def forbid() -> bool:
    """Let the kernel refuse every call but the few; says whether it can be told to, here."""
    known = _MACHINES.get(platform.machine())
    if platform.system() != "Linux" or known is None:
        return False
    control = ctypes.CDLL(None, use_errno=True).prctl
    control.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    control(_SET_DUMPABLE, 0, 0, 0, 0)
    if control(_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    program = _program(known[0], sorted(known[1].values()))
    steps = ctypes.create_string_buffer(program, len(program))
    whole = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(steps))
    held = ctypes.create_string_buffer(whole, len(whole))
    return bool(control(_SET_SECCOMP, _SECCOMP_FILTER, ctypes.addressof(held), 0, 0) == 0)


def _program(machine: int, calls: list[int]) -> bytes:
    """Write the filter: another machine's calls end the process, an unlisted one is refused."""
    steps = [(_LOAD, 0, 0, _MACHINE_AT), (_EQUAL, 1, 0, machine), (_RETURN, 0, 0, _KILL)]
    steps.append((_LOAD, 0, 0, _NUMBER_AT))
    steps += [(_EQUAL, len(calls) - at, 0, call) for at, call in enumerate(calls)]
    steps += [(_RETURN, 0, 0, _REFUSE), (_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("HBBI", *step) for step in steps)
