# SPDX-License-Identifier: Apache-2.0
"""Let the kernel refuse this process every TCP connection but those to a few ports, for good.

It holds for whatever runs in the process, also for libraries that are not Python, and for what
the process starts; not for threads that ran before. It knows ports, not hosts, and no UDP.
Source: landlock(7), ABI 4 (Linux 6.7).
"""

import ctypes
import os
import platform
from collections.abc import Collection
from typing import Final

_CREATE: Final = 444  # the numbers of landlock's three calls, the same on every machine
_ADD: Final = 445
_RESTRICT: Final = 446
_ASK_VERSION: Final = 1
_NETWORK_SINCE: Final = 4
_CONNECT: Final = 2
_PORT_RULE: Final = 2
_SET_NO_NEW_PRIVS: Final = 38


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64))


class _Port(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("port", ctypes.c_uint64))


def possible() -> bool:
    """Say whether this machine's kernel can do it."""
    if platform.system() != "Linux":
        return False
    return bool(_call(_CREATE, None, 0, _ASK_VERSION) >= _NETWORK_SINCE)


def seal(ports: Collection[int]) -> bool:
    """Refuse this thread, and all that it starts, connections but to these ports.

    Says whether it is so: False changes nothing.
    """
    if not possible():
        return False
    rules = _Ruleset(files=0, network=_CONNECT)
    held = _call(_CREATE, ctypes.byref(rules), ctypes.sizeof(rules), 0)
    if held < 0:
        return False
    try:
        return all(_added(held, port) for port in ports) and _restricted(held)
    finally:
        os.close(held)


def _added(held: int, port: int) -> bool:
    rule = _Port(allowed=_CONNECT, port=port)
    return _call(_ADD, held, _PORT_RULE, ctypes.byref(rule), 0) == 0


def _restricted(held: int) -> bool:
    ctypes.CDLL(None).prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return _call(_RESTRICT, held, 0) == 0


def _call(number: int, *given: object) -> int:
    asked = ctypes.CDLL(None, use_errno=True).syscall
    asked.restype = ctypes.c_long
    return int(asked(ctypes.c_long(number), *given))
