"""Every setting of the product: default, bounds and purpose. Nobody else reads the environment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from core.errors import Invalid

ENV_PREFIX = "BLATAM_"
CONFIG_FILE = Path("app.toml")


class Settings(BaseSettings):
    """Arguments win over the environment (BLATAM_PORT, ...), that over app.toml, that over the defaults.

    The defaults are a working product with no network, server, key or GPU.
    """

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, extra="forbid", frozen=True, toml_file=CONFIG_FILE, validate_default=True
    )

    data_dir: Path = Field(Path("var"), description="Folder for all state: database, jobs, uploads.")
    database_url: SecretStr | None = Field(
        None, description="PostgreSQL or SQLite URL. Empty: a SQLite file in data_dir."
    )
    host: str = Field("127.0.0.1", description="Address the application listens on.")
    port: int = Field(8501, ge=1, le=65535, description="Port of the pages, /api and /metrics.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level logged.")
    sample_library: bool = Field(True, description="Fill an empty library with the sample documents once.")

    max_file_mb: int = Field(50, ge=1, le=2048, description="Largest file that is taken in, in MiB.")
    max_archive_mb: int = Field(
        500, ge=1, le=20480, description="Largest unpacked size of an archive, in MiB."
    )
    max_archive_members: int = Field(2000, ge=1, le=1_000_000, description="Most files in one archive.")
    max_archive_ratio: float = Field(
        100, ge=2, le=10_000, description="Largest unpacked size of an archive divided by its packed size."
    )
    parser_processes: int = Field(2, ge=1, le=64, description="Warm processes that parse files.")
    parser_memory_mb: int = Field(1024, ge=128, le=65536, description="Memory one parser may take, in MiB.")
    parser_seconds: float = Field(60, ge=1, le=3600, description="Longest time one file may take to parse.")

    similarity_floor: float = Field(
        0.5, ge=0.1, le=1, description="Lowest Jaccard similarity of the pairs that an analysis keeps."
    )
    redundancy_backend: Literal["in_process", "duckdb", "spark"] = Field(
        "in_process",
        description="Where a whole library is compared: in the worker (in_process), on its disk where memory "
        "is short (duckdb), or on a cluster (spark).",
    )
    redundancy_memory_mb: int = Field(
        1024, ge=64, le=1_048_576, description="Memory that DuckDB, or the driver of Spark, may take, in MiB."
    )
    spark_master: str = Field("local[*]", description="Address of the Spark cluster, for spark.")
    find_meanings: bool = Field(
        True, description="Look for documents that say the same in other words or in another language."
    )
    embedding_folder: Path | None = Field(
        None,
        description="Folder of another sentence embedding model, as sentence-transformers writes one. Empty: "
        "the English one that ships.",
    )
    embedding_multilingual: bool = Field(
        False, description="Whether the model at embedding_folder understands Spanish and Portuguese itself."
    )
    embedding_device: str = Field("cpu", description="Where the embedding model computes: cpu or cuda:0.")
    embedding_threads: int = Field(
        1, ge=1, le=256, description="Threads that the embedding model computes with."
    )
    job_concurrency: int = Field(5, ge=1, le=64, description="Jobs that one worker runs at a time.")
    job_timeout_seconds: float = Field(
        300.0, gt=0, le=604_800, description="Longest time of a job whose kind says nothing else."
    )
    job_attempts: int = Field(4, ge=1, le=20, description="Attempts of a job's step before it is set aside.")
    job_backoff_seconds: float = Field(
        1.0, ge=0.01, le=600, description="Wait before the second attempt; it doubles with each further one."
    )
    document_tokens_a_day: int = Field(
        0,
        ge=0,
        description="Tokens that a workspace's drafts may have the language model read and write in a day "
        "(UTC); after that sources are quoted. 0: no limit.",
    )
    export_keep_days: int = Field(
        30, ge=1, le=3650, description="Days for which exported files are kept; then they can be made anew."
    )
    export_key: SecretStr | None = Field(
        None,
        description="Secret that signs manifests and download links, the same on every machine. "
        "Empty: a key of its own in data_dir.",
    )
    worker_nice: int = Field(10, ge=0, le=19, description="How far the worker stands back behind the pages.")

    engine: Literal["local", "deterministic", "openai", "http"] = Field(
        "local",
        description="Who answers: the model in this process (local), no model (deterministic), an "
        "OpenAI-compatible server (openai), or the engine of another process (http).",
    )
    engine_url: str | None = Field(
        None, description="Address of the engine for openai and http. Another machine needs https://."
    )
    engine_key: SecretStr | None = Field(None, description="Key that the engine at engine_url asks for.")
    engine_model: str | None = Field(None, description="Name of the model at an OpenAI-compatible server.")
    engine_ca_file: Path | None = Field(
        None, description="Certificates (PEM) to trust at engine_url. Empty: those that come with certifi."
    )
    engine_plain_http: bool = Field(
        False,
        description="Allow http:// to another machine for openai, without a key: for a network of your own.",
    )
    engine_connect_seconds: float = Field(
        5.0, gt=0, le=120, description="Longest time to reach the engine at engine_url."
    )
    engine_silence_seconds: float = Field(
        60.0, gt=0, le=3600, description="Longest time in which that engine sends nothing."
    )
    engine_total_seconds: float = Field(
        300.0, gt=0, le=86_400, description="Longest time of one answer, all attempts together."
    )
    engine_attempts: int = Field(
        3, ge=1, le=10, description="Attempts of a call to a server that fails before its first piece."
    )
    engine_max_response_mb: int = Field(
        16, ge=1, le=1024, description="Largest answer that is taken from a server, in MiB."
    )
    model_folder: Path | None = Field(
        None,
        description="Folder of the local model, as Hugging Face writes one. Empty: the one that ships.",
    )
    model_device: str = Field(
        "cpu", description="Where the local model computes: cpu, cuda:0, or one replica each: cuda:0,cuda:1."
    )
    model_dtype: Literal["auto", "float32", "float16", "bfloat16"] = Field(
        "float32", description="In which numbers it computes; auto: those of its file."
    )
    model_threads: int = Field(
        1, ge=1, le=256, description="Threads that the local model computes with beside the pages."
    )
    cache_policy: Literal["lru", "lfu", "fifo", "slru", "arc", "tlru", "adaptive"] = Field(
        "adaptive", description="Which blocks of the KV cache go first."
    )
    cache_block_tokens: int = Field(64, ge=16, le=512, description="Tokens in a block of the KV cache.")
    cache_device_mb: int = Field(
        256, ge=1, le=1_048_576, description="Room for blocks where the model computes, in MiB."
    )
    cache_host_mb: int = Field(
        256, ge=0, le=1_048_576, description="Room for blocks in memory below it, in MiB; 0: none."
    )
    cache_host_form: Literal["raw", "split", "int8", "k8v4", "int4"] = Field(
        "raw", description="How blocks rest in memory; int8, k8v4 and int4 round them."
    )
    cache_disk_mb: int = Field(
        1024, ge=0, le=104_857_600, description="Room for blocks in data_dir, in MiB; 0: none."
    )
    cache_disk_form: Literal["raw", "split", "int8", "k8v4", "int4"] = Field(
        "split", description="How blocks rest on disk."
    )
    cache_redis_url: SecretStr | None = Field(
        None, description="Redis that several machines share blocks in: redis://, redis+sentinel:// ..."
    )
    cache_redis_form: Literal["raw", "split", "int8", "k8v4", "int4"] = Field(
        "split", description="How blocks rest in Redis."
    )
    cache_write: Literal["cache-aside", "write-through", "write-back"] = Field(
        "write-back", description="When blocks reach disk and Redis."
    )
    cache_loss_window_seconds: float = Field(
        5.0, ge=0, le=3600, description="Write-back: how young blocks may be that a crash loses."
    )
    response_cache: Literal["off", "sqlite", "redis"] = Field(
        "sqlite", description="Where answers are kept that another run would repeat."
    )
    response_cache_url: SecretStr | None = Field(None, description="Redis that keeps them, for redis.")
    response_cache_mb: int = Field(
        256,
        ge=1,
        le=1_048_576,
        description="Most that is kept, in MiB; what was used longest ago goes first.",
    )
    response_cache_hours: float = Field(
        168.0, ge=0.01, le=87_600, description="How long an answer is kept, in hours."
    )

    alert_least_rps: float = Field(
        1.0, ge=0, le=1_000_000, description="Requests a second from which on rates raise alerts."
    )
    alert_first_token_seconds: float = Field(
        2.0, gt=0, le=3600, description="Alert: 95 % of answers begin within this time."
    )
    alert_error_warning_ratio: float = Field(
        0.05, gt=0, le=1, description="Warning: share of requests that the product fails."
    )
    alert_error_ratio: float = Field(
        0.1, gt=0, le=1, description="Alert: share of requests that the product fails."
    )
    alert_hit_share: float = Field(
        0.5, gt=0, le=1, description="Alert: least share of the achievable hits that the KV cache has."
    )
    alert_memory_warning_ratio: float = Field(
        0.85, gt=0, le=1, description="Warning: share of the memory in use, of the machine or a GPU."
    )
    alert_memory_ratio: float = Field(0.9, gt=0, le=1, description="Alert: the same, higher.")
    alert_memory_critical_ratio: float = Field(
        0.95, gt=0, le=1, description="Critical alert: the same, highest."
    )
    alert_throughput_rps: float = Field(
        20.0, gt=0, le=1_000_000, description="Alert: least answers of the model a second."
    )
    alert_misses_per_second: float = Field(
        100.0, gt=0, le=1_000_000_000, description="Alert: most blocks a second that no tier has."
    )
    alert_backup_hours: float = Field(
        24.0, gt=0, le=87_600, description="Alert: oldest that the last backup may be, in hours."
    )

    @field_validator(
        "database_url",
        "engine_url",
        "engine_key",
        "engine_model",
        "engine_ca_file",
        "model_folder",
        "embedding_folder",
        "response_cache_url",
        "cache_redis_url",
        mode="before",
    )
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return None if value == "" else value

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def inbox_dir(self) -> Path:
        """Uploaded bytes that wait for their job."""
        return self.data_dir / "inbox"

    @property
    def exports_dir(self) -> Path:
        """Exported files, and the key that signs their manifests."""
        return self.data_dir / "exports"

    @property
    def counters_dir(self) -> Path:
        """What workers have counted, a file each."""
        return self.data_dir / "counters"


def load_settings(**arguments: Any) -> Settings:
    """The settings of this process. Raises Invalid naming each field that does not fit."""
    given = {name: value for name, value in arguments.items() if value is not None}
    _refuse_unknown_environment()
    try:
        return Settings(**given)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'settings'}: {fault['msg']}" for fault in error.errors()
        )
        raise Invalid(
            f"The settings do not fit: {faults}.",
            remedy=f"Correct them in the arguments, the environment ({ENV_PREFIX}...) or {CONFIG_FILE}.",
        ) from None


def _refuse_unknown_environment() -> None:
    import os

    known = {ENV_PREFIX + name.upper() for name in Settings.model_fields}
    unknown = sorted(name for name in os.environ if name.startswith(ENV_PREFIX) and name not in known)
    if unknown:
        raise Invalid(
            f"No setting is called {', '.join(unknown)}.",
            remedy=f"Remove it, or use one of: {', '.join(sorted(known))}.",
        )


@dataclass(frozen=True, slots=True)
class SettingView:
    """One setting as people see it: a secret shows only that it is set. `source` is argument, environment,
    file or default; `bounds` lists the values it may take or the ends of its range, where there are any.
    """

    name: str
    value: str
    default: str
    bounds: str
    description: str
    source: str
    environment: str
    is_secret: bool


def describe_settings(settings: Settings) -> tuple[SettingView, ...]:
    """Every setting in the order of its definition, and where its value came from.

    What the environment and the file give is read again, so a file that changed since the start shows its
    settings as arguments.
    """
    import os

    in_file = TomlConfigSettingsSource(Settings)()
    views = []
    for name, field in Settings.model_fields.items():
        variable = ENV_PREFIX + name.upper()
        value = getattr(settings, name)
        source = "default"
        if variable in os.environ:
            source = "environment"
        elif name in in_file:
            source = "file"
        elif value != _normal(field.get_default()):
            source = "argument"
        is_secret = "SecretStr" in str(field.annotation)
        views.append(
            SettingView(
                name=name,
                value=_shown(value),
                default=_shown(field.get_default()),
                bounds=_bounds(field),
                description=field.description or "",
                source=source,
                environment=variable,
                is_secret=is_secret,
            )
        )
    return tuple(views)


def _normal(default: Any) -> Any:
    return default.expanduser().absolute() if isinstance(default, Path) else default


def _shown(value: Any) -> str:
    if value is None or value == "":
        return ""
    return "••••••" if isinstance(value, SecretStr) else str(value)


def _bounds(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return ", ".join(map(str, get_args(field.annotation)))
    if field.annotation is bool:
        return "True, False"
    ends = (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<"))
    return ", ".join(
        f"{sign} {getattr(each, end):,g}"
        for each in field.metadata
        for end, sign in ends
        if hasattr(each, end)
    )
