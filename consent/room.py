# SPDX-License-Identifier: Apache-2.0
"""The consent room, put together: what the other rooms and the engine are handed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from consent import entries
from consent.accounts import Accounts, anybody
from consent.attestations import Attestations
from consent.blobs import Blobs
from consent.chance import Chance
from consent.clocks import Clock
from consent.erasure import Erasures
from consent.gate import Gate
from consent.grants import Grants
from consent.keepsakes import Format, Keepsake, keepsake
from consent.keys import KeyStore
from consent.lasts import Lasts
from consent.ledger import Ledger
from consent.notices import Notices, publish, read_notices
from consent.partings import Partings
from consent.pausing import Pauses
from consent.policy import Policy
from consent.quorum import NOBODY, Quorum
from consent.receipts import Receipt, last_receipt
from consent.records import NOT_NAMED, Controller
from consent.retention import Retention
from consent.rotation import Rotation
from consent.subject_keys import SubjectKeys
from consent.vault import Vault
from consent.withdrawal import Withdrawals
from consent.witnessing import Witnessing
from consent.words import Purpose, Seq, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRoom:
    """Everything that decides, proves, seals and ends."""

    policy: Policy
    clock: Clock
    chance: Chance
    keys: KeyStore
    blobs: Blobs
    ledger: Ledger
    lasts: Lasts
    witnessing: Witnessing
    accounts: Accounts
    attestations: Attestations
    pauses: Pauses
    notices: Notices
    gate: Gate
    vault: Vault
    grants: Grants
    partings: Partings
    withdrawals: Withdrawals
    erasures: Erasures
    retention: Retention
    controller: Controller

    def publish(self) -> None:
        """Log the policy and the notices in force before their first use."""
        with self.ledger.write() as writing:
            publish(writing, "policy.publish", self.policy.sha256, self.policy.text)
            self.notices.publish(writing)

    def last_receipt(self, subject: Subject, purpose: Purpose) -> Receipt | None:
        """Return the receipt of a person's last act on a purpose, or None if there was none."""
        return last_receipt(self.ledger, subject, purpose)

    def keepsake(self, subject: Subject, purpose: Purpose, kind: Format) -> Keepsake | None:
        """Return the same receipt in the format of ISO/IEC TS 27560 or of Kantara."""
        return keepsake(
            self.ledger, self.policy, subject, purpose, kind, controller=self.controller
        )

    def entry(self, seq: Seq) -> dict[str, Any]:
        """Read one ledger entry."""
        return entries.decode(self.ledger.body(seq))


def build(
    *,
    engine: Engine,
    policy: Policy,
    clock: Clock,
    chance: Chance,
    keys: KeyStore,
    blobs: Blobs,
    origin: str,
    quorum: Quorum = NOBODY,
    controller: Controller = NOT_NAMED,
    term: int | None = None,
    holds: Callable[[Subject], bool] = anybody,
    names: str = "",
) -> ConsentRoom:
    """Put the room together from its adapters.

    `term` is the one in which a log that can move is opened, `holds` says whose it is, `names` is
    the URL by which a reaper reads how bytes are named, where it has one of its own.
    """
    ledger = Ledger(
        engine=engine,
        clock=clock,
        keys=keys,
        chance=chance,
        origin=origin,
        quorum=quorum,
        term=term,
    )
    notices = Notices(ledger, read_notices(), chance)
    subject_keys = SubjectKeys(keys, chance)
    vault = Vault(ledger, blobs, subject_keys, chance)
    partings = Partings()
    withdrawals = Withdrawals(ledger, blobs, partings=partings)
    erasures = Erasures(ledger, blobs, keys, partings=partings)
    witnessing = Witnessing(ledger, clock)
    gate = Gate(ledger, policy, notices.current, keys=keys, chance=chance, guard=witnessing.guard)
    return ConsentRoom(
        policy=policy,
        clock=clock,
        chance=chance,
        keys=keys,
        blobs=blobs,
        ledger=ledger,
        lasts=Lasts(ledger),
        witnessing=witnessing,
        accounts=Accounts(ledger, keys, chance, holds),
        attestations=Attestations(ledger),
        pauses=Pauses(ledger),
        notices=notices,
        gate=gate,
        vault=vault,
        grants=Grants(ledger, policy, notices, subject_keys, vault),
        partings=partings,
        withdrawals=withdrawals,
        erasures=erasures,
        retention=Retention(
            ledger,
            blobs,
            withdrawals=withdrawals,
            erasures=erasures,
            rotation=Rotation(ledger, keys, subject_keys),
            names=names,
        ),
        controller=controller,
    )
