from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.redundancy import Subject
from core.redundancy.passages import PassageIndex, TextCheck, check_text

FIRST = "The night crew parked the carts in front of the air return of the island freezers last week."
SECOND = "Nobody may open the outer door of the cold room while the inner door stands open behind them."


def prose(num_words: int, seed: int) -> str:
    chance = random.Random(seed)
    return " ".join(f"w{chance.randrange(100_000)}" for _ in range(num_words))


def check(text: str, library: dict[str, str], **options: object) -> TextCheck:
    index = PassageIndex(Subject.of(id, own) for id, own in library.items())
    return check_text(text, index, library.__getitem__, **options)  # type: ignore[arg-type]


def test_passages_are_quoted_with_their_source_and_the_share_of_the_text():
    library = {
        "freezers": f"{prose(50, 1)} {FIRST}",
        "doors": f"{SECOND} {prose(50, 2)}",
        "other": prose(50, 3),
    }
    text = f"{FIRST} {prose(28, 4)} {SECOND}"
    found = check(text, library)
    assert [(one.source.id, text[slice(*one.span)]) for one in found.passages] == [
        ("freezers", FIRST[:-1]),
        ("doors", SECOND[:-1]),
    ]
    first = found.passages[0].source
    assert library[first.id][slice(*first.span)] == FIRST[:-1]
    assert (found.num_words, found.num_found_words, found.share) == (64, 36, 36 / 64)
    assert [(source.id, source.num_words) for source in found.sources] == [("doors", 18), ("freezers", 18)]


def test_the_source_with_most_of_the_text_comes_first_and_takes_what_others_have_too():
    whole = f"{FIRST} {SECOND}"
    found = check(whole, {"a": f"{prose(40, 1)} {FIRST}", "b": f"{prose(40, 2)} {whole}"})
    (passage,) = found.passages
    assert (passage.source.id, found.share) == ("b", 1.0)
    assert [source.id for source in found.sources] == ["b"]
    part = check(whole, {"a": f"{prose(40, 1)} {whole}", "b": f"{prose(40, 2)} {whole}"}).passages[0]
    assert part.source.id == "a"
    assert [place.id for place in part.also_in] == ["b"]


def test_overlapping_passages_are_parted_between_their_sources():
    library = {"long": f"{prose(40, 1)} {FIRST} {SECOND}", "tail": f"{SECOND} {prose(30, 9)} {prose(40, 2)}"}
    text = f"{FIRST} {SECOND} {prose(30, 9)}"
    found = check(text, library)
    assert found.share == 1.0
    spans = [one.span for one in found.passages]
    assert all(one.end <= other.start for one, other in pairwise(spans))


def test_a_document_is_not_its_own_source():
    library = {"own": f"{FIRST} {prose(30, 1)}", "other": f"{FIRST} {prose(30, 2)}"}
    assert [one.source.id for one in check(library["own"], library, own_id="own").passages] == ["other"]


def test_what_does_not_count_is_listed_with_its_reason():
    library = {f"d{n}": f"{prose(40, 2 * n)} {FIRST} {prose(40, 2 * n + 1)}" for n in range(3)}
    library["rule"] = f"{prose(40, 20)} {SECOND}"
    found = check(f"{FIRST} {prose(20, 30)}. It says “{SECOND}”", library)
    assert [one.exclusion for one in found.passages] == ["boilerplate", "quote"]
    assert (found.share, found.num_excluded_words) == (0.0, 36)
    assert [place.id for place in found.passages[0].also_in] == ["d1", "d2"]


class _ByFirstWord:
    """Sentences with the same first word mean the same."""

    fingerprint, dim = "first word", 16

    def embed(self, texts: list[str]) -> np.ndarray:
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for row, text in enumerate(texts):
            vectors[row, sum(text.split()[0].encode()) % self.dim] = 1
        return vectors


def test_a_sentence_beside_a_copied_one_that_means_the_same_is_a_paraphrase():
    library = {"rule": f"{SECOND} Alarms go to the person on duty within a minute. {prose(50, 1)}"}
    text = f"{SECOND} Alarms must reach whoever is on call in sixty seconds. All the rest is new here today."
    found = check(text, library, embedder=_ByFirstWord())
    assert [one.kind for one in found.passages] == ["copied", "paraphrase"]
    assert text[slice(*found.passages[1].span)].startswith("Alarms must")
    assert library["rule"][slice(*found.passages[1].source.span)].startswith("Alarms go")
    assert [one.kind for one in check(text, library).passages] == ["copied"]


PARTS = st.sampled_from([FIRST, SECOND, "“", "”", "Ana 3", *(prose(13, number) for number in range(5))])


@settings(max_examples=80, deadline=None)
@given(st.lists(PARTS, max_size=8))
def test_no_word_is_counted_twice(parts: list[str]):
    library = {f"d{n}": f"{prose(13, n)} {FIRST if n % 2 else SECOND} {prose(13, n + 1)}" for n in range(5)}
    found = check(" ".join(parts), library)
    assert 0 <= found.share + found.share_excluded <= 1
    assert sum(one.num_words for one in found.passages) == found.num_found_words + found.num_excluded_words
    spans = [one.span for one in found.passages]
    assert all(one.end <= other.start for one, other in pairwise(spans))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.none() | st.sampled_from([FIRST, SECOND])), max_size=10))
def test_a_check_knows_what_was_added_and_removed_since(steps: list[tuple[int, str | None]]):
    index, library = PassageIndex(), dict[str, str]()
    for number, text in steps:
        if text is not None:
            library[f"d{number}"] = f"{prose(30, number)} {text}"
            index.add(f"d{number}", library[f"d{number}"])
        elif library.pop(f"d{number}", None) is not None:
            index.remove(f"d{number}")
    text = f"{FIRST} {prose(9, 50)} {SECOND}"
    assert check_text(text, index, library.__getitem__) == check(text, library)
