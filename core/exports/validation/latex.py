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
_VERBATIM = re.compile(r"\\begin\{Verbatim\}(?:\[[^\]\n]*\])?\n(.*?)\n\\end\{Verbatim\}", re.DOTALL)
_TITLE = re.compile(r"^\\title\{(.*)\}$", re.MULTILINE)
_KEPT = re.compile("\ue000(\\d+)\ue001")  # where a stretch of code was taken out
_SHOWN_AS_THEY_ARE = ("section", "subsection", "subsubsection", "paragraph", "subparagraph", "texttt")
_CHARACTERS = {"textless": "<", "textgreater": ">", "textbar": "|", "textquotedbl": '"'}
_CHARACTERS |= {"textquotesingle": "'", "textasciigrave": "`"}
_CHARACTERS |= {"textasciitilde": "~", "textasciicircum": "^", "textbackslash": "\\"}


class LatexCheck:
    formats = ("tex",)

    @property
    def rules(self) -> Mapping[str, Rule]:
        return _RULES

    def tools(self) -> tuple[Tool, ...]:
        missing = "" if shutil.which("pandoc") else "pandoc is not installed."
        return Tool("pylatexenc", version("pylatexenc")), Tool("pandoc", "", missing)

    def text(self, data: bytes) -> str:
        """Title and body; code stands in it letter by letter."""
        source = data.decode()
        code = [found[1] for found in _VERBATIM.finditer(source)]
        numbers = iter(range(len(code)))
        kept = _VERBATIM.sub(lambda _: f"\ue000{next(numbers)}\ue001", source)
        title = _TITLE.search(kept)
        words = _ADDRESS.sub("", f"{title[1] if title else ''}\n\n{_body(kept)}")
        return _KEPT.sub(lambda found: code[int(found[1])], _plain(words))

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


def _plain(words: str) -> str:
    from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db
    from pylatexenc.latexwalker import get_default_latex_context_db as known_macros
    from pylatexenc.macrospec import MacroSpec

    parsed, shown = known_macros(), get_default_latex_context_db()
    specs = [MacroSpec(name, "*[{") for name in _SHOWN_AS_THEY_ARE]
    specs += [MacroSpec(name, "{{{") for name in ("multicolumn", "multirow")]
    specs += [MacroSpec("color", "{")]
    looks = [MacroTextSpec(name, "\n%(3)s\n") for name in _SHOWN_AS_THEY_ARE if name != "texttt"]
    looks += [MacroTextSpec(name, "%(3)s") for name in ("texttt", "multicolumn", "multirow")]
    looks += [MacroTextSpec(name, each) for name, each in _CHARACTERS.items()]
    looks += [MacroTextSpec(name, "") for name in ("color", "maketitle")]
    parsed.add_context_category("ours", specs, prepend=True)
    shown.add_context_category("ours", looks, prepend=True)
    reader = LatexNodes2Text(latex_context=shown, strict_latex_spaces=True)
    return str(reader.latex_to_text(words, latex_context=parsed))


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
