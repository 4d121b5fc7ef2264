"""Formats that pandoc writes from our HTML where it is installed. It is called, never bundled."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass

from core.content import BlockKind
from core.errors import ExportFailed
from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.writers.web_page import WebPage

TIMEOUT_SECONDS = 120


@dataclass(frozen=True, slots=True)
class PandocFormat:
    """One of pandoc's output formats. `--sandbox` keeps it from opening files and addresses."""

    name: str
    extension: str
    media_type: str
    target: str
    leaves_out: frozenset[BlockKind] = frozenset({"picture", "chart", "caption"})

    def write(self, manuscript: Manuscript, design: Design) -> bytes:
        """Raises ExportFailed where pandoc is missing, fails or takes too long."""
        program = shutil.which("pandoc")
        if program is None:
            raise ExportFailed("This format needs pandoc.", remedy="Install it, or choose another format.")
        page = WebPage().write(manuscript, design)
        command = [
            program,
            "--sandbox",
            "--standalone",
            "--wrap",
            "none",
            "--from",
            "html",
            "--to",
            self.target,
        ]
        with tempfile.TemporaryDirectory(prefix="pandoc-") as folder:
            quiet = {"PATH": os.environ.get("PATH", ""), "HOME": folder, "SOURCE_DATE_EPOCH": "315532800"}
            try:
                done = subprocess.run(
                    command,
                    input=page,
                    capture_output=True,
                    timeout=TIMEOUT_SECONDS,
                    check=False,
                    cwd=folder,
                    env=quiet,
                )
            except subprocess.TimeoutExpired as error:
                raise ExportFailed("Pandoc took too long.", remedy="Choose another format.") from error
        if done.returncode or not done.stdout.strip():
            raise ExportFailed("Pandoc could not write this format.", remedy="Choose another format.")
        return done.stdout


_FORMATS = (
    PandocFormat("rst", ".rst", "text/x-rst", "rst"),
    PandocFormat("asciidoc", ".adoc", "text/asciidoc", "asciidoc"),
    PandocFormat("org", ".org", "text/org", "org"),
    PandocFormat("mediawiki", ".wiki", "text/plain", "mediawiki"),
    PandocFormat("textile", ".textile", "text/plain", "textile"),
    PandocFormat("docbook", ".dbk", "application/docbook+xml", "docbook5"),
    PandocFormat("jats", ".jats.xml", "application/xml", "jats"),
    PandocFormat("tei", ".tei.xml", "application/tei+xml", "tei"),
    PandocFormat("fb2", ".fb2", "application/xml", "fb2"),
)

LONG_TAIL: dict[str, PandocFormat] = {each.name: each for each in _FORMATS}


def is_installed() -> bool:
    return shutil.which("pandoc") is not None
