"""Drafts documents from sources without a model: sentences are chosen and quoted, never made up."""

from core.documents.drafting.instructions import is_instruction
from core.documents.drafting.shelf import SourceShelf
from core.documents.drafting.source_text import SourceText
from core.documents.drafting.writer import ExtractiveWriter

__all__ = ["ExtractiveWriter", "SourceShelf", "SourceText", "is_instruction"]
