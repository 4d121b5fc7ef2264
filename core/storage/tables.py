"""The tables. Every row carries its workspace, and every query names it.

Only alerts and backups are of the whole installation.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time, always with its zone in Python: SQLite keeps none, so UTC goes in and comes out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A stored time needs its zone.")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

workspaces = Table(
    "workspaces",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sampled_at", UtcDateTime),
)

documents = Table(
    "documents",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False),
    Column("job", String(32), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("origin", String(16), nullable=False),
    Column("name", String(500), nullable=False),
    Column("format", String(16), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("num_bytes", Integer, nullable=False),
    Column("num_words", Integer, nullable=False),
    Column("title", String(500), nullable=False),
    Column("language", String(8), nullable=False),
    Column("author", String(200)),
    Column("modified", UtcDateTime),
    Column("added_at", UtcDateTime, nullable=False),
    Column("removed_at", UtcDateTime),
    # NOTE: the long values come last: SQLite reads a row from its start and follows long ones page by page.
    Column("repairs", JSON, nullable=False),
    Column("warnings", JSON, nullable=False),
    Column("text", Text, nullable=False),
    Column("blocks", JSON, nullable=False),
    Index(None, "workspace", "sha256"),
    # Covers the totals and facets, which would otherwise read every text of the library.
    Index(
        "ix_documents_facets",
        "workspace",
        "removed_at",
        "format",
        "language",
        "origin",
        "num_words",
        "num_bytes",
    ),
)

Index(
    "ix_documents_newest",
    documents.c.workspace,
    documents.c.removed_at,
    documents.c.added_at.desc(),
    documents.c.ordinal,
    documents.c.id,
)

problems = Table(
    "problems",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False),
    Column("job", String(32), nullable=False),
    Column("name", String(500), nullable=False),
    Column("code", String(40), nullable=False),
    Column("message", Text, nullable=False),
    Column("remedy", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("dismissed_at", UtcDateTime),
    Index(None, "workspace", "job"),
)

analyses = Table(
    "analyses",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False),
    Column("floor", Float, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("documents", JSON, nullable=False),
    Column("pairs", LargeBinary, nullable=False),
    Column("num_pairs", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "workspace", "created_at"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False),
    Column("document", String(32), nullable=False),
    Column("against", String(32)),
    Column("act", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("similarity", Float),
    Column("author", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("undoes", String(32)),
    UniqueConstraint("workspace", "sequence"),
    UniqueConstraint("undoes"),
    Index(None, "workspace", "document"),
)

findings = Table(
    "findings",
    metadata,
    Column("analysis", ForeignKey("analyses.id"), primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False),
    Column("num_findings", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

embeddings = Table(
    "embeddings",
    metadata,
    Column("document", ForeignKey("documents.id"), primary_key=True),
    Column("model", String(128), primary_key=True),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False),
    Column("vectors", LargeBinary, nullable=False),
    Index(None, "workspace", "model"),
)

document_facts = Table(
    "document_facts",
    metadata,
    Column("document", ForeignKey("documents.id"), primary_key=True),
    Column("version", String(64), primary_key=True),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False),
    Column("facts", JSON, nullable=False),
    Index(None, "workspace", "version"),
)

labels = Table(
    "labels",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False),
    Column("first", String(32), nullable=False),
    Column("second", String(32), nullable=False),
    Column("similarity", Float, nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("author", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("workspace", "sequence"),
    Index(None, "workspace", "first", "second"),
)

exclusions = Table(
    "exclusions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("excerpt", Text, nullable=False),
    Column("reason", String(32), nullable=False),
    Column("note", Text, nullable=False),
    Column("author", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    Index(None, "workspace", "digest"),
)

policy_rules = Table(
    "policy_rules",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("author", String(200), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    UniqueConstraint("workspace", "name"),
)

tuning_changes = Table(
    "tuning_changes",
    metadata,
    Column("id", String(32), primary_key=True),
    # One engine serves every workspace, so its changes are counted over all of them.
    Column("sequence", Integer, nullable=False),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False),
    Column("action", String(16), nullable=False),
    Column("author", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("before", JSON, nullable=False),
    Column("after", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    Column("result", JSON, nullable=False),
    UniqueConstraint("sequence"),
    Index(None, "workspace", "sequence"),
)

replays = Table(
    "replays",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("title", String(500), nullable=False),
    Column("findings", JSON, nullable=False),
    Index(None, "workspace", "created_at"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("title", String(500), nullable=False),
    Column("request", JSON, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("run", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("result", JSON, nullable=False),
    Column("error", Text),
    Column("remedy", Text),
    Column("author", String(200), nullable=False),
    Column("cancel_requested", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("arrived_at", UtcDateTime, nullable=False),
    Column("not_before", UtcDateTime),
    Column("retries", Integer, nullable=False),
    Column("cuts", Integer, nullable=False),
    Column("worker", String(32)),
    Column("claim", String(32)),
    Index(None, "workspace", "created_at"),
    Index(None, "workspace", "finished_at"),
    Index(None, "state"),
    Index("ix_jobs_line", "state", "priority", "arrived_at", "id"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("rule", String(40), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("value", Float, nullable=False),
    Column("threshold", Float, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("fired_at", UtcDateTime, nullable=False),
    Column("resolved_at", UtcDateTime),
    Column("acknowledged_by", String(200)),
    Column("acknowledged_at", UtcDateTime),
    Index(None, "resolved_at"),
    Index(None, "fired_at"),
)

backups = Table(
    "backups",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("made_at", UtcDateTime, nullable=False),
    Column("num_bytes", BigInteger, nullable=False),
    Index(None, "made_at"),
)

metric_sources = Table(
    "metric_sources",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False),
    Column("name", String(100), nullable=False),
    Column("url", String(500), nullable=False),
    Column("author", String(200), nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    UniqueConstraint("workspace", "name"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False),
    Column("job", String(32), nullable=False),
    Column("batch", String(32), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("title", String(500), nullable=False),
    Column("type", String(64), nullable=False),
    Column("area", String(64), nullable=False),
    Column("language", String(8), nullable=False),
    Column("engine", String(16), nullable=False),
    Column("author", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    Column("num_words", Integer, nullable=False),
    Column("num_gaps", Integer, nullable=False),
    Column("confidence", Float),
    Column("seconds", Float),
    Column("approved_by", String(200)),
    Column("approved_at", UtcDateTime),
    Column("replaces", JSON, nullable=False),
    Column("spent", JSON, nullable=False),
    Column("plan", JSON, nullable=False),
    Index(None, "workspace", "created_at"),
    Index(None, "workspace", "digest"),
)

draft_sections = Table(
    "draft_sections",
    metadata,
    Column("draft", ForeignKey("drafts.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False),
    Column("is_whole", Boolean, nullable=False),
    Column("section", JSON, nullable=False),
)

draft_versions = Table(
    "draft_versions",
    metadata,
    Column("draft", ForeignKey("drafts.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False),
    Column("act", String(16), nullable=False),
    Column("section", String(64), nullable=False),
    Column("author", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("verdict", JSON, nullable=False),
    Column("body", JSON, nullable=False),
)

draft_comments = Table(
    "draft_comments",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False),
    Column("draft", ForeignKey("drafts.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("section", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("author", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("resolved_at", UtcDateTime),
    Index(None, "draft", "created_at"),
)

company_profiles = Table(
    "company_profiles",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("industry", String(200), nullable=False),
    Column("size", String(40), nullable=False),
    Column("tone", String(40), nullable=False),
    Column("colours", JSON, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("author", String(200), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("logo", LargeBinary),
    Column("body_font", String(100), nullable=False),
    Column("heading_font", String(100), nullable=False),
    Column("header", String(200), nullable=False),
    Column("footer", String(200), nullable=False),
    UniqueConstraint("workspace", "name"),
)

media = Table(
    "media",
    metadata,
    Column("workspace", ForeignKey("workspaces.id"), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

exports = Table(
    "exports",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False),
    Column("batch", String(32), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("subject_kind", String(40), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("title", String(500), nullable=False),
    Column("format", String(16), nullable=False),
    Column("design", String(40), nullable=False),
    Column("level", String(16), nullable=False),
    Column("language", String(16), nullable=False),
    Column("request", JSON, nullable=False),
    Column("author", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("seconds", Float),
    Column("file_name", String(200), nullable=False),
    Column("num_bytes", BigInteger),
    Column("sha256", String(64), nullable=False),
    Column("num_pages", Integer),
    Column("score", Float),
    Column("axes", JSON, nullable=False),
    Column("has_passed", Boolean),
    Column("failed_rules", JSON, nullable=False),
    Column("is_repeat", Boolean, nullable=False),
    Column("num_downloads", Integer, nullable=False),
    Column("report", JSON, nullable=False),
    Column("manifest", JSON, nullable=False),
    Index(None, "workspace", "created_at"),
    Index(None, "workspace", "digest"),
    Index(None, "sha256"),
)

document_types = Table(
    "document_types",
    metadata,
    Column("workspace", ForeignKey("workspaces.id"), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("author", String(200), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("text", Text, nullable=False),
)

word_templates = Table(
    "word_templates",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("variables", JSON, nullable=False),
    Column("author", String(200), nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    Column("file", LargeBinary, nullable=False),
    UniqueConstraint("workspace", "name"),
)

queues = Table(
    "queues",
    metadata,
    Column("workspace", ForeignKey("workspaces.id"), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("changed_by", String(200), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)

workers = Table(
    "workers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(128), nullable=False),
    Column("host", String(300), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("places", Integer, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)

schedules = Table(
    "schedules",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("cron", String(200), nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("title", String(500), nullable=False),
    Column("request", JSON, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("is_on", Boolean, nullable=False),
    Column("author", String(200), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("next_at", UtcDateTime),
    Column("last_job", String(32)),
    Column("last_at", UtcDateTime),
    UniqueConstraint("workspace", "name"),
    Index(None, "is_on", "next_at"),
)
