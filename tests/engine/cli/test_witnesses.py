# SPDX-License-Identifier: Apache-2.0
"""Real witnesses, each a process of its own on this machine, and a log that needs two of three."""

import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from consent import bundle, verify
from engine import doctor
from engine.schedule import tick
from tests.engine.cli.conftest import Onlyou
from tests.engine.forking import Forks
from tests.engine.homes import Home

HOUR = 3_600


@dataclass
class Running:
    """One `onlyou witness`, which can be stopped and started again."""

    folder: Path
    log: Path
    name: str
    port: int
    forks: Forks
    process: int = 0

    @property
    def said(self) -> Path:
        return self.folder.with_suffix(".out")

    @property
    def key(self) -> str:
        """The first line that it says."""
        return self.said.read_text().partition("\n")[0].strip()

    def start(self) -> None:
        options = ["--name", self.name, "--log", str(self.log), "--port", str(self.port)]
        self.process = self.forks.start(["witness", str(self.folder), *options], self.said)

    def ready(self) -> None:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError(f"{self.name} does not listen")

    def stop(self) -> str:
        if self.process:
            self.forks.end(self.process, signal.SIGKILL)
            self.process = 0
        return self.said.read_text()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def three(forks: Forks, folder: Path, log: Path) -> Iterator[list[Running]]:
    """Run three witnesses."""
    made = [
        Running(folder / f"w{n}", log, f"witness.test/w{n}", free_port(), forks) for n in (1, 2, 3)
    ]
    try:
        for one in made:
            one.start()
        for one in made:
            one.ready()
        yield made
    finally:
        for one in made:
            one.stop()


def policy(witnesses: list[Running]) -> str:
    return f"threshold = 2\nseconds = {HOUR}\n" + "".join(
        f'[[witness]]\nkey = "{one.key}"\nurl = "http://127.0.0.1:{one.port}"\n'
        for one in witnesses
    )


@pytest.mark.xdist_group("demo")  # where processes of the engine are forked already
def test_a_log_goes_on_without_one_of_three_and_stops_without_two(
    open_home: Callable[..., Home], forks: Forks, tmp_path: Path
) -> None:
    plain = open_home()
    log = tmp_path / "log.vkey"
    log.write_text("\n".join(plain.rooms.consent.ledger.verifiers))
    with three(forks, tmp_path, log) as witnesses:
        (tmp_path / "witnesses.toml").write_text(policy(witnesses))
        home = open_home(witnesses=str(tmp_path / "witnesses.toml"))
        follow(home, witnesses, tmp_path)
        said = witnesses[2].stop()
    assert "run by the operator of the log proves nothing" in " ".join(said.split())


def follow(home: Home, witnesses: list[Running], folder: Path) -> None:
    """Live through two hours with three, two, one and again three witnesses."""
    image, witnessing = home.insert("Ben")["image_url"], home.rooms.consent.witnessing

    def looked() -> int:
        return home.client.get(image, headers=home.as_("Ben")).status_code

    assert looked() == 503  # nothing is cosigned yet
    assert witnessing.gather().silent == {}
    assert looked() == 200
    note = home.client.get("/v1/ledger/checkpoint").text
    assert all(f" {one.name} " in note for one in witnesses)

    witnesses[0].stop()
    home.clock.advance(HOUR)
    tick(home.rooms)
    assert looked() == 200
    assert checked(home) is True

    witnesses[1].stop()
    home.clock.advance(HOUR)
    tick(home.rooms)
    home.clock.advance(1)
    assert looked() == 503
    assert checked(home) is False
    closed = home.client.get(image, headers=home.as_("Ben")).json()
    assert closed["reason"] == "unavailable"
    assert home.client.get("/v1/ledger/me", headers=home.as_("Ben")).status_code == 200
    gone = home.client.delete("/v1/consents/imagine", headers=home.as_("Anna"))
    assert gone.status_code == 200
    bundle.export(home.rooms.consent, folder / "alone")
    assert lacks_lines(folder / "alone")

    for one in witnesses[:2]:
        key = one.key
        one.start()
        one.ready()
        assert one.key == key
    tick(home.rooms)
    assert looked() == 200
    bundle.export(home.rooms.consent, folder / "whole")
    assert not lacks_lines(folder / "whole")


def checked(home: Home) -> bool | None:
    (one,) = [one for one in doctor.examine(home.rooms) if one.name == "witnesses"]
    return one.ok


def lacks_lines(folder: Path) -> bool:
    return "witness-threshold" in {one["code"] for one in verify.verify(folder)["findings"]}


@pytest.mark.parametrize(
    "spoilt", [("--name", "two words"), ("--name", "w1", "--log", "none.vkey"), ("--name", "")]
)
def test_a_witness_without_a_name_or_a_log_is_wrong_usage(
    onlyou: Onlyou, tmp_path: Path, spoilt: tuple[str, ...]
) -> None:
    (tmp_path / "log.vkey").write_text("no key\n")
    options = spoilt if "--log" in spoilt else (*spoilt, "--log", str(tmp_path / "log.vkey"))
    assert onlyou("witness", str(tmp_path / "w"), *options).status == 2


def test_a_home_whose_witness_policy_cannot_be_read_does_not_open(
    onlyou: Onlyou, town_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONLYOU_WITNESSES", "none.toml")
    refused = onlyou("doctor", "--json", home=town_home)
    assert (refused.status, refused.json["reason"]) == (2, "unknown-key")
    (town_home / "witnesses.toml").write_text("threshold = 0\n")
    monkeypatch.setenv("ONLYOU_WITNESSES", "witnesses.toml")
    assert "! witnesses: none" in onlyou("doctor", home=town_home).out
