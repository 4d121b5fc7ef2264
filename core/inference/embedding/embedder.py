"""Sentences and passages to vectors, with the model loaded at first use."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.errors import Invalid, Unavailable
from core.inference.embedding.encoders import Encoder, Form, OnnxEncoder, TorchEncoder
from core.inference.embedding.model_files import ModelFiles, read_model_files
from core.inference.embedding.onnx_file import FORM_VERSION, quantised_file

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_WORD = re.compile(r"\w")
_MOST_CHARACTERS = 20_000  # more cannot matter to 512 pieces; keeps one endless line from costing seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingModel:
    """Which model, and how it runs. `exports` is a folder for the int8 form, made once.

    `folder` None is the packaged English model. `form` auto is int8 on the CPU, with float32 where that
    cannot be had, and float32 on CUDA.
    """

    exports: Path
    folder: Path | None = None
    device: str = "cpu"
    form: Literal["auto", "int8", "float32"] = "auto"
    threads: int = 1


class SentenceEmbedder:
    """Keeps the promises of core.language.embedder.Embedder. Safe to share between threads.

    Nothing is read before the first question. Then a model that is missing or wrong raises Unavailable or
    Invalid, with what to do.
    """

    def __init__(self, model: EmbeddingModel) -> None:
        self._model = model
        self._lock = threading.Lock()
        self._loaded: _Loaded | None = None

    @property
    def fingerprint(self) -> str:
        """Changes with weights, tokenizer, pooling, length and form."""
        files, form = self._files, self._load().encoder.form
        version = f"-{FORM_VERSION}" if form == "int8" else ""
        return f"{files.digest[:32]}-{form}{version}"

    @property
    def dim(self) -> int:
        return self._files.architecture.dim

    @property
    def max_pieces(self) -> int:
        """The longest text that is read whole, in word pieces, the two marks around it included."""
        return self._files.max_pieces

    @property
    def is_packaged(self) -> bool:
        """Whether this is the English model that ships, for which the thresholds were calibrated."""
        return self._model.folder is None

    @property
    def form(self) -> Form:
        return self._load().encoder.form

    @property
    def reason(self) -> str:
        """Why it runs in float32 where int8 was wished for; empty if it runs as wished."""
        return self._load().reason

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (len(texts), dim), each row of length 1; a text without words gets a row of zeros.

        Equal texts are computed once. A text beyond `max_pieces` is read up to there.
        """
        vectors = np.zeros((len(texts), self.dim), np.float32)
        worded = [place for place, text in enumerate(texts) if _WORD.search(text)]
        if not worded:
            return vectors
        different = list(dict.fromkeys(texts[place] for place in worded))
        rows = {text: row for row, text in enumerate(different)}
        vectors[worded] = self._load().encode(different)[[rows[texts[place]] for place in worded]]
        return vectors

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        """Word pieces of each text with the two marks, however long it is."""
        count = self._load().counter
        return [len(count.encode(text).ids) for text in texts]

    @cached_property
    def _files(self) -> ModelFiles:
        return read_model_files(self._model.folder)

    def _load(self) -> _Loaded:
        if self._loaded is None:
            with self._lock:
                if self._loaded is None:
                    self._loaded = _open(self._model, self._files)
        return self._loaded


class _Loaded(NamedTuple):
    tokenizer: Tokenizer
    counter: Tokenizer
    encoder: Encoder
    reason: str

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Texts are tokenised one by one: in a batch the tokenizer would take every core."""
        return self.encoder.encode([self.tokenizer.encode(text[:_MOST_CHARACTERS]).ids for text in texts])


def _open(model: EmbeddingModel, files: ModelFiles) -> _Loaded:
    tokenizer, counter = _tokenizer(files), _tokenizer(files)
    tokenizer.enable_truncation(files.max_pieces)
    encoder, reason = _encoder(model, files)
    return _Loaded(tokenizer, counter, encoder, reason)


def _tokenizer(files: ModelFiles) -> Tokenizer:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(files.tokenizer))
    except Exception as error:  # the library raises nothing narrower
        raise Invalid(
            f"{files.tokenizer} is no tokenizer.",
            remedy="Name a whole sentence-transformers folder.",
            code="embedding_model_incomplete",
        ) from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _encoder(model: EmbeddingModel, files: ModelFiles) -> tuple[Encoder, str]:
    if model.device != "cpu":
        return _on_device(model, files), ""
    if model.form == "float32":
        return TorchEncoder(files, "cpu"), ""
    try:
        file = quantised_file(files, model.exports)
        return OnnxEncoder(file, files.architecture.dim, model.threads), ""
    except (ImportError, OSError, RuntimeError) as error:
        if model.form == "int8":
            raise Unavailable(
                f"The int8 form of the embedding model cannot be had: {error}.",
                remedy="Install onnx and onnxruntime, make room, or choose the form auto.",
                code="embedding_form_missing",
            ) from error
        return TorchEncoder(files, "cpu"), f"The int8 form cannot be had: {error}"


def _on_device(model: EmbeddingModel, files: ModelFiles) -> TorchEncoder:
    import torch

    if model.form == "int8":
        raise Invalid(
            "int8 runs on the CPU only.", remedy="Choose the form auto or float32 for a GPU.", code="invalid"
        )
    if not torch.cuda.is_available():
        raise Unavailable(
            f"The embedding model should run on {model.device}, but torch sees no GPU.",
            remedy="Choose the device cpu, or install torch with CUDA.",
            code="embedding_device_missing",
        )
    return TorchEncoder(files, model.device)
