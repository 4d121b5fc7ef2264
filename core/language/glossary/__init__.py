"""Business and everyday concepts in English, Spanish and Portuguese, so that texts meet across languages.

The terms are our own lists in `terms/`, one file a subject area: a row is a concept, a cell its words and
phrases in one language, the first of each the usual one.
"""

from core.language.glossary.concepts import Concept, concepts, gloss
from core.language.glossary.normal_form import normal_form
from core.language.glossary.terms import Term, area_of, family_of, terms

__all__ = ["Concept", "Term", "area_of", "concepts", "family_of", "gloss", "normal_form", "terms"]
