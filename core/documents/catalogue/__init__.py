"""Types of documents: one file of data each, read by the same door as the types that people write."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from core.documents.catalogue.fault import FAULTS, Fault
from core.documents.catalogue.reading import faults_of, read_template
from core.documents.catalogue.vocabulary import AREAS, LAYOUTS, TONES
from core.documents.catalogue.writing import write_template
from core.documents.template import DocumentTemplate
from core.language.stop_words import LANGUAGES

TYPES = (
    "business_plan",
    "marketing_strategy",
    "sales_proposal",
    "operational_manual",
    "hr_policy",
    "financial_report",
    "legal_contract",
    "technical_specification",
    "content_strategy",
    "strategic_plan",
    "customer_service_guide",
    "campaign_brief",
    "press_release",
    "case_study",
    "content_calendar",
    "persona",
    "quote",
    "battlecard",
    "account_plan",
    "rfp_answer",
    "budget",
    "forecast",
    "investor_update",
    "board_pack",
    "invoice",
    "job_description",
    "offer_letter",
    "onboarding_plan",
    "performance_review",
    "nda",
    "service_contract",
    "contract_summary",
    "privacy_notice",
    "terms",
    "sop",
    "runbook",
    "incident_report",
    "project_plan",
    "risk_register",
    "meeting_minutes",
    "status_report",
    "architecture_document",
    "decision_record",
    "change_request",
    "security_policy",
    "postmortem",
    "release_notes",
    "test_plan",
    "report",
    "executive_summary",
    "memo",
    "letter",
    "faq",
    "white_paper",
    "newsletter",
    "catalog",
)
"""The built-in types in the order in which they are offered; each is the file of that name."""


@cache
def load_catalogue() -> Mapping[str, DocumentTemplate]:
    """The built-in types by key, in the order of TYPES, worded in every language.

    >>> load_catalogue()["invoice"].name("es")
    'Factura'
    """
    folder = files(__name__)
    texts = {key: folder.joinpath(f"{key}.toml").read_text(encoding="utf-8") for key in TYPES}
    return MappingProxyType(
        {key: read_template(text, f"{key}.toml", languages=LANGUAGES) for key, text in texts.items()}
    )


__all__ = [
    "AREAS",
    "FAULTS",
    "LAYOUTS",
    "TONES",
    "TYPES",
    "Fault",
    "faults_of",
    "load_catalogue",
    "read_template",
    "write_template",
]
