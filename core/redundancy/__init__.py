"""Finds documents that repeat each other, shows the evidence and advises what to do with each."""

from core.redundancy.canonical import RULES, Choice, choose_canonical
from core.redundancy.clusters import cluster
from core.redundancy.evidence import Alignment, Difference, Passage, Span, align, unique_passages
from core.redundancy.fact import Fact
from core.redundancy.facts import DifferingFact, differing_facts, facts
from core.redundancy.join import find_pairs
from core.redundancy.pairs import Bin, PairTable, histogram
from core.redundancy.recommendation import REASONS, Recommendation, advise
from core.redundancy.report import Cluster, RedundancyReport, Savings, find_redundancy, judge
from core.redundancy.shingles import similarity
from core.redundancy.subject import Subject

__all__ = [
    "REASONS",
    "RULES",
    "Alignment",
    "Bin",
    "Choice",
    "Cluster",
    "Difference",
    "DifferingFact",
    "Fact",
    "PairTable",
    "Passage",
    "Recommendation",
    "RedundancyReport",
    "Savings",
    "Span",
    "Subject",
    "advise",
    "align",
    "choose_canonical",
    "cluster",
    "differing_facts",
    "facts",
    "find_pairs",
    "find_redundancy",
    "histogram",
    "judge",
    "similarity",
    "unique_passages",
]
