"""Trains the small model that ships, from plain text, on a CPU or a GPU, resumable at any moment.

    python -m models.train TEXT_FOLDER --work FOLDER --tokens 10000000
    python -m models.train TEXT_FOLDER --work FOLDER --tokens 10000000 --anneal --out models/blatam-5m

The rate of learning is warmed up and then held, so that training can go on for as long as it helps. A model
to ship is annealed from any checkpoint: the rate falls to nothing over a last share of tokens, at four times
the length of context. The checkpoint it began from stays as it was.
"""

from __future__ import annotations

import argparse
import csv
import math
import signal
import sys
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from models.text import read_texts
from models.tokenizer import END, PAD, VOCABULARY, train_tokenizer

SHORT, LONG = 512, 2048
BATCH_TOKENS = 4_096
PEAK_RATE, WARM_UP_STEPS = 3e-3, 100
ANNEALED_SHARE = 0.25
CHECKPOINT_SECONDS = 180
MEASURE_EVERY_TOKENS = 1_000_000
HELD_OUT_TOKENS = 98_304
SEED = 20261123


@dataclass(slots=True)
class Corpus:
    """Token ids of the texts to train on, and of those kept out with the bytes they spell."""

    training: np.ndarray
    held_out: np.ndarray
    held_out_bytes: int


def main() -> None:
    options = _parse()
    options.work.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    tokenizer = _tokenizer(options)
    corpus = _corpus(options, tokenizer)
    run = Training(corpus, options.work, options.device)
    if options.anneal:
        run.anneal(round(options.tokens * ANNEALED_SHARE))
        run.export(options.out, tokenizer)
    else:
        run.go_on(options.tokens)


class Training:
    """Model, optimizer and place in the text, kept in one checkpoint."""

    def __init__(self, corpus: Corpus, work: Path, device: str) -> None:
        self._corpus = corpus
        self._work = work
        self._device = device
        self._model = LlamaForCausalLM(shape_of_the_model()).to(device)
        self._optimizer = torch.optim.AdamW(
            _weights_by_decay(self._model), lr=PEAK_RATE, betas=(0.9, 0.95), eps=1e-8
        )
        self._tokens = 0
        self._step = 0
        self._is_stopping = False
        self._load()
        signal.signal(signal.SIGTERM, self._stop)

    def go_on(self, until_tokens: int) -> None:
        """Train at the held rate until so many tokens have been seen, from wherever the checkpoint stands."""
        saved = begun = time.monotonic()
        next_measure = self._tokens + MEASURE_EVERY_TOKENS
        while self._tokens < until_tokens and not self._is_stopping:
            loss = self._take_step(SHORT, PEAK_RATE * min(1.0, (self._step + 1) / WARM_UP_STEPS))
            if self._tokens >= next_measure:
                next_measure += MEASURE_EVERY_TOKENS
                self._record(loss, "held")
            if time.monotonic() - saved > CHECKPOINT_SECONDS:
                self._save()
                saved = time.monotonic()
                say(f"{self._tokens:,} tokens, loss {loss:.3f}, {saved - begun:.0f} s")
        self._save()

    def anneal(self, num_tokens: int) -> None:
        """Let the rate fall to nothing over so many tokens, at the long context."""
        begun = self._tokens
        loss = math.nan
        while self._tokens < begun + num_tokens:
            share = (self._tokens - begun) / num_tokens
            loss = self._take_step(LONG, PEAK_RATE * (1 - share))
        self._record(loss, "annealed")

    def export(self, folder: Path, tokenizer: PreTrainedTokenizerFast) -> None:
        """Write the model and its tokenizer as Hugging Face reads them, weights in bfloat16."""
        folder.mkdir(parents=True, exist_ok=True)
        self._model.to(torch.bfloat16).save_pretrained(folder)
        tokenizer.save_pretrained(folder)

    def bits_per_byte(self) -> float:
        """On the texts kept out of training, at the long context."""
        self._model.eval()
        total, count = 0.0, 0
        tokens = torch.from_numpy(self._corpus.held_out.astype(np.int64)).to(self._device)
        with torch.no_grad(), _autocast(self._device):
            for at in range(0, len(tokens) - 1, LONG):
                piece = tokens[at : at + LONG + 1].unsqueeze(0)
                logits = self._model(piece[:, :-1]).logits.float()
                total += float(torch.nn.functional.cross_entropy(logits[0], piece[0, 1:], reduction="sum"))
                count += piece.shape[1] - 1
        self._model.train()
        return total / math.log(2) / self._corpus.held_out_bytes * (len(tokens) / count)

    def _take_step(self, length: int, rate: float) -> float:
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        batch = self._batch(length)
        with _autocast(self._device):
            logits = self._model(batch[:, :-1]).logits
            loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1).float(), batch[:, 1:].flatten())
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._model.parameters(), 1.0)
        self._optimizer.step()
        self._tokens += batch[:, 1:].numel()
        self._step += 1
        return float(loss.detach())

    def _batch(self, length: int) -> Tensor:
        """The next pieces of the text, in an order that the seed and the number of the step decide."""
        chooser = np.random.default_rng((SEED, self._step))
        starts = chooser.integers(0, len(self._corpus.training) - length - 1, BATCH_TOKENS // length)
        pieces = [self._corpus.training[start : start + length + 1].astype(np.int64) for start in starts]
        return torch.from_numpy(np.stack(pieces)).to(self._device)

    def _record(self, loss: float, stage: str) -> None:
        measured = self.bits_per_byte()
        file = self._work / "loss_curve.csv"
        is_new = not file.exists()
        with file.open("a", newline="", encoding="utf-8") as table:
            rows = csv.writer(table)
            if is_new:
                rows.writerow(["tokens", "stage", "training_loss", "held_out_bits_per_byte"])
            rows.writerow([self._tokens, stage, f"{loss:.4f}", f"{measured:.4f}"])
        say(f"{self._tokens:,} tokens, {stage}: {measured:.4f} bits per byte")

    def _save(self) -> None:
        state: dict[str, Tensor] = {f"model.{k}": v for k, v in self._model.state_dict().items()}
        for number, held in self._optimizer.state_dict()["state"].items():
            state |= {f"optimizer.{number}.{name}": value for name, value in held.items()}
        state["place"] = torch.tensor([self._tokens, self._step])
        state = {name: value.clone().contiguous() for name, value in state.items()}
        beside = self._work / "checkpoint.partly"
        save_file(state, beside)
        beside.replace(self._work / "checkpoint.safetensors")

    def _load(self) -> None:
        file = self._work / "checkpoint.safetensors"
        if not file.exists():
            return
        state = load_file(file, device=self._device)
        self._model.load_state_dict(
            {name.removeprefix("model."): value for name, value in state.items() if name.startswith("model.")}
        )
        held: dict[int, dict[str, Tensor]] = {}
        for name, value in state.items():
            if name.startswith("optimizer."):
                _, number, field = name.split(".", 2)
                held.setdefault(int(number), {})[field] = value
        groups = self._optimizer.state_dict()["param_groups"]
        self._optimizer.load_state_dict({"state": held, "param_groups": groups})
        self._tokens, self._step = (int(number) for number in state["place"])

    def _stop(self, *_: object) -> None:
        self._is_stopping = True


def shape_of_the_model() -> LlamaConfig:
    """About 5.5 million weights: 6 layers of 256, 4 heads over 2 KV heads of 64, input and output tied."""
    return LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=256,
        intermediate_size=704,
        num_hidden_layers=6,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=64,
        max_position_embeddings=4096,
        rope_theta=10_000.0,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=0,
        pad_token_id=3,
    )


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _tokenizer(options: argparse.Namespace) -> PreTrainedTokenizerFast:
    folder = options.work / "tokenizer"
    if folder.exists():
        return PreTrainedTokenizerFast.from_pretrained(folder)
    tokenizer = train_tokenizer(text.text for text in read_texts(options.texts) if not text.is_held_out)
    tokenizer.save_pretrained(folder)
    return tokenizer


