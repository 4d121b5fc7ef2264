"""Two texts side by side, from the library or pasted: words, meaning, and where they contradict."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.errors import Invalid
from core.gateway.roles import Permission, Principal
from core.ingestion.language import identify
from core.language.embedder import Embedder
from core.redundancy import (
    Alignment,
    DifferingFact,
    Recommendation,
    Subject,
    advise,
    align,
    differing_facts,
    similarity,
)
from core.redundancy.contradictions import Contradiction, contradictions
from core.redundancy.semantic import (
    SemanticAdvice,
    SemanticEvidence,
    SemanticIndex,
    make_profiles,
    semantic_advice,
)
from core.redundancy.semantic.calibration import thresholds, translation_thresholds
from core.use_cases.request import Request
from core.workbench import Workbench

LONGEST_TEXT = 400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareTexts(Request["TextComparison"]):
    """Each side is a document of the library by its id, or a text. `with_meaning` embeds both."""

    a_document: str | None = None
    b_document: str | None = None
    a_text: str = ""
    b_text: str = ""
    with_meaning: bool = True


@dataclass(frozen=True, slots=True)
class ComparedSide:
    """`id` is None for a pasted text; its title is then empty."""

    id: str | None
    title: str
    name: str
    language: str
    modified: datetime | None
    num_words: int
    text: str


@dataclass(frozen=True, slots=True)
class TextComparison:
    """Spans of side a are of `a`'s text. `advice` is about `b`, should `a` stay.

    `evidence` is None where meaning was not asked for, no model is there, or the languages are not compared;
    `means_the_same` then too. It says whether the score reaches the threshold of the languages.
    """

    a: ComparedSide
    b: ComparedSide
    jaccard: float
    alignment: Alignment
    facts: tuple[DifferingFact, ...]
    conflicts: tuple[Contradiction, ...]
    advice: Recommendation
    evidence: SemanticEvidence | None
    means_the_same: bool | None
    meaning: SemanticAdvice | None


def compare_texts(request: CompareTexts, principal: Principal, workbench: Workbench) -> TextComparison:
    """Raises Invalid where a side is empty, too long, or the same document as the other."""
    principal.require(Permission.READ)
    if request.a_document is not None and request.a_document == request.b_document:
        raise Invalid("A document cannot be compared with itself.", remedy="Choose another one.")
    a = _side(request.a_document, request.a_text, principal, workbench)
    b = _side(request.b_document, request.b_text, principal, workbench)
    one, other = _subject(a, "a"), _subject(b, "b")
    jaccard = similarity(a.text, b.text)
    least = _least_score(a.language, b.language)
    evidence = None
    if request.with_meaning and workbench.embedder is not None and least is not None:
        evidence = _evidence(one, other, workbench.embedder, workbench.settings.embedding_multilingual)
    is_calibrated = bool(getattr(workbench.embedder, "is_packaged", True))
    return TextComparison(
        a=a,
        b=b,
        jaccard=jaccard,
        alignment=align(a.text, b.text),
        facts=differing_facts(a.text, b.text),
        conflicts=contradictions(one, other),
        advice=advise(one, other, jaccard),
        evidence=evidence,
        means_the_same=None if evidence is None else least is not None and evidence.score >= least,
        meaning=None
        if evidence is None
        else semantic_advice(one, other, evidence, is_calibrated_model=is_calibrated),
    )


def _side(document: str | None, text: str, principal: Principal, workbench: Workbench) -> ComparedSide:
    if document is not None:
        with workbench.storage.transaction(readonly=True) as work:
            stored = work.documents.get(principal.workspace, document)
        found = stored.summary
        text = stored.content.text
        side = ComparedSide(
            found.id, found.title, found.name, found.language, found.modified, found.num_words, text
        )
    else:
        side = ComparedSide(None, "", "", identify(text), None, len(text.split()), text)
    if not text.strip():
        raise Invalid("One side has no text.", remedy="Paste a text or choose a document on both sides.")
    if len(text) > LONGEST_TEXT:
        raise Invalid(
            f"One side has more than {LONGEST_TEXT:,} characters.", remedy="Compare it in several parts."
        )
    return side


def _subject(side: ComparedSide, name: str) -> Subject:
    return Subject(side.id or name, side.text, side.title, side.modified, side.num_words, side.language)


def _evidence(a: Subject, b: Subject, embedder: Embedder, is_multilingual: bool) -> SemanticEvidence:
    index = SemanticIndex()
    profiles = make_profiles(
        [a.text, b.text], [a.language, b.language], embedder, is_multilingual=is_multilingual
    )
    for name, profile in zip(("a", "b"), profiles, strict=True):
        index.put(name, profile)
    return index.explain("a", "b")


def _least_score(one: str, other: str) -> float | None:
    """From which score two texts in these languages mean the same; None where they are not compared."""
    if one == other:
        return thresholds(one).document
    across = translation_thresholds(one, other)
    return None if across is None else across.score
