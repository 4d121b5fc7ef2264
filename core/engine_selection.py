"""The engine that the settings name, with the response cache in front of it."""

from __future__ import annotations

from pathlib import Path

from core.errors import Invalid
from core.inference.cache_tuning import CacheTuning
from core.inference.deterministic import Deterministic
from core.inference.engine import InferenceEngine
from core.inference.http_engine import EngineDoor, HttpEngine
from core.inference.http_exchange import HttpLimits
from core.inference.local import Local, LocalModel, local_engine
from core.inference.openai_compatible import OpenAiCompatible, OpenAiServer
from core.inference.response_cache import CachedEngine, ResponseCache
from core.inference.response_stores import RedisResponses, ResponseStore, SqliteResponses
from core.inference.retries import RetryPolicy
from core.inference.secret_file import read_or_draw
from core.settings import Settings

SHIPPED_MODEL = Path(__file__).resolve().parents[1] / "models" / "blatam-5m"


def open_engine(settings: Settings) -> InferenceEngine:
    """Raises Invalid where the settings do not go together. Connects to nothing and loads nothing yet."""
    engine = _chosen(settings)
    if settings.response_cache == "off" or settings.engine == HttpEngine.name:
        return engine  # behind a door the answers are kept where the engine is
    secret = read_or_draw(settings.data_dir / "responses.secret")
    cache = ResponseCache(
        _response_store(settings), secret=secret, ttl_seconds=settings.response_cache_hours * 3600.0
    )
    return CachedEngine(engine, cache)


def start_loading(engine: InferenceEngine) -> None:
    """Let a model in this process begin to load; returns at once. Other engines have nothing to load."""
    local = local_engine(engine)
    if local is not None:
        local.start()


def local_model(settings: Settings) -> LocalModel:
    """What the settings say of the model in this process and its cache."""
    return LocalModel(
        folder=settings.model_folder or SHIPPED_MODEL,
        state_dir=settings.data_dir,
        device=settings.model_device,
        dtype=settings.model_dtype,
        threads=settings.model_threads,
        block_tokens=settings.cache_block_tokens,
        tuning=CacheTuning(
            policy=settings.cache_policy,
            device_mb=settings.cache_device_mb,
            host_mb=settings.cache_host_mb,
            host_form=settings.cache_host_form,
            disk_mb=settings.cache_disk_mb,
            disk_form=settings.cache_disk_form,
            write=settings.cache_write,
            loss_window_seconds=settings.cache_loss_window_seconds,
        ),
        redis_url=None if settings.cache_redis_url is None else settings.cache_redis_url.get_secret_value(),
        redis_form=settings.cache_redis_form,
    )


def _chosen(settings: Settings) -> InferenceEngine:
    if settings.engine == Local.name:
        return Local(local_model(settings))
    if settings.engine == Deterministic.name:
        return Deterministic()
    if settings.engine_url is None:
        raise Invalid(f"The engine {settings.engine!r} needs an address.", remedy="Set engine_url.")
    limits = HttpLimits(
        connect_seconds=settings.engine_connect_seconds,
        silence_seconds=settings.engine_silence_seconds,
        total_seconds=settings.engine_total_seconds,
        max_response_bytes=settings.engine_max_response_mb << 20,
    )
    if settings.engine == HttpEngine.name:
        if settings.engine_key is None:
            raise Invalid("The door of an engine opens with a key only.", remedy="Set engine_key.")
        return HttpEngine(
            EngineDoor(
                url=settings.engine_url,
                key=settings.engine_key,
                limits=limits,
                ca_file=settings.engine_ca_file,
            )
        )
    if settings.engine_model is None:
        raise Invalid("An OpenAI-compatible server has several models.", remedy="Set engine_model.")
    return OpenAiCompatible(
        OpenAiServer(
            url=settings.engine_url,
            model=settings.engine_model,
            key=settings.engine_key,
            limits=limits,
            retries=RetryPolicy(attempts=settings.engine_attempts),
            ca_file=settings.engine_ca_file,
            allows_plain_http=settings.engine_plain_http,
        )
    )


def _response_store(settings: Settings) -> ResponseStore:
    capacity_bytes = settings.response_cache_mb << 20
    if settings.response_cache == "sqlite":
        return SqliteResponses(settings.data_dir / "responses.sqlite", capacity_bytes=capacity_bytes)
    if settings.response_cache_url is None:
        raise Invalid("The response cache in Redis needs an address.", remedy="Set response_cache_url.")
    return RedisResponses(settings.response_cache_url.get_secret_value(), capacity_bytes=capacity_bytes)
