# SPDX-License-Identifier: Apache-2.0
"""What a confined process can no longer do; each is tried in a process of its own."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from generation import confinement

MEMORY = 1 << 28
ACTS: Mapping[str, Callable[[], object]] = {
    "open a file": lambda: os.open("/etc/hosts", os.O_RDONLY),
    "list a folder": lambda: list(Path("/").iterdir()),
    "look at a file": lambda: Path("/etc/hosts").stat(),
    "remove a file": lambda: Path("/nowhere/at/all").unlink(),
    "open a connection": socket.socket,
    "start a process": os.fork,
    "become a program": lambda: os.execv(sys.executable, [sys.executable, "-c", ""]),  # noqa: S606 - none must start
    "end its parent": lambda: os.kill(os.getppid(), 0),
    "copy a descriptor": lambda: os.dup(0),
}


def tried(confine: Callable[[], object], acts: Mapping[str, Callable[[], object]]) -> Any:
    """Confine a process of its own and say what each act came to: the name of its error."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(ours)
        confine()
        os.write(theirs, json.dumps({name: outcome(act) for name, act in acts.items()}).encode())
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as told:
        said = told.read()
    os.waitpid(pid, 0)
    return json.loads(said)


def outcome(act: Callable[[], object]) -> str:
    try:
        act()
    except BaseException as fault:  # noqa: BLE001 - a fork's other side must end nowhere else
        return type(fault).__name__
    return "done"


def limited() -> None:
    """Leave so much beside what this process of tests has taken already."""
    taken = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * os.sysconf(
        "SC_PAGE_SIZE"
    )
    confinement.limit(memory=taken + MEMORY, seconds=5)


def test_the_kernel_refuses_everything_that_is_not_needed() -> None:
    def confine() -> None:
        limited()
        assert confinement.forbid()

    found = tried(confine, ACTS)
    assert set(found.values()) == {"PermissionError"}, found


def test_without_such_a_kernel_nothing_can_be_opened_or_connected_either() -> None:
    opening = ("open a file", "open a connection", "copy a descriptor", "list a folder")
    found = tried(limited, {name: ACTS[name] for name in opening})
    assert set(found.values()) == {"OSError"}, found


def test_memory_beyond_the_limit_is_not_to_be_had() -> None:
    found = tried(limited, {"much": lambda: bytearray(2 * MEMORY), "little": lambda: bytearray(9)})
    assert found == {"much": "MemoryError", "little": "done"}


def test_root_becomes_nobody_and_cannot_go_back() -> None:
    acts = {
        "be root": lambda: os.setuid(0) if os.geteuid() else 1 / 0,
        "read what is roots": lambda: list(Path("/proc/1/fd").iterdir()),
    }
    found = tried(confinement.become_nobody, acts)
    assert set(found.values()) == {"PermissionError"}, found


def test_root_of_a_namespace_without_a_nobody_has_no_capability_left() -> None:
    script = (
        "from generation.confinement import become_nobody; become_nobody(); "
        "print(open('/proc/self/status').read())"
    )
    said = subprocess.run(
        ["unshare", "--map-root-user", sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(confinement.__file__).parents[1],
    ).stdout
    sets = dict(line.split(":\t") for line in said.splitlines() if line.startswith("Cap"))
    assert set(sets) == {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"}
    assert {int(one, 16) for one in sets.values()} == {0}


def test_what_is_allowed_goes_on() -> None:
    def confine() -> None:
        limited()
        confinement.forbid()

    acts = {"compute": lambda: sum(range(9)), "remember": lambda: bytearray(1 << 26)}
    assert set(tried(confine, acts).values()) == {"done"}
