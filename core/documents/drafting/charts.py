"""How a table is best drawn, if at all. Knows cells, and nothing of what they are about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from core.documents.draft import ChartAdvice
from core.documents.drafting.header import Figure, is_time, read_figure

OVER_TIME = "Values over time read best as a line."
FEW_PARTS = "A few parts compare best as bars."
SHARES = "Shares of a whole compare best as bars."
MANY_CATEGORIES = "Many categories stand best as columns side by side."
TWO_MEASURES = "Two measures of the same things show their relation as points."

MOST_BARS = 6
MOST_COLUMNS = 30
_FEWEST_POINTS_OF_LINE = 3
_FIGURES_SHARE = 0.8  # of the cells of a column of numbers
_FEWEST_PARTS = 2
_MOST_SERIES = 4


def advise_chart(rows: Sequence[Sequence[str]], has_header: bool) -> ChartAdvice | None:
    """A line for time, bars for up to six parts, columns for more; None without numbers to draw, and for
    more than thirty categories.
    """
    body = [row for row in rows[1 if has_header else 0 :] if any(cell.strip() for cell in row)]
    width = min((len(row) for row in body), default=0)
    if len(body) < _FEWEST_PARTS or not width:
        return None
    columns = [[row[at] for row in body] for at in range(width)]
    category = next((at for at, cells in enumerate(columns) if _is_category(cells)), None)
    figures = {at: found for at, cells in enumerate(columns) if at != category and (found := _figures(cells))}
    if category is None or not figures:
        return _points(figures, len(body))
    values = _same_unit(figures)
    return _advice(columns[category], category, values, [figures[at] for at in values])


def _advice(
    names: Sequence[str], category: int, values: tuple[int, ...], figures: Sequence[Sequence[Figure | None]]
) -> ChartAdvice | None:
    if all(is_time(name) for name in names) and len(names) >= _FEWEST_POINTS_OF_LINE:
        return ChartAdvice("line", category, values, OVER_TIME)
    if len(names) > MOST_COLUMNS:
        return None
    if len(names) > MOST_BARS:
        return ChartAdvice("column", category, values, MANY_CATEGORIES)
    is_share = all(figure is None or figure.unit == "%" for column in figures for figure in column)
    return ChartAdvice("bar", category, values, SHARES if is_share else FEW_PARTS)


def _points(figures: dict[int, list[Figure | None]], num_rows: int) -> ChartAdvice | None:
    if len(figures) != 2 or num_rows < _FEWEST_POINTS_OF_LINE:
        return None
    first, second = figures
    return ChartAdvice("scatter", first, (second,), TWO_MEASURES)


def _is_category(cells: Sequence[str]) -> bool:
    """Words or points of time, hardly any of them twice."""
    words = [cell for cell in cells if cell.strip()]
    if len(words) < len(cells) or len(set(words)) < _FIGURES_SHARE * len(words):
        return False
    return (
        all(is_time(cell) for cell in words)
        or sum(read_figure(cell) is None for cell in words) > len(words) / 2
    )


def _figures(cells: Sequence[str]) -> list[Figure | None]:
    """The numbers of a column; empty if it has too few."""
    found = [read_figure(cell) for cell in cells]
    num_found = sum(figure is not None for figure in found)
    return found if num_found >= max(_FEWEST_PARTS, _FIGURES_SHARE * len(cells)) else []


def _same_unit(figures: dict[int, list[Figure | None]]) -> tuple[int, ...]:
    """The columns that share the unit of the first one: only they can stand on one axis."""
    units = {
        at: Counter(figure.unit for figure in column if figure).most_common(1)[0][0]
        for at, column in figures.items()
    }
    first = next(iter(units.values()))
    return tuple(at for at, unit in units.items() if unit == first)[:_MOST_SERIES]
