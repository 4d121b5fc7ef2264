"""The playground: a prompt, the answer as it is written, and what of the prompt was known, token by token."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import streamlit as st

from core.errors import WorkbenchError
from core.gateway.roles import Permission
from core.inference import Piece, Usage
from core.inference.local import KnownPrompt
from core.use_cases.ask_model import MOST_CHARACTERS, AskModel
from pages.components.language import _, number
from pages.components.session import ask, may, show_error

KEPT_RUNS = 8
STYLE = """
<style>
.tokens {
  font: 0.85rem/1.7 monospace; white-space: pre-wrap; max-height: 14rem; overflow: auto;
  border: 1px solid rgba(125, 138, 160, 0.35); border-radius: 0.5rem; padding: 0.6rem 0.75rem;
}
.tokens span { padding: 1px 0; box-shadow: inset 0 -2px 0 var(--ink, transparent); }
.tokens .device { --ink: #d1495b; }
.tokens .host, .tokens .staged { --ink: #c77700; }
.tokens .disk { --ink: #2f6fde; }
.tokens .remote { --ink: #7c4dd6; }
.tokens .computed { opacity: 0.75; }
</style>
"""


def playground() -> None:
    """Only for those who may use the model."""
    st.subheader(_("Playground"))
    st.markdown(
        _(
            "Send the same beginning twice and see what the second time spares. The model that ships is "
            "small: it knows English and Spanish, shows the cache at work, and writes no text worth keeping."
        )
    )
    if not may(Permission.CONTRIBUTE):
        st.info(_("Your role may look, and not ask the model."), icon=":material/lock:")
        return
    st.session_state.setdefault("prompt", sample())
    left, right = st.columns([3, 2], gap="large")
    with left:
        prompt = st.text_area(
            _("Prompt"), key="prompt", height=180, max_chars=MOST_CHARACTERS, persist_state="session"
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            length = st.slider(_("New tokens"), 8, 256, 48, step=8, key="new_tokens", width=260)
            is_asked = st.button(_("Ask"), key="ask", type="primary", disabled=not prompt.strip())
    with right:
        if is_asked:
            run(prompt, length)
        runs()


def run(prompt: str, length: int) -> None:
    """One answer, streamed; what it took is remembered for this visitor."""
    try:
        answer = ask(AskModel(prompt=prompt, max_new_tokens=length))
        told: list[Usage] = []
        with st.container(border=True):
            st.write_stream(texts(answer.pieces, told))
    except WorkbenchError as error:
        show_error(error)
        return
    if told:
        runs_so_far = st.session_state.get("playground_runs", [])
        st.session_state["playground_runs"] = [(told[0], answer.known), *runs_so_far][:KEPT_RUNS]


def texts(pieces: Iterator[Piece], told: list[Usage]) -> Iterator[str]:
    """The text as plain characters, never as markup; the usage goes into `told`."""
    for piece in pieces:
        if piece.usage is not None:
            told.append(piece.usage)
        if piece.text:
            yield plain_stream(piece.text)


def plain_stream(text: str) -> str:
    return "".join(f"\\{each}" if each in "\\`*_{}[]()#+-.!|<>~$:" else each for each in text)


def runs() -> None:
    """The last runs, and the newest prompt with what was known of it."""
    past: list[tuple[Usage, KnownPrompt | None]] = st.session_state.get("playground_runs", [])
    if not past:
        st.caption(
            _("Each run is listed here: how much of the prompt was cached, and when the first token came.")
        )
        return
    st.table(
        {
            _("Run"): [number(len(past) - at) for at in range(len(past))],
            _("Cached"): [
                f"{number(usage.cached_tokens)} / {number(usage.prompt_tokens)}" for usage, _known in past
            ],
            _("First token"): [f"{number(usage.first_piece_seconds * 1e3, 1)} ms" for usage, _known in past],
            _("Served from"): [place(usage, known) for usage, known in past],
        }
    )
    known = past[0][1]
    if known is not None:
        tokens(known)


def place(usage: Usage, known: KnownPrompt | None) -> str:
    names = {
        "device": _("Device"),
        "host": _("Memory"),
        "staged": _("Memory"),
        "disk": _("Disk"),
        "remote": _("Redis"),
    }
    if not usage.cached_tokens or known is None:
        return _("Computed")
    found = dict.fromkeys(names.get(each.split(" ", 1)[0], each) for each in known.places)
    return ", ".join(found) or _("Computed")


def tokens(known: KnownPrompt) -> None:
    """Cached tokens are underlined in the colour of their place."""
    spans = []
    for number_, piece in enumerate(known.pieces):
        block = number_ // known.block_tokens
        kind = known.places[block].split(" ", 1)[0] if block < len(known.places) else "computed"
        spans.append(f'<span class="{escape(kind)}">{escape(piece)}</span>')
    cached = min(len(known.places) * known.block_tokens, len(known.pieces))
    st.caption(
        _(
            "The newest prompt: {cached} of {all} tokens were cached (underlined), in blocks of {block}."
        ).format(cached=number(cached), all=number(len(known.pieces)), block=number(known.block_tokens))
    )
    box = f'<div class="tokens" tabindex="0" role="region" aria-label="{escape(_("Prompt"))}">'
    st.html(f"{STYLE}{box}{''.join(spans)}</div>")


def sample() -> str:
    """Long enough for a few blocks."""
    return _(
        "The company reviews its travel policy every year. Employees book economy class for every flight "
        "below six hours and keep all receipts of the journey. A hotel may cost 150 dollars a night in large "
        "cities. Claims reach accounting within ten working days after the return, with the receipts "
        "attached and the approval of the head of the department. Meals with customers are paid when their "
        "names and the purpose stand on the claim. The committee found that most claims were late last year, "
        "and that the reasons were"
    )
