"""Colours for the series of a chart: the brand's first, then others that everyone can tell apart."""

from __future__ import annotations

from functools import cache

MIN_CONTRAST = 3.0  # against white: WCAG 2.2, 1.4.11
MIN_DIFFERENCE = 16.0  # in CIE 1976 Lab, for each kind of sight
NUM_COLOURS = 8

# After Okabe and Ito, Color Universal Design (2008), with a violet and a grey to choose from.
_SAFE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#5b2a86", "#4b5563", "#111827")

Linear = tuple[float, float, float]
Matrix = tuple[Linear, Linear, Linear]
# Machado, Oliveira and Fernandes (2009), table of matrices for severity 1.0, on linear RGB.
_SIGHTS: tuple[Matrix, ...] = (
    ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
)


@cache
def colours(primary: str, accent: str) -> tuple[str, ...]:
    """Eight as #rrggbb, or a few less if the brand leaves no room. Each has 3:1 against white."""
    chosen: list[str] = []
    for candidate in (primary, accent, *_SAFE):
        shade = visible(candidate)
        if all(difference(shade, other) >= MIN_DIFFERENCE for other in chosen):
            chosen.append(shade)
    return tuple(chosen[:NUM_COLOURS])


def visible(colour: str, contrast_wanted: float = MIN_CONTRAST) -> str:
    """The colour, darkened until it has that contrast against white."""
    red, green, blue = channels(colour)
    while contrast(_hex(red, green, blue), "#ffffff") < contrast_wanted:
        red, green, blue = (int(each * 0.96) for each in (red, green, blue))
    return _hex(red, green, blue)


def tint(colour: str, share: float) -> str:
    """The colour mixed with white; `share` of it is the colour."""
    red, green, blue = (round(255 - (255 - each) * share) for each in channels(colour))
    return _hex(red, green, blue)


def contrast(one: str, other: str) -> float:
    """As WCAG 2.2 defines it, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def difference(one: str, other: str) -> float:
    """The least distance in Lab that normal, protan and deutan sight give."""
    return min(_distance(_lab(_seen(one, sight)), _lab(_seen(other, sight))) for sight in _SIGHTS)


def channels(colour: str) -> tuple[int, int, int]:
    """0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _hex(red: int, green: int, blue: int) -> str:
    return f"#{red:02x}{green:02x}{blue:02x}"


def _linear(colour: str) -> Linear:
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4
        for each in (channel / 255 for channel in channels(colour))
    )
    return red, green, blue


def _luminance(colour: str) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _seen(colour: str, sight: Matrix) -> Linear:
    light = _linear(colour)
    red, green, blue = (
        min(1.0, max(0.0, sum(weight * each for weight, each in zip(row, light, strict=True))))
        for row in sight
    )
    return red, green, blue


def _lab(light: Linear) -> Linear:
    red, green, blue = light
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    x, y, z = (each ** (1 / 3) if each > 0.008856 else 7.787 * each + 16 / 116 for each in (x, y, z))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _distance(one: Linear, other: Linear) -> float:
    return float(sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5)
