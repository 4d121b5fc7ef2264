"""Settings: where they come from, what they refuse, what they hide."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Invalid
from core.settings import Settings, load_settings


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
