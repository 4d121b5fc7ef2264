"""What a template leaves open: the names that a draft fills by itself, and those that a person fills in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

VariableKind = Literal["text", "lines", "yes_no"]
Value: TypeAlias = str | bool | tuple[str, ...]
"""What a person fills in: a text, a yes or no, or lines."""

MAX_FREE_NAMES = 200
DRAFT_NAMES: dict[str, str] = {
    "title": "The title of the draft",
    "language": "The language that it is written in",
    "date": "The day of this version",
    "author": "Who had it drafted",
    "company.name": "The company that it speaks for",
    "company.industry": "The industry of the company",
    "summary": "The summary, as a paragraph",
    "body": "The whole text with headings, lists and tables; it stands alone in its paragraph",
    "sections": "All sections, for a loop: each has title, text and body",
    "sections.<key>": "The text of one section, by its key in the type",
    "facts.<key>": "One fact that the draft states, by its key in the type",
    "sources": "The numbered list of sources; the text then carries their numbers",
    "gaps": "The questions that no source answers",
}
"""What a draft fills by itself, each with an English sentence that says what it is."""

DRAFT_ROOTS = frozenset(name.partition(".")[0] for name in DRAFT_NAMES)
_MARKS: dict[VariableKind, str] = {"text": "", "lines": "[]", "yes_no": "?"}


@dataclass(frozen=True, slots=True)
class FreeVariable:
    """A name that a person fills in: a text, lines where it is looped over, a yes or no if only asked for."""

    name: str
    kind: VariableKind = "text"

    @property
    def written(self) -> str:
        """The name with its kind: `client`, `steps[]`, `is_secret?`. `read_variable` is its inverse."""
        return self.name + _MARKS[self.kind]


@dataclass(frozen=True, slots=True)
class TemplateForm:
    """`own` are names that the draft fills, as the template writes them, such as `facts.owner`."""

    own: tuple[str, ...]
    free: tuple[FreeVariable, ...]


def read_variable(written: str) -> FreeVariable:
    if written.endswith("[]"):
        return FreeVariable(written[:-2], "lines")
    return FreeVariable(written[:-1], "yes_no") if written.endswith("?") else FreeVariable(written)
