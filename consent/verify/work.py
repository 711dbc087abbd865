# SPDX-License-Identifier: Apache-2.0
"""What everything that checks a share of a log has in common."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from consent.verify.canonical import Folder
from consent.verify.findings import Findings
from consent.verify.library import Library
from consent.verify.observer import Observer
from consent.verify.openings import Opened
from consent.verify.past import Past
from consent.verify.people import Chains
from consent.verify.uses import Uses

_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
Leaves = Callable[[int, bytes], None]
"""Takes the number of a map's entry and the hashes of one share of its leaves, in order."""


class Share:
    """Which people one process looks after, of how many processes: a range of their tags."""

    def __init__(self, number: int = 0, of: int = 1) -> None:
        self.number = number
        self.of = of
        mine = [place * of // len(_ALPHABET) == number for place in range(len(_ALPHABET))]
        self.owns = [mine[first >> 2] for first in range(256)]
        self.owns_tag = [mine[max(0, _ALPHABET.find(first))] for first in range(256)]
        self.all = of == 1

    def mine(self, number: int) -> bool:
        """Say whether something that anybody could check is checked here."""
        return number % self.of == self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One share of the people, what is known of them, and where findings go.

    `common` takes what is nobody's own: every process sees it and one reports it.
    """

    folder: Folder
    opened: Opened
    past: Past
    share: Share
    leaves: Leaves
    findings: Findings
    common: Findings
    library: Library
    chains: Chains
    uses: Uses
    observer: Observer | None
