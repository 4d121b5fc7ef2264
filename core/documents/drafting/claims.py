"""What a sentence claims, as far as words tell: content, numbers, days, names, denial, duty and direction."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.documents.drafting.vocabulary import WORD, Vocabulary, term_of
from core.documents.facts import Fact, find_facts
from core.documents.facts.amounts import plain, read_amount
from core.language.content_words import common_words
from core.language.entities import find_entities
from core.language.stop_words import Language

_NOT = re.compile(
    r"\b(?:not|never|no|none|neither|nor|without|cannot|\w+n['’]t|nunca|jamás|ningun[oa]?|ningún|sin|tampoco|ni|"
    r"não|nenhum[a]?|jamais|sem|nem)\b",
    re.IGNORECASE,
)
_DUTIES = {
    "must": r"must|shall|has to|have to|required|mandatory|debe[n]?|deber[áa]n?|tienen? que|obligatori[oa]s?|"
    r"deve[m]?|dever[áã]o?|t[êe]m que|obrigatóri[oa]s?",
    "may": r"may|can|could|optional|puede[n]?|podr[áa]n?|opcional(?:es)?|pode[m]?|poder[áã]o?|opciona[il]s?",
}
_DUTY = {duty: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for duty, words in _DUTIES.items()}
_OPPOSITES = tuple(
    (re.compile(rf"\b(?:{one})\b", re.IGNORECASE), re.compile(rf"\b(?:{other})\b", re.IGNORECASE))
    for one, other in (
        (
            r"increas\w*|r[io]se[sn]?|rising|gr[eo]w\w*|grew|higher|up|more|above|over|exceed\w*|"
            r"aument\w+|creci\w*|crec[eí]\w*|sub(?:e|en|ió|ieron|ir)|mayor(?:es)?|más|encima|super\w+|cresc\w+|maior(?:es)?|"
            r"mais|acima",
            r"decreas\w*|f[ae]ll\w*|declin\w*|reduc\w*|lower|down|less|fewer|below|under|drop\w*|"
            r"disminu\w+|redu[cjz]\w*|baj[aóe]\w*|cay[óe]\w*|cae[n]?|menor(?:es)?|menos|debajo|diminu\w+|ca[ií]\w*|abaixo",
        ),
        (
            r"before|prior|antes|previ[oa]\w*|até",
            r"after|following|después|tras|posterior\w*|depois|após",
        ),
        (
            r"minimum|at least|mínim[oa]s?|al menos|por lo menos|pelo menos|no mínimo",
            r"maximum|at most|up to|máxim[oa]s?|a lo sumo|como máximo|hasta|no máximo",
        ),
        (
            r"includ\w+|inclu[yií]\w*|inclu[ií]\w*",
            r"exclud\w+|except\w*|exclu[yií]\w*|exclu[ií]\w*|excepto|salvo|exceto",
        ),
        (
            r"approv\w+|accept\w+|aprob\w+|aprueb\w+|acept\w+|aprov\w+|aceit\w+",
            r"reject\w+|refus\w+|declin\w+|rechaz\w+|niega\w*|rejeit\w+|recus\w+",
        ),
        (
            r"start\w*|beg[iau]n\w*|open\w*|comienz\w*|inici\w*|empiez\w*|abr[ei]\w*|começ\w+",
            r"end(?:s|ed|ing)?|finish\w*|clos\w+|terminat\w+|termin\w+|final\w*|cierr\w*|cerr\w*|acab\w+|encerr\w*|fech\w*",
        ),
        (
            r"buy\w*|bought|purchas\w*|compr\w+",
            r"sell\w*|sold|vend\w+",
        ),
        (r"profit\w*|ganancias?|utilidad(?:es)?|lucros?", r"loss(?:es)?|pérdidas?|prejuízos?"),
    )
)
_FIGURE = re.compile(r"\d[\d.,]*\d|\d")


_CLAUSE = re.compile(r"[;:,]|\s(?:and|but|y|pero|e|mas|except|salvo|excepto|exceto|unless)\s", re.IGNORECASE)
_MOSTLY = 0.5


@dataclass(frozen=True, slots=True)
class Claim:
    """`terms` are numbers of a vocabulary, `numbers` those of figures, `names` those of names, `denied`
    those of clauses with a "not".

    `values` are what numbers and days come to, however they are written. `signs` are the directions that are
    spoken of: the number of the pair of opposites, and the side.
    """

    terms: frozenset[int]
    numbers: frozenset[int]
    names: frozenset[int]
    denied: frozenset[int]
    values: frozenset[str]
    duty: str
    signs: frozenset[tuple[int, int]]

    def contradicts(self, other: Claim) -> bool:
        """Whether it denies what the other says, makes a duty of a choice, or says the opposite."""
        if not other.denied and len(self.denied & other.terms) > _MOSTLY * len(other.terms):
            return True
        if self.duty and other.duty and self.duty != other.duty:
            return True
        opposite = {(pair, 1 - side) for pair, side in other.signs - self.signs}
        return bool(opposite & self.signs)

    def denied_share(self, others: Iterable[Claim]) -> float:
        """How much of what it denies the others deny; 1 where it denies nothing."""
        denied = frozenset[int]().union(*(other.denied for other in others))
        return len(self.denied & denied) / len(self.denied) if self.denied else 1.0


def read_claim(text: str, language: Language, vocabulary: Vocabulary) -> Claim:
    words = WORD.findall(text)
    figures = {word for word in words if word[0].isdigit()}
    content = [word for word in words if word not in figures and _is_content(word, language)]
    return Claim(
        terms=frozenset(vocabulary.read(" ".join(content), language)),
        numbers=frozenset(vocabulary.read(" ".join(figures), language)),
        names=frozenset(vocabulary.read(" ".join(_names(text)), language)),
        values=_values(text, language),
        denied=frozenset(
            vocabulary.read(" ".join(word for word in _denied(text) if word in content), language)
        ),
        duty=next((duty for duty, sign in _DUTY.items() if sign.search(text)), ""),
        signs=frozenset(
            (pair, side)
            for pair, sides in enumerate(_OPPOSITES)
            for side, sign in enumerate(sides)
            if sign.search(text)
        ),
    )


def _denied(text: str) -> Iterator[str]:
    """The words of the clauses that deny something."""
    for clause in _CLAUSE.split(text):
        if _NOT.search(clause):
            yield from WORD.findall(clause)


def _is_content(word: str, language: Language) -> bool:
    lowered = word.lower()
    return bool(term_of(lowered, language)) and lowered not in common_words(language) and len(word) > 1


def _names(text: str) -> list[str]:
    """The words of names, and other words with capitals inside the sentence."""
    named = [
        entity.text
        for entity in find_entities(text)
        if entity.kind in ("person", "organisation", "place", "identifier")
    ]
    inside = re.findall(r"(?<=[\w,;] )[A-ZÀ-Ý][\w'’-]+", text)
    return [word for name in (*named, *inside) for word in WORD.findall(name) if word[0].isupper()]


def _values(text: str, language: Language) -> frozenset[str]:
    """Every number, day and length of time of it."""
    facts = find_facts(text, language, ("date", "duration", "percentage"))
    taken = bytearray(len(text))
    for fact in facts:
        taken[fact.start : fact.end] = b"\1" * (fact.end - fact.start)
    values = {value for fact in facts for value in _parts(fact)}
    for match in _FIGURE.finditer(text):
        if not taken[match.start()]:
            amount = read_amount(text[match.start() : match.end() + _SCALE_LETTERS])
            values.add(match[0] if amount is None else plain(amount))
    for fact in find_facts(text, language, ("quantity",)):
        if not taken[fact.start] and not fact.text[0].isdigit():
            values.add(fact.value)
    return frozenset(values)


def _parts(fact: Fact) -> tuple[str, ...]:
    """The value; of a whole day its month and its year too, which say less of the same."""
    if fact.kind != "date":
        return (fact.value,)
    year, month, day = fact.value.split("-")
    parts = (fact.value, f"{year}-{month}-00", f"0000-{month}-{day}", year)
    return parts if int(year) and int(day) else (fact.value, *((year,) if int(year) else ()))


_SCALE_LETTERS = 12
