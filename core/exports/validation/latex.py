"""LaTeX by pylatexenc's parser, and by pandoc where it is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from importlib.metadata import version

from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.validation.report import Check, Issue, Rule, Tool

TIMEOUT_SECONDS = 120
_REACHES_OUT = re.compile(r"\\(write18|input|include|openin|openout|immediate|directlua|includegraphics)\b")
_ENVIRONMENT = re.compile(r"\\(begin|end)\{([A-Za-z]+\*?)\}")
_ADDRESS = re.compile(r"\\(href|hyperlink|hypertarget)\{[^{}]*\}")
_VERBATIM = re.compile(r"\\begin\{Verbatim\}.*?\n\\end\{Verbatim\}", re.DOTALL)


class LatexCheck:
    formats = ("tex",)

    @property
    def rules(self) -> Mapping[str, Rule]:
        return _RULES

    def tools(self) -> tuple[Tool, ...]:
        missing = "" if shutil.which("pandoc") else "pandoc is not installed."
        return Tool("pylatexenc", version("pylatexenc")), Tool("pandoc", "", missing)

    def text(self, data: bytes) -> str:
        from pylatexenc.latex2text import LatexNodes2Text

        words = _ADDRESS.sub("", _body(data.decode()))
        return str(LatexNodes2Text(strict_latex_spaces=False).latex_to_text(words))

    def check(self, data: bytes, manuscript: Manuscript, design: Design) -> Iterator[Check]:
        by = f"pylatexenc {version('pylatexenc')}"
        try:
            source = data.decode("utf-8")
        except UnicodeDecodeError as error:
            yield Check("tex.opens", by, (Issue(str(error)),))
            return
        yield Check("tex.opens", by, tuple(_parse_errors(source)))
        yield Check("tex.balanced", by, tuple(_unbalanced(source)))
        yield Check("tex.alone", by, tuple(_reaching_out(source)))
        yield Check("tex.headings", by, tuple(_lost_headings(self.text(data), manuscript)))
        if shutil.which("pandoc"):
            yield Check("tex.pandoc", "pandoc", tuple(_pandoc_errors(data)))


def _body(source: str) -> str:
    return source.partition("\\begin{document}")[2].partition("\\end{document}")[0]


def _parse_errors(source: str) -> Iterator[Issue]:
    from pylatexenc.latexwalker import LatexWalker, LatexWalkerParseError

    if not _body(source):
        yield Issue("there is no document in it")
        return
    try:
        LatexWalker(_VERBATIM.sub("", source), tolerant_parsing=False).get_latex_nodes()
    except LatexWalkerParseError as error:
        yield Issue(str(error))


def _unbalanced(source: str) -> Iterator[Issue]:
    """Environments that end where they did not begin."""
    open_: list[str] = []
    for found in _ENVIRONMENT.finditer(_VERBATIM.sub("", source)):
        if found[1] == "begin":
            open_.append(found[2])
        elif not open_ or open_.pop() != found[2]:
            yield Issue(f"{found[2]} ends but did not begin")
            return
    yield from (Issue(f"{name} does not end") for name in open_)


def _reaching_out(source: str) -> Iterator[Issue]:
    for found in _REACHES_OUT.finditer(_VERBATIM.sub("", source)):
        yield Issue(f"{found[0]} is used", f"character {found.start()}")


def _lost_headings(shown: str, manuscript: Manuscript) -> Iterator[Issue]:
    text = _letters(shown)
    for block in manuscript.content.blocks:
        if block.kind == "heading" and block.text.isascii() and _letters(block.text) not in text:
            yield Issue(f"{block.text!r} is not in the text")


def _letters(text: str) -> str:
    return "".join(each for each in text.casefold() if each.isascii() and each.isalnum())


def _pandoc_errors(data: bytes) -> Iterator[Issue]:
    command = ["pandoc", "--from=latex", "--to=plain", "--sandbox"]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=TIMEOUT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        yield Issue("pandoc did not come to an end")
        return
    if done.returncode:
        yield Issue(done.stderr.decode(errors="replace").strip())


_RULES = {
    "tex.opens": Rule("formatting", "basic", "A LaTeX parser reads the file.", "Write the document again."),
    "tex.balanced": Rule(
        "formatting", "standard", "Each environment ends where it should.", "Write the document again."
    ),
    "tex.alone": Rule(
        "professional",
        "standard",
        "The file runs no programs and needs no other file.",
        "Write the document again.",
    ),
    "tex.headings": Rule("content", "standard", "All headings are in the text.", "Write the document again."),
    "tex.pandoc": Rule(
        "formatting", "professional", "Pandoc reads the file without an error.", "Write the document again."
    ),
}
