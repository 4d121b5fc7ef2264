"""The labelled texts that the semantic benchmarks read, from the folder that BENCH_DATA names."""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from core.inference.embedding import EmbeddingModel, SentenceEmbedder


class SentencePairs(NamedTuple):
    """`labels` are scores from 0 to 5 (STS-B) or 0 and 1 (MRPC)."""

    first: list[str]
    second: list[str]
    labels: list[float]


class Parallel(NamedTuple):
    """The beginning (1,500 characters) of one document each, in two languages."""

    english: list[str]
    spanish: list[str]


def stsb(part: str) -> SentencePairs:
    rows = [line.split("\t") for line in _lines(f"stsb-{part}.tsv")]
    return SentencePairs([row[5] for row in rows], [row[6] for row in rows], [float(row[4]) for row in rows])


def mrpc(part: str) -> SentencePairs:
    rows = [line.split("\t") for line in _lines(f"mrpc-{part}.tsv")[1:]]
    return SentencePairs([row[3] for row in rows], [row[4] for row in rows], [float(row[0]) for row in rows])


def parallel_documents() -> Parallel:
    rows = [json.loads(line) for line in _lines("parallel_en_es_dev.jsonl")]
    return Parallel([row["en"] for row in rows], [row["es"] for row in rows])


def answers() -> list[dict[str, str]]:
    """Clough and Stevenson: task, category (orig, cut, light, heavy, non) and text."""
    return [json.loads(line) for line in _lines("clough_stevenson_abc.jsonl")]


def without_markup(text: str) -> str:
    """Without links, includes and code, whose names are the same in every language."""
    text = re.sub(r"<[^>]+>|`[^`]*`", " ", text)
    return re.sub(r"\[!INCLUDE.*?\)\]|\]\([^)]*\)|\[!INCLUDE[^\]]*\]", " ", text)


def open_embedder(form: str) -> SentenceEmbedder:
    """The packaged model in the form named, one thread. The int8 form is kept between runs."""
    exports = Path(tempfile.gettempdir()) / "blatam-benchmarks"
    if form == "int8":
        return SentenceEmbedder(EmbeddingModel(exports=exports, form="int8"))
    import torch

    torch.set_num_threads(1)
    return SentenceEmbedder(EmbeddingModel(exports=exports, form="float32"))


def _lines(name: str) -> list[str]:
    named = Path(os.environ.get("BENCH_DATA") or "no-folder-named")
    for place in (named / name, named / "redundancy" / name):
        if place.is_file():
            return place.read_text(encoding="utf-8-sig").rstrip("\n").split("\n")
    sys.exit(f"BENCH_DATA names no folder with {name}.")
