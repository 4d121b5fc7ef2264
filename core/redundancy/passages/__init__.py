"""Finds the passages that documents share: copied or paraphrased, with the exact places on both sides."""

from core.redundancy.passages.chains import MIN_WORDS
from core.redundancy.passages.checking import check_text
from core.redundancy.passages.copying import CopyEvidence, CopyScore, score_copy
from core.redundancy.passages.exclusion import EXCLUSIONS, ExclusionCode
from core.redundancy.passages.finding import find_passages
from core.redundancy.passages.index import PassageIndex
from core.redundancy.passages.link import Boilerplate, PassageLink, PassageReport, Place, SharedPassage
from core.redundancy.passages.text_check import FoundPassage, Source, TextCheck

__all__ = [
    "EXCLUSIONS",
    "MIN_WORDS",
    "Boilerplate",
    "CopyEvidence",
    "CopyScore",
    "ExclusionCode",
    "FoundPassage",
    "PassageIndex",
    "PassageLink",
    "PassageReport",
    "Place",
    "SharedPassage",
    "Source",
    "TextCheck",
    "check_text",
    "find_passages",
    "score_copy",
]
