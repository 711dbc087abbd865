# SPDX-License-Identifier: Apache-2.0
"""Where an installation may call follows from its settings, and it calls nowhere else."""

import os
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from consent.errors import Misused
from engine import egress
from engine.settings import Settings
from tests.consent import test_quorum
from tests.engine.test_sealing import apart, calls, listening


def settings(tmp_path: Path, **given: Any) -> Settings:
    return Settings(home=tmp_path, **given)


def test_an_ordinary_home_calls_nowhere(tmp_path: Path) -> None:
    found = egress.reachable(settings(tmp_path))
    assert found == egress.Reachable(places=frozenset())
    assert str(found) == "nowhere"


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("postgresql+psycopg://db.example/onlyou", ("db.example", 5432)),
        ("postgresql+psycopg://u:p@DB.example:6000/onlyou", ("db.example", 6000)),
        ("postgresql+psycopg:///onlyou?host=db.example:7000", ("db.example", 7000)),
    ],
)
def test_the_database_may_be_called(tmp_path: Path, url: str, place: egress.Place) -> None:
    assert egress.reachable(settings(tmp_path, database_url=url)).places == {place}


def test_a_socket_of_the_machine_is_no_place(tmp_path: Path) -> None:
    url = "postgresql+psycopg:///onlyou?host=/var/run/postgresql"
    assert not egress.reachable(settings(tmp_path, database_url=url)).places


def test_the_bucket_may_be_called(tmp_path: Path) -> None:
    ours = settings(tmp_path, blobs="s3://b", blobs_endpoint="http://store.example:9000")
    assert egress.reachable(ours).places == {("store.example", 9000)}
    amazons = settings(tmp_path, blobs="s3://b", blobs_region="eu-west-1")
    assert egress.reachable(amazons).places == {("s3.eu-west-1.amazonaws.com", 443)}


def test_witnesses_and_what_is_added_may_be_called(tmp_path: Path) -> None:
    test_quorum.written(tmp_path, test_quorum.GOOD)
    chosen = settings(tmp_path, witnesses="witnesses.toml", egress="10.0.0.9:514, [::1]:99")
    places = egress.reachable(chosen).places
    assert places == {("10.0.0.9", 514), ("::1", 99), ("127.0.0.1", 1)}


def test_ray_may_be_called_on_this_machine(tmp_path: Path) -> None:
    assert str(egress.reachable(settings(tmp_path, workers="ray"))) == "this machine"


@pytest.mark.parametrize("address", ["10.0.0.7:6379", "ray://10.0.0.7:6379"])
def test_a_cluster_elsewhere_may_be_called(tmp_path: Path, address: str) -> None:
    chosen = settings(tmp_path, workers="ray", ray_address=address)
    assert egress.reachable(chosen).places == {("10.0.0.7", 6379)}
    assert not egress.reachable(settings(tmp_path, ray_address=address)).places


@pytest.mark.parametrize("said", ["host", "host:", ":1", "http://x", "host:port"])
def test_what_is_no_place_is_the_operators_fault(tmp_path: Path, said: str) -> None:
    with pytest.raises(Misused):
        egress.reachable(settings(tmp_path, egress=said))


def fetched(url: str) -> str:
    """Try as a library would."""
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - one of this machine's
            return "fetched"
    except OSError as fault:
        return type(getattr(fault, "reason", fault)).__name__


def said_by_udp(port: int) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        try:
            out.sendto(b"x", ("127.0.0.1", port))
        except OSError as fault:
            return type(fault).__name__
    return "sent"


def looked_up(name: str) -> str:
    try:
        socket.getaddrinfo(name, 443)
    except PermissionError:
        return "refused"
    except OSError:
        return "asked"
    return "found"


def test_every_way_out_of_python_is_refused_but_to_what_is_named(tmp_path: Path) -> None:
    with listening() as named, listening() as other:
        mine, theirs = (one.getsockname()[1] for one in (named, other))
        chosen = settings(tmp_path, egress=f"127.0.0.1:{mine}")

        def act() -> dict[str, str]:
            said = {"before": calls(theirs), "held": egress.guard(chosen)}
            said |= {"named": calls(mine), "other": calls(theirs), "udp": said_by_udp(theirs)}
            said |= {"http": fetched(f"http://127.0.0.1:{theirs}/")}
            said |= {"name": looked_up("tracker.example"), "own": looked_up("localhost")}
            here, there = socket.socketpair()
            here.sendall(b"x")
            return said | {"itself": there.recv(1).decode()}

        said = apart(act)
    assert said == {
        "before": "connected",
        "held": f"127.0.0.1:{mine}; held by the kernel and Python",
        "named": "connected",
        "other": "PermissionError",
        "udp": "PermissionError",
        "http": "PermissionError",
        "name": "refused",
        "own": "found",
        "itself": "x",
    }


