"""The views of the redundancy page beyond groups, and the words that they share with the comparison."""

from pages.components.findings.conflicts import conflicts_view
from pages.components.findings.draft import draft_view
from pages.components.findings.meanings import meanings_view
from pages.components.findings.names import conflict_kinds, fact_table, first_page, narrow, search_box
from pages.components.findings.passages import passages_view
from pages.components.findings.precision import precision_view

__all__ = [
    "conflict_kinds",
    "conflicts_view",
    "draft_view",
    "fact_table",
    "first_page",
    "meanings_view",
    "narrow",
    "passages_view",
    "precision_view",
    "search_box",
]