def _corpus(options: argparse.Namespace, tokenizer: PreTrainedTokenizerFast) -> Corpus:
    files = [options.work / f"{name}.npy" for name in ("training", "held_out", "held_out_bytes")]
    if not all(file.exists() for file in files):
        _tokenize(options.texts, tokenizer, files)
    training, held_out, num_bytes = (np.load(file, mmap_mode="r") for file in files)
    return Corpus(training, np.asarray(held_out), int(num_bytes))


def _tokenize(texts: Path, tokenizer: PreTrainedTokenizerFast, files: list[Path]) -> None:
    end = tokenizer.convert_tokens_to_ids(END)
    assert end == 0
    assert tokenizer.convert_tokens_to_ids(PAD) == 3
    training: list[np.ndarray] = []
    held_out: list[np.ndarray] = []
    for text in read_texts(texts):
        ids = np.array([*tokenizer(text.text).input_ids, end], dtype=np.uint16)
        (held_out if text.is_held_out else training).append(ids)
    np.save(files[0], _shuffled(training))
    measured = _shuffled(held_out)[:HELD_OUT_TOKENS]
    np.save(files[1], measured)
    np.save(files[2], len(tokenizer.decode(measured, skip_special_tokens=True).encode()))


def _shuffled(documents: list[np.ndarray]) -> np.ndarray:
    order = np.random.default_rng(SEED).permutation(len(documents))
    return np.concatenate([documents[at] for at in order])


def _weights_by_decay(model: LlamaForCausalLM) -> list[dict[str, object]]:
    """Matrices decay, norms do not."""
    matrices = [weight for weight in model.parameters() if weight.ndim >= 2]
    others = [weight for weight in model.parameters() if weight.ndim < 2]
    return [{"params": matrices, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}]


def _autocast(device: str) -> torch.autocast | nullcontext[None]:
    return torch.autocast(device.split(":")[0], dtype=torch.bfloat16)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m models.train", description=__doc__)
    parser.add_argument("texts", type=Path, help="folder of .jsonl.zst files, one document a line")
    parser.add_argument("--work", type=Path, required=True, help="folder of checkpoints, outside the project")
    parser.add_argument("--tokens", type=int, required=True, help="so many tokens in all")
    parser.add_argument("--anneal", action="store_true", help="make a model to ship of the checkpoint")
    parser.add_argument("--out", type=Path, default=Path("models/blatam-5m"), help="where it is written")
    parser.add_argument("--device", default="cpu")
    return parser.parse_args()


if __name__ == "__main__":
    main()
