# SPDX-License-Identifier: Apache-2.0
"""Selfies: given with reasons where they are refused, listed, destroyed."""

from tests.engine.browsing import HTML, enter, form_of, page
from tests.engine.homes import Home
from tests.generation import samples


def test_photos_can_be_given_and_each_refusal_says_how_to_do_better(home: Home) -> None:
    enter(home, "Anna")
    csrf = form_of(page(home, "/likeness"), "/likeness/withdraw")["csrf"]
    fields = {"csrf": csrf, "attest_self": "true", "attest_adult": "true"}

    def give(file: bytes) -> str:
        done = home.client.post(
            "/likeness/selfies", data=fields, files=[("file", ("a.jpg", file))], headers=HTML
        )
        assert done.status_code == 303, done.text
        return page(home, done.headers["location"])

    refused = give(b"not a photo")
    assert "Not kept" in refused
    assert "(unreadable)" in refused
    assert "opened 2 times to draw you" in refused
    both = give(samples.file_of(1, "studio_portrait"))
    assert "2 of 10" in both
    assert (both.count("never used"), both.count("times to draw you")) == (1, 1)
