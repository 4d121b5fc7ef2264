"""A section of a draft in the browser: each sentence with its source, which opens where it stands there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from core.documents.draft import Draft, DraftBlock, DraftSection, Origin, Statement
from core.use_cases.draft_contexts import Context
from pages.components.language import _

HERE = Path(__file__).resolve().parent
Contexts = Mapping[Origin, Context]


def cited_section(section: DraftSection, draft: Draft, contexts: Contexts, key: str) -> None:
    """Draw the text. It reaches the browser as text nodes, so nothing in it can act."""
    words = {
        "page": _("page {number}"),
        "close": _("Close the source"),
        "gone": _("This source is no longer in the library."),
        "cite": _("Source {number}: {title}"),
        "table": _("Table"),
        "own": _("Written by a person, not by a source."),
        "supported": _("Checked against its sources, in other words."),
        "unsupported": _("No source says this. Prove it, change it or take it out."),
    }
    blocks = [_block(block, draft, contexts) for block in section.blocks]
    _VIEW(key=key, data={"blocks": blocks, "words": words})


def _block(block: DraftBlock, draft: Draft, contexts: Contexts) -> dict[str, Any]:
    return {
        "kind": block.kind,
        "level": block.level,
        "header": block.has_header,
        "chart": _(block.chart.reason) if block.chart else "",
        "statements": [_statement(each, draft, contexts) for each in block.statements],
    }


def _statement(statement: Statement, draft: Draft, contexts: Contexts) -> dict[str, Any]:
    return {
        "text": statement.text,
        "label": statement.label,
        "support": statement.support,
        "cells": list(statement.cells),
        "origins": [_origin(each, draft, contexts) for each in statement.origins],
    }


def _origin(origin: Origin, draft: Draft, contexts: Contexts) -> dict[str, Any]:
    source = draft.sources[origin.source - 1] if origin.source <= len(draft.sources) else None
    context = contexts.get(origin)
    return {
        "number": origin.source,
        "title": source.title if source else "",
        "name": source.name if source else "",
        "page": origin.page,
        "before": context.before if context else "",
        "span": context.text if context else "",
        "after": context.after if context else "",
    }


_VIEW = st.components.v2.component(
    "cited_text",
    html='<div class="cited"></div>',
    css=(HERE / "cited_text.css").read_text(encoding="utf-8"),
    js=(HERE / "cited_text.js").read_text(encoding="utf-8"),
)
