from __future__ import annotations

import random
import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Indel

from core.content import Block, Content
from core.language.sentences import split_sentences
from core.redundancy.consolidation import ConsolidatedDraft, SourceDocument, draft_consolidated

YELLOW = "Returned devices stay in the yellow area until triage has looked at them."
LABEL = "Nothing goes back to the stock without a test label."
CARTS = "The night crew parks the carts away from the air return of the freezers."
DOORS = "Nobody opens the outer door of the cold room while the inner door is open."


def document(id: str, *blocks: Block | str) -> SourceDocument:
    made = tuple(block if isinstance(block, Block) else Block("paragraph", block) for block in blocks)
    return SourceDocument(id, id.title(), Content(made))


def heading(text: str) -> Block:
    return Block("heading", text, level=1)


def texts(draft: ConsolidatedDraft) -> list[str]:
    return [block.text for block in draft.content.blocks]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def test_a_sentence_of_a_member_goes_behind_the_one_it_follows_there():
    draft = draft_consolidated(
        document("a", f"{YELLOW} {DOORS}", CARTS), [document("b", f"{YELLOW} {LABEL}")]
    )
    assert texts(draft) == [f"{YELLOW} {LABEL} {DOORS}", CARTS]


def test_a_sentence_before_what_is_shared_stays_before_it():
    draft = draft_consolidated(document("a", CARTS, YELLOW), [document("b", f"{LABEL} {YELLOW}")])
    assert texts(draft) == [CARTS, f"{LABEL} {YELLOW}"]


def test_a_section_of_a_member_goes_between_its_neighbours():
    canonical = document("a", heading("Returns"), YELLOW, heading("Doors"), DOORS)
    member = document("b", heading("Returns"), YELLOW, heading("Carts"), CARTS, heading("Doors"), DOORS)
    draft = draft_consolidated(canonical, [member])
    assert texts(draft) == ["Returns", YELLOW, "Carts", CARTS, "Doors", DOORS]
    assert [block.kind for block in draft.content.blocks][2:4] == ["heading", "paragraph"]


def test_every_sentence_is_cited_to_its_source():
    canonical, member = document("a", YELLOW), document("b", f"{YELLOW} {LABEL}", DOORS)
    draft = draft_consolidated(canonical, [member])
    sources = {"a": canonical.content.text, "b": member.content.text}
    cited = [
        (one.origin.id, draft.content.text[slice(*one.span)], sources[one.origin.id][slice(*one.origin.span)])
        for one in draft.citations
    ]
    assert cited == [("a", YELLOW, YELLOW), ("b", LABEL, LABEL), ("b", DOORS, DOORS)]
    assert [one.block for one in draft.citations] == [0, 0, 1]


@pytest.mark.parametrize(
    ("here", "there", "facts"),
    [
        ("Claims are paid within 30 days.", "Claims are paid within 45 days.", {"30 day", "45 day"}),
        ("O prazo é de 30 dias úteis.", "O prazo é de 45 dias úteis.", {"30", "45"}),
        ("Guests must wear a badge in the plant.", "Guests may wear a badge in the plant.", set()),
        ("Passwords have fourteen characters.", "Passwords have twelve characters.", {"14", "12"}),
        (
            "We want to cut absence from 11 % to 8 % in every plant.",
            "We cut absence from 11 % to 7 %.",
            {"7 %", "8 %"},
        ),
        ("Guests do wear a badge in the plant.", "Guests do not wear a badge in the plant.", {"not"}),
    ],
)
def test_other_facts_at_the_same_place_are_a_conflict_with_both_readings(
    here: str, there: str, facts: set[str]
):
    draft = draft_consolidated(
        document("a", f"{YELLOW} {here}"), [document("b", f"{YELLOW} {there} {LABEL}")]
    )
    assert texts(draft) == [f"{YELLOW} {here} {LABEL}"]
    (conflict,) = draft.conflicts
    assert (conflict.reading, conflict.other_reading) == (here, there)
    assert draft.content.text[slice(*conflict.citation.span)] == here
    assert conflict.other.id == "b"
    assert {one.fact.value.removesuffix(" day") for one in conflict.differing_facts} == {
        fact.removesuffix(" day") for fact in facts
    }


def test_sentences_about_different_things_are_both_kept():
    here, there = "Meals in Austin are paid up to 45 dollars.", "Meals in Lima are paid up to 30 dollars."
    draft = draft_consolidated(document("a", f"{YELLOW} {here}"), [document("b", f"{YELLOW} {there}")])
    assert draft.conflicts == ()
    assert there in draft.content.text


