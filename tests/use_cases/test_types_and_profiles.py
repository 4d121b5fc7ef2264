"""Types of documents and companies that people of a workspace write."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image

from core.documents.catalogue import load_catalogue, write_template
from core.errors import Conflict, Invalid, NotFound
from core.gateway.roles import Principal
from core.use_cases import (
    ListProfiles,
    ListTypes,
    RemoveProfile,
    RemoveType,
    SaveProfile,
    SaveType,
    list_profiles,
    list_types,
    remove_profile,
    remove_type,
    save_profile,
    save_type,
)
from core.use_cases.document_types import known_type
from core.workbench import Workbench

OWN = write_template(load_catalogue()["memo"]).replace('key = "memo"', 'key = "site_memo"', 1)


def picture(format: str = "PNG", size: tuple[int, int] = (1600, 400)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#1d4ed8").save(out, format)
    return out.getvalue()


def test_an_own_type_stands_beside_those_that_ship(
    workbench: Workbench, analyst: Principal, stranger: Principal
) -> None:
    save_type(SaveType(text=OWN), analyst, workbench)
    [own] = [view for view in list_types(ListTypes(), analyst, workbench) if view.is_own]
    assert own.template.key == "site_memo"
    assert own.text == OWN
    assert known_type(workbench, analyst.workspace, "site_memo").slots == load_catalogue()["memo"].slots
    assert not any(view.is_own for view in list_types(ListTypes(), stranger, workbench))
    remove_type(RemoveType(key="site_memo"), analyst, workbench)
    with pytest.raises(NotFound):
        known_type(workbench, analyst.workspace, "site_memo")


def test_a_type_with_a_fault_is_refused_with_its_line(workbench: Workbench, analyst: Principal) -> None:
    broken = OWN.replace('form = "', 'form = "no such ', 1)
    line = next(number for number, text in enumerate(broken.splitlines(), 1) if "no such" in text)
    with pytest.raises(Invalid, match=f"line {line}"):
        save_type(SaveType(text=broken), analyst, workbench)
    with pytest.raises(Conflict, match="ships"):
        save_type(SaveType(text=write_template(load_catalogue()["memo"])), analyst, workbench)


def test_two_people_do_not_overwrite_each_others_type(workbench: Workbench, analyst: Principal) -> None:
    save_type(SaveType(text=OWN), analyst, workbench)
    save_type(SaveType(text=OWN, revision=1), analyst, workbench)
    with pytest.raises(Conflict, match="changed this type"):
        save_type(SaveType(text=OWN, revision=1), analyst, workbench)
    with pytest.raises(Conflict, match="already"):
        save_type(SaveType(text=OWN), analyst, workbench)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_drawn_anew_as_a_small_png(format: str, workbench: Workbench, analyst: Principal) -> None:
    request = SaveProfile(name="Nevada Frío", tone="formal", colours=("#1D4ED8",), logo=picture(format))
    profile = save_profile(request, analyst, workbench)
    assert profile.logo is not None
    with Image.open(io.BytesIO(profile.logo)) as drawn:
        assert drawn.format == "PNG"
        assert drawn.size == (800, 200)
    assert profile.colours == ("#1d4ed8",)


def test_a_profile_is_changed_and_keeps_its_logo(workbench: Workbench, analyst: Principal) -> None:
    first = save_profile(SaveProfile(name="Nevada", logo=picture()), analyst, workbench)
    change = SaveProfile(name="Nevada Frío", profile=first.id, revision=1)
    assert save_profile(change, analyst, workbench).logo == first.logo
    with pytest.raises(Conflict, match="changed this profile"):
        save_profile(change, analyst, workbench)
    without = SaveProfile(name="Nevada Frío", profile=first.id, revision=2, logo=b"")
    assert save_profile(without, analyst, workbench).logo is None
    with pytest.raises(Conflict, match="called"):
        save_profile(SaveProfile(name="Nevada Frío"), analyst, workbench)
    remove_profile(RemoveProfile(profile=first.id), analyst, workbench)
    assert list_profiles(ListProfiles(), analyst, workbench) == ()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda: {"name": "  "}, "no name"),
        (lambda: {"size": "huge"}, "no size"),
        (lambda: {"tone": "angry"}, "no tone"),
        (lambda: {"colours": ("red",)}, "#1f4e79"),
        (lambda: {"logo": b"<svg onload='x'/>"}, "cannot be read"),
        (lambda: {"logo": picture("GIF")}, "cannot be read"),
        (lambda: {"logo": picture()[:200]}, "cannot be read"),
        (lambda: {"logo": picture(size=(9000, 9000))}, "cannot be read"),
    ],
)
def test_a_profile_that_makes_no_sense_is_refused(
    change: Callable[[], dict[str, object]], told: str, workbench: Workbench, analyst: Principal
) -> None:
    with pytest.raises(Invalid, match=told):
        save_profile(SaveProfile(**{"name": "Nevada", **change()}), analyst, workbench)  # type: ignore[arg-type]
