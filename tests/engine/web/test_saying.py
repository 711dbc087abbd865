# SPDX-License-Identifier: Apache-2.0
"""What the page says after a write is ours: a URL only chooses."""

import pytest

from tests.engine.browsing import enter, page
from tests.engine.homes import Home


@pytest.mark.parametrize(
    "query", ["said=<b>hi</b>", "said=hello", "said=not-kept&reasons=<i>,nonsense", "purpose=x"]
)
def test_a_url_cannot_make_the_page_say_something(home: Home, query: str) -> None:
    enter(home, "Dora")
    text = page(home, f"/likeness?{query}")
    assert "<b>hi</b>" not in text
    assert "nonsense" not in text
    assert "hello" not in text


def test_a_known_word_is_said_at_the_top(home: Home) -> None:
    enter(home, "Dora")
    assert "Saved. It counts from now on" in page(home, "/likeness?said=wished")
    refused = page(home, "/likeness?said=not-kept&reasons=dark,dark,banana")
    assert refused.count("(dark)") == 1
