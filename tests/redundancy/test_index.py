"""An index that is kept up to date knows what comparing everything anew would find."""

from __future__ import annotations

import threading
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from core.errors import Invalid
from core.redundancy import PairTable, find_pairs
from core.redundancy.index import PairIndex
from core.redundancy.index_file import IndexFile, IndexShelf
from core.redundancy.pair_spread import LARGE_GROUP

WORDS = st.sampled_from(["a", "b", "c", "d", "e", "Ação", "niño", "42"])
TEXTS = st.one_of(st.lists(WORDS, max_size=10).map(" ".join), st.sampled_from(["", "a b c d e", "a b c d"]))
PAY, PAY_LATER = "pay the invoice within thirty days", "pay the invoice within thirty days of its date"


def same(one: PairTable, other: PairTable) -> bool:
    return (
        one.first.tolist() == other.first.tolist()
        and one.second.tolist() == other.second.tolist()
        and one.jaccard.tolist() == other.jaccard.tolist()
        and [group.tolist() for group in one.large_groups] == [each.tolist() for each in other.large_groups]
        and (one.floor, one.num_texts) == (other.floor, other.num_texts)
    )


class Library(RuleBasedStateMachine):
    """Documents come, change and go; the journal is read again now and then, whole or torn."""

    names = Bundle("names")

    @initialize(floor=st.sampled_from([0.2, 0.5, 2 / 3, 1.0]))
    def begin(self, floor: float) -> None:
        self.folder = TemporaryDirectory()
        self.path = Path(self.folder.name) / "library.pairs"
        self.floor, self.number = floor, 0
        self.texts: dict[str, str] = {}
        self.file = IndexFile.read(self.path, floor)

    @rule(target=names, text=TEXTS)
    def add(self, text: str) -> str:
        self.number += 1
        name = f"document {self.number}"
        self.texts[name] = text
        self.file.add([name], [text])
        return name

    @rule(target=names, texts=st.lists(TEXTS, min_size=2, max_size=5))
    def add_many(self, texts: list[str]) -> object:
        names = [f"document {self.number + place}" for place in range(1, len(texts) + 1)]
        self.number += len(texts)
        self.texts |= dict(zip(names, texts, strict=True))
        self.file.add(names, texts)
        return multiple(*names)

    @rule(target=names, name=names, text=TEXTS)
    def change(self, name: str, text: str) -> str:
        """A changed document is another one: a name stands for one text for ever."""
        self.remove(name)
        return self.add(text)

    @rule(name=names)
    def remove(self, name: str) -> None:
        if self.texts.pop(name, None) is not None:
            self.file.remove([name])

    @rule()
    def reorder(self) -> None:
        self.file.index.reorder()

    @rule()
    def write_anew(self) -> None:
        self.file.replace(self.file.index)

    @rule(lost_bytes=st.integers(0, 60))
    def read_again(self, lost_bytes: int) -> None:
        """After a crash the last records are gone; what they told is found out again."""
        size = self.path.stat().st_size
        with self.path.open("r+b") as file:
            file.truncate(max(16, size - lost_bytes))
        self.file = IndexFile.read(self.path, self.floor)
        known = set(self.file.index.documents)
        self.file.remove(known - self.texts.keys())
        missing = [name for name in self.texts if name not in known]
        for name in missing:
            self.file.add([name], [self.texts[name]])

    @invariant()
    def it_knows_what_comparing_anew_would_find(self) -> None:
        self.file.index.check_integrity()
        names = sorted(self.texts)
        found = self.file.index.table(names)
        assert same(found, find_pairs([self.texts[name] for name in names], self.floor))

    def teardown(self) -> None:
        self.folder.cleanup()


Library.TestCase.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
TestLibrary = Library.TestCase


@given(st.lists(TEXTS, max_size=12), st.sampled_from([0.3, 0.5, 1.0]))
@settings(max_examples=60, deadline=None)
def test_an_index_made_of_found_pairs_goes_on_like_one_that_grew(texts: list[str], floor: float) -> None:
    names = [f"d{place}" for place in range(len(texts))]
    built = PairIndex.build(names, texts, find_pairs(texts, floor))
    built.check_integrity()
    built.add("late", "a b c d e")
    assert same(built.table([*names, "late"]), find_pairs([*texts, "a b c d e"], floor))


