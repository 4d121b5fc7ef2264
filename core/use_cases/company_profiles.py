"""The companies that documents speak for: who they are, how they sound and look."""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import uuid4

from core.documents.catalogue import TONES
from core.errors import Invalid, NotFound
from core.gateway.roles import Permission, Principal
from core.storage.company_profiles import CompanyProfile
from core.use_cases.request import Request
from core.workbench import Workbench

SIZES = ("1-9", "10-49", "50-249", "250-999", "1000+")
MOST_PROFILES = 50
MOST_COLOURS = 6
LONGEST_NAME = 200
LOGO_BYTES = 5 * 1024**2
LOGO_PIXELS = 40_000_000
LOGO_SIDE = 800
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_FONT = re.compile(r"[\w .'-]{0,100}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListProfiles(Request[tuple[CompanyProfile, ...]]):
    """By name."""


def list_profiles(
    _request: ListProfiles, principal: Principal, workbench: Workbench
) -> tuple[CompanyProfile, ...]:
    principal.require(Permission.READ)
    with workbench.storage.transaction(readonly=True) as work:
        return tuple(work.company_profiles.all(principal.workspace))


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveProfile(Request[CompanyProfile]):
    """Keep a company. `profile` is its id, empty for a new one; `revision` is the one that was changed.

    `logo` is a picture file; None keeps the one that is there, and b"" takes it away.
    """

    name: str
    industry: str = ""
    size: str = ""
    tone: str = ""
    colours: tuple[str, ...] = ()
    logo: bytes | None = None
    body_font: str = ""
    heading_font: str = ""
    header: str = ""
    footer: str = ""
    profile: str = ""
    revision: int = 0


def save_profile(request: SaveProfile, principal: Principal, workbench: Workbench) -> CompanyProfile:
    """Raises Invalid for what makes no sense, Conflict for a name that is taken or a profile that changed."""
    principal.require(Permission.DECIDE)
    profile = _checked(request, principal)
    with workbench.storage.transaction() as work:
        there = {each.id: each for each in work.company_profiles.all(principal.workspace)}
        if not request.profile:
            if len(there) >= MOST_PROFILES:
                raise Invalid(f"A workspace has at most {MOST_PROFILES} companies.", remedy="Remove one.")
            work.company_profiles.add(principal.workspace, profile)
            return profile
        if request.profile not in there:
            raise NotFound("This profile is gone.", remedy="Load the page again.")
        kept = replace(profile, logo=there[request.profile].logo) if request.logo is None else profile
        work.company_profiles.replace(principal.workspace, kept)
    return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveProfile(Request[None]):
    """Drafts that were written for the company stay. Raises NotFound."""

    profile: str


def remove_profile(request: RemoveProfile, principal: Principal, workbench: Workbench) -> None:
    principal.require(Permission.DECIDE)
    with workbench.storage.transaction() as work:
        work.company_profiles.remove(principal.workspace, request.profile)


def _checked(request: SaveProfile, principal: Principal) -> CompanyProfile:
    name, industry = " ".join(request.name.split()), " ".join(request.industry.split())
    if not name or max(len(name), len(industry)) > LONGEST_NAME:
        raise Invalid("The company has no name, or a very long one.", remedy="Use 1 to 200 characters.")
    if request.size and request.size not in SIZES:
        raise Invalid(f"There is no size {request.size!r}.", remedy=f"Use one of: {', '.join(SIZES)}.")
    if request.tone and request.tone not in TONES:
        raise Invalid(f"There is no tone {request.tone!r}.", remedy=f"Use one of: {', '.join(TONES)}.")
    colours = tuple(dict.fromkeys(colour.lower() for colour in request.colours))
    if len(colours) > MOST_COLOURS or not all(map(_COLOUR.fullmatch, colours)):
        raise Invalid(
            f"Colours are at most {MOST_COLOURS}, written like #1f4e79.", remedy="Choose them again."
        )
    fonts = (_line(request.body_font), _line(request.heading_font))
    if not all(_FONT.fullmatch(font) for font in fonts):
        raise Invalid("This is no name of a font.", remedy="Use letters, digits, blanks and hyphens.")
    header, footer = _line(request.header), _line(request.footer)
    if max(len(header), len(footer)) > LONGEST_NAME:
        raise Invalid("The line of a page is too long.", remedy="Use at most 200 characters.")
    return CompanyProfile(
        id=request.profile or uuid4().hex,
        name=name,
        industry=industry,
        size=request.size,
        tone=request.tone,
        colours=colours,
        revision=request.revision + 1,
        author=principal.user,
        changed_at=datetime.now(UTC),
        logo=_drawn_anew(request.logo) if request.logo else None,
        body_font=fonts[0],
        heading_font=fonts[1],
        header=header,
        footer=footer,
    )


def _line(text: str) -> str:
    return " ".join(text.split())


def _drawn_anew(logo: bytes) -> bytes:
    """The picture as a PNG of a fair size; whatever else the file carried stays behind."""
    from PIL import Image, UnidentifiedImageError

    refused = Invalid(
        "This logo cannot be read.",
        remedy="Use a PNG, JPEG or WebP picture of at most 5 MB and 40 megapixels.",
    )
    if len(logo) > LOGO_BYTES:
        raise refused
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(logo), formats=("PNG", "JPEG", "WEBP")) as picture:
                if picture.width * picture.height > LOGO_PIXELS:
                    raise refused
                picture.thumbnail((LOGO_SIDE, LOGO_SIDE))
                drawn = io.BytesIO()
                picture.convert("RGBA").save(drawn, "PNG", optimize=True)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError):
        raise refused from None
    return drawn.getvalue()
