"""The training text: documents out of compressed JSON lines, some of them kept out for measuring."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import zstandard

HELD_OUT_OF_A_THOUSAND = 10


@dataclass(frozen=True, slots=True)
class Text:
    """One document: its place in the source, and its plain text."""

    source: str
    text: str

    @property
    def is_held_out(self) -> bool:
        """Whether it is kept out of training; decided by its source, so the same in every run."""
        digest = blake2b(self.source.encode(), digest_size=8).digest()
        return int.from_bytes(digest, "little") % 1000 < HELD_OUT_OF_A_THOUSAND


def read_texts(folder: Path) -> Iterator[Text]:
    """Every document of every `*.jsonl.zst` file in the folder, files in the order of their names."""
    files = sorted(folder.glob("*.jsonl.zst"))
    if not files:
        raise FileNotFoundError(f"There are no .jsonl.zst files in {folder}.")
    for file in files:
        with file.open("rb") as compressed:
            lines = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(compressed), encoding="utf-8")
            for line in lines:
                document = json.loads(line)
                yield Text(f"{file.name}:{document['id']}", document["text"])
