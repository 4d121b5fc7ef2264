"""Lengths: millimetres of the design as twips and EMU, and how large a picture stands on a page."""

from __future__ import annotations

import struct

from core.exports.design import Page

GUTTER_MM = 9.0
EMU_PER_MM = 36_000
TALLEST_PART = 0.55
TALLEST_CHART_PART, WIDEST_CHART_MM = 0.45, 170.0
_MM_PER_PIXEL = 25.4 / 96


def twips(millimetres: float) -> int:
    return round(millimetres * 1440 / 25.4)


def emu(millimetres: float) -> int:
    return round(millimetres * EMU_PER_MM)


def text_width(page: Page) -> float:
    """Of all columns together, in millimetres."""
    return page.width - page.left - page.right


def column_width(page: Page) -> float:
    return (text_width(page) - GUTTER_MM * (page.columns - 1)) / page.columns


def fitted(width: int, height: int, page: Page) -> tuple[float, float]:
    """Pixels as millimetres at 96 to the inch, made smaller where the column or page has no room."""
    wide, tall = max(1, width) * _MM_PER_PIXEL, max(1, height) * _MM_PER_PIXEL
    room = (page.height - page.top - page.bottom) * TALLEST_PART
    factor = min(1.0, column_width(page) / wide, room / tall)
    return wide * factor, tall * factor


def chart_size(page: Page, shape: float) -> tuple[float, float]:
    """As wide as the column, so that two fit on a page; `shape` is the height by the width."""
    wide = min(column_width(page), WIDEST_CHART_MM)
    room = (page.height - page.top - page.bottom) * TALLEST_CHART_PART
    factor = min(1.0, room / (wide * shape))
    return wide * factor, wide * shape * factor


def logo_size(png: bytes, height: float, widest: float) -> tuple[float, float] | None:
    """Millimetres of a logo of at most this height and width; None if it is no PNG."""
    if png[:8] != b"\x89PNG\r\n\x1a\n" or len(png) < 24:
        return None
    wide, tall = struct.unpack(">II", png[16:24])
    if not wide or not tall:
        return None
    factor = min(height / tall, widest / wide)
    return wide * factor, tall * factor
