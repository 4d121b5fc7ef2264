"""Files in, documents out: readers for each format, run in processes of their own within limits.

ParserPool is the door; a file that cannot be read gives a Problem with a stable code, never an exception.
"""

from core.ingestion.limits import IngestionLimits
from core.ingestion.names import sanitise_name
from core.ingestion.parser_pool import ParserPool
from core.ingestion.reader import Reader
from core.ingestion.readers import READERS
from core.ingestion.reading import Problem, Reading, ReadOutcome, Repair
from core.ingestion.text_repair import undo_repairs

__all__ = [
    "READERS",
    "IngestionLimits",
    "ParserPool",
    "Problem",
    "ReadOutcome",
    "Reader",
    "Reading",
    "Repair",
    "sanitise_name",
    "undo_repairs",
]
