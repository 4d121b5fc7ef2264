"""What lasts: tables, repositories and the unit of work, on SQLite or PostgreSQL alike."""

from core.storage.database import Storage, UnitOfWork, open_storage

__all__ = ["Storage", "UnitOfWork", "open_storage"]
