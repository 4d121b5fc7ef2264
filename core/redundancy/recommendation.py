"""What to do with a member of a cluster, seen against its canonical document: act, reason and evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from core.redundancy.evidence import Alignment, Passage, Span, align, unique_spans
from core.redundancy.facts import DifferingFact, are_facts_reordered, differing_facts
from core.redundancy.subject import WORD, Subject

Act = Literal["keep", "merge", "drop", "ignore"]

NEARLY_ALL = 0.9
CONTAINED = 0.95
SIMILAR = 0.5
UNIQUE_WORDS = 12
SLOT_WORDS = 12


@dataclass(frozen=True, slots=True)
class Reason:
    """What follows from one finding. `sentence` is filled with the parameters of the recommendation."""

    act: Act
    automatic: bool
    sentence: str


REASONS: dict[str, Reason] = {
    "canonical": Reason("keep", False, "The other documents of the group are compared with this one."),
    "identical": Reason("drop", True, "All {num_words} words are those of “{canonical}”."),
    "subset": Reason(
        "drop", True, "{contained:.0%} of its words stand in “{canonical}”, and both state the same facts."
    ),
    "nearly_identical": Reason(
        "drop",
        True,
        "{similarity:.0%} of the phrases are those of “{canonical}”, and both state the same facts.",
    ),
    "facts_reordered": Reason(
        "drop",
        False,
        "{similarity:.0%} of the phrases are those of “{canonical}”, "
        "but the facts stand in another order: look first.",
    ),
    "subset_fewer_facts": Reason(
        "drop",
        False,
        "{contained:.0%} of its words stand in “{canonical}”, "
        "which states {num_facts} facts more: look first.",
    ),
    "template_family": Reason(
        "keep",
        False,
        "{similarity:.0%} of the phrases are those of “{canonical}”, but {num_facts} facts differ: "
        "both fill in one template, whose fixed text can be kept once.",
    ),
    "overlap": Reason(
        "merge",
        False,
        "{contained:.0%} of its words stand in “{canonical}”; {num_unique_member} passages stand only here "
        "and {num_unique_canonical} only there.",
    ),
    "scattered": Reason("ignore", False, "It shares only scattered words with “{canonical}”, no passage."),
    "linked_through_others": Reason(
        "ignore",
        False,
        "Other documents link it to “{canonical}”, with which it shares {similarity:.0%} of the phrases.",
    ),
}
"""Every finding by its code. Only a finding without a differing fact is automatic."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """An act for one member of a cluster, the reason in English and the evidence for it.

    `automatic`: it may be done unasked. `parameters` holds the figures of the reason by name, shares as
    numbers from 0 to 1, so that a page can say it in another language. `confidence` is 0 to 1: the share of
    the text on which the finding rests. In passages and facts, side "a" is the canonical text and "b" the
    member's.
    """

    member_id: str
    canonical_id: str
    act: Act
    automatic: bool
    reason_code: str
    reason: str
    parameters: Mapping[str, str | int | float]
    confidence: float
    passages: tuple[Passage, ...] = ()
    unique_canonical: tuple[Span, ...] = ()
    unique_member: tuple[Span, ...] = ()
    differing_facts: tuple[DifferingFact, ...] = ()
    num_shared_words: int = 0


def advise(canonical: Subject, member: Subject, jaccard: float) -> Recommendation:
    """What to do with `member`, given the Jaccard similarity of the two texts.

    The canonical document itself stays. Equal words, nearly equal phrases or a text contained in the
    canonical one are a drop, which is automatic only if both state the same facts in the same order. Texts
    that state different facts at the same places are a template family and stay both. Otherwise what overlaps
    is to be merged.
    """
    if canonical.id == member.id:
        return _recommendation("canonical", canonical, member, jaccard, _NOTHING, ())
    found = align(canonical.text, member.text)
    differing = differing_facts(canonical.text, member.text)
    code = _finding(canonical, member, jaccard, found, differing)
    return _recommendation(code, canonical, member, jaccard, found, differing)


_NOTHING = Alignment((), (), 0.0, 0.0, 0, 0)


def _finding(
    canonical: Subject,
    member: Subject,
    jaccard: float,
    found: Alignment,
    differing: tuple[DifferingFact, ...],
) -> str:
    same_facts = not differing and not are_facts_reordered(canonical.text, member.text)
    contained, nearly_all = found.share_b >= CONTAINED, jaccard >= NEARLY_ALL
    if same_facts and _words(canonical.text) == _words(member.text):
        return "identical"
    if contained or nearly_all:
        if same_facts:
            return "subset" if contained else "nearly_identical"
        if not differing:
            return "facts_reordered"
        if contained and not any(fact.side == "b" for fact in differing):
            return "subset_fewer_facts"
        return "template_family"
    if not found.passages:
        return "scattered"
    if jaccard < SIMILAR and max(found.share_a, found.share_b) < SIMILAR:
        return "linked_through_others"
    return "template_family" if _fill_slots(canonical.text, member.text, found, differing) else "overlap"


def _words(text: str) -> list[str]:
    return WORD.findall(text.lower())


def _fill_slots(canonical: str, member: str, found: Alignment, differing: tuple[DifferingFact, ...]) -> bool:
    """Whether somewhere a few words, with a fact among them, stand in place of a few others with another
    fact.
    """
    slots = [
        (difference.a, difference.b)
        for difference in found.differences
        if difference.kind == "replace"
        and len(WORD.findall(canonical, *difference.a)) <= SLOT_WORDS
        and len(WORD.findall(member, *difference.b)) <= SLOT_WORDS
    ]
    places = {side: [fact.fact for fact in differing if fact.side == side] for side in ("a", "b")}
    return any(
        any(a.start <= fact.start < a.end for fact in places["a"])
        and any(b.start <= fact.start < b.end for fact in places["b"])
        for a, b in slots
    )


def _recommendation(
    code: str,
    canonical: Subject,
    member: Subject,
    jaccard: float,
    found: Alignment,
    differing: tuple[DifferingFact, ...],
) -> Recommendation:
    reason = REASONS[code]
    unique_canonical = unique_spans(
        canonical.text, [difference.a for difference in found.differences], UNIQUE_WORDS
    )
    unique_member = unique_spans(
        member.text, [difference.b for difference in found.differences], UNIQUE_WORDS
    )
    parameters: dict[str, str | int | float] = {
        "canonical": canonical.title or canonical.id,
        "similarity": jaccard,
        "contained": found.share_b,
        "containing": found.share_a,
        "num_words": member.num_words,
        "num_facts": len(differing),
        "num_unique_canonical": len(unique_canonical),
        "num_unique_member": len(unique_member),
    }
    return Recommendation(
        member_id=member.id,
        canonical_id=canonical.id,
        act=reason.act,
        automatic=reason.automatic,
        reason_code=code,
        reason=reason.sentence.format(**parameters),
        parameters=MappingProxyType(parameters),
        confidence=1.0 if code in ("canonical", "identical") else max(jaccard, found.share_b),
        passages=found.passages,
        unique_canonical=unique_canonical,
        unique_member=unique_member,
        differing_facts=differing,
        num_shared_words=round(found.share_b * found.num_words_b),
    )
