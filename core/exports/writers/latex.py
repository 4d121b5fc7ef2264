"""LaTeX: one .tex file for LuaLaTeX or XeLaTeX. pgfplots draws its charts; pictures cannot travel in it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from core.content import Block, CellSpan, Chart, Run, cell_runs, runs
from core.content.blocks import BlockKind
from core.exports.charts.palette import colours, visible
from core.exports.design import Design
from core.exports.manuscript import Manuscript, caption_owners
from core.exports.words import words_of
from core.exports.writers.typesetting.source import long_date

_LANGUAGES = {
    "ar": "arabic",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "fa": "persian",
    "fr": "french",
    "he": "hebrew",
    "it": "italian",
    "nl": "dutch",
    "pl": "polish",
    "pt": "portuguese",
    "ru": "russian",
    "tr": "turkish",
    "uk": "ukrainian",
}
_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "-": "-{}",
    "[": "{[}",
    "]": "{]}",
    "\n": r"\\ ",
    "\t": " ",
}
_SECTIONS = ("section", "subsection", "subsubsection", "paragraph", "subparagraph", "subparagraph")
_STYLES = {
    "strong": "textbf",
    "emphasis": "emph",
    "underline": "uline",
    "strike": "sout",
    "code": "texttt",
    "superscript": "textsuperscript",
    "subscript": "textsubscript",
    "highlight": "hl",
}
DEEPEST_LIST = 4  # what LaTeX allows


class Latex:
    name = "tex"
    extension = ".tex"
    media_type = "application/x-tex"
    leaves_out: frozenset[BlockKind] = frozenset({"picture"})

    def write(self, manuscript: Manuscript, design: Design) -> bytes:
        body = "\n\n".join(_Body(manuscript).written())
        contents = "\\tableofcontents\n\\clearpage\n" if design.has_contents else ""
        closing = _signatures(manuscript) if design.has_signatures else ""
        parts = (_preamble(manuscript, design), "\\begin{document}\n\\maketitle\n", contents, body, closing)
        return ("".join(parts) + "\n\\end{document}\n").encode()


def escaped(text: str) -> str:
    return "".join(_ESCAPES.get(each, each) for each in text if each >= " " or each in "\n\t")


def _preamble(manuscript: Manuscript, design: Design) -> str:
    page, branding, words = design.page, manuscript.branding, words_of(manuscript.language)
    main, others = _languages(manuscript)
    author = escaped(manuscript.author or branding.name)
    subtitle = f" \\\\ \\large {escaped(manuscript.subtitle)}" if manuscript.subtitle else ""
    serif = "" if design.body == "serif" else "\\renewcommand{\\familydefault}{\\sfdefault}"
    depth = 5 if design.numbering != "none" else 0
    columns = "twocolumn," if page.columns > 1 else ""
    size = 12 if design.size_points > 11.4 else 11 if design.size_points > 10.2 else 10
    page_of = words.page_of.format(page="\\thepage{}", pages="\\pageref*{LastPage}")
    lines = (
        f"\\documentclass[{columns}{size}pt]{{article}}",
        f"\\usepackage[paperwidth={page.width}mm,paperheight={page.height}mm,top={page.top}mm,"
        f"bottom={page.bottom}mm,left={page.left}mm,right={page.right}mm]{{geometry}}",
        "\\usepackage{fontspec,textcomp}",
        "\\usepackage{array,longtable,multirow,booktabs,xcolor,soulutf8,fancyvrb,fancyhdr,lastpage,pgfplots}",
        "\\usepackage[normalem]{ulem}",
        "\\pgfplotsset{compat=1.16}",
        f"\\definecolor{{primary}}{{HTML}}{{{visible(branding.primary, 4.5)[1:].upper()}}}",
        "\\usepackage[unicode,colorlinks,linkcolor=primary,urlcolor=primary]{hyperref}",
        f"\\hypersetup{{pdftitle={{{escaped(manuscript.title)}}},pdfauthor={{{author}}}}}",
        "\\usepackage{polyglossia}",
        f"\\setmainlanguage{{{main}}}",
        *(f"\\setotherlanguage{{{each}}}" for each in others),
        *_fonts({main, *others}),
        serif,
        f"\\setcounter{{secnumdepth}}{{{depth}}}",
        "\\pagestyle{fancy}\\fancyhf{}",
        f"\\lhead{{{escaped(branding.header)}}}\\lfoot{{{escaped(branding.footer)}}}",
        f"\\rfoot{{{page_of if design.is_numbered_by_page else ''}}}",
        f"\\title{{\\color{{primary}}\\bfseries {escaped(manuscript.title)}{subtitle}}}",
        f"\\author{{{author}}}",
        f"\\date{{{escaped(long_date(manuscript.written, manuscript.language))}}}",
    )
    return "\n".join(filter(None, lines)) + "\n"


def _languages(manuscript: Manuscript) -> tuple[str, list[str]]:
    main = _LANGUAGES.get(_first(manuscript.language), "english")
    blocks = manuscript.content.blocks
    tags = {block.language for block in blocks}
    tags |= {mark.target for block in blocks for mark in block.marks if mark.kind == "language"}
    others = {_LANGUAGES[_first(tag)] for tag in tags if _first(tag) in _LANGUAGES} - {main}
    return main, sorted(others)


def _fonts(languages: set[str]) -> Iterator[str]:
    if languages & {"arabic", "persian"}:
        yield "\\newfontfamily\\arabicfont[Script=Arabic]{Noto Sans Arabic}"
    if "hebrew" in languages:
        yield "\\newfontfamily\\hebrewfont[Script=Hebrew]{Noto Sans Hebrew}"


def _first(tag: str) -> str:
    return tag.partition("-")[0].lower()


def _signatures(manuscript: Manuscript) -> str:
    words = words_of(manuscript.language)
    fields = (words.signature, words.name, words.position, words.date)
    lines = "".join(
        f"\\rule{{6cm}}{{0.4pt}} & \\rule{{6cm}}{{0.4pt}} \\\\ {escaped(each)} & {escaped(each)} \\\\[2em]\n"
        for each in fields
    )
    columns = "@{}p{7cm}p{7cm}@{}"
    return f"\n\n\\vspace{{3em}}\\noindent\\begin{{tabular}}{{{columns}}}\n{lines}\\end{{tabular}}\n"


class _Body:
    def __init__(self, manuscript: Manuscript) -> None:
        self._manuscript = manuscript
        self._blocks = manuscript.content.blocks
        owners = caption_owners(self._blocks)
        self._captions = {owner: self._blocks[at] for at, owner in owners.items()}
        self._owned = set(owners)
        references = [each for each in self._blocks if each.kind == "reference"]
        self._references = {each.key: number for number, each in enumerate(references, start=1)}
        self._notes = {each.key: each for each in self._blocks if each.kind == "footnote"}
        self._noted: set[str] = set()
        self._main = _first(manuscript.language)

    def written(self) -> Iterator[str]:
        place = 0
        while place < len(self._blocks):
            block = self._blocks[place]
            if block.kind == "list_item":
                end = place
                while end < len(self._blocks) and self._blocks[end].kind == "list_item":
                    end += 1
                yield self._list(self._blocks[place:end])
                place = end
                continue
            made = "" if place in self._owned else self._block(place, block)
            if made:
                yield self._spoken(block.language, made, is_block=block.kind != "heading")
            place += 1

    def _block(self, place: int, block: Block) -> str:
        text = self._runs(runs(block))
        caption = self._captions.get(place)
        if block.kind == "heading":
            return f"\\{_SECTIONS[block.level - 1]}{{{text}}}{self._anchor(block.key)}"
        if block.kind == "quote":
            return f"\\begin{{quote}}\n{text}\n\\end{{quote}}"
        if block.kind == "code":
            return _code(block.text)
        if block.kind == "table":
            return self._table(block, caption)
        if block.kind == "picture":
            return self._picture(block, caption)
        if block.kind == "chart":
            return self._chart(block, caption)
        if block.kind == "footnote":
            return "" if self._is_signed(block.key) else f"{{\\small {text}}}"
        if block.kind == "reference":
            number = self._references.get(block.key, 0)
            return f"\\noindent {self._anchor(block.key)}{{[}}{number}{{]}}\\quad {text}"
        return f"{{\\small\\itshape {text}}}" if block.kind == "caption" else text

    def _is_signed(self, key: str) -> bool:
        return any(
            mark.kind == "footnote" and mark.target == key for block in self._blocks for mark in block.marks
        )

    def _anchor(self, key: str) -> str:
        return f"\\hypertarget{{{_name(key)}}}{{}}" if key else ""

    def _spoken(self, tag: str, made: str, is_block: bool) -> str:
        language = _LANGUAGES.get(_first(tag), "")
        if not language or _first(tag) == self._main:
            return made
        if is_block:
            environment = "Arabic" if language == "arabic" else language
            return f"\\begin{{{environment}}}\n{made}\n\\end{{{environment}}}"
        return made

    def _list(self, items: Sequence[Block]) -> str:
        """Opens and closes environments as the depth goes; LaTeX has four at most."""
        lines: list[str] = []
        open_: list[str] = []
        for item in items:
            depth = min(item.level, len(open_), DEEPEST_LIST - 1)
            kind = "enumerate" if item.is_ordered else "itemize"
            while len(open_) > depth + 1 or (len(open_) == depth + 1 and open_[-1] != kind):
                lines.append(f"\\end{{{open_.pop()}}}")
            if len(open_) == depth:
                open_.append(kind)
                lines.append(f"\\begin{{{kind}}}")
            lines.append(f"\\item {self._runs(runs(item))}")
        return "\n".join([*lines, *(f"\\end{{{kind}}}" for kind in reversed(open_))])

    def _table(self, block: Block, caption: Block | None) -> str:
        columns = max(map(len, block.rows), default=1)
        room = f"{0.94 / columns - 0.02:.3f}\\linewidth"
        spec = f"*{{{columns}}}{{>{{\\raggedright\\arraybackslash{{}}}}p{{{room}}}}}"
        lines = [self._row(block, at, cells) for at, cells in enumerate(cell_runs(block))]
        head, rest = lines[: block.header_rows], lines[block.header_rows :]
        top = f"\\caption{{{self._runs(runs(caption))}}}\\\\\n" if caption else ""
        headed = "\n".join(head) + "\n\\midrule\n\\endhead\n" if head else ""
        body = "\n".join(rest) + "\n\\bottomrule"
        return f"\\begin{{longtable}}{{{spec}}}\n{top}\\toprule\n{headed}{body}\n\\end{{longtable}}"

    def _row(self, block: Block, at: int, cells: list[tuple[Run, ...]]) -> str:
        spans = {(span.row, span.column): span for span in block.merged}
        made, column = [], 0
        while column < len(cells):
            span = spans.get((at, column)) or _above(block, at, column)
            text = self._runs(cells[column])
            text = f"\\textbf{{{text}}}" if at < block.header_rows and text else text
            if span and span.num_rows > 1 and span.row == at:
                text = f"\\multirow{{{span.num_rows}}}{{=}}{{{text}}}"
            if span and span.num_columns > 1:
                text = f"\\multicolumn{{{span.num_columns}}}{{l}}{{{text}}}"
            made.append(text)
            column += span.num_columns if span else 1
        return " & ".join(made) + r" \\"

    def _picture(self, block: Block, caption: Block | None) -> str:
        alternative = block.picture.alt if block.picture else ""
        below = f"\n\n{{\\small\\itshape {self._runs(runs(caption))}}}" if caption else ""
        if not alternative:
            return below.strip()
        words = words_of(self._manuscript.language)
        note = f"{escaped(words.figure)}: {escaped(alternative)}"
        return f"\\noindent\\fbox{{\\begin{{minipage}}{{0.95\\linewidth}}{note}\\end{{minipage}}}}{below}"

    def _chart(self, block: Block, caption: Block | None) -> str:
        chart = block.chart
        if chart is None:
            return ""
        branding = self._manuscript.branding
        below = f"\n\n{{\\small\\itshape {self._runs(runs(caption))}}}" if caption else ""
        return _plot(chart, block.text, colours(branding.primary, branding.accent)) + below

    def _runs(self, pieces: Sequence[Run]) -> str:
        return "".join(map(self._run, pieces))

    def _run(self, run: Run) -> str:
        made = escaped(run.text)
        if run.text:
            for style in sorted(run.styles):
                made = f"\\{_STYLES[style]}{{{made}}}"
            language = _LANGUAGES.get(_first(run.language), "")
            if language and _first(run.language) != self._main:
                made = f"\\text{language}{{{made}}}"
            if run.link.startswith("#"):
                made = f"\\hyperlink{{{_name(run.link[1:])}}}{{{made}}}"
            elif run.link:
                made = f"\\href{{{_address(run.link)}}}{{{made}}}"
        return made + "".join(self._sign(sign.kind, sign.key) for sign in run.signs)

    def _sign(self, kind: str, key: str) -> str:
        if kind == "citation":
            number = self._references.get(key)
            return f"\\hyperlink{{{_name(key)}}}{{{{[}}{number}{{]}}}}" if number else ""
        note = self._notes.get(key)
        return f"\\footnote{{{self._runs(runs(note))}}}" if note else ""


def _above(block: Block, row: int, column: int) -> CellSpan | None:
    return next(
        (
            span
            for span in block.merged
            if span.column == column and span.row < row < span.row + span.num_rows
        ),
        None,
    )


def _code(text: str) -> str:
    """Verbatim: nothing in it is a command but the line that ends it, which is broken where it comes."""
    kept = text.replace("\\end{Verbatim}", "\\end{Verbatim }")
    return f"\\begin{{Verbatim}}[frame=leftline]\n{kept}\n\\end{{Verbatim}}"


def _plot(chart: Chart, title: str, palette: tuple[str, ...]) -> str:
    """Native axes. A pie becomes bars, as pgfplots draws none."""
    is_across = chart.kind in ("bar", "pie")
    names = [f"{{{escaped(name)}}}" for name in chart.categories]
    axis = "y" if is_across else "x"
    options = [
        f"title={{{escaped(title)}}}",
        "width=0.9\\linewidth",
        "height=7cm",
        "legend pos=outer north east",
    ]
    if chart.kind in ("bar", "column", "pie"):
        options.append("xbar" if is_across else "ybar")
    if chart.kind != "scatter":
        ticks = ",".join(map(str, range(len(names))))
        options += [f"{axis}tick={{{ticks}}}", f"{axis}ticklabels={{{','.join(names)}}}"]
    titles = (chart.category_title, chart.value_title)
    first, second = reversed(titles) if is_across else titles
    options += [f"xlabel={{{escaped(first)}}}", f"ylabel={{{escaped(second)}}}"]
    plots = "\n".join(_series(chart, palette, is_across))
    defined = "".join(
        f"\\definecolor{{series{at}}}{{HTML}}{{{colour[1:].upper()}}}" for at, colour in enumerate(palette)
    )
    joined = ",\n".join(options)
    drawn = f"\\begin{{axis}}[{joined}]\n{plots}\n\\end{{axis}}"
    return f"{{{defined}\n\\noindent\\begin{{tikzpicture}}\n{drawn}\n\\end{{tikzpicture}}}}"


def _series(chart: Chart, palette: tuple[str, ...], is_across: bool) -> Iterator[str]:
    is_scatter = chart.kind == "scatter" and len(chart.series) > 1
    across = chart.series[0].values if is_scatter else tuple(map(float, range(len(chart.categories))))
    shown = chart.series[1:] if is_scatter else chart.series[:1] if chart.kind == "pie" else chart.series
    for at, series in enumerate(shown):
        pairs = [
            (y, x) if is_across else (x, y)
            for x, y in zip(across, series.values, strict=False)
            if x is not None and y is not None and math.isfinite(x) and math.isfinite(y)
        ]
        points = " ".join(f"({x:g},{y:g})" for x, y in pairs)
        colour = f"series{at % len(palette)}"
        look = {"line": f"{colour},mark=*", "area": f"{colour},mark=*,fill={colour},fill opacity=0.2"}.get(
            chart.kind, f"{colour},only marks" if chart.kind == "scatter" else f"fill={colour},draw={colour}"
        )
        closing = " \\closedcycle" if chart.kind == "area" else ""
        yield f"\\addplot[{look}] coordinates {{{points}}}{closing};"
        yield f"\\addlegendentry{{{escaped(series.name)}}}"


def _name(key: str) -> str:
    return "key" + key.encode().hex()


def _address(link: str) -> str:
    """With what LaTeX would read written as the address allows: by percent signs, themselves escaped."""
    spelled = re.sub(r"[\\{}^~\"<>|`\s]", lambda found: f"%{ord(found[0]):02X}", link)
    return re.sub(r"[%#&_$]", lambda found: "\\" + found[0], spelled)
