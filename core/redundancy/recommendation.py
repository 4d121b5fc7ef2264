"""What to do with a member of a cluster, seen against its canonical document: act, reason and evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from core.redundancy.evidence import Alignment, Passage, Span, align, unique_spans
from core.redundancy.fact import Fact
from core.redundancy.fact_words import EMPTY_WORDS
from core.redundancy.facts import DifferingFact, are_facts_reordered, differing_facts
from core.redundancy.subject import WORD, Subject

Act = Literal["keep", "merge", "drop", "ignore"]

NEARLY_ALL = 0.9  # Jaccard similarity from which two texts are one but for a few words
CONTAINED = 0.95  # share of the member's words from which it is part of the canonical text
SIMILAR = 0.5  # below, in phrases and in words either way, two texts are only linked through others
UNIQUE_WORDS = 12  # words of one text in a row that count as a passage of its own
SLOT_WORDS = 12  # most words that fill in a place of a template


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
    "reworded": Reason(
        "drop",
        False,
        "{contained:.0%} of its words stand in “{canonical}”, "
        "but other words stand in some places ({num_reworded}): "
        "look first.",
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
        "which states more facts ({num_facts}): look first.",
    ),
    "subset_more_facts": Reason(
        "merge",
        False,
        "{contained:.0%} of its words stand in “{canonical}”, "
        "but it states facts that are not there ({num_facts}).",
    ),
    "template_family": Reason(
        "keep",
        False,
        "{similarity:.0%} of the phrases are those of “{canonical}”, but facts differ ({num_facts}): "
        "both fill in one template, whose fixed text can be kept once.",
    ),
    "overlap": Reason(
        "merge",
        False,
        "{contained:.0%} of its words stand in “{canonical}”; passages that stand only here: "
        "{num_unique_member}, only there: {num_unique_canonical}.",
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
    canonical one are a drop, which is automatic only if both state the same facts in the same order and the
    member has no passage and no word of its own. Texts that state other facts at the same places are a
    template family and both stay. Otherwise what overlaps is to be merged. Takes about a millisecond for a
    page of text.
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
    reordered = not differing and are_facts_reordered(canonical.text, member.text)
    if not differing and not reordered and _words(canonical.text) == _words(member.text):
        return "identical"
    if found.share_b >= CONTAINED or jaccard >= NEARLY_ALL:
        return _nearly_equal(canonical, member, found, differing, reordered)
    if not found.passages:
        return "scattered"
    if jaccard < SIMILAR and max(found.share_a, found.share_b) < SIMILAR:
        return "linked_through_others"
    return "template_family" if _fill_slots(canonical.text, member.text, found, differing) else "overlap"


def _words(text: str) -> list[str]:
    return WORD.findall(text.lower())


def _nearly_equal(
    canonical: Subject,
    member: Subject,
    found: Alignment,
    differing: tuple[DifferingFact, ...],
    reordered: bool,
) -> str:
    sides = {fact.side for fact in differing}
    if sides == {"a", "b"}:
        return "template_family"
    if unique_spans(member.text, [difference.b for difference in found.differences], UNIQUE_WORDS):
        return "overlap"
    if sides:
        return "subset_fewer_facts" if sides == {"a"} else "subset_more_facts"
    if reordered:
        return "facts_reordered"
    if _num_reworded(canonical.text, member.text, found):
        return "reworded"
    return "subset" if found.share_b >= CONTAINED else "nearly_identical"


def _num_reworded(canonical: str, member: str, found: Alignment) -> int:
    """At how many places the member has a word of its own, spelling and plurals apart."""
    own = (_meaning(member, part.b) - _meaning(canonical, part.a) for part in found.differences)
    return sum(bool(words) for words in own)


def _meaning(text: str, span: Span) -> set[str]:
    words = set(_words(text[slice(*span)])) - EMPTY_WORDS
    return {word.replace("z", "s").removesuffix("s") for word in words}


def _fill_slots(canonical: str, member: str, found: Alignment, differing: tuple[DifferingFact, ...]) -> bool:
    """Whether somewhere a few words with a fact stand in place of a few others with another fact."""
    facts_a = [found.fact for found in differing if found.side == "a"]
    facts_b = [found.fact for found in differing if found.side == "b"]
    return any(
        difference.kind == "replace"
        and _is_slot(canonical, difference.a, facts_a)
        and _is_slot(member, difference.b, facts_b)
        for difference in found.differences
    )


def _is_slot(text: str, span: Span, facts: list[Fact]) -> bool:
    is_short = len(WORD.findall(text, span.start, span.end)) <= SLOT_WORDS
    return is_short and any(fact.start < span.end and fact.end > span.start for fact in facts)


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
        "num_reworded": _num_reworded(canonical.text, member.text, found),
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
