"""Passages cover a text, and a model of 256 pieces reads each of them whole."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.inference.embedding import SentenceEmbedder
from core.redundancy.semantic import cut_passages
from core.redundancy.semantic.passages import LEAST_CHARACTERS, MOST_PIECES, most_pieces
from samples.build import read_sources

PARTS = st.sampled_from(
    [
        "Heading\n",
        "One sentence here. ",
        "Otra frase más larga, con números 12,5 y 2026. ",
        "\n\n",
        "x" * 700,
        "  ",
    ]
)


@settings(deadline=None)
@given(st.lists(PARTS, max_size=40).map("".join) | st.text(max_size=300))
@example("")
def test_every_character_that_is_no_space_stands_in_one_passage(text: str) -> None:
    spans = cut_passages(text)
    assert all(span.start < span.end for span in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    covered = "".join(text[start:end] for start, end in spans)
    assert "".join(covered.split()) == "".join(text.split())


@settings(deadline=None)
@given(st.lists(PARTS, max_size=40).map("".join))
def test_no_passage_is_estimated_beyond_the_limit(text: str) -> None:
    assert all(most_pieces(text[start:end]) <= MOST_PIECES for start, end in cut_passages(text))


def test_a_heading_goes_with_what_follows() -> None:
    text = "Payment\n" + "The customer pays within thirty days of the date of the invoice. " * 3
    assert [text[start:end].split("\n")[0] for start, end in cut_passages(text)] == ["Payment"]


def test_a_paragraph_that_is_long_enough_stands_alone() -> None:
    paragraph = "The customer pays within thirty days of the date of the invoice. " * 2
    assert len(paragraph) >= LEAST_CHARACTERS
    assert len(cut_passages(f"{paragraph}\n\n{paragraph}")) == 2


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    text = "The customer pays within thirty days of the date of the invoice. " * 30
    spans = cut_passages(text.strip())
    assert len(spans) > 3
    assert all(text[end - 1] == "." for _, end in spans)


def test_the_model_reads_every_passage_of_the_sample_library_whole(model: SentenceEmbedder) -> None:
    texts = [source.text for source in read_sources()]
    passages = [text[start:end] for text in texts for start, end in cut_passages(text)]
    assert len(passages) > 500
    assert max(model.count_pieces(passages)) <= model.max_pieces
