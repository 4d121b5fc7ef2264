"""The rows of the glossary, read from `terms/*.tsv` when first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from core.language.stop_words import LANGUAGES, Language

HEADER = "\t".join(LANGUAGES)


@dataclass(frozen=True, slots=True)
class Term:
    """One concept. `id` is its usual English word; `words` are the ways to say it in each language."""

    id: str
    area: str
    words: dict[Language, tuple[str, ...]]


@cache
def terms() -> tuple[Term, ...]:
    """All concepts, area by area in the order of the file names."""
    folder = files("core.language.glossary") / "terms"
    found: list[Term] = []
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        area = file.name.removesuffix(".tsv")
        header, *rows = file.read_text(encoding="utf-8").splitlines()
        assert header == HEADER, file.name
        found += [_term(area, row) for row in rows]
    return tuple(found)


def area_of(concept_id: str) -> str:
    """The subject area of a concept; empty for a word that is not in the glossary."""
    return _areas().get(concept_id, "")


def _term(area: str, row: str) -> Term:
    cells = [tuple(cell.split("; ")) for cell in row.split("\t")]
    return Term(cells[0][0], area, dict(zip(LANGUAGES, cells, strict=True)))


@cache
def _areas() -> dict[str, str]:
    return {term.id: term.area for term in terms()}


def family_of(concept_id: str) -> str:
    """The family of concepts that are spoken of in the same breath (to keep, to delete); empty if in none."""
    return _families().get(concept_id, "")


@cache
def _families() -> dict[str, str]:
    file = files("core.language.glossary") / "families.tsv"
    _, *rows = file.read_text(encoding="utf-8").splitlines()
    return {
        concept: family for family, cell in (row.split("\t") for row in rows) for concept in cell.split("; ")
    }
