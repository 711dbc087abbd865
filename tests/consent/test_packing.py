# SPDX-License-Identifier: Apache-2.0
import struct
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from consent import packing
from consent.packing import Packed
from consent.words import Purpose
from tests.rooms import Rooms

COLUMNS: list[tuple[Callable[[Sequence[Any]], Packed], str, list[Any]]] = [
    (packing.longs, "bigint", [0, -1, 2**63 - 1, -(2**63)]),
    (packing.longs, "bigint", [1, None, 2**62]),
    (packing.texts, "text", ["", 'é{}",\\', None, "NULL"]),
    (packing.blobs, "bytea", [b"", b"\x00\xff", None, b"\xff\xff\xff\xff"]),
    (packing.flags, "boolean", [True, None, False]),
    (packing.reals, "double precision", [0.1, -1e300, None, float("inf")]),
    (packing.longs, "bigint", []),
]


@pytest.mark.postgres
@pytest.mark.parametrize(("pack", "kind", "column"), COLUMNS)
def test_a_column_comes_back_from_the_database_as_it_was_packed(
    open_rooms: Callable[..., Rooms],
    postgres_url: str,
    pack: Callable[[Sequence[Any]], Packed],
    kind: str,
    column: list[Any],
) -> None:
    with open_rooms(postgres_url).consent.ledger.read() as connection:
        asked = f"SELECT one FROM unnest(%b::{kind}[]) AS sent (one)"  # noqa: S608 - ours
        found = connection.exec_driver_sql(asked, (pack(column),)).scalars().all()
    assert list(found) == column


def test_words_and_other_kinds_of_bytes_are_packed_as_what_they_stand_for() -> None:
    assert packing.texts([Purpose.LIKENESS]) == packing.texts(["likeness"])
    assert packing.blobs([memoryview(b"x")]) == packing.blobs([b"x"])
    assert packing.longs([np.int64(7)]) == packing.longs([7])


@pytest.mark.parametrize("wrong", [1.5, "7", b"7", 2**63])
def test_what_is_no_whole_number_is_refused_before_anything_is_sent(wrong: object) -> None:
    with pytest.raises(struct.error):
        packing.longs([wrong])
