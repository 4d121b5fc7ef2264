"""Where do the thresholds of meaning come from? Run again for another model."""

from __future__ import annotations

import argparse
import json
from itertools import combinations
from pathlib import Path

import numpy as np

from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from benchmarks.semantic.corpora import answers, open_embedder, stsb
from benchmarks.semantic.sentences import best_threshold, cosines
from core.inference.embedding import EmbeddingModel, SentenceEmbedder
from core.redundancy import find_pairs
from core.redundancy.semantic import make_profiles, thresholds
from core.redundancy.semantic.same_meaning import same_meaning
from samples.build import TRUTH, read_sources

REWORDED = ("light", "heavy")
Row = tuple[str, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, help="folder of another model; its figures are only printed")
    parser.add_argument("--multilingual", action="store_true", help="it reads Spanish and Portuguese")
    given = parser.parse_args()
    embedder = open_embedder("int8")
    if given.model:
        embedder = SentenceEmbedder(EmbeddingModel(exports=given.model / "exports", folder=given.model))
    rows = [*_sentence_rows(embedder), *_answer_rows(embedder), *_sample_rows(embedder, given.multilingual)]
    body = "\n\n".join(
        [
            as_table(("question", "language", "figure", "threshold in use"), rows),
            "Answers: Clough and Stevenson, tasks a to c; the mean best match of an answer's passages in the "
            "source. Documents that are not listed: the highest score of two documents of the sample library "
            "that share no words to speak of (Jaccard below 0.5).",
            f"Machine: {describe_machine('onnxruntime', 'numpy')}.",
            "Repeat: `BENCH_DATA=folder OMP_NUM_THREADS=1 python -m benchmarks.semantic.calibration`",
        ]
    )
    print(body)
    if not given.model:
        save_section("semantic", "Thresholds in one language", body)


def _sentence_rows(embedder: SentenceEmbedder) -> list[Row]:
    train = stsb("train")
    threshold, score = best_threshold(cosines(embedder, train), np.array(train.labels) >= 4)
    in_use = f"{thresholds('en').sentence:.2f}"
    return [
        ("sentence: best threshold, STS-B train, score of 4 or 5", "en", f"{threshold:.3f}", in_use),
        ("sentence: F1 there", "en", f"{score:.3f}", in_use),
    ]


def _answer_rows(embedder: SentenceEmbedder) -> list[Row]:
    rows = answers()
    profiles = make_profiles([row["text"] for row in rows], ["en"] * len(rows), embedder)
    sources = {row["task"]: own for row, own in zip(rows, profiles, strict=True) if row["category"] == "orig"}
    reworded, independent, right, count = [], [], 0, 0
    least = thresholds("en")
    for row, own in zip(rows, profiles, strict=True):
        if row["category"] == "orig":
            continue
        cosine = own.vectors.astype(np.float32) @ sources[row["task"]].vectors.astype(np.float32).T
        best = cosine.max(axis=1)
        score = float((best * own.lengths).sum() / own.lengths.sum())
        right += (score >= least.document) == (row["category"] != "non")
        count += 1
        if row["category"] != "cut":
            (reworded if row["category"] in REWORDED else independent).append(best >= least.passage)
    passage, document = f"{least.passage:.2f}", f"{least.document:.2f}"
    return [
        ("passage: reworded ones above", "en", f"{np.concatenate(reworded).mean():.2f}", passage),
        ("passage: independent ones above", "en", f"{np.concatenate(independent).mean():.2f}", passage),
        ("document: accuracy on answers", "en", f"{right / count:.2f}", document),
    ]


def _sample_rows(embedder: SentenceEmbedder, is_multilingual: bool) -> list[Row]:
    truth = json.loads(TRUTH.read_text(encoding="utf-8"))
    language = {document["path"]: document["language"] for document in truth["documents"]}
    sources = read_sources()
    texts, languages = [source.text for source in sources], [language[source.path] for source in sources]
    profiles = make_profiles(texts, languages, embedder, is_multilingual=is_multilingual)
    lexical = find_pairs(texts, 0.5)
    listed = set(zip(lexical.first.tolist(), lexical.second.tolist(), strict=True))
    rows = []
    for own in ("en", "es", "pt"):
        members = [place for place, one in enumerate(languages) if one == own]
        scores = {
            pair: same_meaning(*(profiles[place] for place in pair)) for pair in combinations(members, 2)
        }
        other = max(score for pair, score in scores.items() if pair not in listed)
        versions = min(score for pair, score in scores.items() if pair in listed)
        in_use = f"{thresholds(own).document:.2f}"
        rows.append(("document: not listed, highest", own, f"{other:.2f}", in_use))
        rows.append(("document: versions and copies, lowest", own, f"{versions:.2f}", in_use))
    return rows


if __name__ == "__main__":
    main()
