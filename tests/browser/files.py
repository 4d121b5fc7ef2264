"""Files that visitors bring along: a person's own folder, with what does not belong in a library too."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from docx import Document
from playwright.sync_api import FilePayload

POLICY = (
    "Employees book economy class for every flight below six hours and keep all receipts of the journey. "
    "A hotel may cost 150 dollars a night in large cities. Claims reach accounting within ten working days "
    "after the return, with the receipts attached and the approval of the head of the department. Meals with "
    "customers are paid when their names and the purpose stand on the claim."
)
SCRIPT = "<script>document.title = 'taken over'</script><img src=x onerror=\"alert(1)\">"


def own_folder(folder: Path) -> Path:
    """A folder with a policy, its planted copy in another format, a sheet with formulas and an empty file."""
    (folder / "old").mkdir(parents=True)
    (folder / "Travel policy.md").write_text(f"# Travel policy\n\n{POLICY}\n", encoding="utf-8")
    (folder / "old" / "=Policy copy.docx").write_bytes(word_document("Travel policy", POLICY))
    (folder / "Rates.csv").write_text("item,rate\n=1+1,12\nWarehouse rent a month,900\n", encoding="utf-8")
    (folder / "empty.md").write_bytes(b"")
    return folder


def word_document(title: str, text: str) -> bytes:
    document = Document()
    document.add_heading(title, level=1)
    document.add_paragraph(text)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def hostile_file() -> FilePayload:
    """A file whose name and text try to act on the page."""
    return {
        "name": "../../x<script>alert(1)<script>.md",
        "mimeType": "text/markdown",
        "buffer": f"# Title {SCRIPT}\n\nBefore. {SCRIPT} [click](javascript:alert(1)) Text after.".encode(),
    }


def note(number: int) -> FilePayload:
    """A small document unlike any other."""
    words = " ".join(f"word{number}x{place}" for place in range(40))
    return {
        "name": f"Note {number}.md",
        "mimeType": "text/markdown",
        "buffer": f"# Note {number}\n\n{words}".encode(),
    }
