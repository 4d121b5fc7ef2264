"""What is found and what to do about it, in English: one sentence for every code."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from core.quality.part import Evidence, Fix

EVIDENCE: Mapping[str, str] = MappingProxyType(
    {
        # readability
        "flesch": "Flesch reading ease: {value}.",
        "flesch_kincaid": "Flesch-Kincaid grade: {value} years of school.",
        "fernandez_huerta": "Fernández Huerta reading ease: {value}.",
        "szigriszt_pazos": "Szigriszt-Pazos perspicuity: {value}.",
        "martins": "Flesch reading ease, adapted to Portuguese by Martins and others: {value}.",
        "sentence_length": "{words} words in a sentence.",
        "word_length": "{syllables} syllables in a word.",
        "hard_sentence": "A hard sentence: {words} words, {syllables} syllables in a word.",
        "language_without_formula": "There is no formula for the language “{language}”.",
        "only_tables": "Nearly everything stands in tables: {words} other words.",
        "only_code": "Nearly everything is code: {words} other words.",
        "too_short": "Too short to judge: {words} words, {least} are needed.",
        # structure
        "outline": "{headings} headings in {words} words.",
        "no_title": "There is no title.",
        "no_headings": "{words} words without headings.",
        "skipped_level": "A heading of level {level} follows one of level {above}.",
        "deep_headings": "Headings go {levels} levels deep.",
        "long_section": "The section “{heading}” has {words} words.",
        "wall_of_text": "A paragraph of {words} words.",
        "lone_subsection": "“{heading}” is the only subsection of its section.",
        "mostly_lists": "{share:.0%} of the words stand in lists.",
        # boilerplate and uniqueness
        "not_compared": "Not yet compared with the library.",
        "boilerplate_share": "{share:.0%} of the words stand in three or more documents.",
        "boilerplate_passage": "{words} words that stand in three or more documents.",
        "unique_share": "{share:.0%} of the phrases stand in no other document.",
        "shared_passage": "{words} words that another document has too.",
        # freshness
        "stated_date": "It is dated {date}, {years} years ago.",
        "file_date": "The file was last changed on {date}, {years} years ago.",
        "newest_date": "The newest date in it is {date}, {years} years ago.",
        "newest_year": "The newest year in it ends on {date}, {years} years ago.",
        "no_date": "It carries no date.",
        "in_force_but_old": "It calls itself “{status}” and is {years} years old.",
        "review_passed": "It was to be reviewed by {date}.",
        "validity_passed": "It was valid until {date}.",
        "no_newer_year": "It names no year after {year}.",
        # completeness
        "nothing_missing": "Nothing is missing that can be seen.",
        "no_text": "There is no text.",
        "placeholder": "Still to be filled in: {text}",
        "filler_text": "Filler text: {text}",
        "blank_field": "An empty field: {text}",
        "empty_section": "The section “{heading}” is empty.",
        "broken_reference": "It refers to “{reference}”, which is not in it.",
        "unbalanced_bracket": "A bracket without its partner: {sign}",
        "mojibake": "Damaged letters: {word}",
        "damaged_text": "Damaged, and not to be restored with certainty: {word}",
        "repaired_text": "{count} damaged words of the file were repaired here, as {original} to {repaired}.",
        "old_encoding": "{warning}",
    }
)

FIXES: Mapping[str, str] = MappingProxyType(
    {
        "split_sentences": "Split the sentences of more than {words} words ({count}).",
        "shorter_words": "Use shorter, everyday words: they have {syllables} syllables on average.",
        "shorter_hard_sentences": "Rewrite the hardest sentences, which are marked.",
        "add_title": "Give the document a title.",
        "add_headings": "Divide the text by headings.",
        "close_level_gap": "Let headings go down one level at a time ({count}).",
        "flatten_headings": "Use at most four levels of headings.",
        "divide_section": "Divide the long sections by subheadings ({count}).",
        "divide_paragraph": "Divide the long paragraphs ({count}).",
        "join_subsection": "Join a subsection that stands alone with its section ({count}).",
        "write_connections": "Say in sentences how the points of the lists belong together.",
        "keep_text_once": "Keep the repeated text in one place and refer to it ({count}).",
        "compare_and_merge": "Compare it with the documents that share its text, and keep one.",
        "add_date": "State the date and the version at the beginning.",
        "confirm_or_retire": "Confirm that it still holds, or retire it.",
        "renew_or_retire": "Renew it or take it out of force.",
        "review_now": "Do the review that is due and state the next date.",
        "fill_placeholders": "Fill in the placeholders ({count}).",
        "replace_filler": "Replace the filler text ({count}).",
        "fill_fields": "Fill in the empty fields ({count}).",
        "write_or_remove_section": "Write the empty sections or remove their headings ({count}).",
        "correct_reference": "Correct the references or add what they name ({count}).",
        "close_brackets": "Close or remove the lonely brackets ({count}).",
        "save_as_utf8": "Save the file again as UTF-8.",
        "restore_words": "Restore the damaged words by hand ({count}).",
        "replace_with_repaired": "Replace the file by its repaired text.",
    }
)


def say(said: Evidence | Fix) -> str:
    """The sentence, filled in."""
    sentences = EVIDENCE if isinstance(said, Evidence) else FIXES
    return sentences[said.code].format(**said.parameters)
