"""The forms of a section: each makes blocks of what may be quoted. None makes up a word."""

from collections.abc import Callable

from core.documents.drafting.desk import SectionDesk, Written
from core.documents.drafting.forms.prose import write_prose
from core.documents.template import SlotForm

FORMS: dict[SlotForm, Callable[[SectionDesk], Written]] = {
    "prose": write_prose,
    "list": write_prose,
    "steps": write_prose,
    "table": write_prose,
    "facts": write_prose,
    "timeline": write_prose,
    "questions": write_prose,
}

__all__ = ["FORMS"]
