"""`python -m core` as people and scripts call it."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

RECORDS = [
    {"id": "a", "title": "Leave", "body": "Every employee has twenty paid days a year and asks in writing."},
    {"id": "b", "title": "Leave", "body": "Every employee has twenty paid days a year and asks in writing."},
    {"id": "c", "title": "Leave", "body": ""},
    {"id": "d", "title": "", "body": "Hi there"},
    {"id": "e", "title": "", "body": "hi THERE"},
    {"id": "f", "title": "Leave", "body": "Every employee has thirty paid days a year and asks in writing."},
]


def core(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "core", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd or ROOT, capture_output=True, text=True, timeout=120, check=False)


def jaccard(one: str, other: str) -> float:
    """The definition, word by word."""
    import re

    sets = []
    for text in (one, other):
        words = re.findall(r"\w+", text.lower())
        sets.append({tuple(words[i : i + 3]) for i in range(max(1, len(words) - 2))})
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


@pytest.mark.parametrize("ending", [".jsonl", ".jsonl.gz"])
def test_records_are_compared_by_title_newline_body(tmp_path: Path, ending: str) -> None:
    source, out = tmp_path / f"records{ending}", tmp_path / "out.json"
    lines = "".join(json.dumps(record) + "\n" for record in RECORDS).encode()
    source.write_bytes(gzip.compress(lines) if ending.endswith("gz") else lines)
    ran = core("--data-dir", tmp_path / "var", "analyse", source, "--threshold", "0.5", "--json", out)
    assert ran.returncode == 0, ran.stderr
    report: dict[str, Any] = json.loads(out.read_text())
    assert [document["id"] for document in report["documents"]] == ["a", "b", "d", "e", "f"]
    texts = {record["id"]: f"{record['title']}\n{record['body']}" for record in RECORDS}
    near = jaccard(texts["a"], texts["f"])
    assert 0.5 <= near < 1
    assert report["pairs"] == [["a", "b", 1.0], ["a", "f", near], ["b", "f", near], ["d", "e", 1.0]]
    assert [(each["id"], each["code"]) for each in report["errors"]] == [("c", "empty")]
    first, second = report["clusters"]
    assert (first["documents"], second["documents"]) == (["a", "b", "f"], ["d", "e"])
    assert first["canonical"] in first["documents"]
    acts = {each["document"]: (each["act"], each["automatic"]) for each in first["recommendations"]}
    assert acts["f" if first["canonical"] != "f" else "a"][1] is False, "twenty is not thirty"


def test_a_folder_is_read_with_all_its_formats(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    (folder / "deep").mkdir(parents=True)
    text = "The warehouse opens at seven and closes at six on every working day of the year."
    (folder / "a.md").write_text(f"# Hours\n\n{text}\n")
    (folder / "deep" / "b.html").write_text(f"<h1>Hours</h1><p>{text}</p><script>alert(1)</script>")
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7 cut")
    (folder / ".hidden").write_text("not read")
    ran = core("--data-dir", tmp_path / "var", "analyse", folder)
    assert ran.returncode == 0, ran.stderr
    report = json.loads(ran.stdout)
    assert report["pairs"] == [["a.md", "deep/b.html", 1.0]]
    assert [each["id"] for each in report["errors"]] == ["bad.pdf"]


def test_more_is_found_on_request(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    shared = "Returned devices stay in the yellow area until triage, which takes five working days at most."
    (folder / "manual.md").write_text(f"# Manual\n\nForklifts are charged at night. {shared}\n")
    (folder / "minutes.md").write_text(f"# Minutes\n\nRosa asked where the sensors go. {shared}\n")
    (folder / "policy.md").write_text("# Payment\n\nInvoices are paid within 30 days of receipt.\n")
    (folder / "pagos.md").write_text("# Pagos\n\nLas facturas se pagan a los 45 días de su recepción.\n")
    find = ("--find", "passages", "contradictions")
    ran = core("--data-dir", tmp_path / "var", "analyse", folder, *find)
    assert ran.returncode == 0, ran.stderr
    report = json.loads(ran.stdout)
    assert [(link["a"], link["b"]) for link in report["passages"]] == [("manual.md", "minutes.md")]
    (conflict,) = report["contradictions"]
    assert {conflict["in_a"]["value"], conflict["in_b"]["value"]} == {"30 day", "45 day"}
    assert "meanings" not in report


def test_two_files_are_compared(tmp_path: Path) -> None:
    one, other = tmp_path / "a.md", tmp_path / "b.txt"
    one.write_text("Invoices are paid within 30 days of receipt, whoever sends them to us.")
    other.write_text("Invoices are paid within 45 days of receipt, whoever sends them to us.")
    ran = core("--data-dir", tmp_path / "var", "compare", one, other)
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert 0 < found["similarity"] < 1
    assert len(found["contradictions"]) == 1
    assert found["meaning"]["score"] > 0.8
    assert found["copied"]["is_copied"] is True


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("analyse", "/absent"), "no file or folder"),
        (("analyse", ".", "--threshold", "7"), "no threshold"),
        (("analyse", ".", "--rule", "best"), "newest"),
        (("analyse", "samples/README.md", "--find", "gold"), "passages, meanings, contradictions"),
        (("compare", "samples/README.md", "/absent"), "no file or folder"),
        (("restore", "/absent"), "no file"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    ran = core("--data-dir", tmp_path / "var", *arguments)
    assert ran.returncode == 2
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


def test_ingest_backup_and_restore(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.md").write_text("# A\n\nSome text.")
    (docs / "empty.md").write_bytes(b"")
    ran = core("--data-dir", tmp_path / "one", "ingest", docs)
    assert (ran.returncode, "Documents added: 1." in ran.stdout) == (1, True), ran.stderr
    assert "empty.md" in ran.stderr
    backup = tmp_path / "all.backup"
    assert core("--data-dir", tmp_path / "one", "backup", backup).returncode == 0
    restored = core("--data-dir", tmp_path / "two", "restore", backup)
    assert restored.returncode == 0, restored.stderr
    again = core("--data-dir", tmp_path / "two", "ingest", docs / "a.md")
    assert "already in the library" in again.stderr
