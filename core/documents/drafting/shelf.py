"""The sources of a draft, prepared once: their sentences, where they stand, and an index of their words."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from core.documents.draft import DraftSource, Origin, Statement
from core.documents.drafting.instructions import instructions_among
from core.documents.drafting.passages import Passage, Reading, SourceTable, Surroundings, repeated
from core.documents.drafting.postings import Postings
from core.documents.drafting.source_text import SourceText
from core.documents.drafting.used_sentences import Said
from core.documents.drafting.vocabulary import WORD, Vocabulary, is_number
from core.language.embedder import Embedder
from core.language.glossary import gloss
from core.language.stop_words import Language, known_language

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HEADING_WEIGHT, ABOVE_WEIGHT, LEAD_WEIGHT, TITLE_WEIGHT = 0.9, 0.4, 0.5, 0.25
_MOST_EMBEDDED = 1_000  # characters


class SourceShelf:
    """Prepared sources. Nothing of it changes; it may serve several writers. Time and space are linear.

    Without an embedder sentences are found by their words alone.
    """

    def __init__(self, sources: Sequence[SourceText], embedder: Embedder | None = None) -> None:
        self.sources: tuple[DraftSource, ...] = tuple(source.as_draft_source() for source in sources)
        self.texts: tuple[str, ...] = tuple(source.content.text for source in sources)
        self.languages: tuple[Language, ...] = tuple(source.spoken for source in sources)
        self.embedder = embedder
        self.vocabulary = Vocabulary()
        reading = Reading()
        for number, source in enumerate(sources, start=1):
            reading.take_in(number, source.content)
        self.passages: tuple[Passage, ...] = tuple(reading.passages)
        self.tables: tuple[SourceTable, ...] = tuple(reading.tables)
        self.surroundings: tuple[Surroundings, ...] = tuple(reading.surroundings)
        self._titles = [self.vocabulary.read(s.title, s.spoken) for s in sources]
        self._instructions = instructions_among(self.passages)
        self._vectors: dict[int, NDArray[np.float32]] = {}
        self.postings = self._post()

    def language(self, passage: Passage) -> Language:
        return self.languages[passage.source - 1]

    def terms(self, passage: Passage) -> list[int]:
        return self.vocabulary.read(passage.text, self.language(passage))

    def said(self, passage: Passage) -> Said:
        """What it says, to compare it with what else is said."""
        return self.say(passage.text, passage.source, self.language(passage))

    def say(self, text: str, source: int, language: Language) -> Said:
        lowered = text.casefold()
        words = WORD.findall(lowered)
        bare = [word for word in words if not is_number(word, language)]
        return Said(
            source=source,
            letters="".join(filter(str.isalnum, lowered)),
            words=frozenset(words),
            terms=frozenset(self.vocabulary.read(text, language)),
            bare=frozenset(self.vocabulary.read(" ".join(bare), language)),
            language=language,
        )

    def terms_over(self, heading: int) -> dict[int, float]:
        """The terms of what stands over the passages of this heading, and how much they count."""
        return self._above[heading]

    def under(self, heading: int) -> list[Passage]:
        """The passages with these surroundings, in order."""
        return [self.passages[number] for number in self._under.get(heading, ())]

    def statement(self, passage: Passage, label: str = "") -> Statement:
        """The passage quoted. A line break of the page is a space in it."""
        text = " ".join(passage.text.split()) if "\n" in passage.text else passage.text
        origin = Origin(passage.source, passage.start, passage.end, passage.page)
        return Statement(text, "quoted", (origin,), label=label)

    def affinity(self, subject: Mapping[int, float]) -> tuple[float, ...]:
        """How much of a subject each source speaks of, 1 for that which does most; 1 for all where nothing
        tells them apart.
        """
        shares = [0.0] * len(self.sources)
        for term in subject:
            having = {self.passages[at].source for at in self.postings.texts_with(term)}
            weight = math.log(1 + (len(shares) - len(having) + 0.5) / (len(having) + 0.5))
            for source in having:
                shares[source - 1] += weight
        most = max(shares, default=0.0)
        return tuple(share / most if most else 1.0 for share in shares)

    def before(self, passage: Passage) -> Passage | None:
        """The passage before it in its paragraph; None for the first."""
        previous = self.passages[passage.number - 1] if passage.number else None
        return previous if previous is not None and previous.paragraph == passage.paragraph else None

    def passage_at(self, source: int, start: int) -> Passage | None:
        """The passage in which this character of a source stands."""
        at = bisect_right(self._places, (source, start)) - 1
        found = self.passages[at] if at >= 0 else None
        return found if found is not None and found.source == source and start < found.end else None

    def meanings(self, question: str, passages: Sequence[Passage]) -> list[float] | None:
        """Cosines of the passages, under their headings, and the question; None without an embedder.

        The embedder is asked once, and never twice about a passage.
        """
        if self.embedder is None or not passages:
            return None
        new = [passage for passage in passages if passage.number not in self._vectors]
        texts = [self._readable(question, known_language(question)), *map(self._in_context, new)]
        vectors = self.embedder.embed(texts)
        for passage, vector in zip(new, vectors[1:], strict=True):
            self._vectors[passage.number] = vector
        return [float(self._vectors[passage.number] @ vectors[0]) for passage in passages]

    def _in_context(self, passage: Passage) -> str:
        heading = self.surroundings[passage.heading].heading
        return self._readable(f"{heading}. {passage.text}"[:_MOST_EMBEDDED], self.language(passage))

    def _readable(self, text: str, language: Language) -> str:
        """Word by word in English for the packaged model, which knows no other language."""
        return gloss(text, language) if getattr(self.embedder, "is_packaged", True) else text

    @property
    def num_instructions(self) -> int:
        """Sentences that are left out because they are addressed to a program."""
        return len(self._instructions)

    @cached_property
    def left_out(self) -> frozenset[int]:
        """The passages that are never quoted: orders to a program, and what stands on page after page."""
        return self._instructions | repeated(self.passages)

    @cached_property
    def _under(self) -> dict[int, list[int]]:
        under: dict[int, list[int]] = defaultdict(list)
        for passage in self.passages:
            under[passage.heading].append(passage.number)
        return under

    @cached_property
    def _places(self) -> list[tuple[int, int]]:
        return [(passage.source, passage.start) for passage in self.passages]

    @cached_property
    def _above(self) -> list[dict[int, float]]:
        return [self._weigh(around) for around in self.surroundings]

    def _weigh(self, around: Surroundings) -> dict[int, float]:
        language = self.languages[around.source - 1]
        read = self.vocabulary.read
        weights: dict[int, float] = {}
        for terms, weight in (
            (self._titles[around.source - 1], TITLE_WEIGHT),
            *((read(text, language), ABOVE_WEIGHT) for text in around.above),
            (read(around.lead, language), LEAD_WEIGHT),
            (read(around.heading, language), HEADING_WEIGHT),
        ):
            for term in terms:
                weights[term] = max(weights.get(term, 0.0), weight)
        return weights

    def _post(self) -> Postings:
        import numpy as np

        terms: list[int] = []
        texts: list[NDArray[np.int32]] = []
        lengths = []
        for passage in self.passages:
            own = self.terms(passage)
            terms += own
            lengths.append(len(own))
        above_terms = [np.array(list(one), dtype=np.int32) for one in self._above]
        above_weights = [np.array(list(one.values()), dtype=np.float32) for one in self._above]
        texts = [np.repeat(np.arange(len(self.passages), dtype=np.int32), lengths)]
        all_terms = [np.array(terms, dtype=np.int32)]
        weights = [np.ones(len(terms), dtype=np.float32)]
        for passage in self.passages:
            over = above_terms[passage.heading]
            all_terms.append(over)
            weights.append(above_weights[passage.heading])
            texts.append(np.full(len(over), passage.number, dtype=np.int32))
        return Postings(
            np.concatenate(all_terms), np.concatenate(texts), np.concatenate(weights),
            self.vocabulary.size, len(self.passages),
        )  # fmt: skip
