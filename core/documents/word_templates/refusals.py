"""Why a Word template is refused: for each code a sentence that says what is wrong, and one what to do."""

from __future__ import annotations

from core.errors import Invalid
from core.ingestion.problems import ProblemText

REFUSALS: dict[str, ProblemText] = {
    "template_too_large": ProblemText(
        "The template has more than {limit}.", "Make its pictures smaller, then upload it again."
    ),
    "template_not_word": ProblemText(
        "This is not a Word document (.docx).", "Open it in Word and save it as a Word document (.docx)."
    ),
    "template_macros": ProblemText(
        "The template carries macros.", "Save it as a Word document without macros (.docx)."
    ),
    "template_embedded": ProblemText(
        "The template holds an embedded object: {name}.",
        "Put a picture of it in its place, then upload the template again.",
    ),
    "template_outside": ProblemText(
        "The template takes something from outside: {target}.",
        "Put pictures into the file itself, detach the template that it is based on, and save it again.",
    ),
    "template_field": ProblemText(
        "The template has a field that takes something from outside: {name}.",
        "Remove the field, or turn it into plain text.",
    ),
    "template_syntax": ProblemText(
        "The template has a mistake: {fault} It stands in “{place}”.",
        "Names stand in double curly brackets, and each “if” and each “for” needs its end.",
    ),
    "template_forbidden": ProblemText(
        "The template uses what templates may not use here: {name}. It stands in “{place}”.",
        "Use names, loops, conditions and the usual filters only.",
    ),
    "template_nesting": ProblemText(
        "The conditions and loops of the template are nested too deep.", "Use fewer levels."
    ),
    "template_torn": ProblemText(
        "A condition or a loop of the template begins in one place and ends where it may not.",
        "Let it begin and end in the same cell, or mark it with p for paragraphs and tr for rows.",
    ),
    "template_open_names": ProblemText(
        "The template leaves more than {limit} names open.", "Use fewer names of your own."
    ),
    "template_failed": ProblemText(
        "The template could not be filled: {fault}", "Change that place in the template and upload it again."
    ),
    "template_costs": ProblemText(
        "The template needs too much time or memory, so it was stopped.",
        "Look for a loop that has no end, or for very many repetitions.",
    ),
}


def refused(code: str, **values: object) -> Invalid:
    """The error for a code of REFUSALS, its sentences filled with the values."""
    text = REFUSALS[code]
    return Invalid(text.message.format(**values), remedy=text.remedy.format(**values), code=code)
