"""Which words to look for in a library, in all its languages, to find what a document could rest on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from core.documents.planning.proposal import Proposal
from core.documents.template import DocumentTemplate
from core.language.content_words import lemma_of
from core.language.glossary import Term, concepts, terms
from core.language.stop_words import LANGUAGES, Language


def search_words(proposal: Proposal, template: DocumentTemplate, most: int = 8) -> tuple[str, ...]:
    """The terms that the brief is about, the weightiest first, then their usual translations.

    At least half of `most` are for the brief's own words if it has as many. Words that merely name the type
    are left out; a brief about nothing gives none.
    """
    names = {name.lower() for called in template.names.values() for name in called}
    own = [
        _singular(term, proposal.language.value) for term in proposal.keywords if term.lower() not in names
    ]
    own = list(dict.fromkeys(own))
    translated = [
        word
        for term in own[:most]
        for word in _translations(term, proposal.language.value)
        if word not in own and word not in names
    ]
    kept = max(most - len(dict.fromkeys(translated)), (most + 1) // 2)
    return tuple(dict.fromkeys([*own[:kept], *translated, *own[kept:]]))[:most]


def _singular(term: str, language: Language) -> str:
    """The dictionary form where it is the beginning of the word, so that both are found."""
    if " " in term or term[:1].isupper():
        return term
    lemma = lemma_of(term, language)
    return lemma if len(lemma) > 3 and term.startswith(lemma) else term


def _translations(term: str, language: Language) -> Iterator[str]:
    """In the other languages, if the whole term is one of the glossary. Names stay as they are."""
    if not term.islower():
        return
    for concept in concepts(term, language):
        found = _by_id().get(concept.id)
        if found is not None and concept.start == 0 and concept.end == len(term):
            yield from (found.words[other][0] for other in LANGUAGES if other != language)


@cache
def _by_id() -> dict[str, Term]:
    return {term.id: term for term in terms()}
