"""Word files made for these tests: good ones with python-docx, hostile ones part by part."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from datetime import date
from io import BytesIO

from docx import Document
from docx.document import Document as WordDocument

from core.documents.draft import Draft, DraftBlock, DraftSection, DraftSource, Gap, Origin, Statement
from core.documents.word_templates.filling import Circumstances, Filled, fill

DAY = date(2026, 11, 23)
CIRCUMSTANCES = Circumstances(
    day=DAY, author="Ana", company="Acme", industry="Logistics", facts={"Owner": "owner", "Amount": "amount"}
)


def template(*lines: str) -> bytes:
    """A paragraph a line."""
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    return saved(document)


def saved(document: WordDocument) -> bytes:
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: Mapping[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def with_part(data: bytes, name: str, part: bytes) -> bytes:
    return zipped({**parts_of(data), name: part})


def replaced(data: bytes, name: str, before: bytes, after: bytes) -> bytes:
    part = parts_of(data)[name]
    assert before in part
    return with_part(data, name, part.replace(before, after, 1))


def with_relationship(data: bytes, kind: str, target: str, mode: str = "External") -> bytes:
    line = (
        f'<Relationship Id="rId900" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        f'relationships/{kind}" Target="{target}" TargetMode="{mode}"/></Relationships>'
    )
    return replaced(data, "word/_rels/document.xml.rels", b"</Relationships>", line.encode())


def quoted(text: str, *sources: int, label: str = "") -> Statement:
    return Statement(text, "quoted", tuple(Origin(each, 0, len(text)) for each in sources), label=label)


def own(text: str) -> Statement:
    return Statement(text, "own")


def row(*cells: str) -> Statement:
    return Statement(" ".join(cells), "own", cells=cells)


def draft(*blocks: DraftBlock, title: str = "Rules for trips") -> Draft:
    section = DraftSection("trains", "Trains", blocks, gaps=(Gap("trains", "Who pays for taxis?"),))
    sources = (
        DraftSource("a", "Travel policy", "policy.md", "en", ""),
        DraftSource("b", "Handbook", "handbook.pdf", "en", ""),
    )
    return Draft(title, "en", (section,), sources, summary=(own("Trains first."),))


EVERY_KIND = draft(
    DraftBlock("heading", (own("Before the trip"),), level=3),
    DraftBlock("paragraph", (quoted("Book ten days before.", 1), quoted("Keep receipts.", 2, 1))),
    DraftBlock("list_item", (own("first item"),)),
    DraftBlock("list_item", (own("inner item"),), level=1),
    DraftBlock("table", (row("City", "Limit"), row("Lima", "120"), row("alone")), has_header=True),
    DraftBlock("quote", (own("Second class only."),)),
    DraftBlock("code", (own("if late:\n\tcall()"),)),
    DraftBlock("caption", (own("Table 1: limits"),)),
    DraftBlock(
        "paragraph", (quoted("Marta Ruiz", 1, label="Owner"), Statement("Nobody says so.", "unsupported"))
    ),
)


def filled(data: bytes, text: Draft = EVERY_KIND, **values: str | bool | tuple[str, ...]) -> Filled:
    return fill(data, text, values, CIRCUMSTANCES)


def opened(data: bytes) -> WordDocument:
    return Document(BytesIO(data))


def lines(data: bytes) -> list[str]:
    return [paragraph.text for paragraph in opened(data).paragraphs]


def styled(data: bytes) -> list[tuple[str, str]]:
    return [(each.style.name, each.text) for each in opened(data).paragraphs if each.style is not None]


def joined(texts: Iterable[str]) -> str:
    return "\n".join(texts)
