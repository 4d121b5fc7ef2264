"""From what a model said to a value that fits its leaf, or to nothing.

* A text loses the quotes around it, control characters and half characters; what is too long is cut at a
  word. Too short, or against the pattern: nothing.
* A number is the first one in the text. `1,234.5` and `1.234,5` are read by their last sign; a comma before
  exactly three digits parts thousands. An integer is rounded. What is out of bounds moves to the bound.
* A date is the first YYYY-MM-DD or YYYY/MM/DD.
* A choice is the label that the text equals, begins with, or contains, the longest first; yes and no are
  understood in English, Spanish, Portuguese and French.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from core.inference.output_schema import ChoiceLeaf, Json, NumberLeaf, TextLeaf, clamp, fits_text, is_date

NUMBER = re.compile(r"[-−]?[0-9]+(?:[.,][0-9]+)*(?:[eE][-+]?[0-9]{1,3})?")
DATE = re.compile(r"(?<![0-9])([0-9]{4})[-/]([0-9]{2})[-/]([0-9]{2})(?![0-9])")
QUOTES = {'"': '"', "'": "'", "“": "”", "«": "»", "`": "`"}
LONGEST_NUMBER = 40
MOST_DIGITS = 18
TRUTH = {
    True: ("yes", "true", "si", "sí", "sim", "oui", "verdadero", "verdadeiro", "vrai", "1"),
    False: ("no", "false", "não", "nao", "non", "falso", "faux", "0"),
}


@dataclass(frozen=True, slots=True)
class Read:
    """A value that fits, and whether it had to be changed for that."""

    value: Json
    is_repaired: bool


def read_text(said: str, leaf: TextLeaf) -> Read | None:
    """
    >>> read_text('"Hello world"', TextLeaf(max_length=8))
    Read(value='Hello', is_repaired=True)
    """
    if leaf.is_date:
        return _read_date(said, leaf)
    text = _unquoted(clean(said).strip())
    text = _cut(text, leaf)
    if not text or not fits_text(text, leaf):
        return None
    return Read(text, text != said.strip())


def read_number(said: str, leaf: NumberLeaf) -> Read | None:
    """
    >>> read_number("about 1,234.5 euro", NumberLeaf(is_integer=True, highest=1000))
    Read(value=1000, is_repaired=True)
    """
    found = NUMBER.search(said)
    if found is None or len(found[0]) > LONGEST_NUMBER:
        return None
    try:
        exact = Decimal(_plain(found[0].replace("−", "-")))
    except InvalidOperation:
        return None
    if exact and not -MOST_DIGITS <= exact.adjusted() <= MOST_DIGITS:
        return None
    is_whole = exact == exact.to_integral_value()
    value = int(exact.to_integral_value()) if leaf.is_integer or is_whole else float(exact)
    fitting = clamp(value, leaf)
    return Read(fitting, fitting != value or (leaf.is_integer and not is_whole) or found[0] != said.strip())


def read_choice(said: str, leaf: ChoiceLeaf) -> Read | None:
    """
    >>> read_choice("Sí, claro", ChoiceLeaf(values=(False, True), labels=("no", "yes"), fallback=False))
    Read(value=True, is_repaired=True)
    """
    place = find_label(said, leaf.labels)
    if place is not None:
        return Read(leaf.values[place], plain_label(said) != leaf.labels[place])
    truth = _truth(said)
    for value in leaf.values:
        if truth is not None and value is truth:
            return Read(value, True)
    return None


def find_label(said: str, labels: tuple[str, ...]) -> int | None:
    """The place of the label that the text equals, else begins with, else contains as words."""
    text = plain_label(said)
    if text in labels:
        return labels.index(text)
    longest_first = sorted(range(len(labels)), key=lambda place: -len(labels[place]))
    for pattern in (r"\W*{}(?!\w)", r".*(?<!\w){}(?!\w)"):
        for place in longest_first:
            if re.match(pattern.format(re.escape(labels[place])), text, re.DOTALL):
                return place
    return None


def plain_label(said: str) -> str:
    return " ".join(_unquoted(clean(said).strip()).split()).casefold()


def clean(text: str) -> str:
    """Without control characters other than line ends and tabs, and without halves of characters."""
    kept = (char for char in text if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs"))
    return "".join(kept)


def until_quote(said: str) -> tuple[str, bool]:
    """What stands before the quote that ends a JSON string, unescaped, and whether that quote was there."""
    end = re.search(r'(?<!\\)(?:\\\\)*(")', said)
    body = said[: end.start(1)] if end else said
    try:
        text = json.loads(f'"{body}"', strict=False)
    except ValueError:
        text = body
    return str(text), end is not None


def _unquoted(text: str) -> str:
    if len(text) >= 2 and QUOTES.get(text[0]) == text[-1]:
        return text[1:-1].strip()
    return text


def _cut(text: str, leaf: TextLeaf) -> str:
    most = leaf.max_length
    if most is None or len(text) <= most:
        return text
    space = text.rfind(" ", 0, most + 1)
    at_word = text[:space].rstrip() if space > most // 2 else ""
    return at_word if len(at_word) >= max(leaf.min_length, 1) else text[:most]


def _read_date(said: str, leaf: TextLeaf) -> Read | None:
    for year, month, day in DATE.findall(said):
        text = f"{year}-{month}-{day}"
        if is_date(text) and fits_text(text, leaf):
            return Read(text, text != said.strip())
    return None


def _plain(number: str) -> str:
    """Digits with a point before the decimals."""
    sign = max(number.rfind("."), number.rfind(","))
    if sign < 0:
        return number
    mark, other = number[sign], "," if number[sign] == "." else "."
    decimals = re.match(r"[0-9]*", number[sign + 1 :])
    is_thousands = number.count(mark) > 1 or (
        mark == "," and other not in number and decimals is not None and len(decimals[0]) == 3
    )
    if is_thousands:
        return number.replace(mark, "").replace(other, ".")
    return number.replace(other, "").replace(mark, ".")


def _truth(said: str) -> bool | None:
    first = re.match(r"\W*(\w+)", plain_label(said))
    for value, words in TRUTH.items():
        if first is not None and first[1] in words:
            return value
    return None
