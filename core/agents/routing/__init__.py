"""Which type of document a brief is for and which area writes it, by signs in its words that can be shown."""

from core.agents.routing.ballot import Ranked, Routing, route
from core.agents.routing.brief_words import BriefWord, brief_words

__all__ = ["BriefWord", "Ranked", "Routing", "brief_words", "route"]
