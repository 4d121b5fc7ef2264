"""Two texts side by side: shared passages marked both ways, differing facts marked, click to jump."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import streamlit as st

from core.redundancy import Alignment, DifferingFact, Span
from pages.components.language import _

LONGEST_TEXT = 400_000
"""Characters of a side that a browser lays out without stalling; beyond it the view says that it is cut."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A span of a text with what it is; `twin` numbers the passage that it belongs to."""

    span: Span
    kind: str
    twin: int = -1


@dataclass(frozen=True, slots=True)
class Side:
    """One text of the view. `passages` lie beside their twins on the other side, `facts` are marked alone."""

    title: str
    name: str
    text: str
    passages: tuple[Mark, ...] = ()
    facts: tuple[Mark, ...] = ()


def shared_words(
    titles: tuple[str, str],
    names: tuple[str, str],
    texts: tuple[str, str],
    alignment: Alignment,
    facts: Iterable[DifferingFact],
) -> tuple[Side, Side]:
    """Both sides with the passages that they share word by word, and the facts that differ."""
    found = list(facts)

    def side(place: int, letter: str) -> Side:
        return Side(
            titles[place],
            names[place],
            texts[place],
            tuple(
                Mark(getattr(passage, letter), "moved" if passage.moved else "same", number)
                for number, passage in enumerate(alignment.passages)
            ),
            tuple(
                Mark(Span(each.fact.start, each.fact.end), "fact") for each in found if each.side == letter
            ),
        )

    return side(0, "a"), side(1, "b")


def side_by_side(
    sides: tuple[Side, Side],
    key: str,
    roles: tuple[str, str] | None = None,
    *,
    underlines_rest: bool = True,
) -> None:
    """Draw both texts. They reach the browser as text nodes, so nothing in them can act.

    `underlines_rest` marks what stands on one side only, where the passages are all that both sides share;
    without it the first passage is brought into view.
    """
    left, right = roles or (_("Stays"), _("Compared"))
    words = {
        "cut": _("The text is longer; this is its beginning."),
        "passage": _("Shared passage {number}: jump to the other side"),
        "left": left,
        "right": right,
    }
    drawn = [
        {
            "title": side.title,
            "name": side.name,
            "pieces": pieces(side.text[:LONGEST_TEXT], side.passages, side.facts),
            "is_cut": len(side.text) > LONGEST_TEXT,
        }
        for side in sides
    ]
    _VIEW(key=key, data={"sides": drawn, "words": words, "underlines": underlines_rest})


def pieces(text: str, passages: Iterable[Mark], facts: Iterable[Mark]) -> list[list[Any]]:
    """The text cut where marks begin and end: [text, kind, twin, is_fact] in order, nothing lost.

    >>> pieces("pay 30 days", [Mark(Span(0, 3), "same", 0)], [Mark(Span(4, 6), "fact")])
    [['pay', 'same', 0, False], [' ', '', -1, False], ['30', '', -1, True], [' days', '', -1, False]]
    """
    shared = sorted(passages, key=lambda mark: mark.span)
    marked = sorted(facts, key=lambda mark: mark.span)
    cuts = {0, len(text)}
    for mark in (*shared, *marked):
        cuts |= {min(mark.span.start, len(text)), min(mark.span.end, len(text))}
    edges = sorted(cuts)
    cut: list[list[Any]] = []
    next_shared = next_fact = 0
    for start, end in pairwise(edges):
        while next_shared < len(shared) and shared[next_shared].span.end <= start:
            next_shared += 1
        while next_fact < len(marked) and marked[next_fact].span.end <= start:
            next_fact += 1
        passage = shared[next_shared] if next_shared < len(shared) else None
        inside = passage is not None and passage.span.start <= start
        is_fact = next_fact < len(marked) and marked[next_fact].span.start <= start
        if inside and passage is not None:
            cut.append([text[start:end], passage.kind, passage.twin, is_fact])
        else:
            cut.append([text[start:end], "", -1, is_fact])
    return cut


