"""Does int8 say what float32 says, how fast, and how well does it tell paraphrases?"""

from __future__ import annotations

import statistics
import time
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from benchmarks.semantic.corpora import SentencePairs, mrpc, open_embedder, stsb
from core.inference.embedding import SentenceEmbedder

FORMS = {"onnxruntime int8": "int8", "torch float32": "float32"}
ROUNDS = 3


class Measured(NamedTuple):
    per_second: float
    spearman: float
    threshold: float
    f1: float
    f1_best: float


def main() -> None:
    embedders = {name: open_embedder(form) for name, form in FORMS.items()}
    measured = _measure(embedders)
    ours, peer = measured["onnxruntime int8"], measured["torch float32"]
    header = (
        "form", "sentences/CPU-s", "Spearman, STS-B dev", "threshold, MRPC train", "F1, MRPC val",
        "best F1 there",
    )  # fmt: skip
    rows = [
        (
            name,
            f"{one.per_second:,.0f}",
            f"{one.spearman:.4f}",
            f"{one.threshold:.3f}",
            f"{one.f1:.3f}",
            f"{one.f1_best:.3f}",
        )
        for name, one in measured.items()
    ]
    body = "\n\n".join(
        [
            as_table(header, rows),
            f"int8 is {ours.per_second / peer.per_second:.1f} times as fast; its rank correlation differs by "
            f"{ours.spearman - peer.spearman:+.4f}.",
            f"One thread; the sentences of STS-B dev, median of {ROUNDS} rounds in turn, CPU seconds. int8 "
            "runs each text alone, so that its vector does not depend on its neighbours; float32 runs "
            "batches of like length. Saying yes always has an F1 on MRPC val of "
            f"{_f1(_is_pair(mrpc('val')), np.ones(len(mrpc('val').labels), np.bool_)):.3f}.",
            f"Machine: {describe_machine('onnxruntime', 'torch', 'tokenizers', 'numpy')}.",
            "Repeat: `BENCH_DATA=folder OMP_NUM_THREADS=1 python -m benchmarks.semantic.sentences`",
        ]
    )
    print(body)
    save_section("semantic", "Sentences: int8 against float32", body)


def cosines(embedder: SentenceEmbedder, pairs: SentencePairs) -> NDArray[np.float32]:
    return (embedder.embed(pairs.first) * embedder.embed(pairs.second)).sum(axis=1)


def best_threshold(values: NDArray[np.float32], is_pair: NDArray[np.bool_]) -> tuple[float, float]:
    """The cosine with the best F1, and that F1."""
    grid = np.arange(0.3, 0.96, 0.005)
    scores = [_f1(is_pair, values >= threshold) for threshold in grid]
    best = int(np.argmax(scores))
    return float(grid[best]), float(scores[best])


def _measure(embedders: dict[str, SentenceEmbedder]) -> dict[str, Measured]:
    dev = stsb("dev")
    sentences = list(dict.fromkeys([*dev.first, *dev.second]))
    for embedder in embedders.values():
        embedder.embed(sentences[:64])
    rounds = [{name: _seconds(one, sentences) for name, one in embedders.items()} for _ in range(ROUNDS)]
    return {
        name: _quality(one, len(sentences) / statistics.median(times[name] for times in rounds), dev)
        for name, one in embedders.items()
    }


def _seconds(embedder: SentenceEmbedder, sentences: list[str]) -> float:
    begin = time.process_time()
    embedder.embed(sentences)
    return time.process_time() - begin


def _quality(embedder: SentenceEmbedder, per_second: float, dev: SentencePairs) -> Measured:
    train, val = mrpc("train"), mrpc("val")
    threshold, _ = best_threshold(cosines(embedder, train), _is_pair(train))
    found = cosines(embedder, val)
    return Measured(
        per_second,
        _spearman(cosines(embedder, dev), np.array(dev.labels)),
        threshold,
        _f1(_is_pair(val), found >= threshold),
        best_threshold(found, _is_pair(val))[1],
    )


def _is_pair(pairs: SentencePairs) -> NDArray[np.bool_]:
    return np.array(pairs.labels) == 1


def _f1(is_pair: NDArray[np.bool_], said: NDArray[np.bool_]) -> float:
    return float(2 * (is_pair & said).sum() / max(1, is_pair.sum() + said.sum()))


def _spearman(one: NDArray[np.float32], other: NDArray[np.float64]) -> float:
    from scipy.stats import spearmanr

    return float(spearmanr(one, other).statistic)


if __name__ == "__main__":
    main()
