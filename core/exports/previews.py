"""What a file looks like, as pictures of its pages: drawn from a PDF of it, by what did not write it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

from core.errors import ExportFailed
from core.exports.validation.libreoffice import FORMATS, LibreOffice


@dataclass(frozen=True, slots=True)
class Previewed:
    """`sha256` names the PDF whose pages show the file; empty where there is none. `by` is what opened it."""

    num_pages: int | None = None
    sha256: str = ""
    by: str = ""


def preview(data: bytes, format: str, keep: Callable[[bytes], str]) -> Previewed:
    """The pages of a PDF as they are; those of office files where LibreOffice is installed and opens them."""
    if format == "pdf":
        return Previewed(num_pages(data), keep(data), "pypdfium2")
    office = LibreOffice()
    if format not in FORMATS or not office.is_installed:
        return Previewed()
    try:
        opened = office.open(data, f".{format}")
    except ExportFailed:
        return Previewed(by=office.tool().name)
    return Previewed(opened.num_pages, keep(opened.pdf), office.tool().name)


def num_pages(pdf: bytes) -> int:
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        return len(document)
    finally:
        document.close()


def page_picture(pdf: bytes, page: int, width: int = 900) -> bytes:
    """Page `page` (from 0) as a PNG of this many pixels across. Raises IndexError."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        if not 0 <= page < len(document):
            raise IndexError(page)
        sheet = document[page]
        drawn = sheet.render(scale=width / sheet.get_width()).to_pil()
        out = io.BytesIO()
        drawn.save(out, "PNG")
        return out.getvalue()
    finally:
        document.close()
