"""The catalogues: complete, in step with the code, safe to fill with figures, one word per idea."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from io import BytesIO
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from core.ingestion.problems import PROBLEMS, unreadable
from core.language import catalogues
from core.redundancy import REASONS
from locales.update import (
    LANGUAGES,
    LOCALES,
    messages,
    missing,
    path_of,
    read_catalogue,
    said_by_core,
    said_by_page,
    updated,
)
from pages.components import language as speech

TRANSLATED = ("es", "pt")
GLOSSARY = {
    # English: what a translation of a message with this word has in it, Spanish and Portuguese
    r"library": (r"biblioteca", r"biblioteca"),
    r"documents?": (r"documentos?", r"documentos?"),
    r"workspace": (r"espacio de trabajo", r"espaço de trabalho"),
    r"groups?": (r"grupos?", r"grupos?"),
    r"pairs?": (r"par(es)?", r"par(es)?"),
    r"similarity": (r"similitud", r"similaridade"),
    r"(least similarity|threshold|floor)": (r"similitud (mínima|mayor)", r"similaridade (mínima|maior)"),
    r"advice": (r"sugerencias?", r"sugest(ão|ões)"),
    r"decisions?": (r"decisi(ón|ones)", r"decis(ão|ões)"),
    r"(keep|kept(?!\.)|stays?(?! so)|stayed)": (r"conserv\w+", r"mant\w+"),
    r"merged?": (r"fusion\w+", r"mescl\w+"),
    r"drop(ped)?": (r"descart\w+", r"descart\w+"),
    r"ignored?": (r"ignora\w+", r"ignora\w+"),
    r"passages?": (r"pasajes?", r"trechos?"),
    r"facts?": (r"datos?", r"dados?"),
    r"templates?": (r"plantillas?", r"modelos?"),
    r"jobs?": (r"tareas?", r"tarefas?"),
    r"worker": (r"ejecutor", r"executor"),
    r"remarks?": (r"observaci(ón|ones)", r"observaç(ão|ões)"),
    r"files?": (r"(archivos?|lectura)", r"(arquivos?|leitura)"),
    r"archives?": (r"(archivos? comprimidos?|archivos exteriores)", r"arquivos? (compactados?|externos)"),
    r"members?": (r"elementos?", r"ite(m|ns)"),
    r"folders?": (r"(carpetas?|folder)", r"(pastas?|folder)"),
    r"remove[ds]?": (r"quit\w+", r"remov\w+"),
    r"upload(ed)?": (r"sub\w+", r"envi\w+"),
    r"search": (r"(buscar|comparar)", r"(pesquis\w+|compar\w+)"),
}
FOREIGN = {
    # Words of other regions, other ideas, or of a direct address that the catalogue avoids
    "es": r"\b(tú|tus?|te|vos|usted(es)?|haz|fichero|librería|eliminar?|borrar|trabajos|ordenador)\b",
    "pt": r"\b(tu|teu|ficheiros?|livraria|trabalhos|pasta de trabalho|eliminar|excluir|ecrã|utilizador)\b",
}
SAMPLES = {
    "size": "61 MB",
    "limit": "50",
    "pages": "12",
    "kind": "PNG",
    "formats": "pdf, docx, txt",
    "format": "xlsx",
    "line": "7",
    "count": "1,204",
    "ratio": "900",
}


@pytest.fixture(scope="module")
def wanted() -> Catalog:
    return messages()


@pytest.fixture
def speak(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make the pages speak a language without a visitor."""
    return lambda code: monkeypatch.setattr(speech, "language", lambda: code)


def entries(code: str) -> list[Message]:
    return [message for message in read_catalogue(code) if message.id]


def forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text or "",) if isinstance(text, str | None) else tuple(text)


def key(message: Message) -> str:
    return forms(message.id)[0]


