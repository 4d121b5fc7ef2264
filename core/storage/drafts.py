"""Drafts of documents: what was planned, the sections while they are written, versions and comments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from core.documents.draft import Draft, DraftSection
from core.documents.plan import DocumentPlan
from core.errors import Conflict, NotFound
from core.storage.tables import draft_comments, draft_sections, draft_versions, drafts

WRITING, READY, APPROVED = "writing", "ready", "approved"
DRAFT_FACETS = ("state", "area", "type", "language", "author")


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRecord:
    """A draft without its text. `version` is the newest one, 0 while the first is written by `job`.

    `digest` stands for everything that the draft follows from: equal digests give equal drafts. `batch` is
    shared by drafts that were asked for together. `replaces` are documents of the library that retire once it
    is approved. `spent` are counts of the engine's tokens. `seconds` is how long the writing took.
    """

    id: str
    job: str
    batch: str
    digest: str
    state: str
    title: str
    type: str
    area: str
    language: str
    engine: str
    author: str
    created_at: datetime
    changed_at: datetime
    plan: dict[str, Any]
    version: int = 0
    num_words: int = 0
    num_gaps: int = 0
    confidence: float | None = None
    seconds: float | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    replaces: tuple[str, ...] = ()
    spent: dict[str, float] = field(default_factory=dict)

    def planned(self) -> DocumentPlan:
        return DocumentPlan.from_json(self.plan)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftVersion:
    """`act` is what made it: written, edited, regenerated, answered, settled, restored or merged; `section`
    is the one that it concerned, if it was only one. `verdict` is the check of exactly this text.
    """

    number: int
    act: str
    section: str
    author: str
    created_at: datetime
    verdict: dict[str, Any]
    draft: Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionSummary:
    number: int
    act: str
    section: str
    author: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftComment:
    """`section` is empty for a comment on the whole draft."""

    id: str
    version: int
    section: str
    text: str
    author: str
    created_at: datetime
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftFilter:
    """What a reader of the list asked for. Empty means everything."""

    search: str = ""
    states: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    batch: str = ""


@dataclass(frozen=True, slots=True)
class AreaFigures:
    """What was written in one business area. `seconds` is the median of the drafts that were written anew."""

    area: str
    num_drafts: int
    num_approved: int
    num_words: int
    num_gaps: int
    confidence: float | None
    seconds: float | None


_RECORD = [drafts.c[name] for name in DraftRecord.__dataclass_fields__]
_VERSION = [draft_versions.c[name] for name in VersionSummary.__dataclass_fields__]
_COMMENT = [draft_comments.c[name] for name in DraftComment.__dataclass_fields__]


class Drafts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, workspace: str, record: DraftRecord) -> None:
        self._connection.execute(drafts.insert().values(asdict(record) | {"workspace": workspace}))

    def get(self, workspace: str, draft: str) -> DraftRecord:
        """Raises NotFound for an id that is unknown or of another workspace."""
        found = self.find_one(workspace, draft)
        if found is None:
            raise NotFound("There is no such draft.", remedy="It may have been removed; look at the list.")
        return found

    def find_one(self, workspace: str, draft: str) -> DraftRecord | None:
        query = select(*_RECORD).where(drafts.c.workspace == workspace, drafts.c.id == draft)
        row = self._connection.execute(query).mappings().one_or_none()
        return None if row is None else _record(row)

    def assign(self, workspace: str, draft: str, job: str) -> None:
        """This job works on the draft now."""
        self._connection.execute(
            update(drafts).where(drafts.c.workspace == workspace, drafts.c.id == draft).values(job=job)
        )

    def spend(self, workspace: str, draft: str, counts: Mapping[str, float]) -> None:
        """Add to what its engine has used so far."""
        spent = self.get(workspace, draft).spent
        total = {name: spent.get(name, 0) + counts.get(name, 0) for name in {*spent, *counts}}
        self._connection.execute(update(drafts).where(drafts.c.id == draft).values(spent=total))

    def tokens_since(self, workspace: str, moment: datetime) -> int:
        """Tokens that the engine read and wrote for the drafts that were begun since then."""
        query = select(drafts.c.spent).where(
            drafts.c.workspace == workspace, drafts.c.created_at >= moment, drafts.c.engine == "model"
        )
        return sum(
            int(spent.get("prompt_tokens", 0) + spent.get("new_tokens", 0))
            for spent in self._connection.scalars(query)
        )

    def same(self, workspace: str, digest: str) -> DraftRecord | None:
        """The newest finished draft that follows from the same."""
        query = select(*_RECORD).where(
            drafts.c.workspace == workspace, drafts.c.digest == digest, drafts.c.version > 0
        )
        row = self._connection.execute(query.order_by(drafts.c.created_at.desc()).limit(1)).mappings().first()
        return None if row is None else _record(row)

    def find(
        self, workspace: str, wanted: DraftFilter, *, limit: int = 50, offset: int = 0
    ) -> list[DraftRecord]:
        """Those that fit, the one changed last first."""
        query = select(*_RECORD).where(drafts.c.workspace == workspace, *_conditions(wanted))
        ordered = query.order_by(drafts.c.changed_at.desc(), drafts.c.id).limit(limit).offset(offset)
        return [_record(row) for row in self._connection.execute(ordered).mappings()]

    def counts(self, workspace: str, wanted: DraftFilter) -> dict[str, dict[str, int]]:
        """How many fit, by facet; each facet is counted as if it were not filtered itself."""
        return {facet: self._count(workspace, facet, wanted) for facet in DRAFT_FACETS}

    def count(self, workspace: str, wanted: DraftFilter) -> int:
        query = select(func.count()).select_from(drafts)
        return (
            self._connection.scalar(query.where(drafts.c.workspace == workspace, *_conditions(wanted))) or 0
        )

    def figures(self, workspace: str) -> list[AreaFigures]:
        """By area, the one with most drafts first."""
        columns = ("area", "state", "version", "num_words", "num_gaps", "confidence", "seconds")
        query = select(*(drafts.c[name] for name in columns)).where(
            drafts.c.workspace == workspace, drafts.c.version > 0
        )
        by_area: dict[str, list[Any]] = {}
        for row in self._connection.execute(query):
            by_area.setdefault(row.area, []).append(row)
        figures = [_figures(area, rows) for area, rows in by_area.items()]
        return sorted(figures, key=lambda each: (-each.num_drafts, each.area))

    def timed(self, workspace: str, engine: str, most: int = 50) -> list[tuple[float, int]]:
        """Seconds and sections of the last drafts that this engine wrote."""
        query = select(drafts.c.seconds, drafts.c.plan).where(
            drafts.c.workspace == workspace, drafts.c.engine == engine, drafts.c.seconds.is_not(None)
        )
        rows = self._connection.execute(query.order_by(drafts.c.created_at.desc()).limit(most))
        return [(row.seconds, len(row.plan["sections"])) for row in rows]

    def remove(self, workspace: str, draft: str) -> None:
        """The draft with its versions and comments. Raises NotFound."""
        self.get(workspace, draft)
        for table in (draft_sections, draft_versions, draft_comments):
            self._connection.execute(delete(table).where(table.c.draft == draft))
        self._connection.execute(delete(drafts).where(drafts.c.id == draft))

    def write_section(
        self, workspace: str, draft: str, position: int, section: DraftSection, *, is_whole: bool = True
    ) -> None:
        """Keep a section while the draft is written; one that is not whole is only there to be seen.

        Writing it again replaces it.
        """
        where = (draft_sections.c.draft == draft, draft_sections.c.position == position)
        values = {"section": section.to_json(), "is_whole": is_whole}
        if not self._connection.execute(update(draft_sections).where(*where).values(values)).rowcount:
            keys = {"draft": draft, "position": position, "workspace": workspace}
            self._connection.execute(draft_sections.insert().values(values | keys))

    def written_sections(self, draft: str, *, only_whole: bool = False) -> dict[int, DraftSection]:
        """The sections that are there while the draft is written, by position."""
        query = select(draft_sections.c.position, draft_sections.c.section).where(
            draft_sections.c.draft == draft
        )
        if only_whole:
            query = query.where(draft_sections.c.is_whole)
        return {
            row.position: DraftSection.from_json(row.section)
            for row in self._connection.execute(query.order_by(draft_sections.c.position))
        }

    def discard_sections(self, draft: str) -> None:
        self._connection.execute(delete(draft_sections).where(draft_sections.c.draft == draft))

    def append(
        self,
        workspace: str,
        draft: str,
        version: DraftVersion,
        *,
        seconds: float | None = None,
    ) -> None:
        """Keep a version; it is the newest from now on, and an approval ends.

        Raises Conflict, changing nothing, when another version took its number: somebody else was faster.
        """
        now = version.created_at
        body = version.draft
        values: dict[str, Any] = {
            "version": version.number,
            "state": READY,
            "title": body.title[:500],
            "num_words": body.num_words,
            "num_gaps": len(body.gaps),
            "confidence": body.confidence,
            "changed_at": now,
            "approved_by": None,
            "approved_at": None,
        }
        values |= {} if seconds is None else {"seconds": seconds}
        is_next = update(drafts).where(
            drafts.c.workspace == workspace, drafts.c.id == draft, drafts.c.version == version.number - 1
        )
        if not self._connection.execute(is_next.values(values)).rowcount:
            self.get(workspace, draft)
            raise Conflict(
                "Somebody else changed this draft in the meantime.",
                remedy="Your text is kept on this page: compare it with the newest version and save again.",
            )
        row = {name: getattr(version, name) for name in VersionSummary.__dataclass_fields__}
        row |= {"draft": draft, "workspace": workspace, "verdict": version.verdict, "body": body.to_json()}
        try:
            self._connection.execute(draft_versions.insert().values(row))
        except IntegrityError as error:
            raise Conflict("This version is there already.", remedy="Load the page again.") from error

    def version(self, workspace: str, draft: str, number: int) -> DraftVersion:
        """Raises NotFound."""
        query = select(*_VERSION, draft_versions.c.verdict, draft_versions.c.body).where(
            draft_versions.c.workspace == workspace,
            draft_versions.c.draft == draft,
            draft_versions.c.number == number,
        )
        row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound("There is no such version.", remedy="Choose one of the list.")
        values = {name: row[name] for name in (*VersionSummary.__dataclass_fields__, "verdict")}
        return DraftVersion(**values, draft=Draft.from_json(row["body"]))

    def versions(self, workspace: str, draft: str) -> list[VersionSummary]:
        """Newest first."""
        query = select(*_VERSION).where(
            draft_versions.c.workspace == workspace, draft_versions.c.draft == draft
        )
        ordered = query.order_by(draft_versions.c.number.desc())
        return [VersionSummary(**row) for row in self._connection.execute(ordered).mappings()]

    def approve(self, workspace: str, draft: str, version: int, author: str) -> None:
        """Raises Conflict when that is no longer the newest version, or the draft is not ready."""
        statement = update(drafts).where(
            drafts.c.workspace == workspace,
            drafts.c.id == draft,
            drafts.c.version == version,
            drafts.c.state == READY,
        )
        now = datetime.now(UTC)
        changes = {"state": APPROVED, "approved_by": author, "approved_at": now, "changed_at": now}
        if not self._connection.execute(statement.values(changes)).rowcount:
            raise Conflict("This is no longer the newest version.", remedy="Read the newest one first.")

    def reopen(self, workspace: str, draft: str) -> None:
        """Take an approval back. Raises Conflict for a draft that is not approved."""
        statement = update(drafts).where(
            drafts.c.workspace == workspace, drafts.c.id == draft, drafts.c.state == APPROVED
        )
        changes = {"state": READY, "approved_by": None, "approved_at": None, "changed_at": datetime.now(UTC)}
        if not self._connection.execute(statement.values(changes)).rowcount:
            raise Conflict("This draft is not approved.", remedy="Load the page again.")

    def comment(self, workspace: str, draft: str, comment: DraftComment) -> None:
        self._connection.execute(
            draft_comments.insert().values(asdict(comment) | {"workspace": workspace, "draft": draft})
        )

    def resolve(self, workspace: str, comment: str) -> None:
        """Raises NotFound."""
        statement = update(draft_comments).where(
            draft_comments.c.workspace == workspace, draft_comments.c.id == comment
        )
        if not self._connection.execute(statement.values(resolved_at=datetime.now(UTC))).rowcount:
            raise NotFound("This comment is gone.", remedy="Load the page again.")

    def comments(self, workspace: str, draft: str) -> list[DraftComment]:
        """Oldest first."""
        query = select(*_COMMENT).where(
            draft_comments.c.workspace == workspace, draft_comments.c.draft == draft
        )
        ordered = query.order_by(draft_comments.c.created_at, draft_comments.c.id)
        return [DraftComment(**row) for row in self._connection.execute(ordered).mappings()]

    def _count(self, workspace: str, facet: str, wanted: DraftFilter) -> dict[str, int]:
        column = drafts.c[facet]
        query: Select[Any] = select(column, func.count()).where(
            drafts.c.workspace == workspace, *_conditions(wanted, leave_out=facet)
        )
        grouped = query.group_by(column).order_by(func.count().desc(), column)
        return {row[0]: row[1] for row in self._connection.execute(grouped)}


def _conditions(wanted: DraftFilter, leave_out: str = "") -> list[ColumnElement[bool]]:
    chosen: dict[str, Sequence[str]] = {
        "state": wanted.states,
        "area": wanted.areas,
        "type": wanted.types,
        "language": wanted.languages,
        "author": wanted.authors,
    }
    conditions: list[ColumnElement[bool]] = [
        drafts.c[facet].in_(values) for facet, values in chosen.items() if values and facet != leave_out
    ]
    if wanted.batch:
        conditions.append(drafts.c.batch == wanted.batch)
    return conditions + [_mentions(word) for word in wanted.search.split()]


def _mentions(word: str) -> ColumnElement[bool]:
    return or_(
        drafts.c.title.icontains(word, autoescape=True), drafts.c.type.icontains(word, autoescape=True)
    )


def _record(row: Any) -> DraftRecord:
    return DraftRecord(**{**row, "replaces": tuple(row["replaces"])})


def _figures(area: str, rows: list[Any]) -> AreaFigures:
    known = [row.confidence for row in rows if row.confidence is not None]
    seconds = sorted(row.seconds for row in rows if row.seconds is not None)
    return AreaFigures(
        area=area,
        num_drafts=len(rows),
        num_approved=sum(row.state == APPROVED for row in rows),
        num_words=sum(row.num_words for row in rows),
        num_gaps=sum(row.num_gaps for row in rows),
        confidence=sum(known) / len(known) if known else None,
        seconds=seconds[len(seconds) // 2] if seconds else None,
    )
