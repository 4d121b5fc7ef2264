"""What a wish for a file comes to: content, what stands around it, and how it is set."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from core.content import Content
from core.errors import Invalid
from core.exports.design import Design, designs, laid_out
from core.exports.making import tools
from core.exports.manuscript import Branding
from core.exports.preparation import Around
from core.exports.signing import canonical
from core.exports.validation.report import LEVELS, Level
from core.exports.words import words_of
from core.exports.writers import offered
from core.gateway.roles import Principal
from core.storage.company_profiles import CompanyProfile
from core.use_cases.exportable import EXPORTABLES, Gathered, Subject
from core.workbench import Workbench

MOST_FIELDS = 20
LONGEST_TEXT = 2_000
NO_COMPANY = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOptions:
    """How a file is to be. Empty leaves it to what is exported: its own type, author, company and language.

    `profile` is the id of a company, "none" for a file of nobody. `language` is the reader's, in which
    reports are written. `fields` are the lines of a letter's or memo's head by their key. `alts` describes
    pictures by SHA-256; empty marks one as decoration.
    """

    design: str = ""
    level: str = "standard"
    language: str = "en"
    profile: str = ""
    subtitle: str = ""
    author: str = ""
    keywords: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    alts: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain values; `from_json` is its inverse."""
        return asdict(self) | {"fields": dict(self.fields), "alts": dict(self.alts)}

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> FileOptions:
        return FileOptions(**{**values, "keywords": tuple(values.get("keywords", ()))})


@dataclass(frozen=True, slots=True)
class Wish:
    """Everything that the bytes of a file follow from."""

    content: Content
    around: Around
    design: Design
    version: str

    def digest(self, format: str, level: str) -> str:
        """Equal for equal files: of content, what stands around it, design and what makes the file."""
        around = asdict(self.around)
        around["branding"]["logo"] = hashlib.sha256(self.around.branding.logo).hexdigest()
        around["written"] = str(self.around.written)
        stated = {
            "blocks": self.content.to_json(),
            "around": around,
            "design": asdict(self.design),
            "made_with": tools(),
            "format": format,
            "level": level,
        }
        return hashlib.sha256(canonical(stated)).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Plain values, without the files of pictures; `from_json` is its inverse."""
        around = asdict(self.around) | {"written": self.around.written and self.around.written.isoformat()}
        around["branding"]["logo"] = base64.b64encode(self.around.branding.logo).decode()
        return {
            "blocks": self.content.to_json(),
            "around": json.loads(json.dumps(around)),
            "design": self.design.name,
            "layout": list(self.design.layout),
            "version": self.version,
        }

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> Wish:
        around = dict(values["around"])
        logo = base64.b64decode(around["branding"]["logo"])
        around["branding"] = Branding(**{**around["branding"], "logo": logo})
        around["written"] = date.fromisoformat(around["written"]) if around["written"] else None
        around["keywords"] = tuple(around["keywords"])
        around["fields"] = tuple(tuple(each) for each in around["fields"])
        design = laid_out(designs()[values["design"]], values["layout"])
        return Wish(Content.from_json(values["blocks"]), Around(**around), design, values["version"])


def check_options(format: str, options: FileOptions) -> None:
    """Raises Invalid for what there is not."""
    if format not in offered():
        raise Invalid(f"There is no format {format!r}.", remedy=f"Use one of: {', '.join(offered())}.")
    if options.design and options.design not in designs():
        raise Invalid(f"There is no type {options.design!r}.", remedy=f"Use one of: {', '.join(designs())}.")
    quality(options.level)
    texts = (options.subtitle, options.author, *options.keywords, *options.fields.values())
    if len(options.fields) > MOST_FIELDS or any(len(text) > LONGEST_TEXT for text in texts):
        raise Invalid(
            "An option is too long.", remedy=f"Use at most {LONGEST_TEXT:,} characters in each field."
        )


def quality(level: str) -> Level:
    """The level of this name. Raises Invalid."""
    found = next((each for each in LEVELS if each == level), None)
    if found is None:
        raise Invalid(f"There is no level {level!r}.", remedy=f"Use one of: {', '.join(LEVELS)}.")
    return found


def wish_of(subject: Subject, options: FileOptions, principal: Principal, workbench: Workbench) -> Wish:
    """Gather what the file is made of. Raises Invalid for an unknown kind, and what gathering raises."""
    exportable = EXPORTABLES.get(subject.kind)
    if exportable is None:
        raise Invalid(
            f"Nothing called {subject.kind!r} can be exported.", remedy=f"Use: {', '.join(EXPORTABLES)}."
        )
    found = exportable.gather(subject, options.language, principal, workbench)
    design = laid_out(designs()[options.design or found.design], () if options.design else found.layout)
    return Wish(found.content, _around(found, options, design, principal, workbench), design, found.version)


def _around(
    found: Gathered, options: FileOptions, design: Design, principal: Principal, workbench: Workbench
) -> Around:
    with workbench.storage.transaction(readonly=True) as work:
        profiles = work.company_profiles.all(principal.workspace)
    profile = _profile(profiles, options.profile, found.company)
    words = words_of(found.language)
    fields = [(words.fields[key], options.fields[key]) for key in design.fields if options.fields.get(key)]
    branding = branding_of(profile) if profile else Branding(name=found.company)
    if "confidential_mark" in design.layout:
        branding = replace(branding, footer=" · ".join(filter(None, (words.confidential, branding.footer))))
    return Around(
        title=found.title,
        language=found.language,
        subtitle=options.subtitle or found.subtitle,
        author=options.author or found.author,
        written=found.written,
        keywords=options.keywords or found.keywords,
        version=found.version,
        fields=tuple(fields),
        branding=branding,
        alts=dict(options.alts),
    )


def _profile(profiles: list[CompanyProfile], wanted: str, company: str) -> CompanyProfile | None:
    """The company that was chosen, else the one that the document speaks for, else the only one there is."""
    if wanted:
        return next((each for each in profiles if each.id == wanted), None)
    named = next((each for each in profiles if company and each.name.casefold() == company.casefold()), None)
    return named or (profiles[0] if len(profiles) == 1 and not company else None)


def branding_of(profile: CompanyProfile) -> Branding:
    plain = Branding()
    primary, accent, *_ = (*profile.colours, *(plain.primary, plain.accent)[len(profile.colours) :], "")
    return Branding(
        name=profile.name,
        logo=profile.logo or b"",
        primary=primary,
        accent=accent,
        body_font=profile.body_font,
        heading_font=profile.heading_font,
        header=profile.header,
        footer=profile.footer,
    )
