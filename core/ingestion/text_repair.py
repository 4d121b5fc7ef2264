"""Text that was damaged on its way here, put right where there is no doubt, and marked where there is.

Clean text is never changed: see mojibake.py and lost_letters.py for what counts as damage.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.content import Block, Content, with_text
from core.content.blocks import SEPARATOR
from core.ingestion import mojibake
from core.ingestion.characters import with_rows
from core.ingestion.lexicon import is_known
from core.ingestion.lost_letters import REPLACED, choose, is_broken, mark_replaced, restorations
from core.ingestion.reading import Repair, RepairKind

_SUSPECT = re.compile("[ÂÃÄÅ\x80-\x9f\ufffd]|â[€‚„†ˆ]|ï[»¬¿]|[ðğ]Ÿ")
_CHUNK = re.compile(
    "[A-Za-z\x80-\U0010ffff]+"
)  # letters and all that is not ASCII: damage never goes further
_LETTERS = "A-Za-zÀ-ÖØ-öø-ɏ"  # Latin ones; ª, º and ² are none
_WORD = re.compile(f"[{_LETTERS}]+")
_WORD_WITH_MARKS = re.compile(f"[{_LETTERS}{REPLACED}]+")
_HALF_QUOTE = "â€"  # of a closing quote, whose third byte is no character in Windows-1252
MAX_REPAIRS = 500_000  # of one document; what comes after stays as it is


def repair_blocks(blocks: tuple[Block, ...]) -> tuple[Content, tuple[Repair, ...]]:
    """The blocks with their damage undone, and what was changed or doubted, in the order of the text."""
    if not any(_SUSPECT.search(block.text) for block in blocks):
        return Content(blocks), ()
    mender = _Mender(is_damaged=any(_is_clearly_damaged(block.text) for block in blocks))
    repaired = tuple(mender.mend_block(number, block) for number, block in enumerate(blocks))
    return Content(repaired), tuple(mender.repairs)


def repair_line(text: str) -> str:
    """For titles and names: what is certain is put right, what is not stays."""
    content, _ = repair_blocks((Block("paragraph", text),))
    return content.text


def undo_repairs(content: Content, repairs: tuple[Repair, ...]) -> Content:
    """The content as the file had it. Raises ValueError if the repairs are not those of this content."""
    by_block: dict[int, list[Repair]] = {}
    for repair in repairs:
        by_block.setdefault(repair.block, []).append(repair)
    return Content(
        tuple(
            _undo(block, by_block[number]) if number in by_block else block
            for number, block in enumerate(content.blocks)
        )
    )


def _undo(block: Block, repairs: list[Repair]) -> Block:
    """From the last to the first, so that the places of the others still hold."""
    spans = list(_spans(block))
    texts = [text for _, text in spans]
    changes = (repair for repair in repairs if repair.certain)
    for repair in sorted(changes, key=lambda repair: repair.start, reverse=True):
        index = max(number for number, (start, _) in enumerate(spans) if start <= repair.start)
        start = repair.start - spans[index][0]
        text = texts[index]
        if not text.startswith(repair.repaired, start):
            raise ValueError(f"Block {repair.block} does not read {repair.repaired!r} at {repair.start}.")
        texts[index] = text[:start] + repair.original + text[start + len(repair.repaired) :]
    return _with_texts(block, texts)


def _spans(block: Block) -> Iterator[tuple[int, str]]:
    """The texts that a block is made of, each with its place in the block's text: a table has one a cell."""
    if block.kind != "table":
        yield 0, block.text
        return
    position = 0
    for row in block.rows:
        for cell in row:
            yield position, cell
            position += len(cell) + 1  # the tab, or the newline after the last cell


def _with_texts(block: Block, texts: list[str]) -> Block:
    if block.kind != "table":
        return with_text(block, texts[0])
    cells = iter(texts)
    return with_rows(block, tuple(tuple(next(cells) for _ in row) for row in block.rows))


def _is_clearly_damaged(text: str) -> bool:
    """Whether there is damage that cannot be anything else. Then doubtful places count as damage too."""
    if not _SUSPECT.search(text):
        return False
    if _HALF_QUOTE in text or mojibake.has_clear_sequence(text, 0, len(text)):
        return True
    return any(
        is_broken(word, index)
        for word in _WORD.findall(text)
        if "Ã" in word
        for index, letter in enumerate(word)
        if letter == "Ã"
    )


@dataclass(slots=True)
class _Finding:
    """What became of a stretch of text.

    `doubts` are words that stay, each with what it may have been and with a place that tells their order.
    """

    text: str
    kind: RepairKind
    doubts: list[tuple[int, str, RepairKind, tuple[str, ...]]]


