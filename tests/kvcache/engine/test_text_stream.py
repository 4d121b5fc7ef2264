"""Text piece by piece: whole characters only, and never a part of a stop text."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import example, given
from hypothesis import strategies as st

from kvcache.engine.text_stream import TextStream


class Bytes:
    """A tokenizer whose tokens are bytes, so that characters come in pieces."""

    def decode(self, token_ids: list[int], skip_special_tokens: bool = False) -> str:
        return bytes(token_ids).decode(errors="replace")


def pieces_of(text: str, stop: Sequence[str] = ()) -> tuple[list[str], TextStream]:
    stream = TextStream(Bytes(), stop)
    pieces = []
    for token in text.encode():
        pieces.append(stream.add(token))
        if stream.is_stopped:
            break
    pieces.append(stream.end())
    return pieces, stream


@given(st.text(max_size=40))
@example("año 🎉 ação")
def test_the_pieces_are_the_text_and_no_character_comes_in_halves(text: str) -> None:
    pieces, stream = pieces_of(text)
    assert "".join(pieces) == text == stream.text
    assert (
        all("\N{REPLACEMENT CHARACTER}" not in piece for piece in pieces)
        or "\N{REPLACEMENT CHARACTER}" in text
    )


@given(st.text("ab", max_size=30), st.lists(st.text("ab", min_size=1, max_size=4), max_size=3))
def test_the_text_ends_before_the_first_stop_text(text: str, stop: list[str]) -> None:
    pieces, stream = pieces_of(text, stop)
    ends = [end for end in range(len(text) + 1) if any(text[:end].endswith(each) for each in stop)]
    if ends:
        begin = min(text[: ends[0]].find(each) for each in stop if each in text[: ends[0]])
        assert stream.is_stopped
        assert "".join(pieces) == text[:begin]
    else:
        assert "".join(pieces) == text


def test_what_may_begin_a_stop_text_is_held_back_until_it_is_clear() -> None:
    stream = TextStream(Bytes(), ("END",))
    assert [stream.add(byte) for byte in b"xENx"] == ["x", "", "", "ENx"]


def test_bytes_that_are_no_text_come_out_marked_and_do_not_stop_the_stream() -> None:
    stream = TextStream(Bytes(), ())
    given_out = "".join(stream.add(0xFF) for _ in range(20)) + stream.end()
    assert given_out == "\N{REPLACEMENT CHARACTER}" * 20


def test_without_a_tokenizer_there_is_no_text() -> None:
    stream = TextStream(None, ("x",))
    assert stream.add(5) == stream.end() == stream.text == ""
