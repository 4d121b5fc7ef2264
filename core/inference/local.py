"""The model in this process, on the KV cache: loaded beside the pages, and ready when it is."""

from __future__ import annotations

import gc
import hashlib
import logging
import os
import shutil
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, ClassVar, Literal

from core.errors import Conflict, Invalid
from core.inference.arm import Arm, Places, Weights
from core.inference.cache_tuning import CacheTuning
from core.inference.engine import (
    EngineHealth,
    EngineIdentity,
    GenerateText,
    InferenceEngine,
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
from core.inference.free_memory import free_memory_bytes
from core.inference.response_cache import CachedEngine
from core.inference.secret_file import read_or_draw
from core.inference.trial import Trial, TrialState
from kvcache.request_log import RequestLog, RequestRecord
from kvcache.segments import Segments

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from kvcache.engine.engine import Engine
    from kvcache.engine.placement import PlacementSnapshot
    from kvcache.engine.request import Answer, GenerationRequest
    from kvcache.engine.ticket import Ticket
    from kvcache.store_metrics import StoreSnapshot

log = logging.getLogger(__name__)

SECRET, TRIAL = "kvcache.secret", "trial"
TRACES, TRACE_BYTES = "traces", 64 << 20
LOAD_SECONDS = 120.0
POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalModel:
    """Which model, where it computes, and the tuning it begins with. `state_dir` keeps blocks and secret.

    `device` may name several, by commas: one replica of the model on each, with `device_mb` there; memory and
    disk are shared out among them.
    """

    folder: Path
    state_dir: Path
    device: str = "cpu"
    dtype: str = "auto"
    threads: int = 1
    block_tokens: int = 64
    tuning: CacheTuning = field(default_factory=CacheTuning)
    redis_url: str | None = None
    redis_form: str = "int8"
    redis_ttl_seconds: float = 86_400.0


@dataclass(frozen=True, slots=True)
class _Loaded:
    arm: Arm
    weights: Weights
    identity: EngineIdentity
    log: RequestLog

    @property
    def tokenizer(self) -> PreTrainedTokenizerBase:
        return self.weights.tokenizer


@dataclass(frozen=True, slots=True)
class KnownPrompt:
    """The text of each token of a prompt, and where its leading blocks rest, one place a block."""

    pieces: tuple[str, ...]
    places: tuple[str, ...]
    block_tokens: int


class Local:
    """A causal model of transformers out of a local folder. Nothing is fetched from anywhere.

    `start` returns at once. Requests that come before the model is loaded wait for it, up to their deadline;
    `health` says that it is warming up. A folder without a usable model makes every request fail with the
    remedy, and the rest of the product works on.
    """

    name: ClassVar[str] = "local"

    def __init__(
        self, model: LocalModel, *, free_memory_bytes: Callable[[], int] = free_memory_bytes
    ) -> None:
        self._model = model
        self._tuning = model.tuning
        self._trial: Trial | None = None
        self._changing = Lock()
        self._routing = Lock()
        self._free_memory_bytes = free_memory_bytes
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

    def tuning(self) -> CacheTuning:
        """What runs now, or will when the model is loaded."""
        return self._tuning

    def tune(self, tuning: CacheTuning) -> None:
        """Go on by another tuning, while requests are answered; nothing that is cached is lost for it.

        What has no room any more goes down before this returns. Before the model is loaded the tuning waits
        for it. Raises Invalid, or Conflict during a trial; then nothing has changed.
        """
        with self._changing:
            if self._trial is not None:
                raise Conflict("A trial compares with what runs now.", remedy="End the trial first.")
            self._check_memory(self._needed_bytes(tuning) - self._held_bytes())
            if self._loaded is not None and not self._is_closed:
                self._loaded.arm.tune(tuning)
            self._tuning = tuning

    def start_trial(self, tuning: CacheTuning, *, share: float = 0.5) -> None:
        """Let a share of the requests be served by arm b: the same model, with caches and queues of its own.

        Arm a is what runs. Arm b begins with an empty cache, has no Redis, and its blocks on disk go when the
        trial ends. A record says which arm served the request. Families are drawn, not requests: those of
        one tenant that begin with the same block stay together.

        Raises Invalid where there is no memory for both, Conflict when a trial runs already, and
        EngineUnavailable or ModelMissing without a model.
        """
        if not 0.0 < share < 1.0:
            raise Invalid("share is above 0 and below 1.")
        with self._changing:
            loaded = self._ready(0.0)
            if self._trial is not None:
                raise Conflict("A trial runs already.", remedy="End it first.")
            promised = max(self._needed_bytes(self._tuning) - self._held_bytes(), 0)
            self._check_memory(promised + self._needed_bytes(tuning))
            trial = _open_trial(self._model, loaded, tuning, share)
            with self._routing:
                self._trial = trial

    def trial(self) -> TrialState | None:
        """The trial under way, and what its arm has done; None if there is none."""
        trial = self._trial
        return None if trial is None else trial.state()

    def end_trial(self) -> None:
        """Send everything to arm a again, and close arm b once it has answered what it had taken.

        Ending when there is none changes nothing.
        """
        self._end_trial(drain=True)

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
        loaded = self._ready(request.deadline_seconds, is_cancelled)
        ticket = self._submit(loaded, request)
        try:
            is_cut = yield from self._follow(ticket, is_cancelled)
            with _translated_errors():
                usage = _usage(ticket.result())
            yield Piece("", 0, replace(usage, finish_reason="cancelled") if is_cut else usage)
        finally:
            ticket.cancel()

    def count_tokens(self, prompt: Prompt) -> int:
        return max(len(_token_ids(self._ready().tokenizer, prompt)), 1)

    def known(self, text: str, tenant: str) -> KnownPrompt:
        """What the cache knows of a plain prompt at this moment. Changes nothing."""
        loaded = self._ready()
        found = loaded.tokenizer(text, split_special_tokens=True, return_offsets_mapping=True, verbose=False)
        pieces, told = [], 0
        for begin, end in found.offset_mapping:  # a character of several tokens belongs to the first
            pieces.append(text[max(begin, told) : end])
            told = max(end, told)
        store = _engine_for(loaded.arm, found.input_ids, tenant).store
        return KnownPrompt(
            pieces=tuple(pieces),
            places=tuple(store.places(found.input_ids, tenant=tenant)),
            block_tokens=store.config.block_tokens,
        )

    def score(self, request: GenerateText, continuations: Sequence[str]) -> tuple[float, ...] | None:
        loaded = self._ready(request.deadline_seconds)
        if not loaded.identity.can_score:
            return None
        prompt = _token_ids(loaded.tokenizer, request.prompt)
        texts = [loaded.tokenizer(text, add_special_tokens=False).input_ids for text in continuations]
        with _translated_errors():
            engine = _engine_for(loaded.arm, prompt, request.tenant)
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
        trial = self._trial
        arms = [loaded.arm] if trial is None else [loaded.arm, trial.arm]
        replicas = [replica for arm in arms for replica in arm.placement.snapshot().replicas.values()]
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
        self._end_trial(drain=False)
        if self._loaded is not None:
            with self._changing:
                self._loaded.arm.close(drain=False)
            self._loaded.log.close()

    def cache_snapshots(self) -> dict[str, StoreSnapshot]:
        """What the cache of each replica has done, that of a trial not; none before the model is loaded."""
        engines = {} if self._loaded is None else self._loaded.arm.engines
        return {name: engine.store.snapshot() for name, engine in engines.items()}

    def placement_snapshot(self) -> PlacementSnapshot | None:
        """Queue, replicas and devices, those of a trial not; None before the model is loaded."""
        return None if self._loaded is None else self._loaded.arm.placement.snapshot()

    def _hand_on(self, record: RequestRecord) -> None:
        for listener in self._listeners:
            listener(record)

    def _load(self) -> None:
        try:
            tuning = self._tuning
            loaded = _load_model(self._model, tuning, self._hand_on)
        except Exception as error:
            log.warning("The local model cannot be used: %s", error)
            self._failure = error
        else:
            with self._changing:
                self._loaded = loaded
                self._catch_up(loaded.arm)
            gc.collect()
            gc.freeze()
        self._is_done.set()

    def _catch_up(self, arm: Arm) -> None:
        """The tuning may have been changed while the model was loaded."""
        try:
            if arm.tuning != self._tuning:
                arm.tune(self._tuning)
        except Invalid as error:
            log.warning("The engine goes on as it began: %s", error)
            self._tuning = arm.tuning

    def _end_trial(self, *, drain: bool) -> None:
        with self._changing:
            with self._routing:
                trial, self._trial = self._trial, None
            if trial is not None:
                trial.end(drain=drain)

    def _needed_bytes(self, tuning: CacheTuning) -> int:
        """What a tuning may take of the machine's memory: blocks on another device are not in it."""
        num_devices = len([name for name in _devices(self._model) if name.startswith("cpu")])
        return (tuning.device_mb * num_devices + tuning.host_mb + tuning.prefetch_mb) << 20

    def _held_bytes(self) -> int:
        return 0 if self._loaded is None else self._loaded.arm.held_memory_bytes()

    def _check_memory(self, num_bytes: int) -> None:
        free = self._free_memory_bytes()
        if num_bytes > free:
            raise Invalid(
                f"That takes {num_bytes >> 20:,} MiB more memory than now, and {free >> 20:,} MiB are free.",
                remedy="Lower device_mb, host_mb or prefetch_mb.",
            )

    def _submit(self, loaded: _Loaded, request: GenerateText) -> Ticket:
        asked = self._as_tokens(loaded, request)
        with self._routing:  # so that no request comes to an arm that is being closed
            trial = self._trial
            if trial is not None and trial.takes(asked):
                return _submit_to(trial.arm, replace(asked, arm="b"), request)
        return _submit_to(loaded.arm, asked if trial is None else replace(asked, arm="a"), request)

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
            asked = self._as_tokens(loaded, request)
            with self._routing:
                trial = self._trial
                if trial is not None and trial.takes(asked):
                    _hint_to(trial.arm, asked, is_coming=is_coming)
                    continue
            _hint_to(loaded.arm, asked, is_coming=is_coming)


def local_engine(engine: InferenceEngine) -> Local | None:
    """The model in this process, whether or not its answers are kept; None where another process has it."""
    if isinstance(engine, CachedEngine):
        engine = engine.engine
    return engine if isinstance(engine, Local) else None


def _load_model(model: LocalModel, tuning: CacheTuning, hand_on: Callable[[RequestRecord], None]) -> _Loaded:
    """Everything that a local model needs. Heavy imports happen here, not when the product starts."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch
    from transformers.utils import logging as transformers_logging

    from kvcache.engine.loading import load_model
    from kvcache.engine.model_shape import fingerprint_of, shape_of

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    torch.set_num_threads(model.threads)
    models: dict[str, PreTrainedModel] = {}
    for number, device in enumerate(_devices(model)):
        loaded, tokenizer = load_model(model.folder, device=device, dtype=model.dtype)
        models[device if device not in models else f"{device} {number}"] = loaded
    fingerprint = fingerprint_of(loaded)
    weights = Weights(models=models, tokenizer=tokenizer, shape=shape_of(loaded), fingerprint=fingerprint)
    identity = EngineIdentity(
        engine=Local.name,
        model=model.folder.name,
        fingerprint=_identity_digest(fingerprint, tokenizer),
        context_tokens=weights.shape.max_tokens,
        counts_exactly=True,
        can_score=not weights.shape.has_states,
    )
    log = RequestLog(
        read_or_draw(model.state_dir / SECRET),
        model=fingerprint,
        block_tokens=model.block_tokens,
        segments=Segments(model.state_dir / TRACES, "trace", max_bytes=TRACE_BYTES),
        hand_on=hand_on,
    )
    arm = Arm(weights, _places(model), tuning, observe=log.observe)
    shutil.rmtree(model.state_dir / TRIAL, ignore_errors=True)  # of a process that was killed
    return _Loaded(arm, weights, identity, log)


def _open_trial(model: LocalModel, loaded: _Loaded, tuning: CacheTuning, share: float) -> Trial:
    folder = model.state_dir / TRIAL
    folder.mkdir(mode=0o700, exist_ok=True)
    places = replace(_places(model), folder=folder, redis_url=None)
    arm = Arm(loaded.weights, places, tuning, observe=loaded.log.observe, beside=loaded.arm)
    return Trial(arm, share=share, block_tokens=model.block_tokens, folder=folder)


def _places(model: LocalModel) -> Places:
    return Places(
        folder=model.state_dir,
        secret=read_or_draw(model.state_dir / SECRET),
        block_tokens=model.block_tokens,
        redis_url=model.redis_url,
        redis_form=model.redis_form,
        redis_ttl_seconds=model.redis_ttl_seconds,
    )


def _devices(model: LocalModel) -> list[str]:
    return [device.strip() for device in model.device.split(",")]


def _submit_to(arm: Arm, asked: GenerationRequest, request: GenerateText) -> Ticket:
    from kvcache.engine.ticket import Priority

    with _translated_errors():
        return arm.placement.submit(
            asked, priority=Priority[request.priority.name], deadline_seconds=request.deadline_seconds
        )


def _hint_to(arm: Arm, asked: GenerationRequest, *, is_coming: bool) -> None:
    if is_coming:
        store = _engine_for(arm, asked.prompt, asked.tenant).store
        store.announce(asked.prompt, tenant=asked.tenant)
        return
    for store in arm.stores:
        store.withdraw(asked.prompt, tenant=asked.tenant)


def _engine_for(arm: Arm, prompt: Sequence[int], tenant: str) -> Engine:
    """The replica that a request for this prompt would go to now."""
    from kvcache.engine.request import GenerationRequest

    with _translated_errors():
        asked = GenerationRequest(prompt=tuple(prompt), max_new_tokens=1, tenant=tenant)
    ranked = arm.placement.ranked(asked)
    return ranked[0].engine if ranked else next(iter(arm.engines.values()))


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
