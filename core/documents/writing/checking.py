"""From what a model wrote to statements: what the sources say, what they do not, and what is no sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.documents.citations import grounded
from core.documents.draft import Statement
from core.documents.drafting import SourceShelf, is_instruction
from core.documents.drafting.claims import read_claim
from core.documents.drafting.sentence_signs import is_item, is_question, is_sentence
from core.documents.drafting.used_sentences import Said as Told
from core.documents.drafting.used_sentences import UsedSentences, are_nearly_equal
from core.documents.drafting.vocabulary import WORD
from core.documents.template import SlotForm
from core.documents.writing.schemas import Said
from core.language.sentences import split_sentences
from core.language.stop_words import Language, known_language

_CITED = re.compile(r"\s*[\[(]\s*\d{1,3}(?:\s*[,;]\s*\d{1,3})*\s*\](?=\W*$|\s)|\s*\[\d{1,3}\]")
_BULLET = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)])\s+")
_FEWEST_WORDS_OF_LANGUAGE, _WORDS_THAT_TELL = 12, 40
_FEWEST_CLAIMED = 3  # content words, numbers and days
_WORDS_OF_CIRCLES = 12
_ECHOED = 0.8  # share of a sentence's words that one line of the prompt has, in their order


Novelty = Literal["new", "in section", "in document"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a model, and the number of the source that it named for it."""

    text: str
    source: int
    is_question: bool = False


def sentences_of(said: Said) -> list[Sentence]:
    """Sentence by sentence, without the source numbers, bullets and asterisks that a model puts in."""
    text = _plain(said.text)
    found = [
        Sentence(text[start:end].strip(), said.source)
        for start, end in split_sentences(text)
        if text[start:end].strip()
    ]
    question = _plain(said.question)
    return [Sentence(question, said.source, True), *found] if question else found


def reads_well(sentence: Sentence, form: SlotForm) -> bool:
    """Whether it can stand in such a section: it orders nothing of a program, and does not go in circles."""
    if is_instruction(sentence.text) or _goes_in_circles(sentence.text):
        return False
    if sentence.is_question:
        return is_question(sentence.text)
    return is_item(sentence.text) if form in ("list", "steps") else is_sentence(sentence.text)


def check(sentence: Sentence, shelf: SourceShelf) -> Statement:
    """With the places that it rests on. An answer of one or two content words is found in any source: it
    counts only where it stands word for word.
    """
    found = grounded(sentence.text, shelf)
    is_enough = sentence.is_question or _says_enough(sentence.text, shelf)
    if found is not None and (found.support == "quoted" or is_enough):
        return found
    return Statement(sentence.text, "unsupported")


def is_echo(sentence: str, prompt_lines: Sequence[str]) -> bool:
    """Whether a line of the prompt says it."""
    words = sentence.casefold().split()
    spoken = " ".join(words)
    for line in prompt_lines:
        lowered = " ".join(line.casefold().split())
        if len(words) > 2 and (
            spoken in lowered or (lowered in spoken and len(lowered) > _ECHOED * len(spoken))
        ):
            return True
    return False


def is_other_language(statements: Sequence[Statement], language: Language) -> bool:
    """Whether what the model put into words itself is in another language; a few words do not tell."""
    from core.ingestion.language import UNDETERMINED, identify

    own = " ".join(each.text for each in statements if each.support != "quoted")
    num_words = len(own.split())
    if num_words < _FEWEST_WORDS_OF_LANGUAGE or identify(own) in (language, UNDETERMINED):
        return False
    return num_words >= _WORDS_THAT_TELL or known_language(own) != language


class Repetitions:
    """What the document says already, and what this section does."""

    def __init__(self, shelf: SourceShelf, used: UsedSentences, language: Language) -> None:
        self._shelf = shelf
        self._used = used
        self._language = language
        self._here: list[Told] = []

    def take(self, statement: Statement) -> Novelty:
        """Take it in if it is new, else say where it stands already."""
        told = told_by(statement, self._shelf, self._language)
        if any(are_nearly_equal(told, other) for other in self._here):
            return "in section"
        if self._used.has(told) or any(
            statement.support == "quoted" and self._used.has_place(each.source, each.start, each.end)
            for each in statement.origins
        ):
            return "in document"
        self._here.append(told)
        return "new"


def told_by(statement: Statement, shelf: SourceShelf, language: Language) -> Told:
    quoted = statement.support == "quoted" and bool(statement.origins)
    source = statement.origins[0].source if quoted else 0
    spoken = shelf.languages[source - 1] if 0 < source <= len(shelf.languages) else language
    return shelf.say(statement.text, source, spoken)


def _says_enough(text: str, shelf: SourceShelf) -> bool:
    claim = read_claim(text, known_language(text), shelf.vocabulary)
    return len(claim.terms) + len(claim.values) >= _FEWEST_CLAIMED


def _goes_in_circles(text: str) -> bool:
    """Whether it says a word three times in a row, or is a few words again and again."""
    words = WORD.findall(text.casefold())
    in_a_row = any(
        one == other == third for one, other, third in zip(words, words[1:], words[2:], strict=False)
    )
    return in_a_row or (len(words) >= _WORDS_OF_CIRCLES and 2 * len(set(words)) < len(words))


def _plain(text: str) -> str:
    return " ".join(_BULLET.sub("", _CITED.sub("", text).replace("**", "")).split())
