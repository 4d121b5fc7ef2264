"""A model and its tokenizer out of a local folder, as Hugging Face writes one. Nothing is fetched."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from kvcache.engine.errors import ModelNotFound, UnusableModel
from kvcache.forms.layout import DTYPES

SAME_AS_STORED = "auto"


def load_model(
    folder: Path, *, device: str = "cpu", dtype: str = SAME_AS_STORED
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The model on its device, ready to answer, and its tokenizer.

    Code that a folder brings along is never run, and weights are read from safetensors only. Raises
    ModelNotFound, or UnusableModel where config, weights and tokenizer are damaged or do not fit together.
    """
    if dtype != SAME_AS_STORED and dtype not in DTYPES:
        raise UnusableModel(f"dtype is {SAME_AS_STORED}, or one of: {', '.join(DTYPES)}.")
    if not (folder / "config.json").is_file():
        raise ModelNotFound(
            f"There is no model in {folder}. Name a folder with config.json, tokenizer and safetensors "
            "weights."
        )
    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        model = AutoModelForCausalLM.from_pretrained(
            folder,
            config=config,
            dtype=DTYPES.get(dtype, SAME_AS_STORED),
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
        )
    except Exception as error:
        raise UnusableModel(f"The model in {folder} cannot be loaded: {_first_line(error)}") from error
    tokenizer = _load_tokenizer(folder, model)
    try:
        torch.nn.Module.to(model, torch.device(device))
    except (RuntimeError, AssertionError) as error:
        raise UnusableModel(f"The model does not go to {device}: {_first_line(error)}") from error
    return model.eval(), tokenizer


def _load_tokenizer(folder: Path, model: PreTrainedModel) -> PreTrainedTokenizerBase:
    try:
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
    except Exception as error:
        raise UnusableModel(f"The tokenizer in {folder} cannot be loaded: {_first_line(error)}") from error
    known = int(model.config.get_text_config(decoder=True).vocab_size)
    if len(tokenizer) > known:
        raise UnusableModel(
            f"The tokenizer in {folder} has {len(tokenizer):,} tokens, the model {known:,}: they do not "
            "belong together."
        )
    return tokenizer


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
