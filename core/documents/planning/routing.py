"""Which of the types that a workspace has a brief is for, and which area writes it."""

from __future__ import annotations

from collections.abc import Mapping

from core.agents.routing import Routing, route
from core.documents.template import DocumentTemplate


def route_brief(brief: str, types: Mapping[str, DocumentTemplate]) -> Routing:
    """Types that people wrote take part by their names."""
    return route(
        brief,
        {key: _names(template) for key, template in types.items()},
        {key: template.areas for key, template in types.items()},
    )


def _names(template: DocumentTemplate) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for names in template.names.values() for name in names))
