"""Every type of document in every language, drafted from the sample library and from strange texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import pytest

from core.content import Block
from core.documents.catalogue import load_catalogue
from core.documents.citations import verify
from core.documents.draft import Draft
from core.documents.drafting import ExtractiveWriter, SourceShelf, SourceText
from core.documents.plan import DocumentPlan, sections_of
from core.language.stop_words import LANGUAGES, Language
from tests.documents.drafting.builders import draft, plan, source

FOLDERS = (
    "finance",
    "legal",
    "marketing",
    "operations",
    "people",
    "product",
    "sales",
    "strategy",
    "support",
)
TYPES = tuple(load_catalogue())
KITCHEN = """\
Tomatoes need six hours of sun and a soil that drains well. Water the seedlings early in the morning
so that the leaves dry before noon. Jupiter has more than ninety known moons, four of which Galileo
saw in 1610. Knead the dough for ten minutes and let it rise until it has doubled. Swallows fly
south in September. Granite forms when magma cools slowly under the ground. The goalkeeper stopped
two penalties in the final. Glaciers in the valley have lost a third of their ice since 1980. Bees
dance to tell where the flowers are. A good soup begins with onions cooked slowly in a little
butter. Whales sing songs that change every year."""
COCINA = """\
Los tomates necesitan seis horas de sol y una tierra que drene bien. Júpiter tiene más de noventa
lunas conocidas, cuatro de las cuales vio Galileo en 1610. Amase la masa diez minutos y déjela
reposar hasta que doble su volumen. Las golondrinas vuelan al sur en septiembre. El granito se forma
cuando el magma se enfría. El portero detuvo dos penales en la final. Las abejas bailan para decir
dónde están las flores. Una buena sopa empieza con cebolla cocida despacio. Las ballenas cantan
canciones que cambian de un año a otro."""
COZINHA = """\
Os tomates precisam de seis horas de sol e de uma terra que drene bem. Júpiter tem mais de noventa
luas conhecidas, quatro das quais Galileu viu em 1610. Sove a massa por dez minutos e deixe crescer
até dobrar. As andorinhas voam para o sul em setembro. O granito se forma quando o magma esfria
devagar. O goleiro defendeu dois pênaltis na final. As abelhas dançam para dizer onde estão as
flores. Uma boa sopa começa com cebola cozida devagar. As baleias cantam canções que mudam de um ano
para outro."""


@pytest.fixture(scope="module")
def shelves(library: dict[str, SourceText]) -> dict[str, tuple[list[SourceText], SourceShelf]]:
    found = {}
    for folder in FOLDERS:
        sources = [one for path, one in library.items() if path.startswith(f"{folder}/")]
        found[folder] = (sources, SourceShelf(sources))
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("type_key", TYPES)
def test_a_draft_of_every_type_is_verbatim_and_says_nothing_twice(
    type_key: str, language: Language, shelves: dict[str, tuple[list[SourceText], SourceShelf]]
) -> None:
    folder = FOLDERS[(TYPES.index(type_key) + 3 * LANGUAGES.index(language)) % len(FOLDERS)]
    sources, shelf = shelves[folder]
    planned = plan_of(type_key, language)
    writer = ExtractiveWriter(shelf, planned)
    written = writer.finish([writer.write(section) for section in planned.sections])

    assert [check for check in verify(written, sources) if not check.is_right] == []
    assert list(said_twice(written)) == []
    assert written.confidence in (None, 1.0)
    for asked, section in zip(planned.sections, written.sections, strict=True):
        assert section.num_words <= 2 * asked.max_words + 60
        assert section.blocks or section.reason
        assert bool(section.gaps) or not (section.is_empty and asked.is_required)


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_on_other_subjects_hardly_fill_a_section_of_any_type(language: Language) -> None:
    strange = [
        source(joined(KITCHEN), id="en"),
        source(joined(COCINA), id="es", language="es"),
        source(joined(COZINHA), id="pt", language="pt"),
    ]
    shelf = SourceShelf(strange)
    filled = total = 0
    for type_key in TYPES:
        planned = plan_of(type_key, language)
        writer = ExtractiveWriter(shelf, planned)
        written = [writer.write(section) for section in planned.sections]
        filled += sum(not section.is_empty for section in written)
        total += len(written)
    assert filled <= 0.02 * total


@pytest.mark.parametrize(
    ("type_key", "language", "paths", "least"),
    [
        ("sales_proposal", "es", ("sales/propuestas/",), 6),
        ("invoice", "pt", ("finance/faturas/",), 4),
        ("meeting_minutes", "es", ("operations/minutas/",), 5),
        ("hr_policy", "en", ("people/Annual leave",), 5),
        ("runbook", "en", ("operations/runbooks/",), 4),
        ("incident_report", "en", ("operations/incidents/",), 5),
        ("risk_register", "pt", ("strategy/Registro",), 2),
        ("nda", "en", ("legal/nda/",), 5),
        ("service_contract", "es", ("legal/contratos/Contrato de servicios",), 6),
        ("status_report", "en", ("operations/status/",), 4),
        ("job_description", "en", ("people/jobs/",), 4),
        ("offer_letter", "es", ("people/ofertas/",), 4),
        ("press_release", "es", ("marketing/prensa/",), 2),
        ("faq", "pt", ("support/Perguntas",), 1),
        ("privacy_notice", "es", ("legal/privacidad/Aviso de privacidad.html",), 4),
    ],
)
def test_sources_of_a_type_fill_most_sections_of_its_template(
    type_key: str, language: Language, paths: tuple[str, ...], least: int, library: dict[str, SourceText]
) -> None:
    sources = [one for path, one in library.items() if path.startswith(paths)]
    written = draft(plan_of(type_key, language), *sources)
    assert sum(not section.is_empty for section in written.sections) >= least


def test_a_proposal_says_nothing_of_payment_out_of_a_vacation_policy(library: dict[str, SourceText]) -> None:
    leave = [one for path, one in library.items() if "acaciones" in path or "Annual leave" in path]
    assert len(leave) == 4
    for language in LANGUAGES:
        written = draft(plan_of("sales_proposal", language), *leave)
        of = {section.key: section for section in written.sections}
        assert of["price"].is_empty
        assert of["solution"].is_empty


def test_the_price_table_is_that_of_the_customer_whom_the_brief_names(library: dict[str, SourceText]) -> None:
    offers = [one for path, one in library.items() if path.startswith("sales/propuestas/")]
    for name in ("Farmacias Miralunas", "Quesería Los Encinos", "Mariscos Bahía Serena"):
        made = plan_of("sales_proposal", "es")
        written = draft(replace(made, brief=f"Propuesta para {name}"), *offers)
        (price,) = (section for section in written.sections if section.key == "price")
        origin = next(price.statements).origins[0]
        assert name in offers[origin.source - 1].content.text


def test_a_draft_of_one_source_told_in_three_languages_says_each_thing_once(
    library: dict[str, SourceText],
) -> None:
    releases = [
        one for path, one in library.items() if path.startswith("marketing/prensa/") and "Boreal" in path
    ]
    assert {one.language for one in releases} == {"es", "en", "pt"}
    written = draft(plan_of("press_release", "es"), *releases)
    languages = [releases[s.origins[0].source - 1].language for s in written.statements]
    assert languages.count("es") >= 0.7 * len(languages)


def test_sources_with_only_tables_give_tables_and_gaps() -> None:
    table = Block.table([["Item", "Price"], ["Sensor", "10"], ["Gateway", "20"]])
    written = draft(plan_of("quote", "en"), source("# Prices", table))
    assert any(block.kind == "table" for section in written.sections for block in section.blocks)
    assert written.gaps


def joined(lines: str) -> str:
    return " ".join(lines.split())


def plan_of(type_key: str, language: Language) -> DocumentPlan:
    template = load_catalogue()[type_key]
    made = plan(*sections_of(template, language), brief=template.name(language), language=language)
    return replace(made, type=type_key, title=template.name(language))


def said_twice(written: Draft) -> Iterator[tuple[str, str]]:
    """Pairs of statements that share four of five words; measured apart from how the writer does it."""
    told = [one.text for one in written.statements if not one.cells and len(one.text.split()) > 4]
    for one, other in combinations(told, 2):
        words, others = set(one.lower().split()), set(other.lower().split())
        if len(words & others) >= 0.8 * len(words | others):
            yield one, other
