"""LibreOffice, where it is installed: opens office files as another program would, and shows their pages."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from core.errors import ExportFailed
from core.exports.validation.report import Tool

FORMATS = ("docx", "odt", "rtf", "pptx", "xlsx")


@dataclass(frozen=True, slots=True)
class Opened:
    """What LibreOffice made of a file."""

    pdf: bytes
    num_pages: int


class LibreOffice:
    """Each conversion has a profile of its own, so that several can run and nothing of a user is read."""

    def __init__(self, timeout_seconds: float = 90.0) -> None:
        self._timeout = timeout_seconds

    @property
    def is_installed(self) -> bool:
        return _program() is not None

    def tool(self) -> Tool:
        program = _program()
        missing = "" if program else "LibreOffice is not installed: its program soffice is not on the path."
        return Tool("LibreOffice", "", missing)

    def open(self, data: bytes, extension: str) -> Opened:
        """Raises ExportFailed if it is missing, takes too long, or does not open the file."""
        program = _program()
        if program is None:
            raise ExportFailed(
                "LibreOffice is not installed.", remedy="Install it, or do without this check."
            )
        with tempfile.TemporaryDirectory(prefix="office-") as folder:
            place = Path(folder)
            source = place / f"file{extension}"
            source.write_bytes(data)
            self._convert(program, place, source)
            made = place / "file.pdf"
            if not made.is_file():
                raise ExportFailed("LibreOffice does not open this file.", remedy="Export it again.")
            pdf = made.read_bytes()
        return Opened(pdf, _num_pages(pdf))

    def _convert(self, program: str, place: Path, source: Path) -> None:
        profile = (place / "profile").as_uri()
        command = [
            program,
            f"-env:UserInstallation={profile}",
            "--headless",
            "--norestore",
            "--convert-to",
            "pdf",
        ]
        command += ["--outdir", str(place), str(source)]
        quiet = subprocess.DEVNULL
        started = subprocess.Popen(command, stdout=quiet, stderr=quiet, start_new_session=True)
        try:
            started.wait(self._timeout)
        except subprocess.TimeoutExpired as error:
            os.killpg(started.pid, signal.SIGKILL)
            started.wait()
            raise ExportFailed(
                "LibreOffice took too long.", remedy="Try again when less is running."
            ) from error


def _program() -> str | None:
    return shutil.which("soffice")


def _num_pages(pdf: bytes) -> int:
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        return len(document)
    finally:
        document.close()
