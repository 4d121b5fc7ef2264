"""Bring the catalogues in step with the messages of the code: `python -m locales.update`.

Messages stand in the calls of the pages, in the tables of core that hold sentences for people, and in the
errors and jobs of core. New ones come in untranslated; `--check` changes nothing and fails when a catalogue
lacks one.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from copy import deepcopy
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from core import errors
from core.bootstrap import SAMPLE_TITLE
from core.documents.catalogue import FAULTS
from core.documents.drafting.charts import FEW_PARTS, MANY_CATEGORIES, OVER_TIME, SHARES, TWO_MEASURES
from core.documents.drafting.forms.lists import NO_STEPS
from core.documents.drafting.forms.tables import CUT, NO_TABLE
from core.documents.drafting.forms.timeline import NO_DAYS
from core.documents.drafting.writer import NO_SOURCE, SHORTER
from core.documents.planning import REASONS as PLAN_REASONS
from core.documents.word_templates import DRAFT_NAMES, REFUSALS, STARTER_WORDS
from core.documents.writing import WRITING_REASONS
from core.exports.preparation import CHANGES
from core.exports.validation.validating import rules_of
from core.exports.writers import WRITERS
from core.exports.writers.long_tail import LONG_TAIL
from core.inference import errors as engine_errors
from core.ingestion.problems import PROBLEMS
from core.quality import EVIDENCE, FIXES
from core.quality.policy import FINDINGS, IDENTIFIERS, SEVERITY_NAMES, SIGNALS, TEMPLATES
from core.quality.policy import KINDS as POLICY_KINDS
from core.redundancy import REASONS
from core.redundancy.passages import EXCLUSIONS
from core.redundancy.repetition import STEPS
from core.redundancy.semantic import LIMITS
from core.redundancy.semantic import REASONS as MEANING_REASONS
from core.settings import Settings
from core.telemetry.alerts.rules import RULES
from core.tuning.catalogue import GOALS, KNOBS, MODES, PRESETS, RECIPES, WORKLOADS
from core.tuning.first_token import TOO_ALIKE, TOO_FEW
from core.tuning.what_if import NO_MODEL, NO_REQUESTS
from core.tuning.wizard import SENTENCES
from core.tuning.workload import TITLE as TITLE_OF_RECORDED
from core.use_cases.generate_traffic import TITLE
from core.use_cases.read_tuning import NOT_TUNABLE

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("en", "es", "pt")
LOCALES = {"en": "en", "es": "es", "pt": "pt_BR"}
PLURALS = {"en": "(n != 1)", "es": "(n != 1)", "pt": "(n > 1)"}
SPEAKERS = {
    name for each in (errors, engine_errors) for name, _found in inspect.getmembers(each, inspect.isclass)
} | {"Problem", "submit", "fail"}
"""What core calls with a sentence that a page shows: an error, a row for a file, a job and how it ended."""
COMMAND_LINE = (
    "__main__.py",
    "bootstrap.py",
    "settings.py",
    "storage/backup.py",
    "use_cases/analyse_folder.py",
)
"""Modules of core whose errors no page shows."""

HEADER = r"""# Messages of Blatam Academy. Brought in step with the code by: python -m locales.update
msgid ""
msgstr ""
"Language: {locale}\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=2; plural={plural};\n"

