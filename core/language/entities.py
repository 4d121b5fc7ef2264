"""Who, where, how much and when: people, organisations, places, money, dates, mails, links and identifiers.

Works by rules and our own lists of first names, company forms and places; a name that no rule or list knows
is not reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Literal, NamedTuple

EntityKind = Literal["person", "organisation", "place", "money", "date", "email", "url", "identifier"]


@dataclass(frozen=True, slots=True)
class Entity:
    """`text` stands from character `start` to `end`."""

    kind: EntityKind
    text: str
    start: int
    end: int


def find_entities(text: str) -> tuple[Entity, ...]:
    """In reading order, none within another. English, Spanish and Portuguese at once; time is linear.

    >>> [(found.kind, found.text) for found in find_entities("Ana Ruiz paid USD 1,200 to Lumen Ltda.")]
    [('person', 'Ana Ruiz'), ('money', 'USD 1,200'), ('organisation', 'Lumen Ltda.')]
    """
    formal = list(_formal(text))
    taken = bytearray(len(text))
    for entity in formal:
        taken[entity.start : entity.end] = b"\1" * (entity.end - entity.start)
    named = list(_named(text, taken))
    return tuple(sorted([*formal, *named, *_called_again(text, named, taken)], key=lambda found: found.start))


@cache
def first_names() -> frozenset[str]:
    """Our own list of the first names that are usual in the three languages."""
    return frozenset(_list("first_names.txt").split())


_MONTHS = (
    r"(?:jan(?:uary|eiro)?|ene(?:ro)?|feb(?:ruary|rero)?|fev(?:ereiro)?|mar(?:ch|zo|ço)?|apr(?:il)?|abr(?:il)?|"
    r"may(?:o)?|mai(?:o)?|june?|jun(?:io|ho)?|july?|jul(?:io|ho)?|aug(?:ust)?|ago(?:sto)?|sept?(?:ember|iembre)?|"
    r"set(?:embro|iembre)?|oct(?:ober|ubre)?|out(?:ubro)?|nov(?:ember|iembre|embro)?|dec(?:ember)?|"
    r"dic(?:iembre)?|dez(?:embro)?)\b(?:\.(?=[ ]\d|[ ]del?\b))?"
)
_FIGURE = r"\d{1,3}(?:[.,  ]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?"
_SCALE = (
    r"(?:\s?(?:k|m|mn|bn|mil(?:l[oó]n(?:es)?|h[ãõ](?:o|es)|lions?)?|thousand|billions?|bilh[ãõ](?:o|es))\b)?"
)
_FORMAL = re.compile(
    rf"""
      (?P<url> \b(?:https?://|www\.) [^\s<>"]* [\w/] )
    | (?P<email> (?<![\w.+-]) [\w.+-]+ @ [\w-]+ (?:\.[\w-]+)+ )
    | (?P<money> (?: (?:US|R|MX|AR|CA)?\$ | [€£¥] | \b(?:USD|EUR|GBP|MXN|BRL|ARS|COP|CLP|PEN|CHF)\b ) \s?
        (?:{_FIGURE}) {_SCALE} (?: \s(?:USD|EUR|MXN|BRL)\b )?
      | (?<![\w.,]) (?:{_FIGURE}) {_SCALE} (?:\s(?:de|of))? \s?
        (?: [€£] | (?:USD|EUR|GBP|MXN|BRL|ARS|COP|CLP|PEN|dollars?|
        d[óo]lares?|euros?|pesos?|reais|pounds?|libras?|soles)\b ) (?!\w) )
    | (?P<date> \b\d{{4}}-\d\d-\d\d\b
      | (?<![\w/.-]) \d{{1,2}} (?P<sign>[/.-]) \d{{1,2}} (?P=sign) (?:\d{{4}}|\d\d) (?![\w/-])
      | \b\d{{1,2}} (?:st|nd|rd|th|º|°)? [ ] (?:de[ ]|of[ ])? (?i:{_MONTHS})
        (?: ,?[ ] (?:del?[ ])? \d{{4}}\b )?
      | \b(?i:{_MONTHS}) [ ] \d{{1,2}} (?:st|nd|rd|th)? \b (?! [.,:]?\d ) (?: ,?[ ] \d{{4}}\b )?
      | \b(?i:{_MONTHS}) ,? [ ] (?:de[ ]|del[ ]|of[ ])? \d{{4}}\b )
    | (?P<identifier> \b(?=[\w./-]*\d)(?=[\w./-]*[A-Z]) [A-Z0-9]{{2,}} (?: [-./] [A-Z0-9]{{1,}} )+ \b
      | \b[A-Z]{{2,6}}[ -]?\d{{3,}}\b | \b\d{{2,3}}\.\d{{3}}\.\d{{3}}(?:/\d{{4}})?-\d{{2}}\b
      | \b[A-ZÑ]{{3,4}}\d{{6}}[A-Z0-9]{{3}}\b )
    """,
    re.VERBOSE,
)


def _formal(text: str) -> Iterator[Entity]:
    for match in _FORMAL.finditer(text):
        kind = next(kind for kind in _FORMAL_KINDS if match[kind])
        yield Entity(kind, match[0], *match.span())


_FORMAL_KINDS: tuple[EntityKind, ...] = ("url", "email", "money", "date", "identifier")

_NAME_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?|&|\d+")
_PARTICLES = frozenset(("de", "del", "da", "do", "dos", "das", "la", "las", "los", "of", "von", "van", "the"))
_COMPANY_FORMS = re.compile(
    r"(?:S\.\s?A\.(?:\s?(?:P\.\s?I\.\s?)?(?:de\s)?C\.\s?V\.)?|S\.\s?(?:de\s)?R\.\s?L\.(?:\s(?:de\s)?C\.\s?V\.)?|"
    r"S\.\s?L\.|S/A|SA|SL|SAPI|Ltda\b\.?|Ltd\b\.?|Limited|LLC|LLP|PLC|plc|Inc\b\.?|Incorporated|Corp\b\.?|"
    r"Corporation|Co\.|Company|GmbH|AG|EIRELI|ME|EPP|e\sCia\b\.?|y\sCía\b\.?|& Co\b\.?|A\.\s?C\.)(?!\w)"
)
_AFTER_NAME = re.compile(rf",?[ ]?(?:{_COMPANY_FORMS.pattern})")
_ORGANISATION_WORDS = frozenset(
    word
    for line in (
        "Bank Banco Universidad Universidade University Instituto Institute Ministerio Ministério",
        "Ministry Secretaría Secretaria Comisión Comissão Commission Agencia Agência Agency Grupo",
        "Group Hospital Fundación Fundação Foundation Asociación Associação Association Cámara",
        "Câmara Consejo Conselho Council Cooperativa Federación Federação Federation Corporación",
        "Corporação Compañía Companhia Laboratorios Laboratórios Laboratories Labs Farmacias",
        "Farmácias Pharmacies Supermercados Foods Logistics Logística Transportes Industries",
        "Indústrias Industrias Holdings Partners Systems Solutions Consulting Consultores",
        "Consultoria Services Ventures Capital Insurance Seguros Biologics Grocers Frigorífico",
        "Lácteos Mariscos Quesería Tribunal Court Superintendencia Prefeitura Receita Sindicato",
        "Colegio Colégio College School Escuela Escola Clínica Clinic Rede Red Editorial",
        "Distribuidora",
    )
    for word in line.split()
)
_TITLES = frozenset(
    (
        "Mr",
        "Mrs",
        "Ms",
        "Dr",
        "Dra",
        "Sr",
        "Sra",
        "Srta",
        "Prof",
        "Profa",
        "Lic",
        "Ing",
        "Don",
        "Doña",
        "Dona",
    )
)
_OPENERS = frozenset(
    word
    for line in (
        "The A An This That These Those In On At By For From To Of With As If When While After",
        "Before Since And But Or So All Any Each Every Some There Here No Not Our Your His Her Their",
        "What Who How Why We He She It They El La Los Las Lo Un Una Unos Unas Este Esta Estos Estas",
        "Ese Esa En Con Por Para De Del Al Si Cuando Donde Como Que Y Pero También Además Sin Según",
        "Su Sus Se Ya Hoy Cada Todo Toda Desde Hasta Entre O Os As Um Uma Esse Essa Isso Na Nos Nas",
        "Da Das Do Dos Ao À Com Quando Onde E Ou Mas Também",
    )
    for word in line.split()
)
_LOCATIVE = re.compile(r"(?:\bin|\bat|\bfrom|\bto|\bnear|\ben|\bdesde|\bem|\bno|\bna|\bde|\bdo|\bda|,)\s+$")


class _Run(NamedTuple):
    start: int
    end: int
    words: tuple[tuple[str, int, int], ...]


def _named(text: str, taken: bytearray) -> Iterator[Entity]:
    for run in _runs(text, taken):
        yield from _classified(text, run)


def _runs(text: str, taken: bytearray) -> Iterator[_Run]:
    """Runs of capitalised words, with particles in between, without the word that opens a sentence."""
    run: list[tuple[str, int, int]] = []
    for match in _NAME_WORD.finditer(text):
        word, start, end = match[0], match.start(), match.end()
        joins = bool(run) and re.fullmatch(r"[  ]", text[run[-1][2] : start]) and not _is_closed(run[-1][0])
        is_name = word[0].isupper() and not taken[start]
        if run and not (joins and (is_name or word.lower() in _PARTICLES or word == "&")):
            yield from _finished(run)
            run = []
        if is_name or (run and not taken[start]):
            run.append((word, start, end))
    yield from _finished(run)


def _is_closed(word: str) -> bool:
    """Whether a full stop ends the run here: not after an initial, a title or a company's form."""
    return (
        word.endswith(".") and len(word) > 2 and word[:-1] not in _TITLES and word[:-1] not in ("Cía", "St")
    )


def _finished(run: list[tuple[str, int, int]]) -> Iterator[_Run]:
    while run and not run[-1][0][0].isupper():
        run = run[:-1]
    while run and (run[0][0] in _OPENERS or not run[0][0][0].isupper()):
        run = run[1:]
    if run:
        word, start, end = run[-1]
        if word.endswith(".") and len(word) > 2 and not _COMPANY_FORMS.fullmatch(word):
            run = [*run[:-1], (word[:-1], start, end - 1)]
        yield _Run(run[0][1], run[-1][2], tuple(run))


def _classified(text: str, run: _Run) -> Iterator[Entity]:
    written = text[run.start : run.end]
    if form := _AFTER_NAME.match(text, _form_begin(run)):
        yield _entity("organisation", text, run.start, form.end())
    elif len(run.words) > 1 and _COMPANY_FORMS.fullmatch(run.words[-1][0]):
        yield _entity("organisation", text, run.start, run.end)
    elif place := _whole_place(written):
        yield _entity("place", text, run.start, run.start + len(place))
    elif (titled := _after_title(run)) is not None:
        yield _entity("person", text, titled, run.end)
    elif any(word in _ORGANISATION_WORDS for word, _, _ in run.words) and len(run.words) > 1:
        yield _entity("organisation", text, run.start, run.end)
    elif (first := _first_name(text, run)) is not None:
        yield _entity("person", text, first, run.end)
    else:
        yield from _places_within(text, run)


def _form_begin(run: _Run) -> int:
    """Where a company's form may stand: after the name, or at its last word if that is the S of S.A."""
    word, start, end = run.words[-1]
    return start if len(run.words) > 1 and len(word) == 2 and word[1] == "." else end


def _entity(kind: EntityKind, text: str, start: int, end: int) -> Entity:
    return Entity(kind, text[start:end], start, end)


def _whole_place(written: str) -> str | None:
    return written if written in _places() else None


def _after_title(run: _Run) -> int | None:
    """Where the name begins that follows a title; None without one."""
    for (word, _, _), (name, start, _) in pairwise(run.words):
        if word.rstrip(".") in _TITLES and name[0].isupper():
            return start
    return None


def _first_name(text: str, run: _Run) -> int | None:
    """Where a person's name begins: a known first name and one to four more names, none in capitals.

    The word that opens a sentence may stand before it, as in "Ask Ana Ruiz".
    """
    opens = re.search(r"(?:^|[.!?:\n])\s*$", text[max(0, run.start - 3) : run.start]) is not None
    for place in range(2 if opens else 1):
        names = [word for word, _, _ in run.words[place:] if word[0].isupper()]
        is_shouted = any(word.isupper() and len(word) > 2 for word in names)
        if 2 <= len(names) <= 5 and not is_shouted and run.words[place][0].split("-")[0] in first_names():
            return run.words[place][1]
    return None


def _places_within(text: str, run: _Run) -> Iterator[Entity]:
    """The longest known places in the run, if what stands before the run or the place lets it be one."""
    at = 0
    while at < len(run.words):
        for end in range(len(run.words), at, -1):
            start, stop = run.words[at][1], run.words[end - 1][2]
            if text[start:stop] in _places() and _LOCATIVE.search(text, max(0, start - 8), start):
                yield _entity("place", text, start, stop)
                at = end - 1
                break
        at += 1


def _called_again(text: str, named: list[Entity], taken: bytearray) -> Iterator[Entity]:
    """Organisations by their name without the company's form, and people by their surname or first name."""
    known: dict[str, EntityKind] = {}
    for entity in named:
        words = entity.text.split()
        if entity.kind == "organisation" and (short := _without_form(entity.text)) and short != entity.text:
            known.setdefault(short, "organisation")
        elif entity.kind == "person" and len(words[-1]) > 3:
            known.setdefault(words[-1], "person")
            known.setdefault(words[0], "person")
    if not known:
        return
    marked = bytearray(taken)
    for entity in named:
        marked[entity.start : entity.end] = b"\1" * (entity.end - entity.start)
    names = "|".join(re.escape(name) for name in sorted(known, key=len, reverse=True))
    for match in re.finditer(rf"(?<![\w-])(?:{names})(?![\w-])", text):
        if not any(marked[match.start() : match.end()]):
            yield Entity(known[match[0]], match[0], *match.span())


def _without_form(name: str) -> str:
    return re.sub(rf",?\s+(?:{_COMPANY_FORMS.pattern})$", "", name).strip()


@cache
def _places() -> frozenset[str]:
    return frozenset(place.strip() for line in _list("places.txt").splitlines() for place in line.split(";"))


def _list(name: str) -> str:
    return (files("core.language") / "lists" / name).read_text(encoding="utf-8")
