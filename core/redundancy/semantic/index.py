"""The profiles of a library, and the pairs of documents in it that mean the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from core.errors import Invalid
from core.redundancy.pairs import PairTable
from core.redundancy.semantic.calibration import TRANSLATED, thresholds, translation_thresholds
from core.redundancy.semantic.candidates import Pairs, same_language_candidates, translation_candidates
from core.redundancy.semantic.matches import SemanticEvidence
from core.redundancy.semantic.profile import Profile
from core.redundancy.semantic.same_meaning import explain_same_meaning, same_meaning
from core.redundancy.semantic.scored_pairs import ScoredPairs, strongest_links, without_lexical
from core.redundancy.semantic.translation import explain_translation, translation_score


@dataclass(frozen=True, slots=True, eq=False)
class SemanticPairs:
    """`same_meaning` are pairs in one language, `translations` pairs in two.

    `num_common` passages stand in so many documents that they nominated no pair; `is_complete` says that
    otherwise no pair above its threshold is missing in one language (it is False where HNSW searched).
    """

    same_meaning: ScoredPairs
    translations: ScoredPairs
    num_common: int
    is_complete: bool


class SemanticIndex:
    """Profiles by document id. Adding, replacing and removing one embeds no other.

    >>> index = SemanticIndex()
    >>> for id, profile in zip(ids, make_profiles(texts, languages, embedder)):  # doctest: +SKIP
    ...     index.put(id, profile)
    >>> len(index.find_pairs(ids).translations)                                  # doctest: +SKIP
    """

    def __init__(self) -> None:
        self._profiles: dict[str, Profile] = {}

    def __len__(self) -> int:
        return len(self._profiles)

    def __contains__(self, id: str) -> bool:
        return id in self._profiles

    def put(self, id: str, profile: Profile) -> None:
        """Keep the profile; one of an equal id goes. Raises Invalid if others here were made otherwise."""
        first = next(iter(self._profiles.values()), profile)
        if profile.fingerprint != first.fingerprint:
            raise Invalid(
                "This profile was made with another embedding model than the others.",
                remedy="Make it again from the text.",
            )
        self._profiles[id] = profile

    def remove(self, id: str) -> None:
        """Forget the document. Nothing happens if it is not here."""
        self._profiles.pop(id, None)

    def missing(self, ids: Iterable[str]) -> list[str]:
        """Those of the ids that have no profile here, in order."""
        return [id for id in ids if id not in self._profiles]

    def find_pairs(
        self,
        ids: Sequence[str],
        lexical: PairTable | None = None,
        *,
        threads: int = 1,
        progress: Callable[[float], None] | None = None,
    ) -> SemanticPairs:
        """All pairs among these documents; ids that have no profile are in none.

        Pairs that `lexical`, whose positions are those of `ids`, holds are left out of `same_meaning`: they
        share more than meaning. A document keeps as translations in a language the best one and those that
        are nearly as good, such as its copies. Equal profiles give equal results.
        """
        profiles = [self._profiles.get(id, _NO_PROFILE) for id in ids]
        near = same_language_candidates(profiles, threads)
        across = translation_candidates(profiles)
        told = _Told(progress, len(near.pairs) + len(across))
        same = self._scored(profiles, near.pairs, told)
        translations = self._scored(profiles, across, told)
        return SemanticPairs(
            same_meaning=same if lexical is None else without_lexical(same, lexical),
            translations=strongest_links(translations, [profile.language for profile in profiles]),
            num_common=near.num_common,
            is_complete=near.is_exact,
        )

    def explain(self, a: str, b: str) -> SemanticEvidence:
        """What speaks for the two: in one language as same_meaning, in two as translation.

        Raises Invalid for a document without a profile here, or for languages that are not compared.
        """
        missing = self.missing((a, b))
        if missing:
            raise Invalid(f"{missing[0]} has no profile.", remedy="Run the analysis again.")
        one, other = self._profiles[a], self._profiles[b]
        if one.language == other.language:
            return explain_same_meaning(one, other)
        if translation_thresholds(one.language, other.language) is None:
            raise Invalid(
                f"Documents in {one.language!r} and {other.language!r} are not compared.",
                remedy=f"Translations are looked for between {', '.join(TRANSLATED)}.",
            )
        return explain_translation(one, other)

    def _scored(self, profiles: Sequence[Profile], pairs: Pairs, told: _Told) -> ScoredPairs:
        """Those of the pairs that reach the threshold of their languages."""
        scores = np.zeros(len(pairs), np.float32)
        is_pair = np.zeros(len(pairs), np.bool_)
        for place, (first, second) in enumerate(pairs.tolist()):
            scores[place], least = self._score(profiles[first], profiles[second])
            is_pair[place] = scores[place] >= least
            told.one_more()
        positions = pairs.astype(np.int32)
        return ScoredPairs(positions[:, 0], positions[:, 1], scores).only(is_pair)

    def _score(self, a: Profile, b: Profile) -> tuple[float, float]:
        """The score of the two and the least that counts."""
        across = translation_thresholds(a.language, b.language)
        if across is None:
            return same_meaning(a, b), thresholds(a.language).document
        return translation_score(a, b), across.score


class _Told:
    """Tells how far the work is, at most a hundred times."""

    def __init__(self, progress: Callable[[float], None] | None, total: int) -> None:
        self._progress = progress
        self._total = total
        self._step = max(1, total // 100)
        self._done = 0

    def one_more(self) -> None:
        self._done += 1
        if self._progress is not None and (self._done % self._step == 0 or self._done == self._total):
            self._progress(self._done / self._total)


_NO_PROFILE = Profile(
    "", "", np.zeros((0, 2), np.int32), np.zeros((0, 0), np.float16), (), np.zeros(0, np.uint32)
)
