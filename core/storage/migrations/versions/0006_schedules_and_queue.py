"""The line in which jobs wait, the workers that take from it, and schedules"""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "jobs",
        sa.Column(
            "arrived_at", sa.DateTime(timezone=True), nullable=False, server_default="1970-01-01 00:00:00"
        ),
    )
    op.add_column("jobs", sa.Column("not_before", sa.DateTime(timezone=True), nullable=True))
    op.add_column("jobs", sa.Column("retries", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("jobs", sa.Column("cuts", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("jobs", sa.Column("worker", sa.String(length=32), nullable=True))
    op.add_column("jobs", sa.Column("claim", sa.String(length=32), nullable=True))
    jobs = sa.table(
        "jobs", sa.column("arrived_at"), sa.column("created_at"), sa.column("state"), sa.column("run")
    )
    op.execute(jobs.update().values(arrived_at=jobs.c.created_at))
    # Open jobs stand in DBOS' own queue, which nobody reads any more: they wait in ours, as a run of its own.
    is_open = jobs.c.state.in_(("waiting", "running"))
    op.execute(jobs.update().where(is_open).values(state="waiting", run=int(time.time())))
    op.create_index(op.f("ix_jobs_workspace_finished_at"), "jobs", ["workspace", "finished_at"])
    op.create_index("ix_jobs_line", "jobs", ["state", "priority", "arrived_at", "id"])
    op.create_table(
        "queues",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"], name=op.f("fk_queues_workspace")),
        sa.PrimaryKeyConstraint("workspace", name=op.f("pk_queues")),
    )
    op.create_table(
        "workers",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("host", sa.String(length=300), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )
    op.create_table(
        "schedules",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("cron", sa.String(length=200), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_job", sa.String(length=32), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"], name=op.f("fk_schedules_workspace")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedules")),
        sa.UniqueConstraint("workspace", "name", name=op.f("uq_schedules_workspace_name")),
    )
    op.create_index(op.f("ix_schedules_is_on_next_at"), "schedules", ["is_on", "next_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_schedules_is_on_next_at"), "schedules")
    op.drop_table("schedules")
    op.drop_table("workers")
    op.drop_table("queues")
    op.drop_index("ix_jobs_line", "jobs")
    op.drop_index(op.f("ix_jobs_workspace_finished_at"), "jobs")
    for column in ("claim", "worker", "cuts", "retries", "not_before", "arrived_at"):
        op.drop_column("jobs", column)
