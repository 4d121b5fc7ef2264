"""Large sources: time grows with their length, not faster."""

from __future__ import annotations

import random
import time

from benchmarks.documents.business_prose import TOPICS, write_document
from core.documents.citations import verify
from core.documents.drafting import ExtractiveWriter, SourceShelf, SourceText
from tests.documents.drafting.builders import plan, section

SECTIONS = [section(topic.title, *topic.hints, least=100, most=400) for topic in TOPICS.values()]


def report(num_pages: int) -> SourceText:
    content = write_document(random.Random(7), num_pages, 500)
    return SourceText("report", "Report", "report.pdf", "en", content)


def test_four_times_the_pages_take_about_four_times_as_long() -> None:
    small, large = report(60), report(240)
    seconds_of(small)  # the word lists are read
    assert seconds_of(large) < 8 * max(seconds_of(small), 0.05)


def test_a_thousand_pages_are_drafted_from_in_seconds() -> None:
    assert seconds_of(report(1_000)) < 30


def test_a_draft_of_long_sources_is_verbatim_and_fills_its_sections() -> None:
    sources = [report(20)]
    planned = plan(*SECTIONS)
    writer = ExtractiveWriter(SourceShelf(sources), planned)
    written = writer.finish([writer.write(each) for each in SECTIONS])
    assert all(check.is_right for check in verify(written, sources))
    assert all(each.num_words >= 100 for each in written.sections)
    said = [statement.text for statement in written.statements]
    assert len(said) == len(set(said))


def seconds_of(source: SourceText) -> float:
    started = time.process_time()
    planned = plan(*SECTIONS)
    writer = ExtractiveWriter(SourceShelf([source]), planned)
    for each in SECTIONS:
        writer.write(each)
    return time.process_time() - started
