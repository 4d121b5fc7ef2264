"""The changes to a running engine, and what replays of traffic found"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tuning_changes",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"], name=op.f("fk_tuning_changes_workspace")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tuning_changes")),
        sa.UniqueConstraint("sequence", name=op.f("uq_tuning_changes_sequence")),
    )
    with op.batch_alter_table("tuning_changes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_tuning_changes_workspace_sequence"), ["workspace", "sequence"], unique=False
        )
    op.create_table(
        "replays",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"], name=op.f("fk_replays_workspace")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replays")),
    )
    with op.batch_alter_table("replays", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_replays_workspace_created_at"), ["workspace", "created_at"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("replays", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_replays_workspace_created_at"))
    op.drop_table("replays")
    with op.batch_alter_table("tuning_changes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tuning_changes_workspace_sequence"))
    op.drop_table("tuning_changes")
