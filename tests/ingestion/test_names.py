from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ingestion.names import MAX_NAME_CHARACTERS, readable_stem, sanitise_name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("informe anual.docx", "informe anual.docx"),
        ("carpeta/Política.pdf", "carpeta/Política.pdf"),
        ("../../x<script>.md", "x_script_.md"),
        ("/etc/passwd", "etc/passwd"),
        ("C:\\temp\\a.txt", "C_/temp/a.txt"),
        ("a/./b/../c.txt", "a/b/c.txt"),
        ("factura\u202efdp.exe", "facturafdp.exe"),
        ("a\x00b\nc.txt", "abc.txt"),
        ("...", "unnamed"),
        ("", "unnamed"),
    ],
)
def test_a_name_becomes_safe_and_stays_recognisable(name, safe):
    assert sanitise_name(name) == safe


def test_a_long_name_keeps_its_ending():
    safe = sanitise_name("x" * 5000 + ".docx")
    assert safe.endswith("x.docx")
    assert len(safe) <= MAX_NAME_CHARACTERS


@given(st.text(max_size=600) | st.text(alphabet="./\\ a\u202e\x00<", max_size=600))
def test_no_name_leads_out_of_a_folder_or_hides_anything(name):
    safe = sanitise_name(name)
    path = PurePosixPath(safe)
    assert safe
    assert not path.is_absolute()
    assert not {".", "..", ""} & set(safe.split("/"))
    assert len(safe) <= MAX_NAME_CHARACTERS
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in safe)
    assert not set(safe) & set('<>:"|?*\\')
    assert sanitise_name(safe) == safe


def test_a_title_is_made_of_a_file_name():
    assert readable_stem("a.zip/2024_leave-policy_v2.docx") == "2024 leave policy v2"


def test_signs_of_real_names_stay() -> None:
    assert sanitise_name("R&D plan, 50 $ (draft).docx") == "R&D plan, 50 $ (draft).docx"
