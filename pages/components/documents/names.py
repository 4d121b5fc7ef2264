"""What areas, types, states and checks of documents are called on the pages."""

from __future__ import annotations

from core.documents.catalogue import load_catalogue
from core.use_cases.consolidate import MERGED
from pages.components.language import _, language


def area_names() -> dict[str, str]:
    return {
        "marketing": _("Marketing"),
        "sales": _("Sales"),
        "operations": _("Operations"),
        "hr": _("Human resources"),
        "finance": _("Finance"),
        "legal": _("Legal"),
        "technical": _("Technology"),
        "content": _("Content"),
        "strategy": _("Strategy"),
        "customer_service": _("Customer service"),
        "product_development": _("Product development"),
        "compliance": _("Compliance"),
    }


def area_name(area: str) -> str:
    return area_names().get(area, area)


def type_name(key: str) -> str:
    """What a type is called; one that people wrote goes by its key."""
    if key == MERGED:
        return _("Consolidation")
    template = load_catalogue().get(key)
    spoken = language()
    return template.names[spoken][0] if template and spoken in ("en", "es", "pt") else key.replace("_", " ")


def state_names() -> dict[str, str]:
    return {"writing": _("Being written"), "ready": _("To be reviewed"), "approved": _("Approved")}


STATE_COLOURS = {"writing": "blue", "ready": "orange", "approved": "green"}


def tone_names() -> dict[str, str]:
    return {
        "professional": _("professional"),
        "casual": _("casual"),
        "friendly": _("friendly"),
        "formal": _("formal"),
        "persuasive": _("persuasive"),
        "informative": _("informative"),
        "conversational": _("conversational"),
        "authoritative": _("authoritative"),
        "creative": _("creative"),
        "technical": _("technical"),
    }


def complexity_names() -> dict[str, str]:
    return {"simple": _("simple"), "moderate": _("moderate"), "complex": _("complex")}


def engine_names() -> dict[str, str]:
    return {
        "extractive": _("Quotations from the sources"),
        "model": _("The language model, checked against the sources"),
    }


def act_names() -> dict[str, str]:
    """What made a version."""
    return {
        "written": _("written"),
        "reused": _("taken over from an equal draft"),
        "edited": _("edited"),
        "regenerated": _("section written anew"),
        "answered": _("question answered"),
        "settled": _("contradiction settled"),
        "restored": _("restored"),
        "merged": _("put together"),
    }


def check_names() -> dict[str, str]:
    return {
        "support": _("Sources of the sentences"),
        "figures": _("Figures that no source has"),
        "gaps": _("What is missing"),
        "conflicts": _("Contradictions"),
        "length": _("Length"),
        "repetition": _("Said twice"),
        "library": _("Already in the library"),
        "quality": _("How it reads"),
        "policy": _("Rules"),
        "instructions": _("Orders to a program in the sources"),
    }


def form_names() -> dict[str, str]:
    return {
        "prose": _("paragraphs"),
        "list": _("list"),
        "steps": _("steps"),
        "table": _("table"),
        "facts": _("facts"),
        "timeline": _("timeline"),
        "questions": _("questions and answers"),
    }
