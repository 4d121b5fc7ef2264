"""The Reuters corpus and its exact truth, where BENCH_DATA names the folder that holds them."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import NamedTuple

import pytest


class Reuters(NamedTuple):
    folder: Path
    ids: list[int]
    texts: list[str]

    def truth(self, name: str) -> dict[tuple[int, int], float]:
        rows = [line.split("\t") for line in (self.folder / name).read_text().splitlines()[1:]]
        place = {id: position for position, id in enumerate(self.ids)}
        return {
            (min(place[int(a)], place[int(b)]), max(place[int(a)], place[int(b)])): float(jaccard)
            for a, b, jaccard in rows
        }


@pytest.fixture(scope="session")
def reuters() -> Reuters:
    named = Path(os.environ.get("BENCH_DATA") or "no-folder-named")
    folder = next(
        (place for place in (named, named / "redundancy") if (place / "reuters.jsonl.gz").is_file()), None
    )
    if folder is None:
        pytest.skip("BENCH_DATA names no folder with reuters.jsonl.gz")
    with gzip.open(folder / "reuters.jsonl.gz", "rt", encoding="utf-8") as lines:
        stories = [story for story in map(json.loads, lines) if story["body"]]
    return Reuters(
        folder,
        [story["id"] for story in stories],
        [f"{story['title']}\n{story['body']}" for story in stories],
    )
