"""Analyse a folder, a file or a .jsonl of records without a library: what the command line does."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.content import Block, Content
from core.errors import Invalid
from core.ingestion import ParserPool
from core.ingestion.language import identify
from core.language.embedder import Embedder
from core.quality import AssessedDocument, LibraryContext, assess
from core.redundancy import (
    RULES,
    Cluster,
    PairTable,
    Recommendation,
    RedundancyReport,
    Subject,
    find_pairs,
    find_redundancy,
)
from core.redundancy.report import Comparison
from core.use_cases.further_findings import compare_pair, further_findings
from core.use_cases.ingest_files import files_at

_SIDES = {"a": "canonical", "b": "document"}
RECORD_ENDINGS = (".jsonl", ".jsonl.gz")
LANGUAGE_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class _Corpus:
    subjects: list[Subject]
    contents: list[Content]
    errors: list[dict[str, Any]]


def analyse_path(
    path: Path,
    parsers: Callable[[], ParserPool],
    *,
    threshold: float,
    rule: str,
    floor: float,
    compare: Comparison = find_pairs,
    find: Sequence[str] = (),
    embedder: Embedder | None = None,
) -> dict[str, Any]:
    """The report as plain values: documents, pairs, clusters, savings, errors, and what else is to be found:
    passages, meanings (which need the embedder) or contradictions.

    A .jsonl or .jsonl.gz holds records with `id`, `title` and `body`; their text is title, newline, body.
    The text of a file is what its reader finds in it. Pairs are listed from `threshold` upwards. Raises
    Invalid for a path that is not there or a threshold out of range.
    """
    if not 0 < threshold <= 1:
        raise Invalid(f"{threshold} is no threshold.", remedy="Choose a number above 0, up to 1.")
    if rule not in RULES:
        raise Invalid(f"There is no rule {rule!r}.", remedy=f"Use one of: {', '.join(RULES)}.")
    corpus = (
        _records(path) if path.is_file() and path.name.endswith(RECORD_ENDINGS) else _files(path, parsers)
    )
    if rule == "best_quality":
        corpus.subjects[:] = _judged(corpus)
    report = find_redundancy(
        corpus.subjects, floor=min(floor, threshold), threshold=threshold, rule=rule, compare=compare
    )
    spoken = [_with_language(subject) for subject in corpus.subjects] if find else []
    further = further_findings(spoken, report.pairs, find, embedder)
    return _plain(report, corpus, threshold, rule) | further


def compare_paths(
    a: Path, b: Path, parsers: Callable[[], ParserPool], embedder: Embedder | None
) -> dict[str, Any]:
    """Everything that two files have to do with each other. Raises Invalid for one without text."""
    one, other = (_only(path, parsers) for path in (a, b))
    return compare_pair(replace(one, id="a"), replace(other, id="b"), embedder)


def _only(path: Path, parsers: Callable[[], ParserPool]) -> Subject:
    subjects = _files(path, parsers).subjects
    if len(subjects) != 1:
        raise Invalid(f"{path} is not one document.", remedy="Name a file with text.")
    return subjects[0]


def _judged(corpus: _Corpus) -> list[Subject]:
    """The subjects with the score of each, told by the documents alone."""
    today = datetime.now(UTC).date()
    judged = []
    for subject, content in zip(map(_with_language, corpus.subjects), corpus.contents, strict=True):
        document = AssessedDocument(
            id=subject.id, content=content, language=subject.language, title=subject.title
        )
        judged.append(replace(subject, quality=assess(document, LibraryContext(), today).score))
    return judged


def _with_language(subject: Subject) -> Subject:
    return (
        subject
        if subject.language
        else replace(subject, language=identify(subject.text[:LANGUAGE_CHARACTERS]))
    )


def write_report(report: dict[str, Any], out: Path | None) -> None:
    """As JSON to the file, else to standard output."""
    text = json.dumps(report, ensure_ascii=False, indent=1) + "\n"
    if out is None:
        sys.stdout.write(text)
    else:
        out.write_text(text, encoding="utf-8")


def _records(path: Path) -> _Corpus:
    corpus = _Corpus([], [], [])
    seen: set[str] = set()
    for number, line in _lines(path):
        record = _record(line)
        name = f"{path.name}:{number}"
        if record is None:
            _refuse(corpus, name, "unreadable", "This line is no JSON object.", "Write one object a line.")
            continue
        given = record.get("id")
        identity = name if given is None else str(given)
        title, body = _text(record.get("title")), _text(record.get("body"))
        if identity in seen:
            _refuse(corpus, identity, "duplicate_id", "An earlier record has this id.", "Give it its own.")
        elif not body.strip():
            _refuse(corpus, identity, "empty", "The record has no text.", "Leave it out, or fill its body.")
        else:
            text = f"{title}\n{body}"
            language = _text(record.get("language"))
            corpus.subjects.append(Subject.of(identity, text, title, _date(record.get("date")), language))
            corpus.contents.append(Content((Block("heading", title, level=1), Block("paragraph", body))))
        seen.add(identity)
    return corpus


def _files(path: Path, parsers: Callable[[], ParserPool]) -> _Corpus:
    corpus = _Corpus([], [], [])
    seen: dict[str, int] = {}
    with parsers() as pool:
        for _, outcome in pool.read_many(files_at([path])):
            for reading in outcome.readings:
                seen[reading.name] = seen.get(reading.name, 0) + 1
                number = seen[reading.name]
                identity = reading.name if number == 1 else f"{reading.name} ({number})"
                subject = Subject.of(
                    identity, reading.content.text, reading.title, reading.modified, reading.language
                )
                corpus.subjects.append(subject)
                corpus.contents.append(reading.content)
            for problem in outcome.problems:
                _refuse(corpus, problem.name, problem.code, problem.message, problem.remedy)
    return corpus


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with gzip.open(path) if path.name.endswith(".gz") else path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, line
    except (OSError, EOFError) as error:
        raise Invalid(f"{path} cannot be read to its end: {error}.", remedy="Use a whole file.") from error


def _record(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _date(value: object) -> datetime | None:
    """An ISO date; other ways to write one are ambiguous and count as none."""
    if not isinstance(value, str):
        return None
    try:
        date = datetime.fromisoformat(value)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _refuse(corpus: _Corpus, identity: str, code: str, message: str, remedy: str) -> None:
    corpus.errors.append({"id": identity, "code": code, "message": message, "remedy": remedy})


def _plain(report: RedundancyReport, corpus: _Corpus, threshold: float, rule: str) -> dict[str, Any]:
    subjects = corpus.subjects
    listed = _listed_pairs(report.pairs.at_least(threshold))
    return {
        "threshold": threshold,
        "rule": rule,
        "documents": [
            {
                "id": subject.id,
                "title": subject.title,
                "num_words": subject.num_words,
                "language": subject.language,
                "modified": subject.modified.isoformat() if subject.modified else None,
            }
            for subject in subjects
        ],
        "pairs": [[subjects[one].id, subjects[other].id, jaccard] for one, other, jaccard in listed],
        "clusters": [_plain_cluster(found, subjects) for found in report.clusters],
        "savings": asdict(report.savings),
        "errors": corpus.errors,
    }


def _plain_cluster(found: Cluster, subjects: list[Subject]) -> dict[str, Any]:
    return {
        "documents": [subjects[member].id for member in found.members],
        "canonical": subjects[found.canonical].id,
        "canonical_because": found.choice.reason,
        "template_family": found.is_template_family,
        "recommendations": [_plain_advice(advice, subjects) for advice in found.recommendations],
    }


def _plain_advice(advice: Recommendation, subjects: list[Subject]) -> dict[str, Any]:
    return {
        "document": advice.member_id,
        "act": advice.act,
        "automatic": advice.automatic,
        "reason_code": advice.reason_code,
        "reason": advice.reason,
        "confidence": advice.confidence,
        "passages": [
            {"canonical": list(passage.a), "document": list(passage.b), "num_words": passage.num_words}
            for passage in advice.passages
        ],
        "differing_facts": [
            {"side": _SIDES[each.side], "kind": each.fact.kind, "text": each.fact.text}
            for each in advice.differing_facts
        ],
    }


def _listed_pairs(pairs: PairTable) -> list[tuple[int, int, float]]:
    """Every pair once, in input order; the large groups that the table shortens are written out."""
    members = {int(group[0]): group.tolist() for group in pairs.large_groups}
    followers = {member: leader for leader, group in members.items() for member in group[1:]}
    listed: list[tuple[int, int, float]] = []
    for group in members.values():
        listed += [(one, other, 1.0) for index, one in enumerate(group) for other in group[index + 1 :]]
    for first, second, jaccard in zip(
        pairs.first.tolist(), pairs.second.tolist(), pairs.jaccard.tolist(), strict=True
    ):
        if followers.get(second) == first:
            continue  # one of the spokes that stand for the whole group
        for one in members.get(first, [first]):
            listed += [(min(one, other), max(one, other), jaccard) for other in members.get(second, [second])]
    return sorted(listed)
