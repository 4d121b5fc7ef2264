"""What the documents say is true: the tree, the settings, the commands, the jobs' and files' names."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from core.__main__ import build_parser
from core.documents.catalogue import AREAS, TYPES, read_template
from core.documents.template import FACT_KINDS, SLOT_FORMS
from core.ingestion import READERS
from core.settings import Settings
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def tree() -> list[str]:
    """The paths of the tree in the README."""
    block = README.split("```tree\n")[1].split("```")[0]
    paths: list[str] = []
    folders: list[str] = []
    for line in block.splitlines():
        if not line.strip():
            continue
        depth = (len(line) - len(line.lstrip())) // 2
        name = line.split()[0]
        folders = [*folders[:depth], name.rstrip("/")]
        paths.append("/".join(folders))
    return paths


def test_every_path_of_the_tree_exists() -> None:
    assert [path for path in tree() if not (ROOT / path).exists()] == []


def test_every_folder_and_module_at_the_top_and_in_core_is_in_the_tree() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    tracked = [Path(line) for line in listed.stdout.split("\0") if line]
    if not tracked:
        pytest.skip("not a git checkout")
    top = {path.parts[0] for path in tracked}
    inside = {"/".join(path.parts[:2]) for path in tracked if path.parts[0] in ("core", "pages")}
    wanted = {path for path in top | inside if not path.endswith("__init__.py")}
    assert sorted(wanted - set(tree())) == []


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    assert [name for name in Settings.model_fields if f"`{name}`" not in page] == []


def test_every_command_is_documented() -> None:
    page = (ROOT / "docs/reference/command_line.md").read_text(encoding="utf-8")
    (commands,) = [action.choices for action in build_parser()._actions if action.choices]
    assert [name for name in commands if f"core {name}" not in page] == []


def test_every_format_is_named_in_the_readme() -> None:
    assert [name for name in READERS if name not in README] == []


def test_every_type_form_and_fact_of_documents_is_described() -> None:
    told = set(re.findall(r"\w+", (ROOT / "docs/reference/documents.md").read_text(encoding="utf-8")))
    assert {*TYPES, *SLOT_FORMS, *FACT_KINDS, *AREAS} <= told


def test_the_type_that_is_shown_can_be_read() -> None:
    page = (ROOT / "docs/reference/documents.md").read_text(encoding="utf-8")
    [shown] = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert read_template(shown, "the reference").key == "visit_note"


def test_links_between_documents_lead_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} links to {target}"
