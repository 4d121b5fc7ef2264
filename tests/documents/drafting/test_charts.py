"""Numbers in cells, headers, and which chart fits a table."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.documents.drafting.charts import advise_chart
from core.documents.drafting.header import has_header, read_figure

PARTS = [["Region", "Revenue"], ["Mexico", "2,290"], ["Brazil", "1,610"], ["United States", "1,980"]]


@pytest.mark.parametrize(
    ("cell", "number", "unit"),
    [
        ("1.234,50", "1234.50", ""),
        ("1,234.50", "1234.50", ""),
        ("US$ 1,200", "1200", "us$"),
        ("R$ 4.992,00", "4992.00", "r$"),
        ("12 %", "12", "%"),
        ("12,5%", "12.5", "%"),
        ("-3.5", "-3.5", ""),
        ("148,720 pesos", "148720", "pesos"),
        ("96 sensores", "96", "sensores"),
        ("0.125", "0.125", ""),
        ("12 500", "12500", ""),
    ],
)
def test_a_number_is_read_as_es_pt_and_en_write_it(cell: str, number: str, unit: str) -> None:
    figure = read_figure(cell)
    assert figure is not None
    assert (figure.number, figure.unit) == (Decimal(number), unit)


@pytest.mark.parametrize("cell", ["", "sin costo", "A1", "Retorno de aire", "Hasta 0.5 °C", "3 or 4"])
def test_words_are_no_number(cell: str) -> None:
    assert read_figure(cell) is None


def test_a_first_row_of_words_over_rows_of_numbers_is_a_header() -> None:
    assert has_header(PARTS)
    assert not has_header(PARTS[1:])
    assert has_header([["", "2024", "2025"], ["Sales", "3", "4"]])


def test_a_few_parts_are_bars() -> None:
    advice = advise_chart(PARTS, True)
    assert advice is not None
    assert (advice.kind, advice.category, advice.values) == ("bar", 0, (1,))


@pytest.mark.parametrize(
    "points",
    [
        ("January", "February", "March"),
        ("enero 2026", "febrero 2026", "marzo 2026"),
        ("jan/26", "fev/26", "mar/26"),
        ("2024", "2025", "2026"),
        ("Q1 2026", "Q2 2026", "Q3 2026"),
        ("1T26", "2T26", "3T26"),
        ("2026-01", "2026-02", "2026-03"),
        ("Semana 1", "Semana 2", "Semana 3"),
    ],
)
def test_values_over_time_are_a_line(points: tuple[str, ...]) -> None:
    rows = [["Period", "Sales"], *([point, str(at * 10)] for at, point in enumerate(points, 1))]
    advice = advise_chart(rows, True)
    assert advice is not None
    assert (advice.kind, advice.category, advice.values) == ("line", 0, (1,))


def test_many_categories_are_columns_and_too_many_are_no_chart() -> None:
    rows = [["Plant", "Sensors"], *([f"Plant {letter}", str(at)] for at, letter in enumerate("ABCDEFGHIJ"))]
    advice = advise_chart(rows, True)
    assert advice is not None
    assert advice.kind == "column"
    crowd = [["Plant", "Sensors"], *([f"Plant X{at} north", str(at)] for at in range(60))]
    assert advise_chart(crowd, True) is None


@pytest.mark.parametrize("num_parts", range(2, 12))
def test_shares_are_never_a_pie(num_parts: int) -> None:
    rows = [["Part", "Share"], *([f"Part {chr(65 + at)}", "9 %"] for at in range(num_parts))]
    advice = advise_chart(rows, True)
    assert advice is not None
    assert advice.kind in ("bar", "column")


def test_only_columns_of_one_unit_share_an_axis() -> None:
    rows = [
        ["Region", "Revenue", "Share", "Cost"],
        ["Mexico", "10", "40 %", "4"],
        ["Brazil", "20", "60 %", "8"],
    ]
    advice = advise_chart(rows, True)
    assert advice is not None
    assert advice.values == (1, 3)


def test_a_table_of_words_is_not_drawn() -> None:
    assert advise_chart([["Risk", "Owner"], ["Delay", "Ana"], ["Loss", "Caio"]], True) is None


def test_two_columns_of_numbers_are_points() -> None:
    advice = advise_chart([["Length", "Weight"], ["1", "3"], ["2", "5"], ["4", "11"]], True)
    assert advice is not None
    assert (advice.kind, advice.category, advice.values) == ("scatter", 0, (1,))
