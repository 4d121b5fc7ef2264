"""A small library of documents written for these tests."""

from __future__ import annotations

import pytest

from core.gateway.roles import Principal
from core.storage.documents import DocumentSummary
from core.use_cases import BrowseLibrary, IngestFiles, browse_library, ingest_files
from core.use_cases.inbox import IncomingFile
from core.workbench import Workbench

POLICY = """# Travel policy

Book trains at least ten days before the trip. The company pays second class on all journeys under four hours.
Keep every receipt and hand it in with the form before the end of the month. Managers approve within a week.
Meals are paid up to the daily amount of the city table, which finance renews each January for all offices.
"""
SUPERSET = (
    POLICY
    + "\nWhoever travels by car writes down the distance, and claims it on the same form as the rest.\n"
)
INVOICE = """# Invoice

For the maintenance of the cooling units in your warehouse during the month we charge the agreed monthly fee.
The amount is due within thirty days to the account below. Please quote the invoice number when you pay.
Number INV-2026-{number}, amount {amount} EUR, issued to {customer} for the site in the harbour district.
"""
FILES = {
    "policy.md": POLICY,
    "old/policy copy.md": POLICY,
    "policy long.md": SUPERSET,
    "invoice 1.md": INVOICE.format(number="001", amount="1,200.00", customer="Hanover Foods"),
    "invoice 2.md": INVOICE.format(number="002", amount="1,450.00", customer="Marlow Dairy"),
    "alone.md": "# Canteen\n\nOn Fridays the canteen serves fish, and on all other days there is soup.",
}


def add(bench: Workbench, principal: Principal, files: dict[str, str | bytes]) -> None:
    incoming = [
        IncomingFile(name, text.encode() if isinstance(text, str) else text) for name, text in files.items()
    ]
    ingest_files(IngestFiles(files=incoming), principal, bench)


@pytest.fixture
def library(workbench: Workbench, analyst: Principal) -> dict[str, DocumentSummary]:
    """The documents by name, already analysed."""
    add(workbench, analyst, dict(FILES))
    view = browse_library(BrowseLibrary(), analyst, workbench)
    return {document.name: document for document in view.documents}
