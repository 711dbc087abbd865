# SPDX-License-Identifier: Apache-2.0
import pytest
from sqlalchemy.exc import OperationalError

from consent.errors import Broken
from consent.words import Reason
from engine.checks import Check, attempt


def test_what_was_looked_at_is_told_as_it_is() -> None:
    assert attempt("disk", lambda: Check("disk", None, "small")) == Check("disk", None, "small")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Broken(Reason.UNAVAILABLE, "the key is gone"), "the key is gone"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (OperationalError("SELECT 1", {}, Exception("canary")), "OperationalError"),
        (RuntimeError("canary"), "RuntimeError"),
    ],
)
def test_what_cannot_be_looked_at_is_wrong_and_repeats_no_message(
    error: Exception, said: str
) -> None:
    def look() -> Check:
        raise error

    found = attempt("blobs", look)
    assert found.ok is False
    assert said in found.detail
    assert "canary" not in found.detail
