"""What each form costs a model: perplexity, divergence and agreement on texts it was not trained on.

    python -m benchmarks.engine.quality [--model FOLDER] [--texts FOLDER]

Without arguments the model that ships reads the sample library, which we wrote ourselves. Prints a table and
writes it to benchmarks/results/engine.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from kvcache.engine.loading import load_model
from kvcache.engine.quality import measure_forms
from kvcache.forms import FORMS

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "models" / "blatam-5m"
SAMPLES = ROOT / "samples" / "library"


def main() -> None:
    options = _parse()
    torch.set_num_threads(1)
    model, tokenizer = load_model(options.model, dtype="float32")
    files = sorted(file for file in options.texts.rglob("*") if file.suffix in (".md", ".txt"))
    text = "\n\n".join(file.read_text(encoding="utf-8", errors="replace") for file in files)
    ids = tokenizer(text).input_ids
    rows = [
        (
            each.form,
            f"{each.ratio:.2f}",
            f"{each.key_error:.4f}",
            f"{each.divergence:.1e}",
            f"{each.agreement:.2%}",
            f"{each.perplexity:.3f}",
            f"{each.perplexity_change:+.3%}",
        )
        for each in measure_forms(model, [ids], list(FORMS))
    ]
    header = ("form", "smaller", "key error", "KL, nats", "same next", "perplexity", "change")
    name = options.model.name
    title = f"What the forms cost {name}"
    body = (
        f"{as_table(header, rows)}\n\nPrefixes of 1,536 tokens rounded, 256 tokens scored behind each, "
        f"{len(ids):,} tokens of text it was not trained on, float32; smaller than 16 bits a number, scales "
        "and exact ends counted. A small model with short contexts has milder outliers than a large one.\n\n"
        f"Machine: {describe_machine('torch', 'transformers')}.\n\n"
        "Repeat: `python -m benchmarks.engine.quality`"
    )
    print(f"{title}\n{body}")
    save_section("engine", title, body)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine.quality")
    parser.add_argument("--model", type=Path, default=SHIPPED, help="a folder as Hugging Face writes one")
    parser.add_argument("--texts", type=Path, default=SAMPLES, help="a folder of .md and .txt files")
    return parser.parse_args()


if __name__ == "__main__":
    main()
