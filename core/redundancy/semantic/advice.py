"""What to do with a pair that only its meaning links: always somebody's look, never an automatic act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from core.redundancy.semantic.matches import SemanticEvidence
from core.redundancy.subject import Subject

SemanticAct = Literal["review", "translation_of"]

REASONS: dict[str, str] = {
    "same_meaning": "It says much the same as “{canonical}” in other words: {num_matches} passages "
    "correspond, {contained:.0%} of its text. Read both before you decide.",
    "same_meaning_figures_differ": "It says much the same as “{canonical}” in other words, but of "
    "{num_figures} figures only {num_shared} are the same: {num_matches} passages correspond. Read both "
    "before you decide.",
    "translation": "It is a translation of “{canonical}”: {num_matches} passages correspond in the same "
    "order, and {num_shared} of {num_figures} figures are the same. Both stay.",
    "translation_figures_differ": "It looks like a translation of “{canonical}”, but only {num_shared} of "
    "{num_figures} figures are the same; one of the two may be out of date. Both stay.",
}
"""Every finding by its code, filled with the parameters of the advice."""

LIMITS: dict[str, str] = {
    "english_model": "The model of meaning was trained on English. In Spanish and Portuguese it finds less, "
    "so nothing is advised automatically there without equal words.",
    "uncalibrated_model": "The thresholds of meaning were measured with the model that ships, not with "
    "yours.",
    "uncalibrated_language": "The thresholds of meaning were not measured for this language; the strictest "
    "hold.",
}
"""What to know of a finding, by code."""

FIGURES_AGREE = 0.8
"""Share of the figures of the side with more from which two texts state the same figures."""

CALIBRATED = ("en", "es", "pt")


@dataclass(frozen=True, slots=True)
class SemanticAdvice:
    """`reason` and `limits` are English sentences; codes and `parameters` say them in another language.

    Shares are from 0 to 1. `automatic` is False for each: words decide, meaning only asks.
    """

    member_id: str
    canonical_id: str
    act: SemanticAct
    reason_code: str
    reason: str
    parameters: Mapping[str, str | int | float]
    limit_codes: tuple[str, ...]
    automatic: Literal[False] = False


def semantic_advice(
    canonical: Subject, member: Subject, evidence: SemanticEvidence, *, is_calibrated_model: bool = True
) -> SemanticAdvice:
    """Advice for `member`, where `evidence` sets the canonical text on side a and the member on side b.

    A pair in one language is to be reviewed, a pair in two is a translation, and both stay.
    """
    code = evidence.kind if _do_figures_agree(evidence) else f"{evidence.kind}_figures_differ"
    parameters: dict[str, str | int | float] = {
        "canonical": canonical.title or canonical.id,
        "similarity": evidence.score,
        "contained": evidence.share_b,
        "containing": evidence.share_a,
        "num_matches": len(evidence.matches),
        "num_figures": max(evidence.num_figures_a, evidence.num_figures_b),
        "num_shared": evidence.num_figures_shared,
    }
    return SemanticAdvice(
        member_id=member.id,
        canonical_id=canonical.id,
        act="translation_of" if evidence.kind == "translation" else "review",
        reason_code=code,
        reason=REASONS[code].format(**parameters),
        parameters=MappingProxyType(parameters),
        limit_codes=limits((canonical.language, member.language), is_calibrated_model=is_calibrated_model),
    )


def limits(languages: tuple[str, ...], *, is_calibrated_model: bool = True) -> tuple[str, ...]:
    """The codes of what to know about findings in these languages, in the order of LIMITS."""
    found = []
    if not is_calibrated_model:
        found.append("uncalibrated_model")
    elif any(language != "en" for language in languages):
        found.append("english_model")
    if any(language not in CALIBRATED for language in languages):
        found.append("uncalibrated_language")
    return tuple(code for code in LIMITS if code in found)


def needs_lexical_evidence(language: str, *, is_calibrated_model: bool = True) -> bool:
    """Whether an automatic act on a document of this language needs equal words, whatever its meaning.

    So it is where the model was not trained on the language, or is not known.
    """
    return language != "en" or not is_calibrated_model


def _do_figures_agree(evidence: SemanticEvidence) -> bool:
    most = max(evidence.num_figures_a, evidence.num_figures_b)
    return evidence.num_figures_shared >= FIGURES_AGREE * most