def test_a_large_group_of_equal_texts_is_written_like_the_join_writes_it() -> None:
    texts = [PAY_LATER, *[PAY] * (LARGE_GROUP + 1)]
    names = [str(place) for place in range(len(texts))]
    index = PairIndex(0.5)
    index.add_many(names, texts)
    assert same(index.table(names), find_pairs(texts, 0.5))


def test_it_names_the_partners_of_one_document() -> None:
    index = PairIndex(0.5)
    for name, text in (("a", PAY), ("copy", PAY), ("b", PAY_LATER), ("other", "nothing alike at all")):
        index.add(name, text)
    assert index.partners("a") == {"copy": 1.0, "b": 4 / 7}
    assert index.partners("other") == {}


def test_names_are_used_once_and_only_while_they_are_there() -> None:
    index = PairIndex(0.5)
    index.add("a", PAY)
    with pytest.raises(Invalid, match="already"):
        index.add("a", PAY)
    with pytest.raises(Invalid, match="no document"):
        index.remove("b")
    with pytest.raises(Invalid, match="up to date"):
        index.table(["a", "b"])
    with pytest.raises(Invalid, match="cannot be asked"):
        PairIndex(0)


def test_a_journal_is_taken_up_by_the_next_process(tmp_path: Path) -> None:
    with IndexShelf(tmp_path).open("library", 0.5) as first:
        first.add(["a", "b"], [PAY, PAY_LATER])
    with IndexShelf(tmp_path).open("library", 0.5) as second:
        assert len(second.index.table(["a", "b"])) == 1


def test_a_journal_that_another_process_wrote_to_is_read_again(tmp_path: Path) -> None:
    ours, theirs = IndexShelf(tmp_path), IndexShelf(tmp_path)
    with ours.open("library", 0.5) as opened:
        opened.add(["a"], [PAY])
    with theirs.open("library", 0.5) as opened:
        opened.add(["b"], [PAY_LATER])
    with ours.open("library", 0.5) as opened:
        assert len(opened.index.table(["a", "b"])) == 1


def test_another_floor_begins_anew(tmp_path: Path) -> None:
    shelf = IndexShelf(tmp_path)
    with shelf.open("library", 0.5) as opened:
        opened.add(["a"], [PAY])
    with shelf.open("library", 0.6) as opened:
        assert len(opened.index) == 0


def test_what_fails_within_is_read_from_the_journal_next_time(tmp_path: Path) -> None:
    shelf = IndexShelf(tmp_path)
    with pytest.raises(RuntimeError), shelf.open("library", 0.5) as opened:
        opened.add(["a"], [PAY])
        opened.index.add("unwritten", PAY_LATER)
        raise RuntimeError("cut off")
    with shelf.open("library", 0.5) as opened:
        assert list(opened.index.documents) == ["a"]


def test_a_flipped_byte_ends_what_is_believed(tmp_path: Path) -> None:
    with IndexShelf(tmp_path).open("library", 0.5) as opened:
        opened.add(["a"], [PAY])
        opened.add(["b"], [PAY_LATER])
    journal = tmp_path / "library.pairs"
    written = bytearray(journal.read_bytes())
    written[-3] ^= 1
    journal.write_bytes(written)
    with IndexShelf(tmp_path).open("library", 0.5) as opened:
        assert list(opened.index.documents) == ["a"]


def test_a_journal_does_not_grow_for_ever(tmp_path: Path) -> None:
    with IndexShelf(tmp_path).open("library", 0.5) as opened:
        opened.add(["stays"], [PAY])
        for turn in range(600):
            opened.add([str(turn)], [PAY_LATER])
            opened.remove([str(turn)])
        assert opened.num_records < 1_100
        assert (tmp_path / "library.pairs").stat().st_size < 200_000


def test_one_at_a_time_has_an_index_open(tmp_path: Path) -> None:
    shelf, order = IndexShelf(tmp_path), list[str]()
    entered = threading.Event()

    def other() -> None:
        entered.set()
        with shelf.open("library", 0.5) as opened:
            order.append("other")
            opened.add(["b"], [PAY_LATER])

    thread = threading.Thread(target=other)
    with shelf.open("library", 0.5) as opened:
        thread.start()
        entered.wait()
        opened.add(["a"], [PAY])
        order.append("ours")
    thread.join()
    assert order == ["ours", "other"]
    with shelf.open("library", 0.5) as opened:
        assert len(opened.index.table(["a", "b"])) == 1