def pairs(code: str) -> list[tuple[str, str]]:
    """Every original with its translation, each plural form with the English one nearest to it."""
    found = []
    for message in entries(code):
        originals = forms(message.id)
        for place, translation in enumerate(forms(message.string)):
            found.append((originals[min(place, len(originals) - 1)], translation))
    return found


def placeholders(text: str) -> list[tuple[str, str | None, str | None]]:
    return sorted(
        (name, spec, conversion)
        for _text, name, spec, conversion in Formatter().parse(text)
        if name is not None
    )


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_message_of_the_code_is_translated(code: str, wanted: Catalog) -> None:
    assert missing(code, wanted) == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_nothing_is_left_over_or_half_done(code: str, wanted: Catalog) -> None:
    catalogue = read_catalogue(code)
    assert {key(message) for message in entries(code)} - {key(message) for message in wanted} == set()
    assert not catalogue.obsolete
    assert [message.id for message in entries(code) if message.fuzzy] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_an_update_keeps_what_is_translated_and_needs_no_clock(code: str, wanted: Catalog) -> None:
    written = updated(code, wanted)
    assert written == updated(code, wanted)
    after = {key(message): message.string for message in read_po(BytesIO(written)) if message.id}
    assert {key(message): message.string for message in entries(code)}.items() <= after.items()


def test_english_says_what_the_code_says() -> None:
    assert [(one, other) for one, other in pairs("en") if one != other] == []


INTERNATIONAL = {
    *(
        "GPU",
        "MiB",
        "Redis",
        "Normal",
        "normal",
        "formal",
        "Marketing",
        "prompts",
        "tokens",
        "app.toml",
        "Spam",
        "{warning}",
    ),
    *("1 s", "5 s", "30 s", "{count} h", "{count} min"),
}
"""Words and units that are the same in all three languages."""


@pytest.mark.parametrize("code", TRANSLATED)
def test_no_message_stays_english(code: str) -> None:
    equal = {original for original, translation in pairs(code) if original == translation}
    assert equal <= INTERNATIONAL


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_translation_has_the_placeholders_of_the_original(code: str) -> None:
    differing = [
        (original, translation)
        for original, translation in pairs(code)
        if placeholders(original) != placeholders(translation)
    ]
    assert differing == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_translation_begins_and_ends_as_the_original(code: str) -> None:
    def edges(text: str) -> tuple[object, ...]:
        first = text.strip()[:1]
        shape = first.isupper() if first.isalpha() else None
        end = text.rstrip()[-1:]
        lead, trail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        return lead, trail, end if end in ".:?!…" else "", shape

    differing = []
    for original, translation in pairs(code):
        lead, trail, end, shape = edges(original)
        other = edges(translation)
        if (lead, trail, end) != other[:3] or (shape is not None and other[3] not in (None, shape)):
            differing.append((original, translation))
    assert differing == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_markup_and_quotes_are_balanced(code: str) -> None:
    marks = ("**", "`", "“", "”", "«", "»", '"', "[", "]", "  \n")
    differing = [
        (original, translation)
        for original, translation in pairs(code)
        if any(
            translation.count(mark) != original.count(mark)
            for mark in marks
            if mark not in ('"', "“", "”")  # straight quotes may have become curly ones
        )
        or translation.count("“") != translation.count("”")
    ]
    assert differing == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_plural_forms_are_complete(code: str) -> None:
    catalogue = read_catalogue(code)
    assert catalogue.num_plurals == 2
    lacking = [
        message.id
        for message in entries(code)
        if isinstance(message.id, tuple)
        and (len(forms(message.string)) != 2 or not all(forms(message.string)))
    ]
    assert lacking == []


@pytest.mark.parametrize(
    ("code", "none", "one", "many"),
    [
        ("en", "0 documents", "1 document", "1,234 documents"),
        ("es", "0 documentos", "1 documento", "1.234 documentos"),
        ("pt", "0 documento", "1 documento", "1.234 documentos"),
    ],
)
def test_counts_take_the_form_of_the_language(
    code: str, none: str, one: str, many: str, speak: Callable[[str], None]
) -> None:
    speak(code)
    said = [speech.several("{count} document", "{count} documents", count) for count in (0, 1, 1234)]
    assert said == [none, one, many]


