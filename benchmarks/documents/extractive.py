"""Drafting ten pages from ten sources of twenty pages, without a model: how long, how true, how varied.

    python -m benchmarks.documents.extractive [--embedder]

Prints one table and writes it to benchmarks/results/documents.md. The sources are business prose put together
from frames and word lists with a fixed seed, so that no two sentences are equal.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from benchmarks.documents.business_prose import TOPICS, write_document
from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from core.documents.citations import verify
from core.documents.draft import Draft
from core.documents.drafting import ExtractiveWriter, SourceShelf, SourceText
from core.documents.plan import DocumentPlan, PlannedSection
from core.language.content_words import WORD
from core.language.embedder import Embedder
from core.language.sentences import split_sentences

NUM_SOURCES, NUM_PAGES, WORDS_PER_PAGE = 10, 20, 500
DRAFT_WORDS = 5_000
NUM_RUNS = 5
COLUMNS = ("way", "prepare s", "first section s", "whole draft s", "words", "statements right", "twice")


def main() -> None:
    sources = [_source(number) for number in range(NUM_SOURCES)]
    plan = _plan(sources)
    cold = draft(sources, plan, None)[3]
    rows = [_measured("by words alone", sources, plan, None)]
    if "--embedder" in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder:
            embedder = _embedder(Path(folder))
            draft(sources, plan, embedder)
            rows.append(_measured("by words and meaning", sources, plan, embedder))
    rows += _lexrank(sources)
    finished = draft(sources, plan, None)[0]
    num_words = sum(len(source.content.text.split()) for source in sources)
    body = "\n\n".join(
        [
            as_table(
                (
                    "way",
                    "prepare s",
                    "first section s",
                    "whole draft s",
                    "words",
                    "statements right",
                    "twice",
                ),
                rows,
            ),
            f"{NUM_SOURCES} sources of {NUM_PAGES} pages, "
            f"{num_words:,} words; a draft of {len(plan.sections)} sections, at most {DRAFT_WORDS:,} words; "
            f"CPU seconds, median of {NUM_RUNS}. "
            "The first section and the whole draft count from the unprepared sources. "
            f"The first draft of a process reads the word lists besides: {cold:.2f} s in all. "
            f"Gaps: {len(finished.gaps)}. Goals: first section 1 s, whole draft 5 s.",
            f"Machine: {describe_machine('numpy', 'simplemma')}.",
            "Repeat: `python -m benchmarks.documents.extractive --embedder`",
        ]
    )
    print(body)
    save_section("documents", "Drafting without a model", body)


def draft(
    sources: list[SourceText], plan: DocumentPlan, embedder: Embedder | None
) -> tuple[Draft, float, float, float]:
    """The draft, and the CPU seconds until the sources are prepared, the first section and all are there."""
    started = time.process_time()
    shelf = SourceShelf(sources, embedder)
    prepared = time.process_time() - started
    writer = ExtractiveWriter(shelf, plan)
    written = [writer.write(plan.sections[0])]
    first = time.process_time() - started
    written += [writer.write(section) for section in plan.sections[1:]]
    finished = writer.finish(written)
    return finished, prepared, first, time.process_time() - started


def _measured(
    way: str, sources: list[SourceText], plan: DocumentPlan, embedder: Embedder | None
) -> tuple[str, ...]:
    runs = [draft(sources, plan, embedder) for _ in range(NUM_RUNS)]
    finished = runs[0][0]
    checks = verify(finished, sources)
    right = sum(check.is_right for check in checks)
    texts = [statement.text for statement in finished.statements]
    seconds = (statistics.median(run[place] for run in runs) for place in (1, 2, 3))
    return (
        way,
        *(f"{taken:.2f}" for taken in seconds),
        f"{finished.num_words:,}",
        f"{right} of {len(checks)}",
        str(len(texts) - len(set(texts))),
    )


def _source(number: int) -> SourceText:
    content = write_document(random.Random(number), NUM_PAGES, WORDS_PER_PAGE)
    title = content.blocks[0].text
    return SourceText(f"source-{number}", title, f"{title}.pdf", "en", content)


def _plan(sources: list[SourceText]) -> DocumentPlan:
    sections = tuple(
        PlannedSection(
            key=key,
            title=topic.title,
            hints=topic.hints,
            question=f"{topic.title}?",
            min_words=DRAFT_WORDS // (2 * len(TOPICS)),
            max_words=DRAFT_WORDS // len(TOPICS),
        )
        for key, topic in TOPICS.items()
    )
    return DocumentPlan(
        brief="Report on the regional programme: what it cost, what it reached and what comes next",
        title="The regional programme",
        type="report",
        template_version=1,
        areas=("operations",),
        language="en",
        audience="management",
        tone="formal",
        complexity="moderate",
        engine="extractive",
        sections=sections,
        sources=tuple(source.id for source in sources),
    )


def _embedder(folder: Path) -> Embedder:
    from core.inference.embedding import EmbeddingModel, SentenceEmbedder

    return SentenceEmbedder(EmbeddingModel(exports=folder))


def _lexrank(sources: list[SourceText]) -> list[tuple[str, ...]]:
    """LexRank of sumy over one source after the other, for as many sentences; no row where it is absent.

    Sentences and words are split by us: its own way needs a download.
    """
    if find_spec("sumy") is None:
        return []
    from sumy.parsers.plaintext import PlaintextParser
    from sumy.summarizers.lex_rank import LexRankSummarizer

    def summarise() -> None:
        for source in sources:
            parser = PlaintextParser.from_string(source.content.text, _Tokenizer())
            LexRankSummarizer()(parser.document, DRAFT_WORDS // (15 * len(sources)))

    taken = f"{_seconds(summarise):.2f}"
    return [("LexRank of sumy, a source at a time, no sections", "-", "-", taken, "-", "-", "-")]


class _Tokenizer:
    """As sumy asks for it."""

    language = "english"

    def to_sentences(self, text: str) -> tuple[str, ...]:
        return tuple(text[slice(*extent)] for extent in split_sentences(text))

    def to_words(self, sentence: str) -> tuple[str, ...]:
        return tuple(WORD.findall(sentence))


def _seconds(act: Callable[[], None]) -> float:
    started = time.process_time()
    act()
    return time.process_time() - started


if __name__ == "__main__":
    main()
