"""Looking after a tier at rest: warm, clear, backup, restore, verify."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kvcache.__main__ import main
from kvcache.record import BlockRecord
from kvcache.tiers.disk import DiskTier

SECRET = b"sixteen or more bytes"
CAPACITY = 4_000_000
NUM_BLOCKS = 20


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_bytes(SECRET)
    return tmp_path / "secret"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tier = DiskTier(tmp_path / "blocks", CAPACITY, SECRET)
    for number in range(NUM_BLOCKS):
        tier.put(record(number))
    tier.close()
    return tmp_path / "blocks"


def record(number: int) -> BlockRecord:
    return BlockRecord(bytes([number]) * 32, b"1234", number % 4, "raw", bytes([number]) * 1000)


def num_blocks(folder: Path) -> int:
    tier = DiskTier(folder, CAPACITY, SECRET)
    try:
        return tier.snapshot().blocks
    finally:
        tier.close()


def test_a_backup_restores_into_another_folder(
    folder: Path, secret_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = ["--secret-file", str(secret_file)]
    assert main(["backup", str(folder), str(tmp_path / "all.kv"), *secret]) == 0
    assert (
        main(["restore", str(tmp_path / "all.kv"), str(tmp_path / "new"), "--capacity", "4M", *secret]) == 0
    )
    assert num_blocks(tmp_path / "new") == NUM_BLOCKS
    assert "whole" in capsys.readouterr().out


def test_a_backup_that_was_cut_is_restored_as_far_as_it_goes_and_says_so(
    folder: Path, secret_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = ["--secret-file", str(secret_file)]
    backup = tmp_path / "all.kv"
    main(["backup", str(folder), str(backup), *secret])
    backup.write_bytes(backup.read_bytes()[:10_000])
    assert main(["restore", str(backup), str(tmp_path / "new"), "--capacity", "4M", *secret]) == 1
    assert "NOT whole" in capsys.readouterr().out
    assert 0 < num_blocks(tmp_path / "new") < NUM_BLOCKS


def test_warm_copies_first_blocks_first_until_the_target_is_full(
    folder: Path, secret_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(folder), str(tmp_path / "small"), "--capacity", "16K", "--secret-file", str(secret_file)]
    assert main(["warm", *arguments, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert 0 < told["copied_blocks"] < NUM_BLOCKS
    tier = DiskTier(tmp_path / "small", 16_384, SECRET)
    assert max(entry.position for entry in tier.entries()) < 3
    tier.close()


def test_clear_leaves_an_empty_folder(
    folder: Path, secret_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["clear", str(folder), "--secret-file", str(secret_file)]) == 0
    assert "Cleared 20 blocks." in capsys.readouterr().out
    assert num_blocks(folder) == 0


def test_verify_finds_what_was_damaged(
    folder: Path, secret_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = ["--secret-file", str(secret_file)]
    assert main(["verify", str(folder), *secret, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sound"] == NUM_BLOCKS
    segment = max(folder.iterdir(), key=lambda file: file.stat().st_size)
    content = bytearray(segment.read_bytes())
    content[600] ^= 1
    segment.write_bytes(content)
    assert main(["verify", str(folder), *secret]) == 1
    assert "1 were damaged" in capsys.readouterr().out


def test_a_folder_that_another_holds_is_refused_with_its_name(
    folder: Path, secret_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tier = DiskTier(folder, CAPACITY, SECRET)
    assert main(["verify", str(folder), "--secret-file", str(secret_file)]) == 2
    assert "held by process" in capsys.readouterr().err
    tier.close()


def test_a_folder_that_is_not_there_is_made_only_when_asked(
    tmp_path: Path, secret_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(tmp_path / "absent"), "--secret-file", str(secret_file)]) == 2
    assert "--capacity" in capsys.readouterr().err
    assert not (tmp_path / "absent").exists()


@pytest.mark.parametrize("secret", [b"", b"short"])
def test_a_secret_of_the_wrong_length_is_refused(
    secret: bytes, folder: Path, secret_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret_file.write_bytes(secret)
    assert main(["verify", str(folder), "--secret-file", str(secret_file)]) == 2
    assert "16 to 64" in capsys.readouterr().err
