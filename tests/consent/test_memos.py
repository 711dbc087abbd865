# SPDX-License-Identifier: Apache-2.0
"""A person's own words lie sealed beside their request, and go with the grant."""

from dataclasses import replace

import pytest

from consent import memos
from consent.errors import Broken, Denied, Misused
from consent.memos import Memo
from consent.words import ObjectId, Purpose, Reason, Step, Subject
from tests.rooms import Rooms

WORDS = "canary: as a lighthouse keeper in a storm, é 灯"


def written(rooms: Rooms, subject: Subject, obj: ObjectId) -> Memo:
    permit = rooms.ask(Step.SELECT, subject, Purpose.IMAGINE, obj, request=obj)
    return Memo(
        object=obj,
        subject=subject,
        purpose=permit.purpose,
        epoch=permit.epoch,
        sealed=rooms.consent.vault.memos.seal(permit, WORDS),
    )


def opened(rooms: Rooms, *found: Memo) -> dict[ObjectId, str]:
    with rooms.consent.ledger.read() as connection:
        return dict(rooms.consent.vault.memos.open(connection, found))


def test_words_open_where_they_were_sealed_and_nowhere_else(rooms: Rooms) -> None:
    ada, ben = (rooms.person(name, Purpose.LIKENESS, Purpose.IMAGINE) for name in ("Ada", "Ben"))
    memo = written(rooms, ada, rooms.object())
    assert b"lighthouse" not in memo.sealed
    assert opened(rooms, memo) == {memo.object: WORDS}
    other = written(rooms, ben, rooms.object())
    elsewhere = (
        replace(memo, object=other.object),
        replace(other, sealed=memo.sealed),
        replace(memo, sealed=memo.sealed[:-1] + bytes([memo.sealed[-1] ^ 1])),
    )
    for moved in elsewhere:
        with pytest.raises(Broken):
            opened(rooms, moved)


def test_a_withdrawal_ends_the_words_and_a_new_grant_does_not_bring_them_back(
    rooms: Rooms,
) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    obj = rooms.object()
    memo = written(rooms, ada, obj)
    permit = rooms.ask(Step.SELECT, ada, Purpose.IMAGINE, rooms.object())
    rooms.consent.withdrawals.withdraw(ada, Purpose.IMAGINE)
    assert opened(rooms, memo) == {}
    with pytest.raises(Denied) as gone:
        rooms.consent.vault.memos.seal(permit, WORDS)
    assert gone.value.reason is Reason.WITHDRAWN
    rooms.grant(ada, Purpose.IMAGINE)
    assert opened(rooms, memo) == {}
    new = rooms.ask(Step.SELECT, ada, Purpose.IMAGINE, obj, request=obj)
    with pytest.raises(Broken):
        opened(rooms, replace(memo, epoch=new.epoch))


def test_nothing_of_the_words_stands_in_the_ledger(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    written(rooms, ada, rooms.object())
    assert "canary" not in str(rooms.entries())


def test_what_is_too_long_for_words_is_not_sealed(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    permit = rooms.ask(Step.SELECT, ada, Purpose.IMAGINE, rooms.object())
    rooms.consent.vault.memos.seal(permit, "x" * memos.LONGEST)
    with pytest.raises(Misused, match="expected at most 4000 bytes of words"):
        rooms.consent.vault.memos.seal(permit, "é" * (memos.LONGEST // 2 + 1))