_CSS = """
.sides { display: grid; grid-template-columns: 1fr 1fr; gap: 0.75rem; font-family: var(--st-font);
  color: var(--st-text-color); }
.side { border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius); display: flex;
  flex-direction: column; min-width: 0; max-height: 540px; }
header { padding: 0.6rem 0.9rem; border-bottom: 1px solid var(--st-border-color);
  background: var(--st-secondary-background-color); border-radius: inherit; }
header small { display: block; opacity: 0.85; overflow-wrap: anywhere; }
header b { overflow-wrap: anywhere; }
.text { padding: 0.9rem; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.55;
  font-size: 0.92rem; flex: 1; }
.text:focus-visible, button:focus-visible { outline: 2px solid var(--st-primary-color);
  outline-offset: -2px; }
.passage { background: rgba(59,110,240,0.16); border-radius: 3px; cursor: pointer; }
.passage.moved { background: rgba(124,58,237,0.18); }
.passage:hover, .passage.lit { background: rgba(59,110,240,0.36); }
.passage button { font: inherit; font-size: 0.72rem; font-weight: 600; line-height: 1.3;
  min-width: 1.5rem; padding: 0 0.25rem; margin-right: 0.25rem; border-radius: 999px;
  border: 1px solid var(--st-primary-color);
  background: var(--st-background-color); color: var(--st-text-color); cursor: pointer; }
mark { background: rgba(217,119,6,0.30); color: inherit; border-bottom: 2px solid #d97706;
  border-radius: 2px; }
.other { color: var(--st-text-color); text-decoration: underline dotted 1.5px;
  text-decoration-color: #8a94a8; text-underline-offset: 4px; }
.cut { padding: 0.5rem 0.9rem; font-style: italic; }
@media (max-width: 640px) { .sides { grid-template-columns: 1fr; } .side { max-height: 380px; } }
"""

_JS = """
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector('.sides');
  root.replaceChildren();
  const jump = (number, from) => {
    root.querySelectorAll('.passage.lit').forEach((each) => each.classList.remove('lit'));
    root.querySelectorAll(`.passage[data-twin="${number}"]`).forEach((each) => {
      each.classList.add('lit');
      const side = each.closest('.text');
      if (side !== from) side.scrollTop = each.offsetTop - side.offsetTop - side.clientHeight / 3;
    });
  };
  data.sides.forEach((side, place) => {
    const box = document.createElement('section');
    box.className = 'side';
    const head = document.createElement('header');
    const title = document.createElement('b');
    title.textContent = side.title;
    const name = document.createElement('small');
    const role = place ? data.words.right : data.words.left;
    name.textContent = side.name ? `${role} · ${side.name}` : role;
    head.append(title, name);
    const text = document.createElement('div');
    text.className = 'text';
    text.tabIndex = 0;
    text.setAttribute('role', 'region');
    text.setAttribute('aria-label', side.title);
    let passage = null;
    side.pieces.forEach(([words, kind, twin, fact]) => {
      let node = document.createTextNode(words);
      if (fact) { const mark = document.createElement('mark'); mark.append(node); node = mark; }
      if (kind) {
        if (!passage || passage.dataset.twin !== String(twin)) {
          passage = document.createElement('span');
          passage.dataset.twin = twin;
          passage.className = kind === 'moved' ? 'passage moved' : 'passage';
          passage.onclick = () => jump(twin, text);
          const number = document.createElement('button');
          number.type = 'button';
          number.textContent = twin + 1;
          number.setAttribute('aria-label', data.words.passage.replace('{number}', twin + 1));
          passage.append(number);
          text.append(passage);
        }
        passage.append(node);
        return;
      }
      passage = null;
      if (data.underlines && !fact && words.trim()) {
        const other = document.createElement('span');
        other.className = 'other';
        other.append(node);
        text.append(other);
      } else {
        text.append(node);
      }
    });
    box.append(head, text);
    if (side.is_cut) {
      const cut = document.createElement('div');
      cut.className = 'cut';
      cut.textContent = data.words.cut;
      box.append(cut);
    }
    root.append(box);
    const first = data.underlines ? null : text.querySelector('.passage');
    if (first) text.scrollTop = Math.max(0, first.offsetTop - text.offsetTop - 60);
  });
}
"""

_VIEW = st.components.v2.component("side_by_side", html='<div class="sides"></div>', css=_CSS, js=_JS)
