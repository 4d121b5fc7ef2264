"""A first template to change in Word: it shows every name that a draft fills, and one of each free kind."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

from core.documents.word_templates.form import DRAFT_NAMES

STARTER_WORDS: dict[str, str] = {
    "client": "A name of your own becomes a field of the form",
    "recipients": "A name that is looped over asks for lines",
    "is_confidential": "A name that is only asked for becomes a yes or no",
    "Confidential": "Confidential",
    "What each name is": "What each name is",
    "Sources": "Sources",
    "Open questions": "Open questions",
}
"""The English sentences of the starter beside those of DRAFT_NAMES."""


def starter_template(words: Mapping[str, str] | None = None) -> bytes:
    """`words` are the English sentences of DRAFT_NAMES and STARTER_WORDS in the reader's language."""
    from docx import Document

    told = words or {}
    document = Document()
    document.sections[0].header.paragraphs[0].text = "{{ company.name }} · {{ title }}"
    document.sections[0].footer.paragraphs[0].text = "{{ author }} · {{ date }}"
    document.core_properties.title = "{{ title }}"
    document.core_properties.author = "{{ author }}"
    document.add_paragraph("{{ title }}", style="Title")
    confidential = told.get(STARTER_WORDS["Confidential"], STARTER_WORDS["Confidential"])
    lines = (
        f"{{% if is_confidential %}}{confidential}{{% endif %}}",
        "{{ client }}",
        "{%p for recipient in recipients %}",
        "{{ recipient }}",
        "{%p endfor %}",
        "{{ summary }}",
        "{{ body }}",
    )
    for line in lines:
        document.add_paragraph(line)
    for title, name in (("Open questions", "gaps"), ("Sources", "sources")):
        document.add_paragraph(f"{{%p if {name} %}}")
        document.add_paragraph(told.get(title, title), style="Heading 1")
        document.add_paragraph(f"{{{{ {name} }}}}")
        document.add_paragraph("{%p endif %}")
    heading = document.add_paragraph(told.get("What each name is", "What each name is"), style="Heading 1")
    heading.paragraph_format.page_break_before = True
    table = document.add_table(rows=0, cols=2, style="Table Grid")
    own = {name: STARTER_WORDS[name] for name in ("client", "recipients", "is_confidential")}
    for name, sentence in (DRAFT_NAMES | own).items():
        cells = table.add_row().cells
        cells[0].text, cells[1].text = name, told.get(sentence, sentence)
    out = BytesIO()
    document.save(out)
    return out.getvalue()
