"""One agent for each business area: what it is good at, and which of them a brief is for."""

from core.agents.agent import Agent, Keyword
from core.agents.areas import AREAS
from core.agents.catalogue import load_agents
from core.agents.reading import read_agent

__all__ = ["AREAS", "Agent", "Keyword", "load_agents", "read_agent"]
