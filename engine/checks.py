# SPDX-License-Identifier: Apache-2.0
"""One thing that `onlyou doctor` looks at, and what it says where looking itself fails."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from consent.errors import OnlyouError


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. `ok` is None where it is worth knowing but no fault."""

    name: str
    ok: bool | None
    detail: str


def attempt(name: str, look: Callable[[], Check]) -> Check:
    """Look at something; what cannot even be looked at is wrong, and said in one sentence.

    Of another package's error only the kind is told: its message may repeat addresses, statements
    or keys.
    """
    try:
        return look()
    except OnlyouError as error:
        return Check(name, False, error.sentence)
    except SQLAlchemyError as error:
        return Check(name, False, f"the database did not answer: {type(error).__name__}")
    except OSError as error:
        return Check(name, False, f"{error.strerror or type(error).__name__}")
    except Exception as error:  # noqa: BLE001 - a doctor who falls over names nothing at all
        return Check(name, False, f"could not be looked at: {type(error).__name__}")