def test_where_the_kernel_cannot_hold_it_that_is_told_and_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def act() -> list[object]:
        held = [egress.guard(settings(tmp_path))]
        lines = len(caplog.messages)
        egress.sealing.seal = lambda _ports: False  # our own process
        held.append(egress.guard(settings(tmp_path)))
        return [held, lines, caplog.messages[lines:]]

    held, before, (logged,) = apart(act)
    assert held == ["nowhere; held by the kernel and Python", "nowhere; held by Python alone"]
    assert before == 0
    assert "Python's sockets alone" in logged


FETCHING = """
import os, sys
from pathlib import Path
from consent import stores
from engine import egress
from engine.settings import Settings

bucket, machine, named = sys.argv[1:]
os.environ |= {"AWS_METADATA_ENDPOINT": machine}
chosen = Settings(home=Path(), blobs="s3://b", blobs_endpoint=bucket, egress=named)
egress.guard(chosen)
stores.opened("s3://b", stores.Reach(endpoint=bucket, seconds=0.3, retries=0)).head("a")
"""


@pytest.mark.parametrize("named", [False, True])
def test_a_machine_is_asked_for_its_credentials_only_where_that_is_named(named: bool) -> None:
    with listening() as bucket, listening() as machine:
        here = [f"127.0.0.1:{one.getsockname()[1]}" for one in (bucket, machine)]
        given = [f"http://{here[0]}", f"http://{here[1]}", here[1] if named else ""]
        subprocess.run(
            [sys.executable, "-c", FETCHING, *given],
            cwd=Path(egress.__file__).parents[1],
            env={name: told for name, told in os.environ.items() if not name.startswith("AWS_")},
            stderr=subprocess.DEVNULL,
            check=False,
        )
        machine.settimeout(0)
        if named:
            machine.accept()[0].close()
        else:
            with pytest.raises(BlockingIOError):
                machine.accept()


def test_a_place_by_name_is_called_at_its_addresses(tmp_path: Path) -> None:
    with listening() as named:
        port = named.getsockname()[1]
        chosen = settings(tmp_path, egress=f"localhost:{port}", workers="ray")
        assert apart(lambda: [egress.guard(chosen), calls(port)])[1] == "connected"
        only = settings(tmp_path, egress=f"localhost:{port}")
        assert apart(lambda: [egress.guard(only), calls(port)])[1] == "connected"


@pytest.mark.parametrize(
    ("first", "later", "followed"),
    [
        ("93.184.216.34", "93.184.216.35", True),
        ("93.184.216.34", "169.254.169.254", False),
        ("93.184.216.34", "127.0.0.1", False),
        ("10.0.0.5", "10.0.0.6", True),
        ("10.0.0.5", "93.184.216.34", True),
    ],
)
def test_a_name_that_was_public_does_not_lead_inside(
    monkeypatch: pytest.MonkeyPatch, first: str, later: str, followed: bool
) -> None:
    said = [first]

    def looked_up(*_: object, **__: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (said[0], 443))] if said else []

    monkeypatch.setattr(egress, "_FIRST", {})
    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    assert egress._leads("name.example", 443, first)
    said[0] = later
    assert egress._leads("name.example", 443, later) is followed
    assert not egress._leads("name.example", 443, "192.0.2.1")
    said.clear()
    assert not egress._leads("silent.example", 443, later)


def test_anywhere_has_to_be_said_and_is_said_aloud(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with listening() as other:
        port = other.getsockname()[1]
        assert egress.guard(settings(tmp_path, egress="*")) == "anywhere"
        assert "may call anywhere" in caplog.text
        assert calls(port) == "connected"


def test_what_ends_by_itself_is_guarded_until_then(tmp_path: Path) -> None:
    with listening() as other:
        port = other.getsockname()[1]

        def act() -> list[str]:
            with egress.guarded(settings(tmp_path)):
                inside = calls(port)
            return [inside, calls(port)]

        assert apart(act) == ["PermissionError", "connected"]
