"""What a brief says of the document itself: its language, readers, tone, length, and by when it is wanted."""

from core.documents.planning.wishes.haste import Haste, find_haste
from core.documents.planning.wishes.language import find_language, find_unwritten_language
from core.documents.planning.wishes.length import count_asks, find_length
from core.documents.planning.wishes.readers import find_readers, find_recipients
from core.documents.planning.wishes.said import Said, level
from core.documents.planning.wishes.tone import find_tone

__all__ = [
    "Haste",
    "Said",
    "count_asks",
    "find_haste",
    "find_language",
    "find_length",
    "find_readers",
    "find_recipients",
    "find_tone",
    "find_unwritten_language",
    "level",
]