def test_two_headings_over_the_same_text_are_for_a_person_to_choose():
    canonical = document("a", heading("Returned devices"), YELLOW)
    draft = draft_consolidated(canonical, [document("b", heading("What comes back"), YELLOW)])
    assert texts(draft) == ["Returned devices", YELLOW]
    assert [(one.reading, one.other_reading) for one in draft.conflicts] == [
        ("Returned devices", "What comes back")
    ]


def test_rows_of_a_table_are_merged_into_the_table():
    rows = [["City", "Meals"], ["Lima", "30 USD"]]
    canonical = document("a", Block.table(rows))
    draft = draft_consolidated(canonical, [document("b", Block.table([*rows, ["Austin", "45 USD"]]))])
    (table,) = draft.content.blocks
    assert table == Block.table([*rows, ["Austin", "45 USD"]])


def test_another_row_on_the_same_thing_is_a_conflict():
    canonical = document("a", Block.table([["City", "Meals"], ["Lima", "30 USD"]]))
    draft = draft_consolidated(
        canonical, [document("b", Block.table([["City", "Meals"], ["Lima", "45 USD"]]))]
    )
    assert draft.content == canonical.content
    assert [one.other_reading for one in draft.conflicts] == ["Lima\t45 USD"]


def test_a_second_member_is_held_against_what_the_first_brought():
    draft = draft_consolidated(document("a", YELLOW), [document("b", CARTS), document("c", CARTS, DOORS)])
    assert texts(draft) == [YELLOW, CARTS, DOORS]
    assert draft.traces[-2].fate == "covered"


def test_the_canonical_document_alone_is_its_own_draft():
    canonical = document(
        "a", heading("Returns"), f"{YELLOW}  {LABEL}", Block("code", "x = 1\n\ny = 2"), "Yes", "Yes"
    )
    assert draft_consolidated(canonical, [canonical]).content == canonical.content


NUMBERS = st.integers(1, 3)
SENTENCES = st.sampled_from([YELLOW, LABEL, CARTS, DOORS, "Yes.", "Ask Ana."]) | st.builds(
    "Claims of class {} are paid within {} days of the request.".format, NUMBERS, NUMBERS
)
PROSE = st.lists(SENTENCES, min_size=1, max_size=4).map(" ".join).map(lambda text: Block("paragraph", text))
HEADINGS = st.sampled_from(["Returns", "Doors", "Claims"]).map(heading)
TABLES = st.lists(
    st.tuples(st.sampled_from(["Lima", "Austin", "Quito"]), st.sampled_from(["30", "45"])), min_size=1
).map(lambda rows: Block.table([list(row) for row in rows]))
CONTENTS = st.lists(PROSE | HEADINGS | TABLES, max_size=6).map(lambda blocks: Content(tuple(blocks)))


@settings(max_examples=200, deadline=None)
@given(CONTENTS, st.lists(CONTENTS, max_size=3))
def test_nothing_is_lost_and_nothing_is_said_twice(canonical: Content, members: list[Content]):
    documents = [
        SourceDocument(str(number), "", content) for number, content in enumerate([canonical, *members])
    ]
    draft = draft_consolidated(documents[0], documents[1:])
    text = draft.content.text
    drafted = [words(text[slice(*one.span)]) for one in draft.citations]
    conflicts = {(one.other.id, one.other.span) for one in draft.conflicts}
    traced = {(one.origin.id, one.origin.span) for one in draft.traces}
    for source in documents:
        for span in split_sentences(source.content.text):
            sentence = words(source.content.text[slice(*span)])
            if not sentence:
                continue
            assert (source.id, span) in traced
            nearest = max((Indel.normalized_similarity(sentence, one) for one in drafted), default=0)
            assert nearest >= 0.85 or (source.id, span) in conflicts
    long = [tuple(sentence) for sentence in drafted if len(sentence) >= 6]
    assert len(long) == len(set(long))
    assert all(one.span.end <= other.span.start for one, other in pairwise(draft.citations))
    for one in draft.citations:
        source_text = documents[int(one.origin.id)].content.text
        assert text[slice(*one.span)] == source_text[slice(*one.origin.span)]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1_000))
def test_members_in_any_order_leave_the_order_of_the_canonical_document(seed: int):
    chance = random.Random(seed)
    sentences = [YELLOW, LABEL, CARTS, DOORS]
    canonical = document("a", *sentences)
    shuffled = chance.sample(sentences, 4)
    draft = draft_consolidated(canonical, [document("b", *shuffled, "Ask the depot.")])
    kept = [text for text in texts(draft) if text in sentences]
    assert kept == sentences
