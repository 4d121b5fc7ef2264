"""Are plain texts told from difficult ones, are syllables counted right, and how fast is a document judged?

    python -m benchmarks.quality.readability

Prints three tables and writes them to benchmarks/results/quality.md. Needs no corpus: the pairs and the
lists of words are those of the tests, the documents are the sample library.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path

from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from core.ingestion.intake import read_file
from core.ingestion.limits import IngestionLimits
from core.ingestion.reading import Reading
from core.language.description import describe
from core.language.stop_words import LANGUAGES, Language
from core.language.syllables import count_syllables
from core.quality import AssessedDocument, LibraryContext, assess, library_context
from core.quality.readability import FORMULAS, Formula, count
from samples.build import LIBRARY

TESTS = Path(__file__).parents[2] / "tests"
TODAY = date(2026, 11, 23)
ROUNDS = 5
GRADES = ("flesch_kincaid",)  # more is harder


def main() -> None:
    body = "\n\n".join([_pairs_table(), _syllables_table(), _speed_table(), *_notes()])
    print(body)
    save_section("quality", "Readability, syllables and speed", body)


def _notes() -> tuple[str, ...]:
    return (
        "Pairs, words and counts were written for this project; the two sides of a pair lie far apart, so "
        "the order is a sanity check, not a fine measure. The English rules of syllables were corrected on "
        "the list en; en_unseen was written afterwards and corrected nothing.",
        f"Speed: the sample library once read, one thread, the best of {ROUNDS} rounds, CPU seconds. "
        f"Machine: {describe_machine('simplemma')}.",
        "Repeat: `python -m benchmarks.quality.readability`",
    )


def _pairs_table() -> str:
    rows = [
        (f"{language}, {name}", *_ordered(language, name, formula))
        for language in LANGUAGES
        for name, formula in FORMULAS[language].items()
    ]
    header = ("language, formula", "pairs", "ordered right", "mean plain", "mean difficult", "smallest gap")
    return as_table(header, rows)


def _ordered(language: Language, name: str, formula: Formula) -> tuple[str, ...]:
    file = TESTS / "quality" / f"pairs_{language}.toml"
    pairs = tomllib.loads(file.read_text(encoding="utf-8"))["pair"]
    sign = -1 if name in GRADES else 1
    values = [
        tuple(_value(pair[side], language, formula) for side in ("plain", "difficult")) for pair in pairs
    ]
    gaps = [sign * (plain - difficult) for plain, difficult in values]
    means = [sum(column) / len(values) for column in zip(*values, strict=True)]
    right = sum(gap > 0 for gap in gaps)
    return (
        str(len(pairs)), str(right), *(f"{mean:.1f}" for mean in means), f"{min(gaps):.1f}",
    )  # fmt: skip


def _value(text: str, language: Language, formula: Formula) -> float:
    counts = count(text, language)
    assert counts is not None
    return formula(counts)


def _syllables_table() -> str:
    rows = []
    lists: tuple[tuple[str, Language], ...] = (*((one, one) for one in LANGUAGES), ("en_unseen", "en"))
    for name, language in lists:
        lines = (TESTS / "language" / f"syllables_{name}.txt").read_text(encoding="utf-8").splitlines()
        words = [(word, int(number)) for number, *own in map(str.split, lines) for word in own]
        right = sum(count_syllables(word, language) == number for word, number in words)
        rows.append((name, str(len(words)), str(right), f"{right / len(words):.3f}"))
    return as_table(("list", "words", "right", "share"), rows)


def _speed_table() -> str:
    documents = _documents()
    texts = {one.id: one.content.text for one in documents}
    context = library_context(texts)
    steps: dict[str, Callable[[], object]] = {
        "all parts of quality": lambda: _assess_all(documents, context),
        "compare with the library": lambda: library_context(texts),
        "keywords, entities, sentiment, summary": lambda: [
            describe(one.content.text, one.language) for one in documents
        ],
    }
    num_words = sum(len(text.split()) for text in texts.values())
    rows = []
    for name, step in steps.items():
        seconds = min(_cpu_seconds(step) for _ in range(ROUNDS))
        rows.append((name, f"{len(documents) / seconds:,.0f}", f"{num_words / seconds:,.0f}"))
    return as_table(("step", "documents/CPU-s", "words/CPU-s"), rows)


def _assess_all(documents: list[AssessedDocument], context: LibraryContext) -> None:
    for one in documents:
        assess(one, context, TODAY)


def _cpu_seconds(step: Callable[[], object]) -> float:
    begin = time.process_time()
    step()
    return time.process_time() - begin


def _documents() -> list[AssessedDocument]:
    return [
        AssessedDocument(id=str(file), content=one.content, language=one.language, title=one.title)
        for file in sorted(path for path in LIBRARY.rglob("*") if path.is_file())
        for one in read_file(file.name, str(file), IngestionLimits())
        if isinstance(one, Reading)
    ]


if __name__ == "__main__":
    main()
