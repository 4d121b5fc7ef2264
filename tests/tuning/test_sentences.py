"""What a page shows of this package is known to who translates it."""

from __future__ import annotations

from core.tuning.first_token import FEWEST_REQUESTS, TOO_FEW
from core.tuning.sentences import sentences
from core.tuning.what_if import Question, replay_traffic
from tests.tuning.generated_traffic import conversations


def test_every_sentence_is_listed_once_and_whole() -> None:
    listed = list(sentences())
    assert len(listed) > 80
    assert all(sentence == sentence.strip() for sentence in listed)
    assert str(FEWEST_REQUESTS) in TOO_FEW


def test_notes_are_among_them() -> None:
    *_, found = replay_traffic(conversations(50), Question(policies=("lru",)), lambda _done, _total: None)
    assert set(found.notes) <= set(sentences())
    assert found.notes
