"""What an analysis found beyond pairs, vectors and facts of documents, labels, exclusions and policy rules"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "findings",
        sa.Column("analysis", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("num_findings", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["analysis"], ["analyses.id"], name=op.f("fk_findings_analysis")),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"], name=op.f("fk_findings_workspace")),
        sa.PrimaryKeyConstraint("analysis", "kind", name=op.f("pk_findings")),
    )
    op.create_table(
        "embeddings",
        sa.Column("document", sa.String(length=32), nullable=False),
        sa.Column("model", sa.String(length=128), nullable=False),
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("vectors", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["document"], ["documents.id"], name=op.f("fk_embeddings_document")),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"], name=op.f("fk_embeddings_workspace")),
        sa.PrimaryKeyConstraint("document", "model", name=op.f("pk_embeddings")),
    )
    op.create_index(op.f("ix_embeddings_workspace_model"), "embeddings", ["workspace", "model"])
    op.create_table(
        "document_facts",
        sa.Column("document", sa.String(length=32), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["document"], ["documents.id"], name=op.f("fk_document_facts_document")),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"], name=op.f("fk_document_facts_workspace")),
        sa.PrimaryKeyConstraint("document", "version", name=op.f("pk_document_facts")),
    )
    op.create_index(op.f("ix_document_facts_workspace_version"), "document_facts", ["workspace", "version"])
    op.create_table(
        "labels",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("first", sa.String(length=32), nullable=False),
        sa.Column("second", sa.String(length=32), nullable=False),
        sa.Column("similarity", sa.Float(), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"], name=op.f("fk_labels_workspace")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labels")),
        sa.UniqueConstraint("workspace", "sequence", name=op.f("uq_labels_workspace_sequence")),
    )
    op.create_index(op.f("ix_labels_workspace_first_second"), "labels", ["workspace", "first", "second"])
    op.create_table(
        "exclusions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("excerpt", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"], name=op.f("fk_exclusions_workspace")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusions")),
    )
    op.create_index(op.f("ix_exclusions_workspace_digest"), "exclusions", ["workspace", "digest"])
    op.create_table(
        "policy_rules",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"], name=op.f("fk_policy_rules_workspace")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_rules")),
        sa.UniqueConstraint("workspace", "name", name=op.f("uq_policy_rules_workspace_name")),
    )


def downgrade() -> None:
    op.drop_table("policy_rules")
    op.drop_index(op.f("ix_exclusions_workspace_digest"), "exclusions")
    op.drop_table("exclusions")
    op.drop_index(op.f("ix_labels_workspace_first_second"), "labels")
    op.drop_table("labels")
    op.drop_index(op.f("ix_document_facts_workspace_version"), "document_facts")
    op.drop_table("document_facts")
    op.drop_index(op.f("ix_embeddings_workspace_model"), "embeddings")
    op.drop_table("embeddings")
    op.drop_table("findings")
