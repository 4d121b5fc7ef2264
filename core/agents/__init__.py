"""One agent for each business area: what it is good at, and which of them a brief is for."""

from core.agents.areas import AREAS

__all__ = ["AREAS"]
