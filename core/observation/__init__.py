"""What the engine's cache did, from recorded events alone: requests at their end, samples, marks."""

from core.observation.cache_view import CacheTotals, CacheView, LabelTotal, build_view
from core.observation.events import Event, EventKind
from core.observation.history import History

__all__ = ["CacheTotals", "CacheView", "Event", "EventKind", "History", "LabelTotal", "build_view"]
