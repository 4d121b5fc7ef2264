"""Settings: where they come from, what they refuse, what they hide."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Invalid
from core.settings import Settings, describe_settings, load_settings


def test_the_defaults_are_a_working_product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings()
    assert settings.database_url is None
    assert (settings.host, settings.port) == ("127.0.0.1", 8501)
    assert settings.data_dir == tmp_path / "var"


def test_arguments_win_over_the_environment_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.toml").write_text("port = 1001\nmax_file_mb = 7\nparser_processes = 3\n")
    monkeypatch.setenv("BLATAM_PORT", "1002")
    monkeypatch.setenv("BLATAM_MAX_FILE_MB", "8")
    settings = load_settings(port=1003, host=None)
    assert (settings.port, settings.max_file_mb, settings.parser_processes) == (1003, 8, 3)


def test_an_unknown_key_is_an_error_wherever_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Invalid, match="colour"):
        load_settings(colour="red")
    monkeypatch.setenv("BLATAM_PROT", "1")
    with pytest.raises(Invalid, match="BLATAM_PROT"):
        load_settings()
    monkeypatch.delenv("BLATAM_PROT")
    (tmp_path / "app.toml").write_text("prot = 1\n")
    with pytest.raises(Invalid, match="prot"):
        load_settings()


def test_a_value_out_of_bounds_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Invalid, match="port"):
        load_settings(port=99999)


def test_secrets_are_not_shown() -> None:
    settings = Settings(database_url="postgresql://u:hunter2@h/d")  # type: ignore[arg-type]
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in settings.model_dump_json()


def test_every_setting_says_what_it_is_for() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_each_value_is_shown_with_where_it_came_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BLATAM_PORT", "9000")
    monkeypatch.setenv("BLATAM_DATABASE_URL", "postgresql://u:hunter2@h/d")
    (tmp_path / "app.toml").write_text("max_file_mb = 8\n")
    views = {view.name: view for view in describe_settings(load_settings(host="0.0.0.0"))}
    assert list(views) == list(Settings.model_fields)
    shown = {name: (view.value, view.source) for name, view in views.items()}
    assert shown["port"] == ("9000", "environment")
    assert shown["max_file_mb"] == ("8", "file")
    assert shown["host"] == ("0.0.0.0", "argument")
    assert shown["job_concurrency"] == ("5", "default")
    assert shown["data_dir"] == (str(tmp_path / "var"), "default")
    assert "hunter2" not in repr(views)
    assert views["database_url"].is_secret
    assert views["database_url"].value
    assert views["engine_key"].value == ""
    assert views["port"].bounds == "≥ 1, ≤ 65,535"
    assert views["cache_policy"].bounds == "lru, lfu, fifo, slru, arc, tlru, adaptive"
    assert views["port"].environment == "BLATAM_PORT"
