"""The int8 form of a model: exported once, quantised, kept in a folder with its hash.

Weights are 8 bit for each output channel, activations 8 bit chosen while running (onnxruntime's dynamic
quantisation). Weights keep to 7 of the 8 bits, so that processors without VNNI do not overflow.
"""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.inference.embedding.model_files import ModelFiles

FORM_VERSION = 1
"""Changes with the way the file is made, because vectors change with it."""

MODEL, MANIFEST = "model.onnx", "manifest.json"
_OPSET = 17


def quantised_file(files: ModelFiles, folder: Path) -> Path:
    """The int8 ONNX file of this model below `folder`; made where it is missing or does not fit its hash.

    Several processes may ask at once: each makes its own, the first to finish is kept. Raises ImportError
    without onnx and onnxruntime, OSError without room, RuntimeError where the export fails.
    """
    place = folder / f"{files.digest[:16]}-int8-{FORM_VERSION}"
    if not _is_whole(place):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".making-", ignore_cleanup_errors=True) as made:
            _make(files, Path(made))
            _put_in_place(Path(made), place)
    return place / MODEL


def _is_whole(place: Path) -> bool:
    try:
        manifest = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
        return bool(manifest["sha256"] == _sha256(place / MODEL))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _make(files: ModelFiles, folder: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    plain = folder / "float32.onnx"
    _export(files, plain)
    with _quiet_root_logger():
        quantize_dynamic(
            plain, folder / MODEL, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True
        )
    plain.unlink()
    manifest = {"sha256": _sha256(folder / MODEL), "model": files.digest, "form_version": FORM_VERSION}
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")


def _export(files: ModelFiles, file: Path) -> None:
    import torch
    from torch.jit._trace import TracerWarning

    from core.inference.embedding.network import load_network

    example = torch.ones(2, 8, dtype=torch.long)
    pieces = {0: "texts", 1: "pieces"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the newer exporter needs onnxscript
        warnings.simplefilter("ignore", TracerWarning)
        torch.onnx.export(
            load_network(files),
            (example, example),
            str(file),
            dynamo=False,
            opset_version=_OPSET,
            input_names=["ids", "mask"],
            output_names=["vectors"],
            dynamic_axes={"ids": pieces, "mask": pieces, "vectors": {0: "texts"}},
        )


@contextmanager
def _quiet_root_logger() -> Iterator[None]:
    """onnxruntime advises through the root logger to prepare the model first, which changes nothing here."""
    root = logging.getLogger()

    def is_ours(record: logging.LogRecord) -> bool:
        return "pre-processing before quantization" not in record.getMessage()

    root.addFilter(is_ours)
    try:
        yield
    finally:
        root.removeFilter(is_ours)


def _put_in_place(made: Path, place: Path) -> None:
    """By one rename, so that nobody sees half a model; what another process has put there meanwhile stays."""
    if _is_whole(place):
        return
    if place.exists():
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=".stale-") as stale:
            place.rename(Path(stale) / place.name)
    try:
        made.rename(place)
    except OSError:  # another process was first
        if not _is_whole(place):
            raise
