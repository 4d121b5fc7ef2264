"""Charts as drawings, as pictures and in words."""

from __future__ import annotations

import re
from itertools import combinations

import pytest
from lxml import etree
from PIL import Image

from core.content import Chart, Series
from core.exports.charts.description import describe
from core.exports.charts.drawing import draw
from core.exports.charts.lettering import shortened, width
from core.exports.charts.palette import MIN_DIFFERENCE, colours, contrast, difference
from core.exports.charts.raster import png
from core.exports.charts.scale import scale, tick_texts
from core.exports.manuscript import Branding

BRAND = Branding()
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<script>alert("1")</script> & "quotes" ' + "x" * 300


def chart(kind: str, *values: tuple[float | None, ...], names: tuple[str, ...] = ("A", "B", "C")) -> Chart:
    series = tuple(Series(f"Series {at}", each) for at, each in enumerate(values, start=1))
    return Chart(kind, names, series, "Year", "Million €")  # type: ignore[arg-type]


def drawn(made: Chart, title: str = "Title") -> etree._Element:
    return etree.fromstring(draw(made, title, BRAND).encode())


def boxes(svg: etree._Element) -> list[tuple[float, float, float, float]]:
    """Of every text that is not turned."""
    found = []
    for each in svg.iter(f"{SVG}text"):
        if each.get("transform"):
            continue
        size = float(each.get("font-size"))
        wide = width(each.text or "", size, each.get("font-weight") == "700")
        x, y = float(each.get("x")), float(each.get("y"))
        left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[each.get("text-anchor")]
        found.append((left, y - size * 0.7, left + wide, y))
    return found


@pytest.mark.parametrize("kind", ["bar", "column", "line", "area", "pie", "scatter"])
@pytest.mark.parametrize(
    "values",
    [
        ((10.5, 12.0, 15.0),),
        ((10.5, None, 15.0), (8.0, -9.5, None)),
        ((1e9, 2.5e9, 1e7),),
        ((0.0, 0.0, 0.0),),
        ((None, None, None),),
        (),
    ],
)
def test_words_never_overlap_and_stay_within_the_drawing(kind, values):
    svg = drawn(chart(kind, *values, names=("First of all", HOSTILE, "C")))
    for one, other in combinations(boxes(svg), 2):
        is_apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert is_apart, (one, other)
    for left, top, right, bottom in boxes(svg):
        assert left >= 0
        assert top >= 0
        assert right <= 640
        assert bottom <= 360


def test_text_is_escaped_and_nothing_is_fetched():
    source = draw(chart("column", (1.0, 2.0, 3.0), names=(HOSTILE, "B", "C")), HOSTILE, BRAND)
    svg = etree.fromstring(source.encode())
    assert not list(svg.iter(f"{SVG}script"))
    assert "http" not in source.replace("http://www.w3.org/2000/svg", "")


def test_a_missing_value_is_a_gap_in_a_line():
    svg = drawn(chart("line", (1.0, None, 3.0)))
    assert len(list(svg.iter(f"{SVG}polyline"))) == 2
    assert len(list(svg.iter(f"{SVG}circle"))) == 2


def test_lines_differ_by_dash_and_marker_too():
    svg = drawn(chart("line", (1.0, 2.0, 3.0), (2.0, 3.0, 4.0)))
    assert len({each.get("stroke-dasharray") for each in svg.iter(f"{SVG}polyline")}) == 2


def test_a_pie_of_a_negative_value_becomes_bars():
    assert list(drawn(chart("pie", (1.0, 2.0, 3.0))).iter(f"{SVG}path"))
    assert not list(drawn(chart("pie", (1.0, -2.0, 3.0))).iter(f"{SVG}path"))


@pytest.mark.parametrize("primary", ["#1d4ed8", "#ffff00", "#ff0000", "#ffffff", "#0f766e"])
def test_colours_show_on_white_and_differ_for_every_sight(primary):
    found = colours(primary, "#0f766e")
    assert len(found) >= 6
    assert all(contrast(each, "#ffffff") >= 3 for each in found)
    assert all(difference(one, other) >= MIN_DIFFERENCE for one, other in combinations(found, 2))


def test_ticks_are_round_and_hold_the_values():
    axis = scale([3.0, 97.0], has_zero=True)
    assert (axis.low, axis.high, axis.step) == (0.0, 100.0, 20.0)
    assert tick_texts(axis) == ("0", "20", "40", "60", "80", "100")
    assert tick_texts(scale([0.0, 4e6], has_zero=True), "es")[1] == "1\u202fM"


def test_a_long_word_is_cut_to_its_room():
    assert width(shortened("x" * 300, 12, 80), 12) <= 80


def test_the_picture_is_as_wide_as_wanted_and_always_the_same():
    import io

    svg = draw(chart("column", (1.0, 2.0, 3.0)), "Title", BRAND)
    first = png(svg, 800)
    assert png(svg, 800) == first
    with Image.open(io.BytesIO(first)) as opened:
        assert opened.size == (800, 450)
        assert len(opened.convert("RGB").getcolors(100_000) or ()) > 10


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Line chart: Calls"), ("es", "Gráfico de líneas: Calls"), ("pt", "Gráfico de linhas: Calls")],
)
def test_the_description_tells_the_values(language, words):
    said = describe(chart("line", (1.0, None, 3.5)), "Calls", language)
    assert said.startswith(words)
    assert re.search(r"C 3[.,]5", said)


def test_many_values_are_told_by_their_ends():
    names = tuple(f"day {number}" for number in range(30))
    said = describe(chart("line", tuple(float(number) for number in range(30)), names=names), "Calls")
    assert "30 values from day 0 to day 29; highest 29 (day 29), lowest 0 (day 0). It rises overall." in said


def test_words_that_are_given_are_kept():
    made = Chart("pie", ("A",), (Series("S", (1.0,)),), alt="All of it")
    assert describe(made, "Share") == "All of it"
