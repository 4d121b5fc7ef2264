"""Is an answer copied from its source? Copied, lightly and heavily changed answers against free ones.

    BENCH_DATA=folder python -m benchmarks.passages.copied_answers

Clough and Stevenson's answers, tasks a to c. Each task is judged by weights from the other two, with the
threshold 0.5. Prints one table with the weights that all tasks give and writes it to
benchmarks/results/passages.md.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from core.inference.embedding import EmbeddingModel, SentenceEmbedder
from core.redundancy.passages.copying import copy_evidence

PENALTY = 0.5  # inverse strength of the penalty on weights, on standardised shares
PEERS = {
    "rapidfuzz token_set_ratio": fuzz.token_set_ratio,
    "rapidfuzz partial_ratio": fuzz.partial_ratio,
}

_Shares = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Answers:
    texts: list[str]
    sources: list[str]
    tasks: NDArray[np.str_]
    copied: NDArray[np.bool_]


def main() -> None:
    answers = load_answers()
    if answers is None:
        sys.exit("BENCH_DATA names no folder with clough_stevenson_abc.jsonl.")
    with tempfile.TemporaryDirectory() as exports:
        embedder = SentenceEmbedder(EmbeddingModel(exports=Path(exports)))
        pairs = list(zip(answers.texts, answers.sources, strict=True))
        evidence = [copy_evidence(text, source, embedder) for text, source in pairs]
    full = np.array([(one.vocabulary, one.aligned, one.alike) for one in evidence], np.float64)
    measured = {"ours, with sentences": full, "ours, words only": full[:, :2]}
    measured |= {
        name: np.array([[ratio(text, source) / 100] for text, source in pairs])
        for name, ratio in PEERS.items()
    }
    body = _section(answers, measured)
    print(body)
    save_section("passages", "Copied answers", body)


def load_answers() -> Answers | None:
    named = Path(os.environ.get("BENCH_DATA") or "no-folder-named")
    files = [folder / "clough_stevenson_abc.jsonl" for folder in (named, named / "redundancy")]
    file = next((file for file in files if file.is_file()), None)
    if file is None:
        return None
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]
    sources = {row["task"]: row["text"] for row in rows if row["category"] == "orig"}
    answers = [row for row in rows if row["category"] != "orig"]
    return Answers(
        [row["text"] for row in answers],
        [sources[row["task"]] for row in answers],
        np.array([row["task"] for row in answers]),
        np.array([row["category"] != "non" for row in answers]),
    )


def leave_one_task_out(answers: Answers, shares: _Shares) -> NDArray[np.float64]:
    """For each answer the score by a model of the other tasks."""
    scores = np.zeros(len(answers.tasks))
    for task in np.unique(answers.tasks):
        other, own = answers.tasks != task, answers.tasks == task
        weights = fit(shares[other], answers.copied[other])
        scores[own] = 1 / (1 + np.exp(-(weights[0] + shares[own] @ weights[1:])))
    return scores


def fit(shares: _Shares, copied: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Bias and weights on the shares as they are."""
    scale = StandardScaler().fit(shares)
    model = LogisticRegression(C=PENALTY).fit(scale.transform(shares), copied)
    weights = model.coef_[0] / scale.scale_
    return np.concatenate((model.intercept_ - weights @ scale.mean_, weights))


def _section(answers: Answers, measured: dict[str, _Shares]) -> str:
    rows = []
    for name, shares in measured.items():
        scores = leave_one_task_out(answers, shares)
        right = float(((scores >= 0.5) == answers.copied).mean())
        weights = " ".join(f"{weight:.3f}" for weight in fit(shares, answers.copied))
        rows.append((name, f"{roc_auc_score(answers.copied, scores):.4f}", f"{right:.4f}", weights))
    notes = [
        f"{len(answers.texts)} answers to three questions, {answers.copied.sum()} of them written from the "
        "source. AUC and accuracy with each task judged by a logistic model of the other two, for the peers "
        "likewise. Weights: bias, then vocabulary, aligned, alike, from all three tasks.",
        f"Machine: {describe_machine('scikit-learn', 'rapidfuzz', 'onnxruntime')}.",
        "Repeat: `BENCH_DATA=folder python -m benchmarks.passages.copied_answers`",
    ]
    header = ("method", "AUC", "accuracy", "weights")
    return "\n\n".join([as_table(header, rows), *notes])


if __name__ == "__main__":
    main()
