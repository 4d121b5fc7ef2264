"""The Word templates of a workspace: bring one, look at them, remove one, and take a draft away in one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from core.documents.word_templates import FreeVariable, Value, check_template, read_variable, render
from core.errors import Invalid
from core.gateway.roles import Permission, Principal
from core.storage.document_types import WordTemplate
from core.use_cases.approve_draft import file_name
from core.use_cases.request import Request
from core.use_cases.row_files import Download
from core.workbench import Workbench

MOST_TEMPLATES = 50
LONGEST_NAME = 120
LONGEST_VALUE = 20_000
MOST_LINES = 500
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateView:
    """A template without its file. `variables` are the names that a person fills in."""

    id: str
    name: str
    variables: tuple[FreeVariable, ...]
    author: str
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ListWordTemplates(Request[tuple[TemplateView, ...]]):
    """By name."""


def list_word_templates(
    _request: ListWordTemplates, principal: Principal, workbench: Workbench
) -> tuple[TemplateView, ...]:
    principal.require(Permission.READ)
    with workbench.storage.transaction(readonly=True) as work:
        return tuple(map(_view, work.document_types.templates(principal.workspace)))


@dataclass(frozen=True, slots=True, kw_only=True)
class AddWordTemplate(Request[TemplateView]):
    """Keep a .docx under a name."""

    name: str
    file: bytes


def add_word_template(request: AddWordTemplate, principal: Principal, workbench: Workbench) -> TemplateView:
    """Raises Invalid for a file that is no template or may do harm, Conflict for a name that is taken."""
    principal.require(Permission.DECIDE)
    name = " ".join(request.name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(
            "The template has no name, or a very long one.", remedy=f"Use 1 to {LONGEST_NAME} characters."
        )
    form = check_template(request.file)
    template = WordTemplate(
        id=uuid4().hex,
        name=name,
        variables=tuple(each.written for each in form.free),
        author=principal.user,
        added_at=datetime.now(UTC),
    )
    with workbench.storage.transaction() as work:
        if len(work.document_types.templates(principal.workspace)) >= MOST_TEMPLATES:
            raise Invalid(f"A workspace has at most {MOST_TEMPLATES} templates.", remedy="Remove one.")
        work.document_types.add_template(principal.workspace, template, request.file)
    return _view(template)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveWordTemplate(Request[None]):
    """Documents that were made with it stay with those who have them. Raises NotFound."""

    template: str


def remove_word_template(request: RemoveWordTemplate, principal: Principal, workbench: Workbench) -> None:
    principal.require(Permission.DECIDE)
    with workbench.storage.transaction() as work:
        work.document_types.remove_template(principal.workspace, request.template)


@dataclass(frozen=True, slots=True, kw_only=True)
class FillWordTemplate(Request["FilledTemplate"]):
    """A version of a draft in a template's form. `values` are for the names that the template leaves open."""

    draft: str
    version: int
    template: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class FilledTemplate:
    """The document, and the names without a value: each stands marked in it."""

    download: Download
    missing: tuple[str, ...]


def fill_word_template(
    request: FillWordTemplate, principal: Principal, workbench: Workbench
) -> FilledTemplate:
    """The day in the document is that of the version, so that asking again gives the same bytes."""
    principal.require(Permission.READ)
    values = _checked(request.values)
    with workbench.storage.transaction(readonly=True) as work:
        record = work.drafts.get(principal.workspace, request.draft)
        version = work.drafts.version(principal.workspace, record.id, request.version)
        file = work.document_types.template_file(principal.workspace, request.template)
    filled = render(
        file,
        version.draft,
        values,
        day=version.created_at.date(),
        author=record.author,
        plan=record.planned(),
    )
    return FilledTemplate(
        Download(f"{file_name(version.draft.title)}.docx", DOCX, filled.data), filled.missing
    )


def _view(template: WordTemplate) -> TemplateView:
    return TemplateView(
        id=template.id,
        name=template.name,
        variables=tuple(map(read_variable, template.variables)),
        author=template.author,
        added_at=template.added_at,
    )


def _checked(values: Mapping[str, Value]) -> dict[str, Value]:
    """Blank texts and lines count as not given."""
    kept: dict[str, Value] = {}
    for name, value in values.items():
        lines = (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ()
        if len(lines) > MOST_LINES or sum(map(len, lines)) > LONGEST_VALUE:
            raise Invalid(
                f"What you gave for {name} is too long.",
                remedy=f"Use at most {LONGEST_VALUE:,} characters in {MOST_LINES} lines.",
            )
        told = tuple(line for line in lines if line.strip())
        if isinstance(value, bool):
            kept[name] = value
        elif told:
            kept[name] = value if isinstance(value, str) else told
    return kept
