# SPDX-License-Identifier: Apache-2.0
import pytest

from consent import faults
from tests.rooms import Rooms


def test_nobody_stands_at_a_point_unless_a_test_does() -> None:
    faults.point("commit.before")
    assert faults._injector is None


def test_what_is_raised_at_a_point_takes_the_transaction_back(rooms: Rooms) -> None:
    before, passed = rooms.consent.ledger.head()[0], []

    def fail(name: str) -> None:
        passed.append(name)
        if name == "commit.before":
            raise OSError("the disk is gone")

    with faults.injecting(fail), pytest.raises(OSError, match="disk"):
        rooms.person("Ada")
    assert passed[-3:] == ["begin.before", "begin.after", "commit.before"]
    assert rooms.consent.ledger.head()[0] == before
    assert [account.name for account in rooms.consent.accounts.list()] == []
