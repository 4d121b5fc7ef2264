"""Bring the catalogues in step with the messages of the code: `python -m locales.update`.

Messages stand in the calls of the pages and in the tables of core that hold sentences for people.
New ones come in untranslated; `--check` changes nothing and fails when a catalogue lacks one.
"""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from core.ingestion.problems import PROBLEMS
from core.redundancy import REASONS

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("en", "es", "pt")
KEYWORDS = {"_": None, "several": (1, 2)}


def messages() -> Catalog:
    """Every message that a page may show."""
    found = Catalog(project="Blatam Academy", charset="utf-8")
    calls = extract_from_dir(ROOT / "pages", method_map=[("**.py", "python")], keywords=KEYWORDS)
    for name, _line, message, _comments, _context in sorted(calls, key=lambda call: (call[0], call[1])):
        found.add(message, locations=[(f"pages/{name}", 0)])
    for reason in REASONS.values():
        found.add(reason.sentence, locations=[("core/redundancy/recommendation.py", 0)])
    for text in PROBLEMS.values():
        for sentence in text:
            found.add(sentence, locations=[("core/ingestion/problems.py", 0)])
    return found


def path_of(language: str) -> Path:
    return ROOT / "locales" / language / "LC_MESSAGES" / "messages.po"


def read_catalogue(language: str) -> Catalog:
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language)


def missing(language: str, wanted: Catalog) -> list[str]:
    """The messages that the catalogue does not translate."""
    present = read_catalogue(language)
    lacking = []
    for message in wanted:
        key = message.id[0] if isinstance(message.id, tuple) else message.id
        if not key:
            continue
        entry = present.get(key)
        strings = () if entry is None else entry.string if isinstance(entry.string, tuple) else (entry.string,)
        if not strings or not all(strings) or entry.fuzzy:
            lacking.append(key)
    return lacking


def update(language: str, wanted: Catalog) -> None:
    path = path_of(language)
    catalogue = read_catalogue(language) if path.exists() else Catalog(locale=language)
    catalogue.update(wanted, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    if language == "en":
        for message in catalogue:
            if message.id:
                message.string = message.id
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=100, sort_output=True, omit_header=False, include_lineno=False)


def main() -> int:
    wanted = messages()
    if "--check" in sys.argv:
        lacking = [f"{language}: {key}" for language in LANGUAGES for key in missing(language, wanted)]
        sys.stdout.write("\n".join(lacking) + ("\n" if lacking else ""))
        return 1 if lacking else 0
    for language in LANGUAGES:
        update(language, wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
