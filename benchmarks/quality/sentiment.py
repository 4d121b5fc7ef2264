"""How often is the label of a sentence right, on the half that no word of the lists was chosen by?

    python -m benchmarks.quality.sentiment [--state]

Prints one table and writes it to benchmarks/results/quality.md. With --state the figures of the held-out half
become those that the product states (core/language/lists/sentiment_accuracy.tsv).
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from benchmarks.results import as_table, save_section
from core.language.sentiment import find_sentiment
from core.language.stop_words import LANGUAGES, Language

ROOT = Path(__file__).parents[2]
STATED = ROOT / "core" / "language" / "lists" / "sentiment_accuracy.tsv"
LABELS = {"+": "positive", "-": "negative", "=": "neutral"}

Labelled = list[tuple[str, str]]


class Accuracy(NamedTuple):
    num_sentences: int
    right: float
    majority: float
    recalls: tuple[float, ...]  # of positive, neutral, negative


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", action="store_true", help="let the product state these figures")
    halves = {language: _halves(_labelled(language)) for language in LANGUAGES}
    measured = {
        (language, half): _measure(sentences, language)
        for language, both in halves.items()
        for half, sentences in both.items()
    }
    body = _section(measured)
    print(body)
    save_section("quality", "Sentiment of business sentences", body)
    if parser.parse_args().state:
        _state({language: measured[language, "held out"] for language in LANGUAGES})


def _labelled(language: Language) -> Labelled:
    file = ROOT / "tests" / "language" / f"sentiment_{language}.tsv"
    rows = (line.split("\t") for line in file.read_text(encoding="utf-8").splitlines())
    return [(LABELS[sign], sentence) for sign, sentence in rows]


def _halves(sentences: Labelled) -> dict[str, Labelled]:
    return {"tuning": sentences[::2], "held out": sentences[1::2]}


def _measure(sentences: Labelled, language: Language) -> Accuracy:
    found = [(label, find_sentiment(sentence, language).label) for label, sentence in sentences]
    counts = Counter(label for label, _ in found)
    recalls = tuple(
        sum(given == label for wanted, given in found if wanted == label) / counts[label]
        for label in ("positive", "neutral", "negative")
    )
    right = sum(wanted == given for wanted, given in found) / len(found)
    return Accuracy(len(found), right, max(counts.values()) / len(found), recalls)


def _section(measured: dict[tuple[Language, str], Accuracy]) -> str:
    header = (
        *("language, half", "sentences", "accuracy", "commonest label"),
        *("recall positive", "neutral", "negative"),
    )
    rows = [
        (
            f"{language}, {half}", str(one.num_sentences), f"{one.right:.3f}", f"{one.majority:.3f}",
            *(f"{recall:.3f}" for recall in one.recalls),
        )
        for (language, half), one in measured.items()
    ]  # fmt: skip
    notes = (
        "Three labels. Sentences of our own, the same contents in the three languages; every second one is "
        "held out: the lists of words were corrected on the others only. Lists and sentences have one "
        "author, so texts of other people may fare worse; with 77 sentences the 95 % interval reaches "
        "about 8 points to either side.",
        "Repeat: `python -m benchmarks.quality.sentiment`",
    )
    return "\n\n".join([as_table(header, rows), *notes])


def _state(measured: dict[Language, Accuracy]) -> None:
    rows = [
        f"{language}\t{one.right:.3f}\t{one.num_sentences}\t{one.majority:.3f}"
        for language, one in measured.items()
    ]
    STATED.write_text("\n".join(["language\taccuracy\tsentences\tmajority", *rows]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
