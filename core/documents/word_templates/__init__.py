"""Word documents that people bring as templates: checked, read in a process with limits, filled with drafts.

A template is a .docx with Jinja in it. `check_template` says what it leaves open, `render` fills it.
"""

from core.documents.word_templates.filling import Filled
from core.documents.word_templates.form import (
    DRAFT_NAMES,
    FreeVariable,
    TemplateForm,
    Value,
    VariableKind,
    read_variable,
)
from core.documents.word_templates.limited_process import check_template, render
from core.documents.word_templates.limits import FillingLimits
from core.documents.word_templates.package_check import MAX_TEMPLATE_BYTES
from core.documents.word_templates.refusals import REFUSALS
from core.documents.word_templates.starter import STARTER_WORDS, starter_template

__all__ = [
    "DRAFT_NAMES",
    "MAX_TEMPLATE_BYTES",
    "REFUSALS",
    "STARTER_WORDS",
    "Filled",
    "FillingLimits",
    "FreeVariable",
    "TemplateForm",
    "Value",
    "VariableKind",
    "check_template",
    "read_variable",
    "render",
    "starter_template",
]
