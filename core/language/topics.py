"""The subjects of a library: documents that share words which others lack."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from core.language.content_words import content_words
from core.language.entities import first_names
from core.language.stop_words import LANGUAGES, Language

FEWEST_DOCUMENTS = 4
"""Documents of a language below which no topics are sought."""

MOST_TOPICS = 12
MOST_LABELS = 6
BELONGS = 0.25
"""Share of a document's weight from which it belongs to a topic; it always belongs to its strongest."""

_MOST_CHARACTERS = 40_000  # of a document


@dataclass(frozen=True, slots=True)
class TopicText:
    """A document that topics are sought in."""

    id: str
    text: str
    language: Language


@dataclass(frozen=True, slots=True)
class Topic:
    """`words` are the strongest, as they are mostly written; `documents` are ids and shares."""

    language: Language
    words: tuple[str, ...]
    documents: tuple[tuple[str, float], ...]


def find_topics(texts: Sequence[TopicText]) -> tuple[Topic, ...]:
    """The topics of each language, those with the most documents first. Equal texts give equal topics.

    Non-negative factors of the TF-IDF of dictionary forms (Lee, Seung, Nature 401, 1999), from a fixed
    beginning. Their number is √(documents / 2), at least 2 and at most MOST_TOPICS. First names and words
    that only one document or more than half of them have do not count. A second for some hundred documents.
    """
    topics = [
        topic
        for language in LANGUAGES
        for topic in _of_language([one for one in texts if one.language == language], language)
    ]
    return tuple(sorted(topics, key=lambda topic: (-len(topic.documents), topic.language, topic.words)))


def num_topics(num_documents: int) -> int:
    """How many topics are sought among so many documents of a language."""
    if num_documents < FEWEST_DOCUMENTS:
        return 0
    return max(2, min(MOST_TOPICS, round(math.sqrt(num_documents / 2))))


def _of_language(texts: Sequence[TopicText], language: Language) -> list[Topic]:
    number = num_topics(len(texts))
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    counts = [_count(one, forms) for one in texts]
    spread = Counter(lemma for one in counts for lemma in one)
    words = sorted(word for word, documents in spread.items() if 2 <= documents <= max(2, len(texts) // 2))
    if not number or len(words) < number:
        return []
    import numpy as np
    from sklearn.decomposition import NMF

    place = {word: column for column, word in enumerate(words)}
    weights = np.zeros((len(texts), len(words)))
    for row, one in enumerate(counts):
        for word, count in one.items():
            if word in place:
                weights[row, place[word]] = (1 + math.log(count)) * math.log(len(texts) / spread[word] + 1)
    lengths = np.linalg.norm(weights, axis=1, keepdims=True)
    weights /= np.where(lengths > 0, lengths, 1)
    model = NMF(number, init="nndsvd", max_iter=400, tol=1e-3)
    shares = model.fit_transform(weights)
    totals = shares.sum(axis=1, keepdims=True)
    shares = shares / np.where(totals > 0, totals, 1)
    shown = [_usual(forms[word]) for word in words]
    return _named(texts, shown, shares.tolist(), model.components_.tolist(), language)


def _usual(forms: Counter[str]) -> str:
    return min(forms, key=lambda form: (-forms[form], form))


def _count(one: TopicText, forms: dict[str, Counter[str]]) -> Counter[str]:
    """The dictionary forms of a document; notes in `forms` how they are written."""
    text = one.text[:_MOST_CHARACTERS]
    counts = Counter[str]()
    for word in content_words(text, one.language):
        if text[word.start : word.end] in first_names():
            continue
        counts[word.lemma] += 1
        forms[word.lemma][text[word.start : word.end].lower()] += 1
    return counts


def _named(
    texts: Sequence[TopicText],
    words: Sequence[str],
    shares: list[list[float]],
    strengths: list[list[float]],
    language: Language,
) -> list[Topic]:
    members: dict[int, list[tuple[str, float]]] = defaultdict(list)
    for one, own in zip(texts, shares, strict=True):
        strongest = max(range(len(own)), key=lambda topic: own[topic])
        for topic, share in enumerate(own):
            if share >= BELONGS or (topic == strongest and share > 0):
                members[topic].append((one.id, round(share, 3)))
    topics = []
    for topic, documents in sorted(members.items()):
        strength = strengths[topic]
        ranked = sorted(range(len(words)), key=lambda column: (-strength[column], words[column]))
        labels = tuple(words[column] for column in ranked[:MOST_LABELS] if strength[column] > 0)
        ordered = tuple(sorted(documents, key=lambda document: (-document[1], document[0])))
        topics.append(Topic(language, labels, ordered))
    return topics
