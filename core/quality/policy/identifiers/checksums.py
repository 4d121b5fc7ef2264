"""Check digits of identifiers. All take the identifier without separators, in capitals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache


def luhn(number: str) -> bool:
    """ISO/IEC 7812-1, annex B: cards, and the social security number of Mexico."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


def weighted(number: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False))


def mod_97(written: str) -> int:
    """ISO 7064 MOD 97-10, letters as 10 to 35; 1 where the check digits hold."""
    return int("".join(str(int(sign, 36)) for sign in written)) % 97


def is_one_digit(number: str) -> bool:
    """All digits the same: passes many check sums and names nobody."""
    return len(set(number)) == 1


@cache
def is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def is_short_date(written: str) -> bool:
    """Two digits each for year, month and day, of this century or the last."""
    year, month, day = (int(written[place : place + 2]) for place in (0, 2, 4))
    return is_date(2000 + year, month, day) or is_date(1900 + year, month, day)
