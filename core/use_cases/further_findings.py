"""What texts share beyond similar words, as plain values for the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from core.errors import Invalid
from core.language.embedder import Embedder
from core.redundancy import PairTable, Span, Subject, align, differing_facts, similarity
from core.redundancy.contradictions import Contradiction, contradictions, find_contradictions
from core.redundancy.passages import find_passages, score_copy
from core.redundancy.semantic import SemanticIndex, make_profiles, semantic_advice

PASSAGES, MEANINGS, CONTRADICTIONS = "passages", "meanings", "contradictions"


def further_findings(
    subjects: Sequence[Subject], pairs: PairTable, find: Sequence[str], embedder: Embedder | None
) -> dict[str, Any]:
    """A list for each kind that is asked for. Raises Invalid for another, or meanings without a model."""
    unknown = sorted(set(find) - set(FINDERS))
    if unknown:
        raise Invalid(f"Nothing finds {unknown[0]!r}.", remedy=f"Use some of: {', '.join(FINDERS)}.")
    return {kind: FINDERS[kind](subjects, pairs, embedder) for kind in FINDERS if kind in find}


def _passages(subjects: Sequence[Subject], _pairs: PairTable, embedder: Embedder | None) -> list[Any]:
    report = find_passages(subjects, embedder=embedder)
    return [
        {
            "a": link.a_id,
            "b": link.b_id,
            "share_a": link.share_a,
            "share_b": link.share_b,
            "num_words": link.num_words,
            "exclusion": link.exclusion,
            "passages": [
                {
                    "kind": passage.kind,
                    "a": list(passage.a),
                    "b": list(passage.b),
                    "num_words": passage.num_words,
                    "similarity": round(passage.similarity, 4),
                    "exclusion": passage.exclusion,
                }
                for passage in link.passages
            ],
        }
        for link in report.links
    ]


def _meanings(subjects: Sequence[Subject], pairs: PairTable, embedder: Embedder | None) -> list[Any]:
    model = _needed(embedder)
    index = _index_of(subjects, model)
    found = index.find_pairs([subject.id for subject in subjects], pairs)
    return [
        _plain_meaning(subjects[first], subjects[second], index)
        for scored in (found.same_meaning, found.translations)
        for first, second in zip(scored.first.tolist(), scored.second.tolist(), strict=True)
    ]


def _contradictions(subjects: Sequence[Subject], _pairs: PairTable, _embedder: Embedder | None) -> list[Any]:
    return [_plain_conflict(found) for found in find_contradictions(subjects)]


FINDERS: dict[str, Callable[[Sequence[Subject], PairTable, Embedder | None], list[Any]]] = {
    PASSAGES: _passages,
    MEANINGS: _meanings,
    CONTRADICTIONS: _contradictions,
}
"""What can be asked for by name."""


def compare_pair(a: Subject, b: Subject, embedder: Embedder | None) -> dict[str, Any]:
    """Everything that two texts have to do with each other. Spans are characters."""
    found = align(a.text, b.text)
    copied = score_copy(b.text, a.text, embedder)
    compared: dict[str, Any] = {
        "a": a.id,
        "b": b.id,
        "languages": [a.language, b.language],
        "similarity": similarity(a.text, b.text),
        "share_a": found.share_a,
        "share_b": found.share_b,
        "passages": [
            {"a": list(each.a), "b": list(each.b), "num_words": each.num_words, "moved": each.moved}
            for each in found.passages
        ],
        "differing_facts": [
            {"side": each.side, "kind": each.fact.kind, "text": each.fact.text}
            for each in differing_facts(a.text, b.text)
        ],
        "contradictions": [_plain_conflict(each) for each in contradictions(a, b)],
        "copied": {"score": copied.score, "is_copied": copied.is_copied},
    }
    if embedder is not None:
        compared["meaning"] = _plain_meaning(a, b, _index_of([a, b], embedder))
    return compared


def _needed(embedder: Embedder | None) -> Embedder:
    if embedder is None:
        raise Invalid("Meanings are not looked for here.", remedy="Set find_meanings to true.")
    return embedder


def _index_of(subjects: Sequence[Subject], embedder: Embedder) -> SemanticIndex:
    index = SemanticIndex()
    profiles = make_profiles(
        [subject.text for subject in subjects], [subject.language for subject in subjects], embedder
    )
    for subject, profile in zip(subjects, profiles, strict=True):
        index.put(subject.id, profile)
    return index


def _plain_meaning(a: Subject, b: Subject, index: SemanticIndex) -> dict[str, Any]:
    evidence = index.explain(a.id, b.id)
    advice = semantic_advice(a, b, evidence)
    return {
        "a": a.id,
        "b": b.id,
        "kind": evidence.kind,
        "score": round(evidence.score, 4),
        "act": advice.act,
        "automatic": advice.automatic,
        "reason": advice.reason,
        "limits": list(advice.limit_codes),
        "passages": [
            {"a": list(match.a), "b": list(match.b), "similarity": round(match.similarity, 4)}
            for match in evidence.matches
        ],
    }


def _plain_conflict(found: Contradiction) -> dict[str, Any]:
    def side(statement: Span, fact: Span, value: str) -> dict[str, Any]:
        return {"statement": list(statement), "fact": list(fact), "value": value}

    return {
        "a": found.a.document_id,
        "b": found.b.document_id,
        "kind": found.kind,
        "relation": found.relation,
        "strength": round(found.strength, 4),
        "in_a": side(found.a.statement, found.a.fact, found.a.value),
        "in_b": side(found.b.statement, found.b.fact, found.b.value),
        "shared": list(found.shared),
    }
