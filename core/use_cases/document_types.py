"""The types of documents: those that ship, and those that people of a workspace wrote as TOML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache

from core.documents.catalogue import load_catalogue, read_template, write_template
from core.documents.template import DocumentTemplate
from core.errors import Conflict, Invalid, NotFound
from core.gateway.roles import Permission, Principal
from core.storage.document_types import StoredType
from core.use_cases.request import Request
from core.workbench import Workbench

MOST_TYPES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTypes(Request["tuple[TypeView, ...]"]):
    """Those that ship in the order of the catalogue, then those of the workspace by key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeView:
    """`text` is its TOML. `revision`, `author` and `changed_at` are those of a person's own type."""

    template: DocumentTemplate
    text: str
    is_own: bool
    revision: int = 0
    author: str = ""
    changed_at: datetime | None = None


def list_types(_request: ListTypes, principal: Principal, workbench: Workbench) -> tuple[TypeView, ...]:
    principal.require(Permission.READ)
    with workbench.storage.transaction(readonly=True) as work:
        own = work.document_types.all(principal.workspace)
    return (*_shipped_views(), *map(_own, own))


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveType(Request[TypeView]):
    """Keep a type as its author wrote it. `revision` is the one that was changed, 0 for a new type."""

    text: str
    revision: int = 0


def save_type(request: SaveType, principal: Principal, workbench: Workbench) -> TypeView:
    """Raises Invalid with the line and the fault, Conflict for a key that is taken or was changed."""
    principal.require(Permission.DECIDE)
    template = read_template(request.text, "this type")
    if template.key in load_catalogue():
        raise Conflict(
            f"A type that ships is called {template.key}.",
            remedy="Give yours a key of its own, as acme_offer.",
        )
    stored = StoredType(
        key=template.key,
        revision=request.revision + 1,
        author=principal.user,
        changed_at=datetime.now(UTC),
        text=request.text,
    )
    with workbench.storage.transaction() as work:
        if not request.revision and len(work.document_types.all(principal.workspace)) >= MOST_TYPES:
            raise Invalid(f"A workspace has at most {MOST_TYPES} types of its own.", remedy="Remove one.")
        work.document_types.put(principal.workspace, stored)
    return _own(stored)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveType(Request[None]):
    """Drafts of the type stay. Raises NotFound."""

    key: str


def remove_type(request: RemoveType, principal: Principal, workbench: Workbench) -> None:
    principal.require(Permission.DECIDE)
    with workbench.storage.transaction() as work:
        work.document_types.remove(principal.workspace, request.key)


def known_types(workbench: Workbench, workspace: str) -> Mapping[str, DocumentTemplate]:
    """Every type of the workspace by key, those that ship first."""
    with workbench.storage.transaction(readonly=True) as work:
        own = work.document_types.all(workspace)
    return {each.key: each for each in _shipped()} | {each.key: _own(each).template for each in own}


def known_type(workbench: Workbench, workspace: str, key: str) -> DocumentTemplate:
    """Raises NotFound."""
    found = known_types(workbench, workspace).get(key)
    if found is None:
        raise NotFound(f"There is no type of document called {key!r}.", remedy="Choose one of the catalogue.")
    return found


def _shipped() -> tuple[DocumentTemplate, ...]:
    return tuple(load_catalogue().values())


@cache
def _shipped_views() -> tuple[TypeView, ...]:
    return tuple(TypeView(template=each, text=write_template(each), is_own=False) for each in _shipped())


@lru_cache(maxsize=512)
def _read(text: str, key: str) -> DocumentTemplate:
    """Read once: every plan asks for all types of its workspace."""
    return read_template(text, key)


def _own(stored: StoredType) -> TypeView:
    return TypeView(
        template=_read(stored.text, stored.key),
        text=stored.text,
        is_own=True,
        revision=stored.revision,
        author=stored.author,
        changed_at=stored.changed_at,
    )
