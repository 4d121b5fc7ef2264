"""Any causal language model of transformers, computing only what the block store does not know."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from threading import Lock
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel
from transformers.cache_utils import Cache, DummyLayer, LinearAttentionLayer

from kvcache.block_store import BlockStore
from kvcache.engine.errors import InvalidRequest, OutOfDeviceMemory, UnusableModel
from kvcache.engine.generation import Generation
from kvcache.engine.layers import ATTENTION, BufferedLayer, RowsLayer, buffered, register
from kvcache.engine.model_shape import LINEAR, NONE, ModelShape, shape_of
from kvcache.engine.request import Answer, GenerationRequest
from kvcache.engine.sampling import Sampler
from kvcache.engine.snapshots import Snapshots
from kvcache.engine.text_stream import TextStream, Tokenizer
from kvcache.metrics import Histogram
from kvcache.open_prompt import OpenPrompt

LEAST_CHUNK_TOKENS = 16


class EngineCounters:
    """Counters of one engine, written under its lock."""

    def __init__(self) -> None:
        self.requests = 0
        self.prefilled_tokens = 0
        self.reused_tokens = 0
        self.new_tokens = 0
        self.decode_steps = 0
        self.out_of_memory = 0
        self.first_token_ms = Histogram()
        self.step_ms = Histogram()


class Engine:
    """Takes requests from prompt to answer in steps that a scheduler can interleave.

    `begin` brings together what is known, `prefill` computes the rest in chunks and chooses the first token,
    `publish` keeps the prompt for others, `decode` adds a token to each of several generations at once,
    `finish` writes back. `generate` does all of it for one request. Steps of one engine run one after the
    other, whoever calls them.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        store: BlockStore,
        *,
        tokenizer: Tokenizer | None = None,
        shape: ModelShape | None = None,
        snapshots: Snapshots | None = None,
        snapshot_blocks: int = 8,
        chunk_tokens: int = 512,
        stop_tokens: Sequence[int] = (),
        turns: Lock | None = None,
    ) -> None:
        """`snapshots` are needed by models with states; `stop_tokens` end every answer.

        Several engines may drive one model at once. Where `changes_in_forward(model)` they need the same
        `turns`, so that their steps too run one after the other.
        """
        self.model = model.eval()
        self.store = store
        self.tokenizer = tokenizer
        self.shape = shape or shape_of(model)
        if self.shape.layout(store.config.block_tokens) != store.layout:
            raise UnusableModel(
                "The store was made for blocks of another model; make it with shape.layout()."
            )
        self.counters = EngineCounters()
        self._snapshots = snapshots or Snapshots([])
        self._snapshot_tokens = snapshot_blocks * store.config.block_tokens
        self._chunk_tokens = chunk_tokens
        self._stop_tokens = frozenset(stop_tokens) | _end_tokens(model)
        self._can_batch = not self.shape.has_states
        self.turns = turns or Lock()
        register()
        self.model.set_attn_implementation(ATTENTION)

    def generate(
        self, request: GenerationRequest, is_cancelled: Callable[[], bool] = lambda: False
    ) -> Generator[str, None, Answer]:
        """The answer piece by piece; the generator returns it whole as an `Answer`.

        What was computed is kept when it is cancelled, or when the reader stops reading.
        """
        generation = self.begin(request)
        try:
            yield from self._steps(generation, is_cancelled)
        except GeneratorExit:
            generation.finish_reason = generation.finish_reason or "cancelled"
            self.finish(generation)
            raise
        except BaseException:
            self.abandon(generation)
            raise
        self.finish(generation)
        yield generation.text.end()
        return generation.as_answer()

    def _steps(self, generation: Generation, is_cancelled: Callable[[], bool]) -> Iterator[str]:
        while not is_cancelled():
            if self.prefill(generation):
                break
        while generation.finish_reason is None:
            if is_cancelled():
                generation.finish_reason = "cancelled"
                break
            yield generation.fresh_text
            self.publish(generation)
            self.decode([generation])
        yield generation.fresh_text

    def answer(self, request: GenerationRequest) -> Answer:
        """The whole answer at once."""
        pieces = self.generate(request)
        while True:
            try:
                next(pieces)
            except StopIteration as end:
                answer: Answer = end.value
                return answer

    def begin(self, request: GenerationRequest) -> Generation:
        """Bring together what is known of the prompt. Raises InvalidRequest."""
        begun_at = time.perf_counter()
        prompt = self.fitted(request)
        sampler = Sampler(request.sampling, self.shape.vocabulary)
        sampler.has_seen(prompt)
        opened = self.store.open(
            prompt, tenant=request.tenant, room_tokens=len(prompt) + request.max_new_tokens
        )
        try:
            cache, num_reused = self._restore(opened, prompt)
        except BaseException:
            opened.close()
            raise
        self.counters.requests += 1
        self.counters.reused_tokens += num_reused
        return Generation(
            request=request,
            prompt=prompt,
            opened=opened,
            cache=cache,
            num_computed=num_reused,
            num_reused=num_reused,
            sampler=sampler,
            text=TextStream(self.tokenizer, request.stop),
            begun_at=begun_at,
        )

    def prefill(self, generation: Generation) -> bool:
        """Compute the next chunk of the prompt; whether that was the last, and the first token is chosen."""
        if generation.is_prefilled:
            return True
        started = time.perf_counter()
        with self.turns:
            logits = self._prefill_chunk(generation)
            generation.prefill_seconds += time.perf_counter() - started
            if generation.num_to_prefill > 0:
                return False
            self._choose(generation, logits)
        generation.first_token_seconds = time.perf_counter() - generation.begun_at
        self.counters.first_token_ms.add(generation.first_token_seconds * 1e3)
        return True

    def decode(self, generations: Sequence[Generation]) -> None:
        """One more token for each of these prefilled, unfinished generations."""
        started = time.perf_counter()
        with self.turns:
            if self._can_batch and len(generations) > 1:
                logits = self._decode_rows(generations)
            else:
                logits = torch.cat([self._decode_one(generation) for generation in generations])
            for generation, scores in zip(generations, logits, strict=True):
                self._choose(generation, scores)
            self.counters.decode_steps += 1
            self.counters.new_tokens += len(generations)
        self.counters.step_ms.add((time.perf_counter() - started) * 1e3)

    def publish(self, generation: Generation) -> None:
        """Keep the prompt once it is computed: others need not wait for the end of its answer to hit it.

        Its slots are let go, since the answer goes on in the buffer. Publishing again changes nothing.
        """
        if generation.is_published or not generation.is_prefilled or generation.opened.is_closed:
            return
        generation.is_published = True
        try:
            generation.opened.keep(
                num_tokens=len(generation.prompt), compute_seconds=generation.prefill_seconds
            )
        finally:
            generation.opened.share()

    def finish(self, generation: Generation) -> None:
        """Keep what was computed, and let go. Finishing again changes nothing."""
        opened = generation.opened
        is_timed = generation.is_prefilled and not generation.is_published
        try:
            if not opened.is_kept and not opened.is_closed:
                num_tokens = max(generation.num_computed, opened.num_cached_tokens)
                opened.keep(
                    answer=generation.answer,
                    num_tokens=num_tokens,
                    compute_seconds=generation.prefill_seconds if is_timed else None,
                )
        finally:
            opened.close()

    def score(
        self, prompt: Sequence[int], continuations: Sequence[Sequence[int]], *, tenant: str = ""
    ) -> tuple[float, ...]:
        """The log-likelihood of each continuation as what comes after the prompt, all its tokens together.

        Raises InvalidRequest, and UnusableModel for a model with states, which cannot go back.
        """
        if self.shape.has_states:
            raise UnusableModel("A model with states cannot go back to the end of a prompt, nor score.")
        longest = max(map(len, continuations), default=0)
        if not longest or not all(continuations):
            raise InvalidRequest("Give continuations of at least one token each.")
        for continuation in continuations:
            self._check_tokens(tuple(continuation))
        request = GenerationRequest(prompt=tuple(prompt), max_new_tokens=longest, tenant=tenant)
        generation = self.begin(request)
        try:
            scores = tuple(self._score(generation, continuation) for continuation in continuations)
        except BaseException:
            self.abandon(generation)
            raise
        self.finish(generation)
        return scores

    def abandon(self, generation: Generation) -> None:
        """Let go and keep no more, after an error: what it computed is not to be trusted."""
        generation.opened.close()

    def rewind(self, generation: Generation, num_tokens: int) -> None:
        """Forget all but the first tokens. A model with states cannot: its states have moved on."""
        for layer in generation.cache.layers:
            if isinstance(layer, BufferedLayer):
                layer.rewind(num_tokens)
        generation.num_computed = num_tokens

    def fitted(self, request: GenerationRequest) -> tuple[int, ...]:
        """The prompt, without its beginning where that is too long and may go. Raises InvalidRequest."""
        prompt = self._without_beginning(request)
        self._check_tokens(prompt)
        return prompt

    def _without_beginning(self, request: GenerationRequest) -> tuple[int, ...]:
        most = self.shape.max_tokens - request.max_new_tokens
        if len(request.prompt) <= most:
            return request.prompt
        if most < 1:
            raise InvalidRequest(
                f"max_new_tokens {request.max_new_tokens:,} leaves no room for a prompt; the model sees "
                f"{self.shape.max_tokens:,} tokens."
            )
        if not request.may_truncate:
            raise InvalidRequest(
                f"The prompt has {len(request.prompt):,} tokens; beside {request.max_new_tokens:,} new ones "
                f"the model sees at most {most:,}. Shorten it, or allow it to be truncated."
            )
        return request.prompt[-most:]

    def _check_tokens(self, prompt: tuple[int, ...]) -> None:
        if min(prompt) < 0 or max(prompt) >= self.shape.vocabulary:
            raise InvalidRequest(
                f"Token ids are 0 to {self.shape.vocabulary - 1:,}; the tokenizer is not of this model."
            )

    def _restore(self, opened: OpenPrompt, prompt: tuple[int, ...]) -> tuple[Cache, int]:
        """A fresh cache in the state after the known prefix, and how many tokens that is."""
        known, states = opened.num_cached_tokens, dict[int, LinearAttentionLayer]()
        if self.shape.has_states:
            known, states = self._nearest_snapshot(opened)
        layers: list[Any] = []
        row = 0
        for number, layer in enumerate(self.shape.layers):
            if layer.kind == NONE:
                layers.append(DummyLayer())
                continue
            if layer.kind == LINEAR:
                layers.append(states.get(number) or LinearAttentionLayer())
                continue
            layers.append(buffered(opened.buffer[row], known, layer.window))
            row += 1
        return Cache(layers=layers), known

    def _nearest_snapshot(self, opened: OpenPrompt) -> tuple[int, dict[int, LinearAttentionLayer]]:
        blocks, block_tokens = opened.lease.blocks, self.store.config.block_tokens
        for num_blocks in range(opened.num_cached_tokens // block_tokens, 0, -1):
            key, tokens = blocks.keys[num_blocks - 1], blocks.tokens[num_blocks - 1]
            states = self._snapshots.get(key, tokens, self.model.device)
            if states is not None:
                return num_blocks * block_tokens, states
        return 0, {}

    def _prefill_chunk(self, generation: Generation) -> Tensor:
        """Compute as much as fits; where memory does not suffice, less."""
        while True:
            begin = generation.num_computed
            end = self._chunk_end(generation, begin)
            try:
                logits = self._run(generation, generation.prompt[begin:end])[-1]
            except (torch.OutOfMemoryError, MemoryError) as error:
                self.rewind(generation, begin)
                self.counters.out_of_memory += 1
                if self.shape.has_states or self._chunk_tokens // 2 < LEAST_CHUNK_TOKENS:
                    raise OutOfDeviceMemory(
                        "The device has no room for this prompt. Shorten it, or lower capacity_blocks."
                    ) from error
                self._chunk_tokens //= 2
                continue
            self.counters.prefilled_tokens += end - begin
            self._take_snapshot(generation)
            return logits

    def _chunk_end(self, generation: Generation, begin: int) -> int:
        end = min(begin + self._chunk_tokens, len(generation.prompt))
        if self.shape.has_states:
            last_full = (
                len(generation.prompt) // self.store.config.block_tokens * self.store.config.block_tokens
            )
            next_stop = (begin // self._snapshot_tokens + 1) * self._snapshot_tokens
            for stop in (next_stop, last_full):
                if begin < stop < end:
                    end = stop
        return end

    def _decode_one(self, generation: Generation) -> Tensor:
        logits = self._run(generation, [generation.answer[-1]])
        self._take_snapshot(generation)
        return logits

    def _score(self, generation: Generation, continuation: Sequence[int]) -> float:
        before_last = len(generation.prompt) - 1
        with self.turns:
            while generation.num_computed < before_last:
                begin = generation.num_computed
                self._run(generation, generation.prompt[begin : min(begin + self._chunk_tokens, before_last)])
            token_ids = [generation.prompt[-1], *continuation[:-1]]
            logits = self._run(generation, token_ids, num_logits=len(token_ids))
            self.rewind(generation, before_last)
        chances = torch.log_softmax(logits.float(), dim=-1)
        return float(chances[torch.arange(len(continuation)), torch.tensor(continuation)].sum())

    def _run(self, generation: Generation, token_ids: Sequence[int], num_logits: int = 1) -> Tensor:
        """Logits after the last of these tokens, `(num_logits, vocabulary)`."""
        device = self.model.device
        begin = generation.num_computed
        with torch.inference_mode():
            output = self.model(
                input_ids=torch.tensor([token_ids], device=device),
                position_ids=torch.arange(begin, begin + len(token_ids), device=device).unsqueeze(0),
                past_key_values=generation.cache,
                use_cache=True,
                logits_to_keep=num_logits,
            )
        generation.num_computed += len(token_ids)
        logits: Tensor = output.logits[0, -num_logits:]
        return logits

    def _decode_rows(self, generations: Sequence[Generation]) -> Tensor:
        """Logits of several generations, `(generations, vocabulary)`."""
        device = self.model.device
        layers: list[Any] = [
            DummyLayer()
            if layer.kind == NONE
            else RowsLayer([each.cache.layers[number] for each in generations])
            for number, layer in enumerate(self.shape.layers)
        ]
        with torch.inference_mode():
            output = self.model(
                input_ids=torch.tensor([[each.answer[-1]] for each in generations], device=device),
                position_ids=torch.tensor([[each.num_computed] for each in generations], device=device),
                past_key_values=Cache(layers=layers),
                use_cache=True,
                logits_to_keep=1,
            )
        if not all(layer.was_attended for layer in layers if isinstance(layer, RowsLayer)):
            return self._decode_apart(generations)
        for generation in generations:
            generation.num_computed += 1
        logits: Tensor = output.logits[:, -1]
        return logits

    def _decode_apart(self, generations: Sequence[Generation]) -> Tensor:
        """This model does not hand its cache to attention as it is: never batch it again."""
        self._can_batch = False
        for generation in generations:
            self.rewind(generation, generation.num_computed)
        return torch.cat([self._decode_one(generation) for generation in generations])

    def _choose(self, generation: Generation, logits: Tensor) -> None:
        token = generation.sampler.choose(logits)
        if token in self._stop_tokens or token in generation.request.stop_tokens:
            generation.finish_reason = "stop"
            generation.fresh_text = ""
            return
        generation.answer.append(token)
        generation.fresh_text = generation.text.add(token)
        if generation.text.is_stopped:
            generation.finish_reason = "stop"
        elif len(generation.answer) >= generation.request.max_new_tokens:
            generation.finish_reason = "length"

    def _take_snapshot(self, generation: Generation) -> None:
        """Write down the states, if any, at the end of every so many-th block and of the prompt."""
        if not self.shape.has_states:
            return
        block_tokens, at = self.store.config.block_tokens, generation.num_computed
        last_full = len(generation.prompt) // block_tokens * block_tokens
        if at % block_tokens or not at or (at % self._snapshot_tokens and at != last_full):
            return
        blocks = self.store.index.blocks_of(
            [*generation.prompt, *generation.answer][:at], tenant=generation.request.tenant
        )
        if self._snapshots.holds(blocks.keys[-1]):
            return
        states: dict[int, Any] = {
            number: generation.cache.layers[number]
            for number, layer in enumerate(self.shape.layers)
            if layer.kind == LINEAR
        }
        self._snapshots.put(blocks.keys[-1], blocks.tokens[-1], at // block_tokens - 1, states)


def _end_tokens(model: PreTrainedModel) -> frozenset[int]:
    ends: set[int] = set()
    for source in (model.generation_config, model.config):
        end = getattr(source, "eos_token_id", None)
        ends.update([end] if isinstance(end, int) else end or ())
    return frozenset(ends)
