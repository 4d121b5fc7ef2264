"""The page about kvcache tells the truth: its examples run, and it names all there is."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
from dataclasses import fields
from inspect import signature
from pathlib import Path
from typing import Any

import kvcache
from kvcache.__main__ import build_parser
from kvcache.block_store import BlockStore
from kvcache.config import CacheConfig
from kvcache.forms import FORMS
from kvcache.policies import POLICIES
from kvcache.tiers import TIERS
from tests.conftest import ROOT
from tests.kvcache.engine.models import VOCABULARY, make_model, save_tokenizer

PAGE = (ROOT / "docs/reference/kvcache.md").read_text(encoding="utf-8")
ENGINE_PAGE = (ROOT / "docs/reference/engine.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


class Model:
    """Pretends that the KV values of a block are its tokens."""

    digest = "model"

    def __init__(self) -> None:
        self.restored: list[list[int]] = []

    def restore(self, blocks: list[list[int]]) -> None:
        self.restored = blocks

    def compute(self, tokens: list[int]) -> list[list[int]]:
        return [tokens[at : at + 64] for at in range(0, len(tokens), 64)]


def test_the_loop_on_the_page_answers_the_same_from_the_cache(tmp_path: Path) -> None:
    names: dict[str, Any] = {
        "model": make_model("llama"),
        "server_secret": b"a secret of the server",
        "folder": tmp_path,
    }
    exec(SNIPPETS[0], names)
    prompt = [token % 290 for token in range(200)]
    answer = names["generate"](prompt, 70)
    assert names["generate"](prompt, 70) == answer
    assert names["generate"]([*prompt, *answer], 3)
    with names["store"] as store:
        assert store.snapshot().cached_tokens == 192 + 256
    assert names["levels"][1].tier.name == "disk"


def test_the_loop_over_the_index_alone_restores_what_it_computed() -> None:
    model, values = Model(), dict[int, list[int]]()
    names: dict[str, Any] = {"model": model, "values": values, "server_secret": b"a secret of the server"}
    exec(SNIPPETS[1], names)
    prompt = list(range(200))
    names["prefill"](prompt, "acme")
    assert model.restored == []
    names["prefill"](prompt, "acme")
    assert [token for block in model.restored for token in block] == prompt[:192]
    names["prefill"](prompt, "other")
    assert model.restored == []


def test_the_engine_on_its_page_answers_and_is_recorded(tmp_path: Path) -> None:
    make_model("llama").save_pretrained(tmp_path)
    save_tokenizer(tmp_path, VOCABULARY)
    (snippet,) = re.findall(r"```python\n(.*?)```", ENGINE_PAGE, re.DOTALL)
    names = {"folder": tmp_path, "server_secret": b"a secret of the server"}
    exec(snippet, names)
    exec(SNIPPETS[-1], names)


def test_the_other_examples_run() -> None:
    for snippet in SNIPPETS[2:-1]:
        exec(snippet, {})


def test_every_policy_setting_and_command_is_named() -> None:
    assert [name for name in POLICIES if f"| `{name}` |" not in PAGE] == []
    assert [field.name for field in fields(CacheConfig) if f"`{field.name}`" not in PAGE] == []
    (commands,) = [action.choices for action in build_parser()._actions if action.choices]
    assert [name for name in commands if f"kvcache {name}" not in PAGE] == []
    assert [name for name in (*TIERS, *FORMS) if f"| `{name}` |" not in PAGE] == []
    settings = list(signature(BlockStore).parameters)[2:]
    assert [name for name in settings if name != "clock" and f"`{name}`" not in PAGE] == []


def test_examples_in_docstrings_run() -> None:
    attempted = 0
    for found in pkgutil.walk_packages(kvcache.__path__, "kvcache."):
        if not found.name.endswith("__main__"):
            outcome = doctest.testmod(importlib.import_module(found.name))
            assert outcome.failed == 0, found.name
            attempted += outcome.attempted
    assert attempted >= 5
