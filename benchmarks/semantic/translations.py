"""Are translations found: among 150 parallel documents, and in the sample library?"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from benchmarks.semantic.corpora import open_embedder, parallel_documents, without_markup
from core.inference.embedding import SentenceEmbedder
from core.redundancy.semantic import (
    Profile,
    ScoredPairs,
    SemanticIndex,
    embedded_form,
    make_profiles,
    translation_thresholds,
)
from core.redundancy.semantic.translation import translation_score
from samples.build import TRUTH, read_sources

Row = tuple[str, ...]


def main() -> None:
    embedder = open_embedder("int8")
    parallel_header = ("method", "as written: en-es", "es-en", "links and code removed: en-es", "es-en")
    library_header = ("languages", "planted", "found", "others found", "least planted", "next other")
    body = "\n\n".join(
        [
            as_table(parallel_header, _parallel_rows(embedder)),
            "Share of 150 documents (first 1,500 characters) whose translation is nearest of all. The first "
            "rows embed the first 256 word pieces. The score reads whole texts.",
            as_table(("150 + 150 documents in one library", "of 150", "others"), _library_of_pairs(embedder)),
            as_table(library_header, _sample_rows(embedder)),
            "The sample library: scores of the planted translations and of the next pair that is none. Where "
            "a version of a translated text is next, it stands back behind the better one.",
            "The model is English. A multilingual model would not need the glossary: mount one and make "
            "profiles with `is_multilingual`.",
            f"Machine: {describe_machine('onnxruntime', 'faiss-cpu', 'numpy')}.",
            "Repeat: `BENCH_DATA=folder OMP_NUM_THREADS=1 python -m benchmarks.semantic.translations`",
        ]
    )
    print(body)
    save_section("semantic", "Translations", body)


def _parallel_rows(embedder: SentenceEmbedder) -> list[Row]:
    def as_written(text: str, language: str) -> str:
        return text

    methods: dict[str, Callable[[list[str], list[str]], NDArray[np.float32]]] = {
        "cosine of the first passage, as written": lambda one, other: _cosines(
            embedder, one, other, as_written
        ),
        "cosine of the first passage, Spanish glossed": lambda one, other: _cosines(
            embedder, one, other, embedded_form
        ),
        "translation score": lambda one, other: _scores(
            make_profiles(one, ["en"] * len(one), embedder),
            make_profiles(other, ["es"] * len(other), embedder),
        ),
    }
    documents = parallel_documents()
    rows = []
    for name, method in methods.items():
        shares = []
        for cleaned in (str, without_markup):
            found = method(list(map(cleaned, documents.english)), list(map(cleaned, documents.spanish)))
            places = np.arange(len(found))
            shares += [float((found.argmax(axis) == places).mean()) for axis in (1, 0)]
        rows.append((name, *(f"{share:.3f}" for share in shares)))
    return rows


def _cosines(
    embedder: SentenceEmbedder, one: list[str], other: list[str], form: Callable[[str, str], str]
) -> NDArray[np.float32]:
    english = embedder.embed([form(text, "en") for text in one])
    return english @ embedder.embed([form(text, "es") for text in other]).T


def _scores(one: Sequence[Profile], other: Sequence[Profile]) -> NDArray[np.float32]:
    return np.array([[translation_score(a, b) for b in other] for a in one], np.float32)


def _library_of_pairs(embedder: SentenceEmbedder) -> list[Row]:
    documents = parallel_documents()
    rows = []
    for name, cleaned in (("as written", str), ("links and code removed", without_markup)):
        texts = [cleaned(text) for text in (*documents.english, *documents.spanish)]
        half = len(documents.english)
        found = _found(texts, ["en"] * half + ["es"] * half, embedder)
        right = int((found.second - found.first == half).sum())
        rows.append((name, str(right), str(len(found) - right)))
        swapped = [*range(half // 2), *range(half + half // 2, 2 * half)]
        lonely = _found(
            [texts[place] for place in swapped], ["en"] * (half // 2) + ["es"] * (half - half // 2), embedder
        )
        rows.append((f"{name}, 75 + 75 without a partner", "-", str(len(lonely))))
    return rows


def _found(texts: Sequence[str], languages: Sequence[str], embedder: SentenceEmbedder) -> ScoredPairs:
    ids = [str(place) for place in range(len(texts))]
    index = SemanticIndex()
    for id, profile in zip(ids, make_profiles(texts, languages, embedder), strict=True):
        index.put(id, profile)
    return index.find_pairs(ids).translations


def _sample_rows(embedder: SentenceEmbedder) -> list[Row]:
    truth = json.loads(TRUTH.read_text(encoding="utf-8"))
    sources = read_sources()
    language = {document["path"]: document["language"] for document in truth["documents"]}
    paths = [source.path for source in sources]
    texts, languages = [source.text for source in sources], [language[path] for path in paths]
    begin = time.process_time()
    profiles = make_profiles(texts, languages, embedder)
    print(f"{len(texts)} profiles in {time.process_time() - begin:.1f} CPU seconds")
    planted = {frozenset(pair) for pair in truth["translated"]}
    links = _found(texts, languages, embedder)
    found = {
        frozenset((paths[one], paths[other])) for one, other in zip(links.first, links.second, strict=True)
    }
    rows = []
    for one, other in combinations(("en", "es", "pt"), 2):
        assert translation_thresholds(one, other) is not None
        scores = {
            frozenset((paths[a], paths[b])): translation_score(profiles[a], profiles[b])
            for a in range(len(paths))
            for b in range(len(paths))
            if (languages[a], languages[b]) == (one, other)
        }
        own = planted & scores.keys()
        rows.append(
            (
                f"{one}-{other}",
                str(len(own)),
                str(len(own & found)),
                str(len((found & scores.keys()) - planted)),
                f"{min(scores[pair] for pair in own):.3f}",
                f"{max(score for pair, score in scores.items() if pair not in planted):.3f}",
            )
        )
    return rows


if __name__ == "__main__":
    main()
