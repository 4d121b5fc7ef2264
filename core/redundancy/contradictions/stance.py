"""Whether a sentence says that something must, may, must not or need not be."""

from __future__ import annotations

import re
from typing import Literal, get_args

from core.language.stop_words import Language

Stance = Literal["must", "may", "must not", "need not", "does", "does not"]

STANCES: tuple[Stance, ...] = get_args(Stance)


def stance_of(sentence: str, language: Language) -> Stance:
    """The strongest of its words decides: need not, must not, must, may, then any other negation.

    >>> stance_of("No es necesario avisar antes.", "es")
    'need not'
    """
    lowered = _CONDITION.sub(" ", sentence.lower())
    for stance, patterns in _STANCES.items():
        if patterns[language].search(lowered):
            return stance
    return "does"


_CONDITION = re.compile(r"(?<!\w)(?:if|when|unless|si|cuando|salvo|se|quando|caso)\s[^,;:.]*[,;:]")


def are_opposed(one: Stance, other: Stance) -> bool:
    """Whether both cannot hold: must against need not or must not, may against must not, does against not."""
    return frozenset((one, other)) in _OPPOSED


_OPPOSED = frozenset(
    frozenset(pair)
    for pair in (
        ("must", "must not"), ("must", "need not"), ("may", "must not"), ("does", "does not"),
        ("does", "must not"), ("must", "does not"), ("may", "does not"),
    )
)  # fmt: skip


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(phrases)})(?!\w)")


_STANCES: dict[Stance, dict[Language, re.Pattern[str]]] = {
    "need not": {
        "en": _any(
            r"needs? not", r"(?:do|does) not (?:need|have) to", r"(?:don't|doesn't) (?:need|have) to",
            r"(?:is|are) not (?:required|mandatory|obliged|necessary|needed)", r"needs? no", r"no need",
            r"(?:is|are) optional",
        ),
        "es": _any(
            r"no (?:es|son|está|están|hace) (?:necesari[oa]s?|obligatori[oa]s?|obligad[oa]s?|falta)",
            r"no (?:se )?(?:necesita|requiere|exige)n?", r"no (?:tiene|hay|tienen) que",
            r"(?:es|son) opcional(?:es)?",
        ),
        "pt": _any(
            r"não (?:é|são|está|estão) (?:necessári[oa]s?|obrigatóri[oa]s?|obrigad[oa]s?|preciso)",
            r"não (?:se )?(?:precisa|exige|requer|necessita)m?", r"não (?:tem|têm) (?:que|de)",
            r"(?:é|são) (?:opcional|opcionais|facultativ[oa]s?)",
        ),
    },
    "must not": {
        "en": _any(
            r"(?:must|may|shall|should|can) (?:not|never)", r"cannot", r"can't", r"mustn't", r"not permitted",
            r"(?:is|are) (?:forbidden|prohibited|banned)", r"never", r"not allowed", r"nobody may",
            r"no one may",
        ),
        "es": _any(
            r"no (?:se )?(?:puede|pueden|debe|deben|podrá|podrán|deberá|deberán|permite|permiten)",
            r"(?:queda|está|quedan|están) prohibid[oa]s?", r"se prohíben?", r"nunca", r"jamás",
            r"no está permitid[oa]", r"nadie puede",
        ),
        "pt": _any(
            r"não (?:se )?(?:pode|podem|deve|devem|poderá|poderão|deverá|deverão|permite|permitem)",
            r"(?:é|são|fica|ficam) (?:proibid|vedad)[oa]s?", r"nunca", r"jamais",
            r"não (?:é|são) permitid[oa]s?",
            r"ninguém pode",
        ),
    },
    "does not": {
        "en": _any("not", "no", "nobody", "none", "neither", "without", r"\w+n't", "excludes?"),
        "es": _any("no", "nadie", "ningún", "ninguna", "ninguno", "tampoco", "sin", "excluyen?"),
        "pt": _any("não", "ninguém", "nenhum", "nenhuma", "tampouco", "sem", "exclui", "excluem"),
    },
    "must": {
        "en": _any(
            "must", "shall", r"(?:has|have) to",
            r"(?:is|are) (?:required|mandatory|obliged|compulsory|obligatory)",
            r"requires?", r"needs?",
        ),
        "es": _any(
            "deben?", "deberán?", r"(?:tiene|tienen|hay) que", r"obligatori[oa]s?", "es necesario",
            r"se requieren?",
            r"requieren?", r"se exigen?", r"necesitan?",
        ),
        "pt": _any(
            "devem?", "deverão", "deverá", r"(?:tem|têm) (?:que|de)", r"obrigatóri[oa]s?", "é necessário",
            "é preciso",
            "requer", "requerem", "exigem?", "precisam?",
        ),
    },
    "may": {
        "en": _any("may", "can", r"(?:is|are) (?:allowed|permitted|free to)"),
        "es": _any("puede", "pueden", "podrán?", r"se permiten?", r"(?:está|están) permitid[oa]s?"),
        "pt": _any("pode", "podem", "poderá", "poderão", "permite-se", r"(?:é|são) permitid[oa]s?"),
    },
}  # fmt: skip
