"""What can be exported: one module for each kind of thing, one line here for each."""

from core.use_cases.exportable.cache_report import CacheReport
from core.use_cases.exportable.decisions import DecisionRecord
from core.use_cases.exportable.drafts import Drafts
from core.use_cases.exportable.library_documents import LibraryDocuments
from core.use_cases.exportable.quality_board import QualityBoard
from core.use_cases.exportable.redundancy_report import RedundancyReport
from core.use_cases.exportable.subject import Exportable, Gathered, Subject

_ALL: tuple[Exportable, ...] = (
    Drafts(),
    LibraryDocuments(),
    RedundancyReport(),
    DecisionRecord(),
    QualityBoard(),
    CacheReport(),
)

EXPORTABLES: dict[str, Exportable] = {each.kind: each for each in _ALL}

__all__ = ["EXPORTABLES", "Exportable", "Gathered", "Subject"]
