"""An axis with round numbers on it, and numbers as a chart writes them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_MILLION = 1e6
_LARGEST_PLAIN = 1e15  # beyond, and below its inverse, numbers are written with an exponent
_NARROW_BLANK = "\u202f"


@dataclass(frozen=True, slots=True)
class Scale:
    """From `low` to `high`, both ticks, a tick every `step`."""

    low: float
    high: float
    step: float

    @property
    def ticks(self) -> tuple[float, ...]:
        count = round((self.high - self.low) / self.step)
        return tuple(self.low + self.step * number for number in range(count + 1))

    def share(self, value: float) -> float:
        """Where the value is, 0 at `low` and 1 at `high`."""
        return (value - self.low) / (self.high - self.low)


def scale(values: Sequence[float], has_zero: bool, num_steps: int = 5) -> Scale:
    """Round and just wide enough for the values; with zero if it must, or if it is near anyway."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if has_zero or 0 < low < 0.5 * high:
        low = min(0.0, low)
    if has_zero or 0 > high > 0.5 * low:
        high = max(0.0, high)
    if high - low <= abs(high) * 1e-12:
        margin = abs(high) * 0.1 or 1.0
        low, high = low - (0.0 if low == 0 else margin), high + margin
    step = _round_step((high - low) / num_steps)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return Scale(first * step, max(first + 1, last) * step, step)


def tick_texts(axis: Scale, language: str = "en") -> tuple[str, ...]:
    """All in one form: with as many decimals as the step needs, in millions where it is that large."""
    if max(abs(axis.low), abs(axis.high)) >= _LARGEST_PLAIN or axis.step < 1 / _LARGEST_PLAIN:
        return tuple(f"{tick:.3g}" for tick in axis.ticks)
    is_large = axis.step >= _MILLION / 2
    unit = _MILLION if is_large else 1.0
    decimals = _decimals(axis.step / unit)
    return tuple(
        _written(round(tick / unit, decimals) + 0.0, decimals, language)
        + (f"{_NARROW_BLANK}M" if is_large else "")
        for tick in axis.ticks
    )


def number(value: float, language: str = "en") -> str:
    """As exact as people read: up to two decimals, more only for small values."""
    if value and not 1 / _LARGEST_PLAIN <= abs(value) < _LARGEST_PLAIN:
        return f"{value:.3g}"
    decimals = 2 if abs(value) >= 1 or value == 0 else 2 - math.floor(math.log10(abs(value)))
    text = f"{value:.{decimals}f}"
    return _written(value, len(text.rstrip("0").partition(".")[2]), language)


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in _STEPS if step * power >= rough * (1 - 1e-9))


def _decimals(step: float) -> int:
    for decimals in range(16):
        if abs(step * 10**decimals - round(step * 10**decimals)) < 1e-6 * step * 10**decimals:
            return decimals
    return 16


def _written(value: float, decimals: int, language: str) -> str:
    text = f"{value:,.{decimals}f}".replace("-", "\u2212")
    if language.partition("-")[0] in ("es", "pt", "de", "it", "nl", "id", "tr"):
        return text.translate({ord(","): ".", ord("."): ","})
    if language.partition("-")[0] in ("fr", "ru", "uk", "pl", "cs", "sv", "fi", "nb"):
        return text.translate({ord(","): _NARROW_BLANK, ord("."): ","})
    return text
