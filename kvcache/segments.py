"""Lines appended to files of one folder, the oldest of which goes when they pass a limit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

NUM_SEGMENTS = 8
LEAST_SEGMENT_BYTES = 4096


class Segments:
    """Files `<name>-00000001.jsonl`, ... of whole lines. What was appended outlives a kill of the process.

    A loss of power may cut the last line, or lose the newest. One writer; any number of readers.
    """

    def __init__(self, folder: Path, name: str, *, max_bytes: int) -> None:
        self._folder = folder
        self._name = name
        self._max_bytes = max_bytes
        self._segment_bytes = max(max_bytes // NUM_SEGMENTS, LEAST_SEGMENT_BYTES)
        self._file: TextIO | None = None
        self._written = 0
        folder.mkdir(parents=True, exist_ok=True)

    def append(self, line: str) -> None:
        """One line, without its end. Raises OSError."""
        num_bytes = len(line) + 1
        if self._file is None or self._written + num_bytes > self._segment_bytes:
            self._begin_segment()
        assert self._file is not None
        self._file.write(f"{line}\n")
        self._file.flush()
        self._written += num_bytes

    def files(self) -> list[Path]:
        """The segments there are, oldest first."""
        return sorted(self._folder.glob(f"{self._name}-*.jsonl"))

    def lines(self) -> Iterator[str]:
        """Every line, oldest first; what is no text is left out."""
        for file in self.files():
            with file.open(encoding="utf-8", errors="replace") as lines:
                yield from lines

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _begin_segment(self) -> None:
        self.close()
        files = self.files()
        number = int(files[-1].stem.rsplit("-", 1)[1]) + 1 if files else 1
        kept = sum(file.stat().st_size for file in files)
        while files and kept + self._segment_bytes > self._max_bytes:
            oldest = files.pop(0)
            kept -= oldest.stat().st_size
            oldest.unlink()
        self._file = (self._folder / f"{self._name}-{number:08d}.jsonl").open("x", encoding="utf-8")
        self._written = 0
