"""The typst compiler, its fonts read once. What it is given reads no file and no address.

Short sources are typeset in this process. Long ones get a process of their own, so that this one stays small:
    python -m core.exports.typesetter   takes a request as JSON, then the source, and answers with the file.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from core.errors import ExportFailed
from core.exports.fonts import SHIPPED

if TYPE_CHECKING:
    from typst import Fonts

LONGEST_HERE = 500 * 1024
"""Characters of source, about 180 pages of text: typesetting them here takes 300 MiB for a while."""

TIMEOUT_SECONDS = 300.0
_LEAVES_MUCH = 32 * 1024  # characters of source, from which what typst remembers is worth forgetting
_COMPILATIONS_KEPT = 10
_REFUSED = 3  # how the other process ends where the source was at fault


def pdf(source: str, written: datetime) -> bytes:
    """PDF/A-2a and PDF/UA-1 in one. `written` has a time zone and is all that the file tells of time."""
    if len(source) > LONGEST_HERE:
        return _elsewhere({"written": written.isoformat()}, source)
    return _compiled(source, "pdf", written=written)


def png(source: str, ppi: float) -> bytes:
    """The only page."""
    return _compiled(source, "png", ppi=ppi)


def query(source: str, selector: str) -> str:
    """The elements that the selector finds after layout, as JSON."""
    if len(source) > LONGEST_HERE:
        return _elsewhere({"selector": selector}, source).decode()
    return _queried(source, selector)


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
        raise _failed(str(error)) from error
    finally:
        _forget(source)
    assert isinstance(made, bytes), "what is drawn as PNG is one page"
    return made


def _queried(source: str, selector: str) -> str:
    import typst

    try:
        return typst.Compiler(source.encode(), root=_EMPTY_ROOT, font_paths=fonts()).query(selector)
    except typst.TypstError as error:
        raise _failed(str(error)) from error
    finally:
        _forget(source)


def _forget(source: str) -> None:
    """Typst remembers the parts of a document for ten compilations more; empty ones take their place."""
    import typst

    if len(source) > _LEAVES_MUCH:
        for _ in range(_COMPILATIONS_KEPT + 1):
            typst.Compiler(b"", root=_EMPTY_ROOT, font_paths=fonts()).compile(format="pdf")


def _elsewhere(request: dict[str, str], source: str) -> bytes:
    command = [sys.executable, "-m", "core.exports.typesetter"]
    sent = f"{json.dumps(request)}\n{source}".encode()
    try:
        done = subprocess.run(
            command, input=sent, capture_output=True, cwd=_ROOT, timeout=TIMEOUT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ExportFailed(
            f"The document was not typeset within {TIMEOUT_SECONDS:.0f} seconds.",
            remedy="Divide it into parts, or choose another format.",
        ) from error
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode == _REFUSED:
        raise _failed(said)
    if done.returncode:
        raise ExportFailed(
            f"Typesetting broke off with code {done.returncode}: {said[-500:]}",
            remedy="See that the machine has memory left, divide the document, or choose another format.",
        )
    return done.stdout


def _answer() -> None:
    """What the process of its own does."""
    request = json.loads(sys.stdin.buffer.readline())
    source = sys.stdin.buffer.read().decode()
    try:
        if "selector" in request:
            made = _queried(source, request["selector"]).encode()
        else:
            made = _compiled(source, "pdf", written=datetime.fromisoformat(request["written"]))
    except ExportFailed as error:
        sys.stderr.write(error.message.removeprefix(_SAID_BEFORE))
        sys.exit(_REFUSED)
    sys.stdout.buffer.write(made)


def _failed(said: str) -> ExportFailed:
    return ExportFailed(
        f"{_SAID_BEFORE}{said.strip()}",
        remedy="Take out the part that is named, or choose another format.",
    )


_SAID_BEFORE = "The document could not be typeset: "


_EMPTY_ROOT = Path(__file__).resolve().parent / "designs"
_ROOT = Path(__file__).resolve().parents[2]

if __name__ == "__main__":
    _answer()
