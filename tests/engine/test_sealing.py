# SPDX-License-Identifier: Apache-2.0
"""What the kernel refuses a process that was sealed, whoever asks in it."""

import json
import os
import socket
from collections.abc import Callable
from typing import Any

from engine import sealing


def listening() -> socket.socket:
    """Listen on a port of this machine."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(5)
    return listener


def apart(act: Callable[[], object]) -> Any:
    """Do something in a process of its own and read back what came of it."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(ours)
        try:
            said = act()
        except BaseException as fault:  # noqa: BLE001 - a fork's other side must end nowhere else
            said = repr(fault)
        os.write(theirs, json.dumps(said).encode())
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as told:
        said = told.read()
    os.waitpid(pid, 0)
    return json.loads(said)


def calls(port: int) -> str:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return "connected"
    except OSError as fault:
        return type(fault).__name__


def test_one_port_stays_and_every_other_is_refused_for_children_too() -> None:
    with listening() as here, listening() as there:
        ports = [one.getsockname()[1] for one in (here, there)]

        def act() -> list[object]:
            before = [calls(port) for port in ports]
            held = sealing.seal(ports[:1])
            child = apart(lambda: calls(ports[1]))
            return [before, held, [calls(port) for port in ports], child]

        before, held, after, child = apart(act)
    assert before == ["connected", "connected"]
    assert held
    assert after == ["connected", "PermissionError"]
    assert child == "PermissionError"


def test_without_a_port_nothing_is_called() -> None:
    with listening() as here:
        port = here.getsockname()[1]
        assert apart(lambda: [sealing.seal(()), calls(port)]) == [True, "PermissionError"]


def test_where_the_kernel_cannot_nothing_changes() -> None:
    def act() -> list[object]:
        sealing.platform.system = lambda: "Darwin"  # type: ignore[assignment]  # our own process
        return [sealing.possible(), sealing.seal(())]

    assert apart(act) == [False, False]
    assert sealing.possible()
