# SPDX-License-Identifier: Apache-2.0
"""Three witnesses and the network between them and a log, for tests of what may go wrong there."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consent import notes
from consent.clocks import Clock
from consent.quorum import Member, Quorum
from consent.room import ConsentRoom
from consent.witness import Memory, Witness, read
from consent.witnessing import Witnessing

HOUR = 3_600
NAMES = ("w1", "w2", "w3")


@dataclass
class Network:
    """Three witnesses at three addresses; what stands between can be changed by a test."""

    consent: ConsentRoom
    cosigners: list[notes.Cosigner]
    witnesses: dict[str, Witness]
    between: dict[str, Callable[[bytes], tuple[int, str]]] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)

    def send(self, url: str, body: bytes) -> tuple[int, str]:
        """Be the network."""
        name, _, call = url.removeprefix("http://").rpartition("/")
        assert call == "add-checkpoint"
        self.asked.append((name, read(body).old))
        if name in self.between:
            return self.between[name](body)
        return self.honest(name, body)

    def honest(self, name: str, body: bytes) -> tuple[int, str]:
        answer = self.witnesses[name].add_checkpoint(body)
        return answer.status, answer.body

    def down(self, *names: str) -> None:
        self.between |= dict.fromkeys(names, lambda _body: (0, "connection refused"))

    def up(self) -> None:
        self.between.clear()


def connect(consent: ConsentRoom, clock: Clock, folder: Path) -> Network:
    """Give a room three witnesses, of which two must have cosigned within an hour."""
    keys = [Ed25519PrivateKey.from_private_bytes(name.encode() * 16) for name in NAMES]
    cosigners = [notes.Cosigner(n, key) for n, key in zip(NAMES, keys, strict=True)]
    members = tuple(Member(key=one.verifier, url=f"http://{one.name}") for one in cosigners)
    ledger = consent.ledger
    ledger.quorum = Quorum(threshold=2, seconds=HOUR, members=members)
    witnesses = {
        one.name: Witness(one, ledger.verifiers, Memory(folder / one.name), clock)
        for one in cosigners
    }
    made = Network(consent, cosigners, witnesses)
    made.consent = replace(consent, witnessing=Witnessing(ledger, clock, made.send))
    consent.gate._guard = made.consent.witnessing.guard
    return made
