"""Sources, sections and plans in few words."""

from __future__ import annotations

from core.content import Block, Content
from core.documents.draft import Draft, DraftSection
from core.documents.drafting import ExtractiveWriter, SourceShelf, SourceText
from core.documents.plan import DocumentPlan, PlannedFact, PlannedSection
from core.documents.template import FactKind, SlotForm
from core.language.embedder import Embedder
from core.language.stop_words import Language


def source(*blocks: Block | str, id: str = "one", language: Language = "en", title: str = "") -> SourceText:
    """A string is a paragraph, one that begins with # a heading, one that begins with - a point of a list."""
    return SourceText(id, title, f"{id}.md", language, Content(tuple(map(_block, blocks))))


def _block(written: Block | str) -> Block:
    if isinstance(written, Block):
        return written
    if written.startswith("# "):
        return Block("heading", written[2:], level=1)
    return Block("list_item", written[2:]) if written.startswith("- ") else Block("paragraph", written)


def section(
    title: str,
    *hints: str,
    form: SlotForm = "prose",
    facts: tuple[PlannedFact, ...] = (),
    least: int = 5,
    most: int = 150,
    wish: str = "",
    is_required: bool = True,
) -> PlannedSection:
    return PlannedSection(
        key=title.lower(),
        title=title,
        question=f"{title}?",
        hints=hints,
        form=form,
        facts=facts,
        min_words=least,
        max_words=most,
        wish=wish,
        is_required=is_required,
    )


def fact(label: str, kind: FactKind, *hints: str) -> PlannedFact:
    return PlannedFact(key=label.lower(), kind=kind, label=label, question=f"Which {label}?", hints=hints)


def plan(
    *sections: PlannedSection, brief: str = "", language: Language = "en", sources: tuple[str, ...] = ()
) -> DocumentPlan:
    return DocumentPlan(
        brief=brief,
        title="A document",
        type="report",
        template_version=1,
        areas=("operations",),
        language=language,
        audience="",
        tone="",
        complexity="simple",
        engine="extractive",
        sections=sections,
        sources=sources,
    )


def draft(planned: DocumentPlan, *sources: SourceText, embedder: Embedder | None = None) -> Draft:
    writer = ExtractiveWriter(SourceShelf(sources, embedder), planned)
    return writer.finish([writer.write(section) for section in planned.sections])


def write(planned: PlannedSection, *sources: SourceText, language: Language = "en") -> DraftSection:
    return draft(plan(planned, language=language), *sources).sections[0]


def texts(written: DraftSection | Draft) -> list[str]:
    return [statement.text for statement in written.statements]
