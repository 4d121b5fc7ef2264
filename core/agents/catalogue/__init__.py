"""The agents: one file of data for each business area."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from core.agents.agent import Agent
from core.agents.areas import AREAS
from core.agents.reading import read_agent


@cache
def load_agents() -> Mapping[str, Agent]:
    """The agents by area, in the order of AREAS.

    >>> load_agents()["sales"].names["pt"]
    'Vendas'
    """
    folder = files(__name__)
    texts = {area: folder.joinpath(f"{area}.toml").read_text(encoding="utf-8") for area in AREAS}
    return MappingProxyType({area: read_agent(text, f"{area}.toml") for area, text in texts.items()})
