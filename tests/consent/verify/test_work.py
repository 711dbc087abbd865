# SPDX-License-Identifier: Apache-2.0
"""Which person belongs to which share: the same from a tag's text and from its bytes."""

from hypothesis import given
from hypothesis import strategies as st

from consent import entries
from consent.verify.work import Share


@given(st.binary(min_size=16, max_size=16), st.integers(1, 12))
def test_text_and_bytes_of_a_tag_belong_to_one_share(tag: bytes, of: int) -> None:
    text = entries.base64url(tag).encode()
    for number in range(of):
        share = Share(number, of)
        assert share.owns[tag[0]] == share.owns_tag[text[0]]


def test_what_is_no_tag_belongs_to_the_first() -> None:
    assert Share(0, 3).owns_tag[ord("!")]
    assert not Share(1, 3).owns_tag[ord("!")]
