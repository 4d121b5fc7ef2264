"""Two ways to run the network, one promise: pieces in, unit vectors out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from core.inference.embedding.model_files import ModelFiles

Form = Literal["int8", "float32"]

_BATCH_PIECES = {"cpu": 2_048, "cuda": 65_536}


class Encoder(Protocol):
    """`encode` takes one sequence of piece numbers a text, none empty; rows come in the same order.

    May be called from several threads at once.
    """

    form: Form

    def encode(self, sequences: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Shape (len(sequences), dim); each row has length 1."""


class OnnxEncoder:
    """int8 on onnxruntime. Each text runs alone.

    Activations share one scale in a run, so a text's vector would change with its neighbours; alone it is the
    same whenever it is made, which an index that grows document by document depends on. A run of one text is
    a quarter slower than a batch of 32.
    """

    form: Form = "int8"

    def __init__(self, file: Path, dim: int, threads: int) -> None:
        """Raises RuntimeError for a file that this processor or version cannot run."""
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as problems

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        try:
            self._session = onnxruntime.InferenceSession(
                str(file), options, providers=["CPUExecutionProvider"]
            )
        except (
            problems.Fail,
            problems.InvalidGraph,
            problems.InvalidProtobuf,
            problems.NotImplemented,
        ) as error:
            raise RuntimeError(str(error)) from error
        self._dim = dim

    def encode(self, sequences: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        vectors = np.empty((len(sequences), self._dim), np.float32)
        for place, pieces in enumerate(sequences):
            ids = np.array([pieces], np.int64)
            vectors[place] = self._session.run(None, {"ids": ids, "mask": np.ones_like(ids)})[0][0]
        return vectors


class TorchEncoder:
    """float32 on torch: the fallback, and the way to a GPU. Texts of like length share a batch.

    Computes with as many threads as the process has given torch.
    """

    form: Form = "float32"

    def __init__(self, files: ModelFiles, device: str) -> None:
        import torch

        from core.inference.embedding.network import load_network

        self._device = torch.device(device)
        self._network = load_network(files).to(self._device)
        self._dim = files.architecture.dim

    def encode(self, sequences: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        vectors = np.empty((len(sequences), self._dim), np.float32)
        for places in _batches([len(pieces) for pieces in sequences], _BATCH_PIECES[self._device.type]):
            vectors[places] = self._run([sequences[place] for place in places])
        return vectors

    def _run(self, sequences: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        import torch

        width = max(map(len, sequences))
        ids = torch.zeros((len(sequences), width), dtype=torch.long)
        mask = torch.zeros_like(ids)
        for row, pieces in enumerate(sequences):
            ids[row, : len(pieces)] = torch.tensor(pieces)
            mask[row, : len(pieces)] = 1
        with torch.inference_mode():
            found = self._network(ids.to(self._device), mask.to(self._device))
        vectors: NDArray[np.float32] = found.cpu().numpy()
        return vectors


def _batches(lengths: Sequence[int], most_pieces: int) -> list[list[int]]:
    """Places by ascending length; a batch, padded to its longest, has at most so many pieces."""
    batches: list[list[int]] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batches and (len(batches[-1]) + 1) * lengths[place] <= most_pieces:
            batches[-1].append(place)
        else:
            batches.append([place])
    return batches
