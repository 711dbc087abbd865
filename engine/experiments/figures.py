# SPDX-License-Identifier: Apache-2.0
"""Numbers as a reader of a report reads them: as many digits as mean something, a real minus."""

import math
from typing import Final

MINUS: Final = "\u2212"
_MOST: Final = 1e6
_LEAST: Final = 0.01
_FEWEST: Final = 0.001
_TENS: Final = 10


def digits(width: float) -> int:
    """Say how many decimals an estimate deserves, 0 to 4: two digits of its interval's half."""
    if not math.isfinite(width) or width <= 0:
        return 1
    return min(4, max(0, 1 - math.floor(math.log10(width))))


def plain(value: float, decimals: int) -> str:
    """Write a number: 1,204.5, or \u22120.4; never a zero with a minus."""
    text = f"{abs(value):,.{decimals}f}"
    below = value < 0 and any(one in "123456789" for one in text)
    return MINUS + text if below else text


def signed(value: float, decimals: int) -> str:
    """Write a difference, with its sign unless it is nothing: +1.2."""
    text = plain(value, decimals)
    nothing = text.startswith(MINUS) or not any(one in "123456789" for one in text)
    return text if nothing else f"+{text}"


def e_value(value: float) -> str:
    """Write evidence in two digits that mean something: 0.24, 1.8, 37, over 1,000,000."""
    if value > _MOST:
        return f"over {_MOST:,.0f}"
    if value < _LEAST:
        return f"below {_LEAST:g}"
    return plain(value, 0 if value >= _TENS else 1 if value >= 1 else 2)


def p_value(value: float) -> str:
    """Write how likely by chance: 0.94, or below 0.001."""
    if value < _FEWEST:
        return f"below {_FEWEST:g}"
    return plain(value, 3 if value < 0.1 else 2)  # noqa: PLR2004  two digits that mean something


def percent(share: float) -> str:
    """Write a share of one as per cent with one decimal."""
    return f"{plain(100 * share, 1)} %"
