"""The model in this process, on the KV cache: loaded beside the pages, and ready when it is."""

from __future__ import annotations

import gc
import hashlib
import logging
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, ClassVar, Literal

from core.inference.engine import (
    EngineHealth,
    EngineIdentity,
    GenerateText,
    Message,
    Piece,
    Prompt,
    Usage,
    never,
    prompt_text,
)
from core.inference.errors import (
    DeadlinePassed,
    EngineFailed,
    EngineUnavailable,
    ModelMissing,
    Overloaded,
    PromptTooLong,
)
from core.inference.secret_file import read_or_draw
from kvcache.request_log import RequestLog, RequestRecord
from kvcache.segments import Segments

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from kvcache.engine.engine import Engine
    from kvcache.engine.placement import Placement, PlacementSnapshot
    from kvcache.engine.request import Answer, GenerationRequest
    from kvcache.engine.snapshots import Snapshots
    from kvcache.engine.ticket import Ticket
    from kvcache.level import Level
    from kvcache.store_metrics import StoreSnapshot

log = logging.getLogger(__name__)

TRACES, TRACE_BYTES = "traces", 64 << 20
LOAD_SECONDS = 120.0
POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalModel:
    """Which model, where it computes, what its cache may take. `state_dir` keeps blocks and secret.

    `device` may name several, by commas: one replica of the model on each, with `device_mb` there; memory and
    disk are shared out among them.
    """

    folder: Path
    state_dir: Path
    device: str = "cpu"
    dtype: str = "auto"
    threads: int = 1
    policy: str = "adaptive"
    block_tokens: int = 64
    device_mb: int = 256
    host_mb: int = 256
    host_form: str = "raw"
    disk_mb: int = 1024
    disk_form: str = "split"
    redis_url: str | None = None
    redis_form: str = "int8"
    redis_ttl_seconds: float = 86_400.0
    write: Literal["cache-aside", "write-through", "write-back"] = "write-back"
    loss_window_seconds: float = 5.0
    max_batch: int = 8
    max_waiting: int = 1024


@dataclass(frozen=True, slots=True)
class _Loaded:
    engines: dict[str, Engine]
    placement: Placement
    tokenizer: PreTrainedTokenizerBase
    identity: EngineIdentity
    log: RequestLog


