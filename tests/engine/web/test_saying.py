# SPDX-License-Identifier: Apache-2.0
"""What the page says after a write is ours: a URL only chooses."""

from tests.engine.browsing import enter, page
from tests.engine.homes import Home


def test_a_url_chooses_among_our_words_and_brings_none(home: Home) -> None:
    enter(home, "Dora")
    for query in ("said=<b>hi</b>", "said=hello", "said=not-kept&reasons=<i>,nonsense"):
        text = page(home, f"/likeness?{query}")
        assert not [words for words in ("<b>hi</b>", "nonsense", "hello") if words in text]
    assert "Saved. It counts from now on" in page(home, "/likeness?said=wished")
    refused = page(home, "/likeness?said=not-kept&reasons=dark,dark,banana")
    assert refused.count("(dark)") == 1
