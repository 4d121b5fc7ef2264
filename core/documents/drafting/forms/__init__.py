"""The forms of a section: each makes blocks of what may be quoted. None makes up a word."""

from collections.abc import Callable

from core.documents.drafting.desk import SectionDesk, Written
from core.documents.drafting.forms.facts import write_facts
from core.documents.drafting.forms.lists import write_list, write_steps
from core.documents.drafting.forms.prose import write_prose
from core.documents.drafting.forms.questions import write_questions
from core.documents.drafting.forms.tables import write_table
from core.documents.drafting.forms.timeline import write_timeline
from core.documents.template import SlotForm

FORMS: dict[SlotForm, Callable[[SectionDesk], Written]] = {
    "prose": write_prose,
    "list": write_list,
    "steps": write_steps,
    "table": write_table,
    "facts": write_facts,
    "timeline": write_timeline,
    "questions": write_questions,
}

__all__ = ["FORMS"]