"""


def messages() -> Catalog:
    """Every message that a page may show."""
    found = Catalog(charset="utf-8")
    for path in sorted((ROOT / "pages").rglob("*.py")):
        for message in said_by_page(_parsed(path)):
            found.add(message, locations=[_location(path)])
    for path in sorted((ROOT / "core/use_cases/exportable").rglob("*.py")):
        for message in said_by_page(_parsed(path)):
            found.add(message, locations=[_location(path)])
    for reason in REASONS.values():
        found.add(reason.sentence, locations=[_location(ROOT / "core/redundancy/recommendation.py")])
    for text in PROBLEMS.values():
        for sentence in text:
            found.add(sentence, locations=[_location(ROOT / "core/ingestion/problems.py")])
    for path, sentences in said_by_tables():
        for sentence in sentences:
            found.add(sentence, locations=[_location(ROOT / path)])
    silent = {ROOT / "core" / name for name in COMMAND_LINE}
    for path in sorted(set((ROOT / "core").rglob("*.py")) - silent):
        for sentence in said_by_core(_parsed(path)):
            found.add(sentence, locations=[_location(path)])
    found.add(SAMPLE_TITLE, locations=[_location(ROOT / "core/bootstrap.py")])
    return found


def said_by_tables() -> Iterator[tuple[str, list[str]]]:
    """What stands in the catalogue of tunings, in the rules of alerts, and in sentences with figures."""
    profiles = [each for table in (PRESETS, RECIPES, MODES, GOALS) for each in table.values()]
    words = [text for each in profiles for text in (each.title, each.reason)]
    for knob in KNOBS.values():
        words += [text for text in (knob.title, knob.meaning, knob.effect, knob.unit) if text]
    yield "core/tuning/catalogue/__init__.py", [*words, *(each.title for each in WORKLOADS.values())]
    yield "core/tuning/wizard.py", list(SENTENCES.values())
    yield "core/tuning/what_if.py", [NO_MODEL, NO_REQUESTS, TOO_FEW, TOO_ALIKE, TITLE_OF_RECORDED]
    yield "core/use_cases/read_tuning.py", [NOT_TUNABLE]
    yield "core/telemetry/alerts/rules.py", [text for rule in RULES for text in (rule.summary, rule.remedy)]
    yield "core/use_cases/generate_traffic.py", [TITLE]
    yield "core/redundancy/semantic/advice.py", [*MEANING_REASONS.values(), *LIMITS.values()]
    yield "core/redundancy/passages/exclusion.py", list(EXCLUSIONS.values())
    policy = [*FINDINGS.values(), *POLICY_KINDS.values(), *SEVERITY_NAMES.values(), *SIGNALS.values()]
    policy += [each.title for each in IDENTIFIERS.values()]
    policy += [text for template in TEMPLATES for text in (template.name, template.purpose)]
    yield "core/quality/policy/sentences.py", policy
    yield "core/quality/wording.py", [*EVIDENCE.values(), *FIXES.values()]
    yield "core/redundancy/repetition/plan.py", list(STEPS.values())
    drafting = [NO_SOURCE, SHORTER, NO_STEPS, NO_TABLE, CUT, NO_DAYS]
    drafting += [OVER_TIME, FEW_PARTS, SHARES, MANY_CATEGORIES, TWO_MEASURES]
    yield "core/documents/drafting/writer.py", drafting
    yield "core/documents/planning/reasons.py", list(PLAN_REASONS.values())
    yield "core/documents/writing/reasons.py", list(WRITING_REASONS.values())
    faults = [text for each in FAULTS.values() for text in (each.sentence, each.remedy)]
    yield "core/documents/catalogue/fault.py", faults
    yield "core/documents/word_templates/form.py", [*DRAFT_NAMES.values(), *STARTER_WORDS.values()]
    refusals = [text for each in REFUSALS.values() for text in (each.message, each.remedy)]
    yield "core/documents/word_templates/refusals.py", refusals
    rules = {name: rule for each in (*WRITERS, *LONG_TAIL) for name, rule in rules_of(each).items()}
    yield "core/exports/validation", [text for each in rules.values() for text in (each.title, each.fix)]
    yield "core/exports/preparation/__init__.py", list(CHANGES.values())
    yield "core/settings.py", [field.description or "" for field in Settings.model_fields.values()]


def said_by_page(tree: ast.AST) -> Iterator[str | tuple[str, str]]:
    """The literals in `_(message)`, `say(message)` and `several(one, many, count)`, also inside f-strings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
            words = [part.value for part in node.args if isinstance(part, ast.Constant)]
            if name in ("_", "say") and words:
                yield str(words[0])
            elif name == "several" and len(words) >= 2:
                yield str(words[0]), str(words[1])


def said_by_core(tree: ast.AST) -> Iterator[str]:
    """The sentences without figures that core hands to people. One with figures needs a table of its own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in SPEAKERS:
                named = [each.value for each in node.keywords if each.arg in ("message", "remedy", "title")]
                yield from _sentences([*node.args, *named])
        elif isinstance(node, ast.FunctionDef) and node.name.endswith("warnings"):
            for part in ast.walk(node):
                if isinstance(part, ast.Return) and isinstance(part.value, ast.Tuple):
                    yield from _sentences(part.value.elts)


def _sentences(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.value


def _parsed(path: Path) -> ast.AST:
    return ast.parse(path.read_text(encoding="utf-8"))


def _location(path: Path) -> tuple[str, int]:
    return path.relative_to(ROOT).as_posix(), 0


def path_of(language: str) -> Path:
    return ROOT / "locales" / language / "LC_MESSAGES" / "messages.po"


def read_catalogue(language: str) -> Catalog:
    with path_of(language).open("rb") as file:
        return read_po(file, locale=LOCALES[language])


def missing(language: str, wanted: Catalog) -> list[str]:
    """The messages that the catalogue does not translate."""
    present = read_catalogue(language)
    lacking = []
    for message in wanted:
        key = str(message.id[0] if isinstance(message.id, tuple) else message.id)
        if not key:
            continue
        entry = present.get(key)
        if entry is None or isinstance(entry.id, tuple) != isinstance(message.id, tuple) or entry.fuzzy:
            lacking.append(key)
            continue
        strings = entry.string if isinstance(entry.string, tuple) else (entry.string,)
        if not strings or not all(strings):
            lacking.append(key)
    return lacking


def updated(language: str, wanted: Catalog) -> bytes:
    """The file of the catalogue, in step with the messages wanted and with what it translates already."""
    catalogue = read_catalogue(language) if path_of(language).exists() else Catalog(locale=LOCALES[language])
    catalogue.update(deepcopy(wanted), no_fuzzy_matching=True)  # it takes the messages over, not copies
    catalogue.obsolete.clear()
    if language == "en":
        for message in catalogue:
            if message.id:
                message.string = message.id
    file = BytesIO()
    write_po(file, catalogue, width=100, sort_output=True, omit_header=True, include_lineno=False)
    return HEADER.format(locale=LOCALES[language], plural=PLURALS[language]).encode() + file.getvalue()


def update(language: str, wanted: Catalog) -> None:
    path_of(language).parent.mkdir(parents=True, exist_ok=True)
    path_of(language).write_bytes(updated(language, wanted))


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
