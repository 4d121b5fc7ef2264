"""The companies that documents of a workspace speak for."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from core.errors import Conflict, NotFound
from core.storage.tables import company_profiles


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyProfile:
    """`colours` are #rrggbb, the main one first. `revision` grows with each change. `logo` is a PNG.

    `header` and `footer` stand on each page of its files.
    """

    id: str
    name: str
    industry: str
    size: str
    tone: str
    colours: tuple[str, ...]
    revision: int
    author: str
    changed_at: datetime
    logo: bytes | None = None
    body_font: str = ""
    heading_font: str = ""
    header: str = ""
    footer: str = ""


_COLUMNS = [company_profiles.c[name] for name in CompanyProfile.__dataclass_fields__]


class CompanyProfiles:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, workspace: str) -> list[CompanyProfile]:
        """By name."""
        query = select(*_COLUMNS).where(company_profiles.c.workspace == workspace)
        rows = self._connection.execute(query.order_by(company_profiles.c.name)).mappings()
        return [CompanyProfile(**{**row, "colours": tuple(row["colours"])}) for row in rows]

    def add(self, workspace: str, profile: CompanyProfile) -> None:
        """Raises Conflict when another has the name."""
        self._check_name(workspace, profile)
        self._connection.execute(company_profiles.insert().values(asdict(profile) | {"workspace": workspace}))

    def replace(self, workspace: str, profile: CompanyProfile) -> None:
        """Put it in the place of its last revision. Raises Conflict when that is no longer the last."""
        self._check_name(workspace, profile)
        statement = update(company_profiles).where(
            company_profiles.c.workspace == workspace,
            company_profiles.c.id == profile.id,
            company_profiles.c.revision == profile.revision - 1,
        )
        if not self._connection.execute(statement.values(asdict(profile))).rowcount:
            raise Conflict("Somebody else changed this profile.", remedy="Load the page again.")

    def remove(self, workspace: str, profile: str) -> None:
        """Raises NotFound. Drafts that were written for the company stay."""
        statement = delete(company_profiles).where(
            company_profiles.c.workspace == workspace, company_profiles.c.id == profile
        )
        if not self._connection.execute(statement).rowcount:
            raise NotFound("This profile is gone.", remedy="Load the page again.")

    def _check_name(self, workspace: str, profile: CompanyProfile) -> None:
        query = select(company_profiles.c.id).where(
            company_profiles.c.workspace == workspace,
            company_profiles.c.name == profile.name,
            company_profiles.c.id != profile.id,
        )
        if self._connection.scalar(query) is not None:
            raise Conflict(f"Another company is called “{profile.name}”.", remedy="Choose another name.")
