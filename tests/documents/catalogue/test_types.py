"""Every built-in type of document, held to the same promises."""

import tomllib
from importlib.resources import files
from itertools import combinations

import pytest

from core.documents.catalogue import TYPES, load_catalogue, read_template, write_template
from core.documents.plan import sections_of
from core.documents.template import DocumentTemplate, Wording, Words
from core.language.stop_words import LANGUAGES, STOP_WORDS, Language, known_language

FOLDER = files("core.documents.catalogue")
FIRST = (
    "business_plan",
    "marketing_strategy",
    "sales_proposal",
    "operational_manual",
    "hr_policy",
    "financial_report",
    "legal_contract",
    "technical_specification",
    "content_strategy",
    "strategic_plan",
    "customer_service_guide",
)
PROMISED = (
    *FIRST,
    "campaign_brief",
    "press_release",
    "case_study",
    "content_calendar",
    "persona",
    "quote",
    "battlecard",
    "account_plan",
    "rfp_answer",
    "budget",
    "forecast",
    "investor_update",
    "board_pack",
    "invoice",
    "job_description",
    "offer_letter",
    "onboarding_plan",
    "performance_review",
    "nda",
    "service_contract",
    "contract_summary",
    "privacy_notice",
    "terms",
    "sop",
    "runbook",
    "incident_report",
    "project_plan",
    "risk_register",
    "meeting_minutes",
    "status_report",
    "architecture_document",
    "decision_record",
    "change_request",
    "security_policy",
    "postmortem",
    "release_notes",
    "test_plan",
    "report",
    "executive_summary",
    "memo",
    "letter",
    "faq",
    "white_paper",
    "newsletter",
    "catalog",
)


def wordings(template: DocumentTemplate) -> list[Wording]:
    facts = [fact for slot in template.slots for fact in slot.facts]
    return [
        template.purpose,
        *(words for slot in template.slots for words in (slot.title, slot.question)),
        *(words for fact in facts for words in (fact.label, fact.question)),
    ]


def hints(template: DocumentTemplate) -> list[Words]:
    return [
        *(slot.hints for slot in template.slots),
        *(fact.hints for slot in template.slots for fact in slot.facts),
    ]


@pytest.fixture(params=TYPES)
def template(request: pytest.FixtureRequest) -> DocumentTemplate:
    return load_catalogue()[request.param]


def test_the_table_names_the_files_of_the_folder() -> None:
    assert sorted(TYPES) == sorted(
        file.name.removesuffix(".toml") for file in FOLDER.iterdir() if file.name.endswith(".toml")
    )


def test_every_promised_type_is_there_in_the_promised_order() -> None:
    assert PROMISED == TYPES
    assert tuple(load_catalogue()) == TYPES


def test_a_type_is_called_as_its_file(template: DocumentTemplate) -> None:
    assert template.origin == f"{template.key}.toml"


def test_a_type_has_its_own_words_in_every_language(template: DocumentTemplate) -> None:
    for wording in wordings(template):
        assert set(wording) == set(LANGUAGES)
    for words in (template.names, *hints(template)):
        assert set(words) == set(LANGUAGES)
    assert len(set(template.purpose.values())) == len(LANGUAGES)
    for slot in template.slots:
        assert len(set(slot.question.values())) == len(LANGUAGES), slot.key


def test_what_is_said_in_a_language_is_in_that_language(template: DocumentTemplate) -> None:
    for language in LANGUAGES:
        assert known_language(" ".join(wording[language] for wording in wordings(template))) == language
        for slot in template.slots:
            assert known_language(f"{slot.question[language]} {template.purpose[language]}") == language
        spelled = {"es": "ãõçêôà", "pt": "ñ¿¡", "en": "ñ¿¡ãõçáéíóú"}[language]
        said = " ".join(phrase for words in hints(template) for phrase in words[language])
        assert not set(said) & set(spelled), set(said) & set(spelled)


def test_a_type_is_written_as_it_would_be_written_out_again(template: DocumentTemplate) -> None:
    text = FOLDER.joinpath(template.origin).read_text(encoding="utf-8")
    assert write_template(template) == text
    assert read_template(text, template.origin) == template


