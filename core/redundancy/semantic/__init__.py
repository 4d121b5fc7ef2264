"""Finds documents that say the same in other words, or in another language, and what speaks for it."""

from core.redundancy.semantic.advice import (
    LIMITS,
    REASONS,
    SemanticAdvice,
    limits,
    needs_lexical_evidence,
    semantic_advice,
)
from core.redundancy.semantic.calibration import Thresholds, thresholds, translation_thresholds
from core.redundancy.semantic.index import SemanticIndex, SemanticPairs
from core.redundancy.semantic.matches import PassageMatch, SemanticEvidence
from core.redundancy.semantic.passages import cut_passages
from core.redundancy.semantic.profile import Profile, embedded_form, make_profiles, profile_fingerprint
from core.redundancy.semantic.profile_encoding import decode_profile, encode_profile
from core.redundancy.semantic.scored_pairs import ScoredPairs

__all__ = [
    "LIMITS",
    "REASONS",
    "PassageMatch",
    "Profile",
    "ScoredPairs",
    "SemanticAdvice",
    "SemanticEvidence",
    "SemanticIndex",
    "SemanticPairs",
    "Thresholds",
    "cut_passages",
    "decode_profile",
    "embedded_form",
    "encode_profile",
    "limits",
    "make_profiles",
    "needs_lexical_evidence",
    "profile_fingerprint",
    "semantic_advice",
    "thresholds",
    "translation_thresholds",
]
