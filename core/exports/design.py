"""How a type of document looks: page, front, numbering, type. Each of the ten is a TOML file in designs/."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Literal

Front = Literal["cover", "masthead", "letterhead", "memo", "nameplate", "none"]
Numbering = Literal["none", "decimal", "clauses"]
TableStyle = Literal["lines", "banded", "grid"]
Typeface = Literal["sans", "serif"]

DESIGN_NAMES = (
    "business_plan",
    "report",
    "proposal",
    "presentation",
    "manual",
    "contract",
    "letter",
    "memo",
    "newsletter",
    "catalog",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """In millimetres. `columns` are the columns of body text."""

    width: float = 210.0
    height: float = 297.0
    top: float = 25.0
    bottom: float = 25.0
    left: float = 25.0
    right: float = 25.0
    columns: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """One of the ten document types.

    `front`: a page of its own (cover), the title over a rule (masthead), sender and addressee (letterhead),
    a table of fields (memo), a newspaper's head (nameplate). `numbering`: of headings, 1.1, or of headings
    and paragraphs as clauses. `revision` grows with every change of how files come out.
    """

    name: str
    titles: Mapping[str, str]
    revision: int = 1
    page: Page = field(default_factory=Page)
    front: Front = "masthead"
    has_contents: bool = False
    numbering: Numbering = "none"
    is_numbered_by_page: bool = True
    breaks_before_sections: bool = False
    has_signatures: bool = False
    body: Typeface = "sans"
    headings: Typeface = "sans"
    size_points: float = 10.5
    line_height: float = 1.45
    tables: TableStyle = "lines"
    fields: tuple[str, ...] = ()
    """Keys of the fields that its head asks for: "to", "from", "subject", "reference", "place"."""

    layout: tuple[str, ...] = ()
    """The words of a template that changed it, in their order."""


@cache
def designs() -> Mapping[str, Design]:
    """All ten, by name."""
    return {name: _read(name) for name in DESIGN_NAMES}


def laid_out(design: Design, layout: Sequence[str]) -> Design:
    """The design as a template wants it. A word that says nothing about the page changes nothing.

    >>> laid_out(designs()["report"], ["two_columns", "landscape"]).page.columns
    2
    """
    made = design
    for word in layout:
        made = _LAYOUTS[word](made) if word in _LAYOUTS else made
    return replace(made, layout=tuple(layout))


def _lying(page: Page) -> Page:
    return replace(page, width=max(page.width, page.height), height=min(page.width, page.height))


_LAYOUTS: Mapping[str, Callable[[Design], Design]] = {
    "cover": lambda design: replace(design, front="cover"),
    "contents": lambda design: replace(design, has_contents=True),
    "numbered_headings": lambda design: replace(design, numbering="decimal"),
    "numbered_clauses": lambda design: replace(design, numbering="clauses"),
    "letterhead": lambda design: replace(design, front="letterhead"),
    "masthead": lambda design: replace(design, front="masthead"),
    "two_columns": lambda design: replace(design, page=replace(design.page, columns=2)),
    "landscape": lambda design: replace(design, page=_lying(design.page)),
    "signatures": lambda design: replace(design, has_signatures=True),
    "page_numbers": lambda design: replace(design, is_numbered_by_page=True),
    "page_breaks": lambda design: replace(design, breaks_before_sections=True),
}


def _read(name: str) -> Design:
    values = tomllib.loads((files("core.exports.designs") / f"{name}.toml").read_text(encoding="utf-8"))
    page = Page(**values.pop("page", {}))
    return Design(name=name, page=page, fields=tuple(values.pop("fields", ())), **values)
