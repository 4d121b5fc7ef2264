"""From a brief to a plan: what is asked for and why, what a person may change, and where to look for it."""

from core.agents.routing import Ranked
from core.documents.planning.planned import LENGTHS, plan_of
from core.documents.planning.proposal import Choice, Proposal
from core.documents.planning.proposing import propose
from core.documents.planning.reasons import REASONS, Reason
from core.documents.planning.source_words import search_words

__all__ = [
    "LENGTHS",
    "REASONS",
    "Choice",
    "Proposal",
    "Ranked",
    "Reason",
    "plan_of",
    "propose",
    "search_words",
]
