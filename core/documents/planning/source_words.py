"""Which words to look for in a library, in all its languages, to find what a document could rest on."""

from __future__ import annotations

from core.documents.planning.proposal import Proposal
from core.documents.template import DocumentTemplate
from core.language.glossary import concepts, terms
from core.language.stop_words import LANGUAGES


def search_words(proposal: Proposal, template: DocumentTemplate, most: int = 8) -> tuple[str, ...]:
    """The terms that the brief is about, each followed by its translations; the weightiest first."""
    known = {term.id: term for term in terms()}
    found: dict[str, None] = {}
    for keyword in proposal.keywords:
        found[keyword] = None
        for concept in concepts(keyword, proposal.language.value):
            if term := known.get(concept.id):
                found.update((term.words[language][0], None) for language in LANGUAGES)
    return tuple(found)[:most]
