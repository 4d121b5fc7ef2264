"""The history of the schema, applied by Alembic from code: no alembic.ini, no command line needed."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

POSTGRES_LOCK = 0x424C4154  # one migration at a time, whichever replica starts first


def config() -> Config:
    """Alembic's configuration, pointing at this folder."""
    configuration = Config()
    configuration.set_main_option("script_location", str(Path(__file__).parent))
    return configuration


def upgrade(engine: Engine) -> None:
    """Apply what is missing, in one transaction."""
    with engine.begin() as connection:
        upgrade_connection(connection, "head")


def upgrade_connection(connection: Connection, revision: str) -> None:
    """The same within a transaction of the caller's, up to a revision."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": POSTGRES_LOCK})
    configuration = config()
    configuration.attributes["connection"] = connection
    command.upgrade(configuration, revision)


def newest_revision() -> str:
    """The revision that the code expects."""
    head = ScriptDirectory.from_config(config()).get_current_head()
    assert head is not None, "the history has one head"
    return head


def known_revisions() -> set[str]:
    """Every revision from the first to the newest."""
    return {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}
