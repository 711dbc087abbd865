# SPDX-License-Identifier: Apache-2.0
"""What the API needs of the built rooms and settings; `engine/wiring` builds them."""

from typing import Protocol

from consent.accounts import Accounts
from consent.chance import Chance
from consent.clocks import Clock
from consent.gate import Gate
from consent.keys import KeyStore
from consent.ledger import Ledger
from consent.notices import Notices
from consent.policy import Policy
from consent.vault import Vault


class Settings(Protocol):
    """The few settings that change what the API offers."""

    @property
    def dev_tokens(self) -> bool:
        """Whether anybody may have a token for any person: for development and the demo."""
        ...


class Rooms(Protocol):
    """The rooms as one installation runs them."""

    @property
    def ledger(self) -> Ledger:
        """The log and its database."""
        ...

    @property
    def keys(self) -> KeyStore:
        """Where secrets are derived."""
        ...

    @property
    def clock(self) -> Clock:
        """The time."""
        ...

    @property
    def chance(self) -> Chance:
        """Unpredictable bytes."""
        ...

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        ...

    @property
    def accounts(self) -> Accounts:
        """People."""
        ...

    @property
    def notices(self) -> Notices:
        """Words to be shown before a yes."""
        ...

    @property
    def gate(self) -> Gate:
        """The only maker of permits."""
        ...

    @property
    def vault(self) -> Vault:
        """Where bytes are sealed and opened."""
        ...
