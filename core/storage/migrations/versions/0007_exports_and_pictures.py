"""Exported files, the pictures of documents, and what a company's files carry on each page"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_LINES = {"body_font": 100, "heading_font": 100, "header": 200, "footer": 200}


def upgrade() -> None:
    for name, length in _LINES.items():
        op.add_column(
            "company_profiles", sa.Column(name, sa.String(length=length), nullable=False, server_default="")
        )
    op.create_table(
        "media",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"], name=op.f("fk_media_workspace")),
        sa.PrimaryKeyConstraint("workspace", "sha256", name=op.f("pk_media")),
    )
    op.create_table(
        "exports",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("batch", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("format", sa.String(length=16), nullable=False),
        sa.Column("design", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("num_bytes", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("num_pages", sa.Integer(), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("axes", sa.JSON(), nullable=False),
        sa.Column("has_passed", sa.Boolean(), nullable=True),
        sa.Column("failed_rules", sa.JSON(), nullable=False),
        sa.Column("is_repeat", sa.Boolean(), nullable=False),
        sa.Column("num_downloads", sa.Integer(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("manifest", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"], name=op.f("fk_exports_workspace")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
    )
    op.create_index(op.f("ix_exports_workspace_created_at"), "exports", ["workspace", "created_at"])
    op.create_index(op.f("ix_exports_workspace_digest"), "exports", ["workspace", "digest"])
    op.create_index(op.f("ix_exports_sha256"), "exports", ["sha256"])


def downgrade() -> None:
    op.drop_index(op.f("ix_exports_sha256"), "exports")
    op.drop_index(op.f("ix_exports_workspace_digest"), "exports")
    op.drop_index(op.f("ix_exports_workspace_created_at"), "exports")
    op.drop_table("exports")
    op.drop_table("media")
    for name in _LINES:
        op.drop_column("company_profiles", name)
