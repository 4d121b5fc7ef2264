"""The tone that a brief asks for."""

from __future__ import annotations

import re

from core.documents.planning.wishes.said import Said, level, said

_WORDS = {
    "professional": r"professional|profesional|profissional",
    "casual": r"casual|informal|relaxed|laid.back|relajad[oa]|descontraid[oa]|coloquial",
    "friendly": r"friendly|warm|kind|polite|cercan[oa]|amable|amistos[oa]|calid[oa]|carinos[oa]|"
    r"cordial|amigavel|"
    r"gentil|caloros[oa]|simpatic[oa]|acolhedor[a]?",
    "formal": r"formal|serious|seri[oa]|solemn[e]?",
    "persuasive": r"persuasive|convincing|compelling|persuasiv[oa]|convincente",
    "informative": r"informative|neutral|factual|informativ[oa]|neutr[oa]|objetiv[oa]",
    "conversational": r"conversational|chatty|conversacional|como hablando|de conversa",
    "authoritative": r"authoritative|assertive|expert|con autoridad|asertiv[oa]|com autoridade|assertiv[oa]",
    "creative": r"creative|playful|witty|creativ[oa]|divertid[oa]|ingenios[oa]|criativ[oa]",
    "technical": r"technical|tecnic[oa]",
}
_TONE = (
    r"(?:tone|tono|tom|style|estilo|voice|voz|wording|lenguaje|linguagem|manner|way|manera|forma|redaccion)"
)
_ALONE = ("friendly", "persuasive", "casual", "conversational", "formal")
"""Tones whose words say nothing else when they stand as an aside: "very kind", "muy formal,"."""

_BY_NOUN = tuple(
    (
        tone,
        re.compile(
            rf"\b(?:{words})(?:\s+(?:and|y|e)\s+\w+)?,?\s+{_TONE}\b|"
            rf"\b{_TONE}:?\s+(?:(?:mas|muy|mais|bem|more|very|of|de|que sea|que seja)\s+){{0,2}}(?:{words})\b"
        ),
    )
    for tone, words in _WORDS.items()
)
_ASIDE = tuple(
    (
        tone,
        re.compile(
            rf"(?:\b(?:very|muy|bem|muito|something|algo|keep it|make it|sound|be|sea|seja|que suene)\s+"
            rf"|,\s*)(?:{_WORDS[tone]})\b(?=\s*(?:[,.;!)]|$|\band\b|\by\b|\be\b|\bfor\b|\bpara\b))"
        ),
    )
    for tone in _ALONE
)


def find_tone(brief: str) -> Said[str] | None:
    """The first that is said: "in a friendly tone", "tono cercano", "algo persuasivo para"."""
    text = level(brief)
    for family in (_BY_NOUN, _ASIDE):
        matches = [(match, tone) for tone, pattern in family if (match := pattern.search(text))]
        if matches:
            match, tone = min(matches, key=lambda each: each[0].start())
            aside = text[match.start() : match.end()].startswith(",")
            return said(tone, brief, match) if not aside else _without_comma(said(tone, brief, match))
    return None


def _without_comma(wish: Said[str]) -> Said[str]:
    return Said(wish.value, wish.start, wish.end, wish.words.lstrip(", "))
