# SPDX-License-Identifier: Apache-2.0
"""The container of a picture and its facts."""

import pytest

from consent.errors import Broken
from generation import parcels
from generation.parcels import Parcel

PARCEL = Parcel(kind="test/1", facts={"b": [1, 2.5], "a": "für"}, picture=b"\x00\xffpicture")


def test_a_parcel_comes_back_whole() -> None:
    assert parcels.decode(parcels.encode(PARCEL), "test/1") == PARCEL


def test_equal_parcels_give_equal_bytes() -> None:
    turned = Parcel(kind="test/1", facts={"a": "für", "b": [1, 2.5]}, picture=PARCEL.picture)
    assert parcels.encode(turned) == parcels.encode(PARCEL)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"OYP1",
        b"\xff\xd8\xff\xe0 a picture as it is",
        parcels.encode(PARCEL)[:20],
        parcels.encode(Parcel(kind="other/1", facts={}, picture=b"")),
    ],
)
def test_anything_else_is_broken(content: bytes) -> None:
    with pytest.raises(Broken):
        parcels.decode(content, "test/1")
