"""Drafts documents with a language model: each sentence is held against the sources before it stands."""

from core.documents.writing.metering import Spent, TokenBudget
from core.documents.writing.outline import propose_outline
from core.documents.writing.reasons import WRITING_REASONS
from core.documents.writing.writer import ModelWriter

__all__ = ["WRITING_REASONS", "ModelWriter", "Spent", "TokenBudget", "propose_outline"]
