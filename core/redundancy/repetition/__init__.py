"""What one document says more than once, and a plan to say it once."""

from core.redundancy.repetition.plan import STEPS, RewriteStep
from core.redundancy.repetition.repeat import Repeat
from core.redundancy.repetition.search import Repetition, find_repetition

__all__ = ["STEPS", "Repeat", "Repetition", "RewriteStep", "find_repetition"]
