"""How much one file may cost before it is refused."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestionLimits:
    """What one file may cost. A file that costs more is a Problem, never an exception.

    `max_characters` is the text of one document. The default takes in seven million words. `max_blocks`
    counts its headings, paragraphs, list items and tables, `max_cells` the cells of all its tables.
    `max_archive_bytes` is the sum of everything that one file unpacks to, nested archives included;
    `max_archive_ratio` is unpacked bytes for each packed byte; `max_archive_nesting` counts archives inside
    the file that was given, so 0 reads the file's own members only.
    `parse_seconds` is wall time, `cpu_seconds` processor time, `memory_bytes` the address space that a parser
    process may take for one file on top of what it holds when idle.
    """

    max_file_bytes: int = 50 * MIB
    max_characters: int = 40_000_000
    max_blocks: int = 1_000_000
    max_cells: int = 2_000_000
    max_archive_members: int = 2000
    max_archive_bytes: int = 500 * MIB
    max_archive_ratio: float = 100.0
    max_archive_nesting: int = 2
    parse_seconds: float = 60.0
    cpu_seconds: int = 60
    memory_bytes: int = 1024 * MIB
