"""Facts that rules find in a sentence: who, when, how much, who must do what, what was decided."""

from core.documents.facts.agreement import agree
from core.documents.facts.amounts import plain, read_amount
from core.documents.facts.dates import Day, read_day
from core.documents.facts.fact import Fact
from core.documents.facts.finding import FINDERS, find_facts

__all__ = ["FINDERS", "Day", "Fact", "agree", "find_facts", "plain", "read_amount", "read_day"]
