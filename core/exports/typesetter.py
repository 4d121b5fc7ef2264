"""The typst compiler in this process, its fonts read once. What it is given reads no file and no address."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from core.errors import ExportFailed
from core.exports.fonts import SHIPPED

if TYPE_CHECKING:
    from typst import Fonts


def pdf(source: str, written: datetime) -> bytes:
    """PDF/A-2a and PDF/UA-1 in one. `written` has a time zone and is all that the file tells of time."""
    return _compiled(source, "pdf", written=written)


def png(source: str, ppi: float) -> bytes:
    """The only page."""
    return _compiled(source, "png", ppi=ppi)


def query(source: str, selector: str) -> str:
    """The elements that the selector finds after layout, as JSON."""
    import typst

    try:
        return typst.Compiler(source.encode(), root=_EMPTY_ROOT, font_paths=fonts()).query(selector)
    except typst.TypstError as error:
        raise _failed(error) from error


@cache
def fonts() -> Fonts:
    """Those that ship, then the installed ones. Reading the installed ones costs up to a second, once."""
    import typst

    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=True, font_paths=[str(SHIPPED)])


def _compiled(
    source: str, kind: Literal["pdf", "png"], written: datetime | None = None, ppi: float | None = None
) -> bytes:
    import typst

    try:
        made = typst.Compiler(source.encode(), root=_EMPTY_ROOT, font_paths=fonts()).compile(
            format=kind,
            ppi=ppi,
            pdf_standards=["a-2a", "ua-1"] if kind == "pdf" else [],
            timestamp=written,
        )
    except typst.TypstError as error:
        raise _failed(error) from error
    assert isinstance(made, bytes), "what is drawn as PNG is one page"
    return made


def _failed(error: Exception) -> ExportFailed:
    return ExportFailed(
        f"The document could not be typeset: {str(error).strip()}",
        remedy="Take out the part that is named, or choose another format.",
    )


_EMPTY_ROOT = Path(__file__).resolve().parent / "designs"