def test_catalogues_speak_the_locale_of_the_numbers() -> None:
    assert speech.LOCALES == LOCALES
    assert {code: str(read_catalogue(code).locale) for code in LANGUAGES} == LOCALES
    assert {path_of(code).parents[2] for code in LANGUAGES} == {catalogues.CATALOGUES}


@pytest.mark.parametrize("word", GLOSSARY)
@pytest.mark.parametrize(("place", "code"), list(enumerate(TRANSLATED)))
def test_an_idea_has_one_word(word: str, place: int, code: str) -> None:
    term = re.compile(rf"\b{GLOSSARY[word][place]}\b", re.IGNORECASE)
    differing = [
        (original, translation)
        for original, translation in pairs(code)
        if re.search(rf"\b{word}\b", _prose(original), re.IGNORECASE) and not term.search(_prose(translation))
    ]
    assert differing == []


def _prose(text: str) -> str:
    """The text without the names of placeholders and without addresses."""
    return re.sub(r"\{[^}]*\}|\w+://\S+", "…", text)


@pytest.mark.parametrize("code", TRANSLATED)
def test_words_of_other_regions_do_not_occur(code: str) -> None:
    found = [
        translation for _original, translation in pairs(code) if re.search(FOREIGN[code], translation, re.I)
    ]
    assert found == []


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("reason", REASONS)
def test_the_reason_of_an_advice_is_said(reason: str, code: str, speak: Callable[[str], None]) -> None:
    speak(code)
    values: dict[str, str | int | float] = {
        "canonical": "Política {de} viajes",
        "similarity": 0.936,
        "contained": 0.987,
        "containing": 0.5,
        "num_words": 1234,
        "num_facts": 1,
        "num_unique_canonical": 0,
        "num_unique_member": 2,
        "num_reworded": 3,
    }
    said = speech.reason_text(reason, values)
    sentence = REASONS[reason].sentence
    shown = {
        "canonical": "Política {de} viajes",
        "similarity": {"en": "94%", "es": "94\xa0%", "pt": "94%"}[code],
        "contained": {"en": "99%", "es": "99\xa0%", "pt": "99%"}[code],
        "num_words": {"en": "1,234", "es": "1.234", "pt": "1.234"}[code],
    }
    fields = {name for _text, name, _spec, _conversion in Formatter().parse(sentence) if name}
    assert [shown[name] for name in fields if name in shown and shown[name] not in said] == []
    assert code == "en" or said != sentence.format(**values)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("problem", PROBLEMS)
def test_the_problem_of_a_file_is_said(problem: str, code: str, speak: Callable[[str], None]) -> None:
    speak(code)
    error = unreadable(problem, **SAMPLES)
    said = speech.translated_error(error.code, error.message, error.remedy)
    templates = PROBLEMS[problem]
    known = speech.catalogue(code)
    assert said == tuple(known.gettext(template).format(**SAMPLES) for template in templates)
    assert (said == (error.message, error.remedy)) is (code == "en")


def test_messages_are_found_wherever_they_stand() -> None:
    page = (
        "st.markdown(f\"{_('Health')} {several('a', 'b', n)}\")\n_(title)\nx = _(\n    'one '\n    'two'\n)"
    )
    assert set(said_by_page(ast.parse(page))) == {"Health", ("a", "b"), "one two"}
    core = (
        "raise NotFound('No such job.', remedy='Look again.', code='no job')\n"
        "raise Invalid(f'No {x}.', remedy='Use another.')\n"
        "jobs.submit(KIND, 'A title', {})\n"
        "def _warnings():\n    return ('Pages are missing.',)"
    )
    expected = {"No such job.", "Look again.", "Use another.", "A title", "Pages are missing."}
    assert set(said_by_core(ast.parse(core))) == expected
