"""Paragraphs, or a list, of the sentences that fit a section best."""

from __future__ import annotations

from core.documents.drafting.desk import SectionDesk, Written
from core.documents.drafting.paragraphs import as_paragraphs
from core.documents.drafting.selection import choose


def write_prose(desk: SectionDesk) -> Written:
    return Written(as_paragraphs(desk.shelf, choose(desk)))
