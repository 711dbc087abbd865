# SPDX-License-Identifier: Apache-2.0
"""A portrait as its owner opens it."""

import pytest

from consent.errors import Broken
from generation import parcels, portraits
from generation.parcels import Parcel
from tests.generation.test_provenance import MADE


def test_a_portrait_comes_back_from_its_parcel() -> None:
    picture = portraits.unpack(portraits.pack(b"a file", MADE))
    assert picture.file == b"a file"
    assert picture.media_type == "image/jpeg"
    assert picture.provenance == MADE


def test_a_selfie_is_no_portrait() -> None:
    with pytest.raises(Broken):
        portraits.unpack(parcels.encode(Parcel(kind="selfie/1", facts={}, picture=b"")))
