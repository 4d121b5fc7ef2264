"""Requests made up from a trace, for whoever wants to see the cache at work: lengths and sharing, no text."""

from core.traffic.prompts import PromptScale, prompt_of, scale_for
from core.traffic.sample import sample_trace

__all__ = ["PromptScale", "prompt_of", "sample_trace", "scale_for"]