class Local:
    """A causal model of transformers out of a local folder. Nothing is fetched from anywhere.

    `start` returns at once. Requests that come before the model is loaded wait for it, up to their deadline;
    `health` says that it is warming up. A folder without a usable model makes every request fail with the
    remedy, and the rest of the product works on.
    """

    name: ClassVar[str] = "local"

    def __init__(self, model: LocalModel) -> None:
        self._model = model
        self._loaded: _Loaded | None = None
        self._failure: Exception | None = None
        self._is_done = Event()
        self._is_closed = False
        self._lock = Lock()
        self._thread: Thread | None = None
        self._listeners: list[Callable[[RequestRecord], None]] = []

    def subscribe(self, listener: Callable[[RequestRecord], None]) -> None:
        """Have `listener` called with the record of each request at its end, from now on; it is quick."""
        self._listeners.append(listener)

    def tenant_id(self, tenant: str) -> int | None:
        """How records name a tenant; None before the model is loaded."""
        return None if self._loaded is None else self._loaded.log.tenant_id(tenant)

    def start(self) -> None:
        """Begin to load the model in a thread of its own. Starting again changes nothing."""
        with self._lock:
            if self._thread is None and not self._is_closed:
                self._thread = Thread(target=self._load, name="model-loader", daemon=True)
                self._thread.start()

    def identity(self) -> EngineIdentity:
        return self._ready().identity

    def generate(
        self, request: GenerateText, *, is_cancelled: Callable[[], bool] = never
    ) -> Generator[Piece, None, None]:
        from kvcache.engine.ticket import Priority

        loaded = self._ready(request.deadline_seconds, is_cancelled)
        asked = self._as_tokens(loaded, request)
        with _translated_errors():
            ticket = loaded.placement.submit(
                asked,
                priority=Priority[request.priority.name],
                deadline_seconds=request.deadline_seconds,
            )
        try:
            is_cut = yield from self._follow(ticket, is_cancelled)
            with _translated_errors():
                usage = _usage(ticket.result())
            yield Piece("", 0, replace(usage, finish_reason="cancelled") if is_cut else usage)
        finally:
            ticket.cancel()

    def count_tokens(self, prompt: Prompt) -> int:
        return max(len(_token_ids(self._ready().tokenizer, prompt)), 1)

    def score(self, request: GenerateText, continuations: Sequence[str]) -> tuple[float, ...] | None:
        loaded = self._ready(request.deadline_seconds)
        if not loaded.identity.can_score:
            return None
        prompt = _token_ids(loaded.tokenizer, request.prompt)
        texts = [loaded.tokenizer(text, add_special_tokens=False).input_ids for text in continuations]
        with _translated_errors():
            engine = _engine_for(loaded, prompt, request.tenant)
            return engine.score(prompt, texts, tenant=request.tenant)

    def announce(self, requests: Sequence[GenerateText]) -> None:
        self._hint(requests, is_coming=True)

    def withdraw(self, requests: Sequence[GenerateText]) -> None:
        self._hint(requests, is_coming=False)

    def health(self) -> EngineHealth:
        if self._failure is not None:
            return EngineHealth(state="unhealthy", detail=str(self._failure))
        loaded = self._loaded
        if loaded is None:
            return EngineHealth(state="warning", detail="The model is being loaded.")
        replicas = loaded.placement.snapshot().replicas.values()
        num_healthy = sum(replica.is_healthy for replica in replicas)
        state: Literal["healthy", "warning", "unhealthy"] = "healthy"
        if num_healthy < len(replicas):
            state = "warning" if num_healthy else "unhealthy"
        return EngineHealth(
            state=state,
            detail=loaded.identity.model,
            num_running=sum(replica.scheduler.running for replica in replicas),
            num_waiting=sum(sum(replica.scheduler.waiting.values()) for replica in replicas),
        )

    def close(self) -> None:
        """End what runs, and write what is not written yet."""
        with self._lock:
            self._is_closed = True
            thread = self._thread
        if thread is not None:
            thread.join()
        if self._loaded is not None:
            self._loaded.placement.close(drain=False)
            for engine in self._loaded.engines.values():
                engine.store.close()
            self._loaded.log.close()

    def cache_snapshots(self) -> dict[str, StoreSnapshot]:
        """What the cache of each replica has done; none before the model is loaded."""
        engines = {} if self._loaded is None else self._loaded.engines
        return {name: engine.store.snapshot() for name, engine in engines.items()}

    def placement_snapshot(self) -> PlacementSnapshot | None:
        """Queue, replicas and devices; None before the model is loaded."""
        return None if self._loaded is None else self._loaded.placement.snapshot()

    def _hand_on(self, record: RequestRecord) -> None:
        for listener in self._listeners:
            listener(record)

    def _load(self) -> None:
        try:
            loaded = _load_model(self._model, self._hand_on)
        except Exception as error:
            log.warning("The local model cannot be used: %s", error)
            self._failure = error
        else:
            with self._lock:
                self._loaded = loaded
            gc.collect()
            gc.freeze()
        self._is_done.set()

    def _ready(
        self, deadline_seconds: float | None = None, is_cancelled: Callable[[], bool] = never
    ) -> _Loaded:
        """The loaded model, waiting for it. Raises EngineUnavailable, ModelMissing."""
        self.start()
        left = LOAD_SECONDS if deadline_seconds is None else min(deadline_seconds, LOAD_SECONDS)
        while not self._is_done.wait(min(POLL_SECONDS, left)) and left > 0 and not is_cancelled():
            left -= POLL_SECONDS
        if self._failure is not None:
            raise ModelMissing(
                "The local model cannot be used.",
                remedy=f"{self._failure} Set model_folder, or choose another engine.",
            ) from self._failure
        if self._loaded is None or self._is_closed:
            raise EngineUnavailable(
                "The model is still being loaded.", remedy="Try again in a moment.", retry_after_seconds=2.0
            )
        return self._loaded

    def _as_tokens(self, loaded: _Loaded, request: GenerateText) -> GenerationRequest:
        from kvcache.engine.request import GenerationRequest, Sampling

        with _translated_errors():
            return GenerationRequest(
                prompt=tuple(_token_ids(loaded.tokenizer, request.prompt)),
                max_new_tokens=request.max_new_tokens,
                sampling=Sampling(
                    temperature=request.temperature,
                    top_p=request.top_p,
                    top_k=request.top_k,
                    repetition_penalty=request.repetition_penalty,
                    seed=request.seed,
                ),
                tenant=request.tenant,
                stop=request.stop,
                may_truncate=request.may_truncate,
                label=request.label,
            )

    def _follow(self, ticket: Ticket, is_cancelled: Callable[[], bool]) -> Generator[Piece, None, bool]:
        """The text as it comes, looking now and then whether it is still wanted; whether it was cancelled.

        What was computed faster than it was read may be whole by then: its reader has less all the same.
        """
        given = 0
        while not is_cancelled():
            try:
                with _translated_errors():
                    for text in islice(ticket.pieces(POLL_SECONDS), given, None):
                        given += 1
                        yield Piece(text)
                        if is_cancelled():
                            break
                    else:
                        return False
            except TimeoutError:
                continue
        ticket.cancel()
        return True

    def _hint(self, requests: Sequence[GenerateText], *, is_coming: bool) -> None:
        loaded = self._loaded
        if loaded is None:
            return
        for request in requests:
            prompt = _token_ids(loaded.tokenizer, request.prompt)
            if is_coming:
                _engine_for(loaded, prompt, request.tenant).store.announce(prompt, tenant=request.tenant)
                continue
            for engine in loaded.engines.values():
                engine.store.withdraw(prompt, tenant=request.tenant)


