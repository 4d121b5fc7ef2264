"""The formulas, by what was published; the order of plain and difficult texts; what is not judged."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.content import Block, Content
from core.language.stop_words import LANGUAGES, Language
from core.quality import AssessedDocument
from core.quality.readability import (
    FORMULAS,
    Counts,
    count,
    fernandez_huerta,
    flesch,
    flesch_kincaid,
    judge_readability,
    martins,
    szigriszt_pazos,
)

PLAIN = "The dog ran to the park. It saw a cat and sat down. We like the sun and the warm wind. " * 3


def pairs(language: Language) -> list[dict[str, str]]:
    file = Path(__file__).with_name(f"pairs_{language}.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))["pair"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_thirty_pairs_are_ordered_right(language: Language) -> None:
    own = pairs(language)
    assert len(own) == 30
    for formula in (one for name, one in FORMULAS[language].items() if name != "flesch_kincaid"):
        for pair in own:
            plain, difficult = (count(pair[side], language) for side in ("plain", "difficult"))
            assert plain is not None
            assert difficult is not None
            assert formula(plain) > formula(difficult)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        # Published beside the formula in the encyclopaedia article "Flesch-Kincaid readability tests".
        ("The cat sat on the mat.", 116.1),
        ("This sentence, taken as a reading passage unto itself, is being used to prove a point.", 69.0),
        ("The Australian platypus is seemingly a hybrid of a mammal and reptilian creature.", 37.5),
    ],
)
def test_flesch_gives_the_published_value_from_the_words_on(sentence: str, expected: float) -> None:
    counts = count(sentence, "en")
    assert counts is not None
    assert flesch(counts) == pytest.approx(expected, abs=0.05)


def test_every_formula_gives_what_its_coefficients_say() -> None:
    """100 words, 5 sentences, 150 or 210 syllables: the arithmetic of the sources, done by hand."""
    english, romance = Counts(100, 5, 150), Counts(100, 5, 210)
    assert flesch(english) == pytest.approx(206.835 - 20.3 - 126.9)
    assert flesch_kincaid(english) == pytest.approx(7.8 + 17.7 - 15.59)
    assert fernandez_huerta(romance) == pytest.approx(206.84 - 126 - 20.4)
    assert szigriszt_pazos(romance) == pytest.approx(206.835 - 130.83 - 20)
    assert martins(romance) == pytest.approx(flesch(romance) + 42)


@given(
    words=st.integers(20, 400),
    sentences=st.integers(1, 20),
    syllables=st.integers(400, 1200),
    more=st.integers(1, 50),
)
def test_longer_sentences_and_longer_words_are_never_easier(
    words: int, sentences: int, syllables: int, more: int
) -> None:
    """Also for Fernández Huerta, whose usual copies have it the other way round."""
    before = Counts(words, sentences + 1, syllables)
    for formula in (flesch, fernandez_huerta, szigriszt_pazos, martins):
        assert formula(before._replace(sentences=sentences)) < formula(before)
        assert formula(before._replace(syllables=syllables + more)) < formula(before)


def test_the_hardest_sentence_is_shown_at_its_place() -> None:
    hard = (
        "Notwithstanding considerable organisational difficulties, the implementation of administrative "
        "simplification necessitates continuous communication."
    )
    text = f"{PLAIN} {hard}"
    part = judge_readability(document(Block("heading", "Title", level=1), Block("paragraph", text)))
    shown = [evidence for evidence in part.evidence if evidence.code == "hard_sentence"]
    assert len(shown) == 1
    assert shown[0].span is not None
    assert f"Title\n{text}"[slice(*shown[0].span)] == hard


def test_a_score_stays_within_its_scale() -> None:
    assert judge_readability(document(Block("paragraph", PLAIN))).score == 100
    hard = " ".join(["administrative organisational communication"] * 20)
    assert judge_readability(document(Block("paragraph", hard))).score == 0


@pytest.mark.parametrize(
    ("block", "code"),
    [
        (Block("paragraph", "Too few words to judge."), "too_short"),
        (Block.table([["a", "b"], ["c", "d"]]), "only_tables"),
        (Block("code", PLAIN), "only_code"),
    ],
)
def test_what_is_no_prose_gets_a_reason_and_no_score(block: Block, code: str) -> None:
    part = judge_readability(document(block))
    assert part.score is None
    assert [evidence.code for evidence in part.evidence] == [code]


def test_a_language_without_a_formula_gets_no_score() -> None:
    part = judge_readability(document(Block("paragraph", PLAIN), language="fr"))
    assert part.score is None
    assert part.evidence[0].parameters == {"language": "fr"}


def document(*blocks: Block, language: str = "en") -> AssessedDocument:
    return AssessedDocument(id="one", content=Content(blocks), language=language)
