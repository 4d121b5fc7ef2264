from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.language.glossary import concepts, family_of, gloss, normal_form, terms
from core.language.lemmas import regular_forms
from core.language.stop_words import LANGUAGES, STOP_WORDS, known_language


def ids(text: str, language: str = "") -> list[str]:
    return [concept.id for concept in concepts(text, language)]


def test_no_english_word_stands_in_two_rows_and_no_cell_is_empty() -> None:
    written = Counter(word.lower() for term in terms() for word in term.words["en"])
    assert [word for word, number in written.items() if number > 1] == []
    assert all(
        word.strip() == word and word for term in terms() for each in term.words.values() for word in each
    )
    assert len({term.id for term in terms()}) == len(terms())


def test_every_concept_is_found_by_its_usual_word_in_english() -> None:
    lost = [term.id for term in terms() if term.id not in ids(term.id, "en")]
    spoken = [word for word in lost if word.lower() not in STOP_WORDS["en"]]
    assert spoken == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nearly_every_word_leads_to_a_concept_of_the_glossary(language: str) -> None:
    known = {term.id for term in terms()}
    words = [word for term in terms() for word in term.words[language][:1]]  # type: ignore[index]
    found = sum(bool(known.intersection(ids(word, language))) for word in words)
    assert found >= 0.98 * len(words)


def test_families_name_concepts_that_exist() -> None:
    assert family_of("delete") == family_of("retention") == "retention"
    assert family_of("no such concept") == ""


def test_a_sentence_has_the_same_concepts_in_three_languages() -> None:
    english = set(ids("Passwords have at least twelve characters", "en"))
    assert {"password", "minimum", "character"} <= english
    assert {"password", "minimum", "character"} <= set(
        ids("La contraseña tiene al menos doce caracteres", "es")
    )
    assert {"password", "minimum", "character"} <= set(ids("A senha tem pelo menos doze caracteres", "pt"))


def test_the_longest_phrase_is_taken() -> None:
    assert ids("working days", "en") == ["working day"]
    assert ids("días hábiles", "es") == ["working day"]


def test_words_outside_the_glossary_meet_by_their_spelling() -> None:
    forms = {normal_form(word) for word in ("fotosíntesis", "fotossíntese", "photosynthesis")}
    assert len({normal_form(word) for word in ("constelación", "constelação", "constellation")}) == 1
    assert len(forms) <= 2


def test_names_and_numbers_pass_through() -> None:
    assert ids("Zorblax 4,75", "en") == ["=zorblax", "#4,75"]


def test_a_gloss_reads_in_english_and_leaves_english_alone() -> None:
    assert gloss("La contraseña tiene 12 caracteres", "es") == "password have 12 character"
    assert gloss("Nothing to do", "en") == "Nothing to do"


def test_inflected_verbs_are_known() -> None:
    assert "troque" in set(regular_forms("trocar", "pt"))
    assert "change" in ids("Troque a senha", "pt")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The invoice is paid by the bank.", "en"),
        ("La factura la paga el banco.", "es"),
        ("A fatura é paga pelo banco.", "pt"),
    ],
)
def test_the_language_of_a_short_text_is_known(text: str, language: str) -> None:
    assert known_language(text) == language
    assert known_language(text, "pt-BR") == "pt"


@given(st.text(max_size=80), st.sampled_from(LANGUAGES))
def test_concepts_stand_in_order_within_the_text(text: str, language: str) -> None:
    found = concepts(text, language)
    ends = [0, *(concept.end for concept in found)]
    assert all(before <= concept.start < concept.end for before, concept in zip(ends, found, strict=False))
    assert ends[-1] <= len(text)