def _load_model(model: LocalModel, hand_on: Callable[[RequestRecord], None]) -> _Loaded:
    """Everything that a local model needs. Heavy imports happen here, not when the product starts."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch
    from transformers.utils import logging as transformers_logging

    from kvcache.engine.loading import load_model
    from kvcache.engine.model_shape import fingerprint_of
    from kvcache.engine.placement import Placement

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    torch.set_num_threads(model.threads)
    devices = [device.strip() for device in model.device.split(",")]
    engines: dict[str, Engine] = {}
    for number, device in enumerate(devices):
        loaded, tokenizer = load_model(model.folder, device=device, dtype=model.dtype)
        fingerprint = fingerprint_of(loaded)
        name = device if device not in engines else f"{device} {number}"
        engines[name] = _engine_on(model, loaded, tokenizer, fingerprint, device, number, len(devices))
    shape = next(iter(engines.values())).shape
    identity = EngineIdentity(
        engine=Local.name,
        model=model.folder.name,
        fingerprint=_identity_digest(fingerprint, tokenizer),
        context_tokens=shape.max_tokens,
        counts_exactly=True,
        can_score=not shape.has_states,
    )
    log = RequestLog(
        read_or_draw(model.state_dir / "kvcache.secret"),
        model=fingerprint,
        block_tokens=model.block_tokens,
        segments=Segments(model.state_dir / TRACES, "trace", max_bytes=TRACE_BYTES),
        hand_on=hand_on,
    )
    placement = Placement(
        engines, max_batch=model.max_batch, max_waiting=model.max_waiting, observe=log.observe
    )
    return _Loaded(engines, placement, tokenizer, identity, log)


def _engine_on(
    model: LocalModel,
    loaded: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    fingerprint: str,
    device: str,
    number: int,
    num_replicas: int,
) -> Engine:
    """The replica of this number on its device, with a cache of its own."""
    from kvcache.block_store import BlockStore
    from kvcache.config import CacheConfig
    from kvcache.engine.engine import Engine
    from kvcache.engine.model_shape import shape_of

    shape = shape_of(loaded)
    layout = shape.layout(model.block_tokens)
    secret = read_or_draw(model.state_dir / "kvcache.secret")
    config = CacheConfig(
        capacity_blocks=max(model.device_mb * 2**20 // layout.num_bytes, 1),
        salt=secret,
        fingerprint=fingerprint,
        block_tokens=model.block_tokens,
        policy=model.policy,
        bytes_per_block=layout.num_bytes,
    )
    mark = f"_{number}" if number else ""
    store = BlockStore(
        config,
        layout,
        levels=_levels(model, secret, model.state_dir / f"kvcache{mark}", num_replicas),
        device=device,
        write=model.write,
        loss_window_seconds=model.loss_window_seconds,
        status_file=model.state_dir / f"kvcache_status{mark}.json",
    )
    return Engine(loaded, store, tokenizer=tokenizer, shape=shape, snapshots=_snapshots(model))


def _levels(model: LocalModel, secret: bytes, folder: Path, num_replicas: int) -> list[Level]:
    """The tiers below the device that the settings give room to; replicas share the room."""
    from kvcache.level import Level
    from kvcache.tiers import DiskTier, HostTier, RedisTier

    levels = []
    if model.host_mb:
        levels.append(Level(HostTier(model.host_mb * 2**20 // num_replicas), model.host_form))
    if model.disk_mb:
        tier = DiskTier(folder, model.disk_mb * 2**20 // num_replicas, secret)
        levels.append(Level(tier, model.disk_form))
    if model.redis_url is not None:
        shared = RedisTier(model.redis_url, secret, "blatam", model.redis_ttl_seconds)
        levels.append(Level(shared, model.redis_form))
    return levels


def _snapshots(model: LocalModel) -> Snapshots:
    from kvcache.engine.snapshots import Snapshots
    from kvcache.level import Level
    from kvcache.tiers import HostTier

    return Snapshots([Level(HostTier(max(model.host_mb, 16) * 2**20), "raw")])


def _engine_for(loaded: _Loaded, prompt: Sequence[int], tenant: str) -> Engine:
    """The replica that a request for this prompt would go to now."""
    from kvcache.engine.request import GenerationRequest

    with _translated_errors():
        asked = GenerationRequest(prompt=tuple(prompt), max_new_tokens=1, tenant=tenant)
    ranked = loaded.placement.ranked(asked)
    return ranked[0].engine if ranked else next(iter(loaded.engines.values()))


def _token_ids(tokenizer: PreTrainedTokenizerBase, prompt: Prompt) -> list[int]:
    """Token ids of a prompt. Text cannot spell a special token: who writes it writes characters."""
    if isinstance(prompt, str):
        return _plain_ids(tokenizer, prompt)
    if tokenizer.chat_template is None:
        return _plain_ids(tokenizer, prompt_text(prompt))
    turns = [{"role": turn.role, "content": _without_special(tokenizer, turn)} for turn in prompt]
    text = tokenizer.apply_chat_template(turns, add_generation_prompt=True, tokenize=False)
    ids: list[int] = tokenizer(str(text), add_special_tokens=False, verbose=False).input_ids
    return ids


def _plain_ids(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    ids: list[int] = tokenizer(text, split_special_tokens=True, verbose=False).input_ids
    return ids


def _without_special(tokenizer: PreTrainedTokenizerBase, turn: Message) -> str:
    """What a document says is no instruction to the template: its special tokens are broken up."""
    content = turn.content
    for special in tokenizer.all_special_tokens:
        content = content.replace(special, f"{special[:1]} {special[1:]}")
    return content


def _identity_digest(fingerprint: str, tokenizer: PreTrainedTokenizerBase) -> str:
    digest = hashlib.blake2b(fingerprint.encode(), digest_size=16)
    digest.update(repr(sorted(tokenizer.get_vocab().items())).encode())
    digest.update(repr(tokenizer.chat_template).encode())
    return digest.hexdigest()


def _usage(answer: Answer) -> Usage:
    used = answer.usage
    return Usage(
        prompt_tokens=used.prompt_tokens,
        new_tokens=used.new_tokens,
        finish_reason=answer.finish_reason,
        first_piece_seconds=used.first_token_seconds,
        seconds=used.seconds,
        cached_tokens=used.cached_tokens,
        truncated_tokens=used.truncated_tokens,
    )


@contextmanager
def _translated_errors() -> Iterator[None]:
    """The library's errors as the product's."""
    from kvcache.engine import errors

    try:
        yield
    except (errors.InvalidRequest, errors.TooLarge) as error:
        raise PromptTooLong("The prompt does not fit the model.", remedy=str(error)) from error
    except errors.Overloaded as error:
        raise Overloaded(str(error), retry_after_seconds=error.retry_after_seconds) from error
    except errors.DeadlinePassed as error:
        raise DeadlinePassed(str(error)) from error
    except (errors.SchedulerClosed, errors.ReplicaFailed) as error:
        raise EngineUnavailable(str(error), remedy="Try again.") from error
    except errors.EngineError as error:
        raise EngineFailed(str(error)) from error
