# SPDX-License-Identifier: Apache-2.0
"""What a page gives its reader to say back fits them and that page alone."""

from consent.words import Subject
from feed.contexts import Contexts

ADA, BOB = Subject(1), Subject(2)
OURS = Contexts(b"k" * 32)


def test_a_page_is_known_by_its_req_id_to_its_viewer_only() -> None:
    told = OURS.req_id(ADA, 1234)
    assert OURS.page(ADA, told) == 1234
    forged = (told[:-1] + "_", told[:-1], told + "A", told[:13], "r", "", "é" * 20)
    assert [OURS.page(ADA, one) for one in forged] == [None] * len(forged)
    assert OURS.page(BOB, told) is None
    assert Contexts(b"x" * 32).page(ADA, told) is None


def test_a_context_fits_one_viewer_and_one_item() -> None:
    given = OURS.of(ADA, "item")
    assert OURS.fits(ADA, "item", given)
    assert not OURS.fits(BOB, "item", given)
    assert not OURS.fits(ADA, "other", given)
    assert not any(OURS.fits(ADA, "item", one) for one in ("", given[:-1], given + "A", "é"))


def test_an_item_is_no_page() -> None:
    told = OURS.req_id(ADA, 1234)
    assert OURS.page(ADA, told[:13] + OURS.of(ADA, told[:13])) is None
