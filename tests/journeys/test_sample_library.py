"""The sample library through the whole product, against the truth that was planted in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from core.bootstrap import SAMPLES, inline_workbench, open_database, prepare
from core.gateway.roles import LOCAL_ADMINISTRATOR
from core.ingestion import ParserPool
from core.redundancy import Recommendation
from core.settings import Settings
from core.storage.documents import DocumentSummary
from core.use_cases import (
    CompareDocuments,
    IngestFiles,
    ReviewConflicts,
    ReviewMeanings,
    ReviewPassages,
    ReviewRedundancy,
    compare_documents,
    ingest_files,
    review_conflicts,
    review_meanings,
    review_passages,
    review_redundancy,
)
from core.use_cases.browse_library import BrowseLibrary, browse_library
from core.use_cases.inbox import IncomingFile
from core.use_cases.ingest_files import files_below
from core.workbench import Workbench
from tests.conftest import ROOT

TRUTH: dict[str, Any] = json.loads((ROOT / "samples/truth.json").read_text(encoding="utf-8"))
ME = LOCAL_ADMINISTRATOR


@dataclass(frozen=True)
class Sampled:
    bench: Workbench
    ids: dict[str, str]
    num_problems: int

    def groups(self, threshold: float) -> list[set[str]]:
        view = review_redundancy(ReviewRedundancy(threshold=threshold, limit=500), ME, self.bench)
        return [{document.name for document in each.documents} for each in view.clusters]

    def advice(self, canonical: str, member: str) -> Recommendation:
        request = CompareDocuments(canonical=self.ids[canonical], member=self.ids[member])
        return compare_documents(request, ME, self.bench).advice

    def jaccard(self, one: str, other: str) -> float:
        request = CompareDocuments(canonical=self.ids[one], member=self.ids[other])
        return compare_documents(request, ME, self.bench).jaccard


@pytest.fixture(scope="module")
def sampled(tmp_path_factory: pytest.TempPathFactory, parser_pool: ParserPool) -> Iterator[Sampled]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("samples"))
    prepare(settings)
    storage = open_database(settings)
    bench = replace(inline_workbench(settings, storage), parsers=lambda: nullcontext(parser_pool))
    bench.jobs.workbench = bench  # type: ignore[attr-defined]
    files = [IncomingFile(name, path) for name, path in files_below(SAMPLES)]
    job = ingest_files(IngestFiles(files=files, origin="sample"), ME, bench)
    view = browse_library(BrowseLibrary(limit=500), ME, bench)
    yield Sampled(bench, {document.name: document.id for document in view.documents}, job.result["problems"])
    storage.close()


def local(path: str) -> str:
    """The name that the library gives a path of the truth file."""
    return str(Path(path).relative_to("library")) if path.startswith("library/") else path


def pairs(kind: str) -> list[tuple[str, str]]:
    return [(local(one), local(other)) for group in TRUTH[kind] for one, other in combinations(group, 2)]


def test_every_sample_is_read_without_a_problem(sampled: Sampled) -> None:
    assert sampled.num_problems == 0
    assert set(sampled.ids) == {local(document["path"]) for document in TRUTH["documents"]}


def test_languages_are_recognised(sampled: Sampled) -> None:
    view = browse_library(BrowseLibrary(limit=500), ME, sampled.bench)
    spoken = {document.name: document.language for document in view.documents}
    wrong = [
        document["path"]
        for document in TRUTH["documents"]
        if spoken[local(document["path"])] != document["language"]
    ]
    assert wrong == []


def test_exact_copies_are_found_and_may_be_dropped_unasked(sampled: Sampled) -> None:
    identical = sampled.groups(1.0)
    for group in TRUTH["exact"]:
        names = {local(path) for path in group}
        assert any(names <= found for found in identical), names
    for one, other in pairs("exact"):
        advice = sampled.advice(one, other)
        assert (advice.act, advice.automatic, advice.reason_code) == ("drop", True, "identical")


@pytest.mark.parametrize("planted", TRUTH["edited"], ids=lambda planted: Path(planted["newer"]).stem)
def test_an_edited_copy_is_found_at_its_similarity(sampled: Sampled, planted: dict[str, Any]) -> None:
    older, newer = local(planted["older"]), local(planted["newer"])
    jaccard = sampled.jaccard(newer, older)
    assert planted["jaccard_min"] <= jaccard <= planted["jaccard_max"]
    assert any({older, newer} <= group for group in sampled.groups(round(jaccard - 0.005, 2)))
    if planted["facts_differ"]:
        assert not sampled.advice(newer, older).automatic


def test_template_families_are_named_and_never_dropped(sampled: Sampled) -> None:
    for family in TRUTH["template_families"]:
        for one, other in combinations(map(local, family["members"]), 2):
            advice = sampled.advice(one, other)
            assert (advice.act, advice.automatic) == ("keep", False), (one, other, advice.reason)
            assert advice.reason_code == "template_family"


def test_nothing_that_was_not_planted_is_grouped(sampled: Sampled) -> None:
    planted = [{local(path) for path in group} for group in TRUTH["exact"]]
    planted += [{local(each["older"]), local(each["newer"])} for each in TRUTH["edited"]]
    planted += [set(map(local, family["members"])) for family in TRUTH["template_families"]]
    for group in sampled.groups(0.5):
        for one, other in combinations(group, 2):
            assert any({one, other} <= known for known in planted) or sampled.jaccard(one, other) < 0.9


def test_near_misses_contradictions_and_translations_are_never_dropped(sampled: Sampled) -> None:
    unlike = pairs("negatives") + pairs("translated")
    unlike += [(local(each["a"]), local(each["b"])) for each in TRUTH["contradictions"]]
    identical = {frozenset(pair) for pair in pairs("exact")}
    for one, other in unlike:
        if frozenset((one, other)) not in identical:
            assert not sampled.advice(one, other).automatic, (one, other)


def names_of(*documents: DocumentSummary) -> frozenset[str]:
    return frozenset(document.name for document in documents)


def follows_from_copies(pair: frozenset[str], planted: set[frozenset[str]]) -> bool:
    """Whether the pair is planted once exact copies and versions stand for each other."""
    family: dict[str, set[str]] = {}
    groups = [set(map(local, group)) for group in TRUTH["exact"]]
    groups += [{local(each["older"]), local(each["newer"])} for each in TRUTH["edited"]]
    for group in groups:
        merged = set(group)
        for name in group:
            merged |= family.get(name, set())
        for name in merged:
            family[name] = merged
    one, other = sorted(pair)
    return any(
        frozenset((first, second)) in planted
        for first in family.get(one, {one})
        for second in family.get(other, {other})
        if first != second
    )


def test_copied_passages_are_found_between_their_documents_and_no_others(sampled: Sampled) -> None:
    view = review_passages(ReviewPassages(limit=500, threshold=0.5), ME, sampled.bench)
    found = {names_of(link.a, link.b): link for link in view.links}
    planted = {frozenset((local(each["source"]), local(each["copy"]))): each for each in TRUTH["passages"]}
    assert found.keys() == planted.keys()
    for pair, each in planted.items():
        said = " ".join(passage.excerpt.removesuffix(" …") for passage in found[pair].link.passages)
        assert set(each["text"].split()[:6]) <= set(said.replace(".", "").split()) | set(said.split()), pair


def test_translations_are_found_and_never_dropped(sampled: Sampled) -> None:
    view = review_meanings(ReviewMeanings(limit=500), ME, sampled.bench)
    assert {names_of(pair.a, pair.b) for pair in view.pairs} == set(map(frozenset, pairs("translated")))
    assert {pair.evidence.kind for pair in view.pairs} == {"translation"}
    assert {(pair.advice.act, pair.advice.automatic) for pair in view.pairs} == {("translation_of", False)}


def test_what_can_be_deleted_is_what_was_planted_as_a_copy(sampled: Sampled) -> None:
    view = review_redundancy(ReviewRedundancy(threshold=0.5, limit=500), ME, sampled.bench)
    safe = {
        frozenset((names[each.id], names[cluster.canonical]))
        for cluster in view.clusters
        for names in [{document.id: document.name for document in cluster.documents}]
        for each in cluster.others
        if view.advice[cluster.key][each.id].automatic
    }
    copies = set(map(frozenset, pairs("exact")))
    planted = copies | {
        frozenset((local(each["older"]), local(each["newer"])))
        for each in TRUTH["edited"]
        if not each["facts_differ"]
    }
    assert len(safe) >= len(TRUTH["exact"])
    assert all(pair in planted or follows_from_copies(pair, planted) for pair in safe)


def test_every_planted_contradiction_must_be_reconciled(sampled: Sampled) -> None:
    view = review_conflicts(ReviewConflicts(relation="all", limit=500), ME, sampled.bench)
    found = {names_of(each.a, each.b) for each in view.conflicts}
    planted = {frozenset((local(each["a"]), local(each["b"]))) for each in TRUTH["contradictions"]}
    assert planted <= found


def test_what_is_flagged_follows_from_what_was_planted(sampled: Sampled) -> None:
    """Templates fill in other facts, translations state the same ones, near misses are other matters."""
    view = review_conflicts(ReviewConflicts(limit=500), ME, sampled.bench)
    found = {names_of(each.a, each.b) for each in view.conflicts}
    spared = set(map(frozenset, pairs("negatives") + pairs("translated")))
    spared |= {
        frozenset(pair)
        for family in TRUTH["template_families"]
        for pair in combinations(map(local, family["members"]), 2)
    }
    planted = {frozenset((local(each["a"]), local(each["b"]))) for each in TRUTH["contradictions"]}
    assert (found & spared) - planted == set()


def test_damaged_samples_come_out_readable(sampled: Sampled) -> None:
    view = browse_library(BrowseLibrary(limit=500), ME, sampled.bench)
    from core.use_cases import ReadDocument, read_document

    for document in view.documents:
        text = read_document(ReadDocument(document=document.id), ME, sampled.bench).content.text
        assert "Ã³" not in text, document.name
        assert "�" not in text, document.name