def test_a_type_has_several_names_of_which_none_names_another_type(template: DocumentTemplate) -> None:
    for language in LANGUAGES:
        own = {name.casefold() for name in template.names[language]}
        assert 3 <= len(own) <= 8, language
        for other in load_catalogue().values():
            if other.key != template.key:
                assert not own & {name.casefold() for name in other.names[language]}, other.key


def test_sections_of_a_type_have_different_titles_and_questions(template: DocumentTemplate) -> None:
    for language in LANGUAGES:
        for said in ("title", "question"):
            words = [getattr(slot, said)[language].casefold() for slot in template.slots]
            assert len(set(words)) == len(words), (language, said)


def test_a_type_has_a_sane_number_of_sections(template: DocumentTemplate) -> None:
    least, most = (5, 11) if template.key in FIRST else (3, 8)
    assert least <= len(template.slots) <= most


def test_lengths_are_sane(template: DocumentTemplate) -> None:
    for slot in template.slots:
        assert 0 < slot.min_words < slot.max_words <= 800, slot.key
        assert slot.max_words >= 40, slot.key
    assert template.min_words < template.max_words
    assert any(slot.is_required for slot in template.slots)


def test_wording_is_short_and_questions_ask(template: DocumentTemplate) -> None:
    for language in LANGUAGES:
        assert template.purpose[language].endswith(".")
        assert len(template.name(language)) <= 50
        for slot in template.slots:
            assert len(slot.title[language]) <= 50, slot.key
            assert not slot.title[language].endswith((".", ":", "?")), slot.key
            for asked in (slot, *slot.facts):
                check_question(asked.question[language], language)


def check_question(question: str, language: Language) -> None:
    assert question.endswith("?"), question
    assert 20 <= len(question) <= 160, question
    assert ("¿" in question) == (language == "es"), question


def test_there_are_enough_hints_to_find_a_section_by(template: DocumentTemplate) -> None:
    for slot in template.slots:
        for language in LANGUAGES:
            assert 6 <= len(slot.hints[language]) <= 14, (slot.key, language)
            for fact in slot.facts:
                assert 2 <= len(fact.hints[language]) <= 8, (slot.key, fact.key, language)


def test_no_hint_is_made_of_stop_words_only(template: DocumentTemplate) -> None:
    for words in hints(template):
        for language, phrases in words.items():
            for phrase in phrases:
                assert set(phrase.casefold().split()) - STOP_WORDS[language], phrase
                assert len(phrase.split()) <= 5, phrase


def test_the_hints_of_two_sections_are_not_the_same(template: DocumentTemplate) -> None:
    for language in LANGUAGES:
        for one, other in combinations(template.slots, 2):
            shared = set(one.hints[language]) & set(other.hints[language])
            assert len(shared) <= 2, (language, one.key, other.key, shared)


def test_a_section_of_another_form_than_facts_may_still_state_some(template: DocumentTemplate) -> None:
    for slot in template.slots:
        assert bool(slot.facts) or slot.form != "facts", slot.key


def test_a_type_can_be_planned_in_every_language(template: DocumentTemplate) -> None:
    for language in LANGUAGES:
        sections = sections_of(template, language)
        assert [section.title for section in sections] == [slot.title[language] for slot in template.slots]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_types_have_the_same_sections_title_or_purpose(language: Language) -> None:
    types = load_catalogue().values()
    for told in (
        [tuple(slot.title[language] for slot in each.slots) for each in types],
        [each.name(language) for each in types],
        [each.purpose[language] for each in types],
    ):
        assert len(set(told)) == len(told)


def test_no_two_types_ask_for_the_same_shape() -> None:
    shapes = [
        tuple((slot.form, slot.min_words, slot.max_words, len(slot.facts)) for slot in each.slots)
        for each in load_catalogue().values()
    ]
    assert len(set(shapes)) == len(shapes)


def test_the_files_name_every_language_themselves(template: DocumentTemplate) -> None:
    told = tomllib.loads(FOLDER.joinpath(template.origin).read_text(encoding="utf-8"))
    for entry in (told, *told["slots"], *(fact for slot in told["slots"] for fact in slot.get("facts", ()))):
        for name in {"names", "purpose", "title", "question", "label", "hints"} & entry.keys():
            assert list(entry[name]) == list(LANGUAGES)