class _Mender:
    """Mends block after block. `is_damaged`: the document has damage that cannot be anything else."""

    def __init__(self, is_damaged: bool) -> None:
        self.repairs: list[Repair] = []
        self._is_damaged = is_damaged
        self._found: dict[tuple[str, str, str, int], _Finding] = {}

    def mend_block(self, number: int, block: Block) -> Block:
        if not _SUSPECT.search(block.text):
            return block
        texts, position = [], 0
        for _, text in _spans(block):
            mended = self._mend(text, number, position) if _SUSPECT.search(text) else text
            texts.append(mended)
            position += len(mended) + len(SEPARATOR)
        return _with_texts(block, texts)

    def _mend(self, text: str, number: int, offset: int) -> str:
        pieces: list[str] = []
        end = position = num_open = 0
        for match in _CHUNK.finditer(text):
            if not _SUSPECT.search(match[0]) or len(self.repairs) >= MAX_REPAIRS:
                continue
            between = text[end : match.start()]
            position += len(between)
            num_open += _num_open_quotes(between)
            finding = self._find(text, match, num_open)
            self._note(number, offset + position, match[0], finding)
            pieces += [between, finding.text]
            position += len(finding.text)
            num_open += _num_open_quotes(finding.text)
            end = match.end()
        return "".join([*pieces, text[end:]])

    def _find(self, text: str, match: re.Match[str], num_open: int) -> _Finding:
        """Words come again and again, so each is examined once in each of its surroundings."""
        around = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        key = (match[0], *around, num_open if _HALF_QUOTE in match[0] else 0)
        if key not in self._found:
            self._found[key] = self._examine(text, match, num_open)
        return self._found[key]

    def _note(self, number: int, start: int, original: str, finding: _Finding) -> None:
        if finding.text != original:
            self.repairs.append(Repair(number, start, original, finding.text, finding.kind, certain=True))
        place = 0
        for _, word, kind, candidates in sorted(finding.doubts):
            place = finding.text.find(word, place)
            if place < 0:
                return
            self.repairs.append(Repair(number, start + place, word, word, kind, False, candidates))
            place += len(word)

    def _examine(self, text: str, match: re.Match[str], num_open: int) -> _Finding:
        """`num_open` counts the quotes that were opened and not closed before the stretch."""
        decoded = self._decode(text, match)
        finding = _Finding(decoded.text, "mojibake", [])
        if finding.text == match[0]:
            finding.kind = "control_character"
        self._restore_half_letters(finding, decoded.certain_at)
        self._restore_replaced(finding)
        self._restore_half_quotes(finding, num_open)
        finding.text = mojibake.read_controls(finding.text)
        return finding

    def _decode(self, text: str, match: re.Match[str]) -> mojibake.Decoded:
        unchanged = mojibake.Decoded(match[0], frozenset())
        if not mojibake.has_sequence(match[0]):
            return unchanged
        if mojibake.has_clear_sequence(text, *match.span()):
            return mojibake.decode(match[0])
        if not self._is_damaged or _is_clean_word(match[0]):
            return unchanged
        return mojibake.decode(match[0])

    def _restore_half_letters(self, finding: _Finding, certain_at: frozenset[int]) -> None:
        def restore(match: re.Match[str]) -> str:
            word = match[0]
            lost = [
                index
                for index, letter in enumerate(word)
                if letter == "Ã" and match.start() + index not in certain_at
            ]
            if not lost:
                return word
            if word == finding.text == "Ã" and self._is_damaged:
                finding.kind = "lost_byte"  # its second byte, a no-break space, has become a space
                return "à"
            if not any(is_broken(word, index) for index in lost) and (not self._is_damaged or is_known(word)):
                return word
            candidates = restorations(word, lost)
            chosen = choose(word, lost, candidates)
            return self._settle(finding, match.start(), word, "lost_byte", chosen, candidates)

        finding.text = _WORD.sub(restore, finding.text)

    def _restore_replaced(self, finding: _Finding) -> None:
        def restore(match: re.Match[str]) -> str:
            word = match[0]
            if REPLACED not in word:
                return word
            candidates = restorations(*mark_replaced(word))
            chosen = candidates[0] if len(candidates) == 1 else None
            return self._settle(finding, match.start(), word, "lost_letter", chosen, candidates)

        finding.text = _WORD_WITH_MARKS.sub(restore, finding.text)

    def _settle(
        self,
        finding: _Finding,
        place: int,
        word: str,
        kind: RepairKind,
        chosen: str | None,
        candidates: tuple[str, ...],
    ) -> str:
        if chosen is not None:
            finding.kind = kind
            return chosen
        finding.doubts.append((place, word, kind, candidates))
        return word

    def _restore_half_quotes(self, finding: _Finding, num_open: int) -> None:
        while (place := finding.text.find(_HALF_QUOTE)) >= 0:
            if num_open + _num_open_quotes(finding.text[:place]) <= 0:
                finding.doubts.append((place, _HALF_QUOTE, "lost_byte", ("”",)))
                return
            finding.kind = "lost_byte"
            finding.text = finding.text[:place] + "”" + finding.text[place + len(_HALF_QUOTE) :]


def _num_open_quotes(text: str) -> int:
    return text.count("“") - text.count("”")


def _is_clean_word(chunk: str) -> bool:
    """Whether the words, with their Ã as it stands, are in the dictionary: "MANHÃ”"."""
    words = [word for word in _WORD.findall(chunk) if "Ã" in word]
    return bool(words) and all(len(word) > 1 and is_known(word) for word in words)
