"""What can be told of a text by its words alone, all at once."""

from __future__ import annotations

from dataclasses import dataclass

from core.language.entities import Entity, find_entities
from core.language.keywords import Keyword, find_keywords
from core.language.sentiment import Sentiment, SentimentAccuracy, find_sentiment, sentiment_accuracy
from core.language.stop_words import Language, known_language
from core.language.summary import SummarySentence, summarise

MOST_CHARACTERS = 200_000
"""Of a longer text the beginning is read, and the facts say so."""


@dataclass(frozen=True, slots=True)
class LanguageFacts:
    """Places are characters of the text. `is_cut`: the text was longer than MOST_CHARACTERS.

    `accuracy` says how far the sentiment can be trusted in this language.
    """

    language: Language
    keywords: tuple[Keyword, ...]
    entities: tuple[Entity, ...]
    sentiment: Sentiment
    accuracy: SentimentAccuracy
    summary: tuple[SummarySentence, ...]
    is_cut: bool = False


def describe(text: str, language: str = "") -> LanguageFacts:
    """Keywords, entities, sentiment and summary. A language that is none of the three is guessed.

    >>> describe("Ana Ruiz signed the lease in Austin. The rent fell.", "en").sentiment.label
    'positive'
    """
    spoken = known_language(text, language)
    read = text[:MOST_CHARACTERS]
    return LanguageFacts(
        language=spoken,
        keywords=find_keywords(read, spoken),
        entities=find_entities(read),
        sentiment=find_sentiment(read, spoken),
        accuracy=sentiment_accuracy(spoken),
        summary=summarise(read, spoken),
        is_cut=len(text) > MOST_CHARACTERS,
    )
