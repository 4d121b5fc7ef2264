"""Change a draft: write in a section, answer a gap, settle a disagreement, go back to an earlier version.

Every change is a version of its own. Two people who change different sections do not disturb each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from core.documents.citations import grounded
from core.documents.draft import Disagreement, Draft, DraftBlock, DraftSection, Statement
from core.documents.markdown_form import read_section
from core.errors import Conflict, Invalid, NotFound
from core.gateway.roles import Permission, Principal
from core.redundancy import Alignment, align
from core.storage.drafts import DraftVersion
from core.use_cases.check_draft import check_draft
from core.use_cases.request import Request
from core.use_cases.source_shelves import shelf_of, source_contents
from core.workbench import Workbench

LONGEST_SECTION = 100_000
LONGEST_ANSWER = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveSection(Request[DraftVersion]):
    """Put this Markdown into a section that reads as in version `base`."""

    draft: str
    base: int
    section: str
    markdown: str
    title: str = ""


def save_section(request: SaveSection, principal: Principal, workbench: Workbench) -> DraftVersion:
    """The new version. Raises Conflict when somebody changed the same section since `base`."""
    principal.require(Permission.CONTRIBUTE)
    if len(request.markdown) > LONGEST_SECTION:
        raise Invalid(f"A section has at most {LONGEST_SECTION:,} characters.", remedy="Divide it into two.")
    title = " ".join(request.title.split())[:300]

    with workbench.storage.transaction(readonly=True) as work:
        known = work.drafts.version(principal.workspace, request.draft, request.base).draft.sources
    shelf = shelf_of(workbench, principal.workspace, [source.id for source in known])

    def edit(section: DraftSection) -> DraftSection:
        read = read_section(
            request.markdown,
            section,
            lambda sentence: grounded(sentence, shelf) or Statement(sentence, "own"),
        )
        return replace(read, title=title or section.title)

    return _change(request.draft, request.base, request.section, "edited", edit, principal, workbench)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerGap(Request[DraftVersion]):
    """Answer what the sources did not say; `gap` counts the gaps of the section from 0."""

    draft: str
    base: int
    section: str
    gap: int
    answer: str


def answer_gap(request: AnswerGap, principal: Principal, workbench: Workbench) -> DraftVersion:
    principal.require(Permission.CONTRIBUTE)
    answer = " ".join(request.answer.split())
    if not answer or len(answer) > LONGEST_ANSWER:
        raise Invalid(f"An answer has 1 to {LONGEST_ANSWER:,} characters.", remedy="Write a sentence or two.")

    def fill(section: DraftSection) -> DraftSection:
        if not 0 <= request.gap < len(section.gaps):
            raise Conflict("This question was answered already.", remedy="Load the page again.")
        gap = section.gaps[request.gap]
        label = _labels(request.draft, principal, workbench).get((section.key, gap.fact), "")
        block = DraftBlock("paragraph", (Statement(answer, "own", label=label),))
        left = tuple(each for number, each in enumerate(section.gaps) if number != request.gap)
        return replace(section, blocks=(*section.blocks, block), gaps=left)

    return _change(request.draft, request.base, request.section, "answered", fill, principal, workbench)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleDisagreement(Request[DraftVersion]):
    """Keep what the draft says, or say what the other source says; `number` counts those of the section."""

    draft: str
    base: int
    section: str
    number: int
    act: Literal["kept", "replaced"]


def settle_disagreement(
    request: SettleDisagreement, principal: Principal, workbench: Workbench
) -> DraftVersion:
    principal.require(Permission.CONTRIBUTE)

    def settle(section: DraftSection) -> DraftSection:
        if not 0 <= request.number < len(section.disagreements):
            raise Conflict("This was settled already.", remedy="Load the page again.")
        found = section.disagreements[request.number]
        said = found.other_reading if found.state == "replaced" else found.reading
        wanted = found.other_reading if request.act == "replaced" else found.reading
        settled = replace(found, state=request.act)
        return replace(
            section,
            blocks=tuple(_reworded(block, said, wanted) for block in section.blocks),
            disagreements=_with(section.disagreements, request.number, settled),
        )

    return _change(request.draft, request.base, request.section, "settled", settle, principal, workbench)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreVersion(Request[DraftVersion]):
    """Make the draft read as it did in an earlier version; what came after it stays in the list."""

    draft: str
    version: int


def restore_version(request: RestoreVersion, principal: Principal, workbench: Workbench) -> DraftVersion:
    principal.require(Permission.CONTRIBUTE)
    with workbench.storage.transaction() as work:
        record = work.drafts.get(principal.workspace, request.draft)
        earlier = work.drafts.version(principal.workspace, request.draft, request.version)
        restored = replace(
            earlier,
            number=record.version + 1,
            act="restored",
            section="",
            author=principal.user,
            created_at=datetime.now(UTC),
        )
        work.drafts.append(principal.workspace, request.draft, restored)
    return restored


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareVersions(Request["tuple[SectionChange, ...]"]):
    """What became different from one version to another."""

    draft: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class SectionChange:
    """`before` and `after` are the plain texts of the section, empty where it is not there."""

    key: str
    title: str
    before: str
    after: str
    alignment: Alignment

    @property
    def is_changed(self) -> bool:
        return self.before != self.after


def compare_versions(
    request: CompareVersions, principal: Principal, workbench: Workbench
) -> tuple[SectionChange, ...]:
    """The sections in the order of the later version, then those that are gone."""
    principal.require(Permission.READ)
    with workbench.storage.transaction(readonly=True) as work:
        before = work.drafts.version(principal.workspace, request.draft, request.before).draft
        after = work.drafts.version(principal.workspace, request.draft, request.after).draft
    old = {section.key: section for section in before.sections}
    new = {section.key: section for section in after.sections}
    return tuple(_compared(key, old.get(key), new.get(key)) for key in dict.fromkeys([*new, *old]))


def replace_section(
    draft: str,
    base: int,
    section: DraftSection,
    act: str,
    principal: Principal,
    workbench: Workbench,
) -> DraftVersion:
    """Put a whole section in the place of the one of version `base`."""
    return _change(draft, base, section.key, act, lambda _old: section, principal, workbench)


def _change(
    draft: str,
    base: int,
    key: str,
    act: str,
    edit: Callable[[DraftSection], DraftSection],
    principal: Principal,
    workbench: Workbench,
) -> DraftVersion:
    """A version with one section edited, of the newest one if that section is as it was in `base`."""
    workspace = principal.workspace
    with workbench.storage.transaction(readonly=True) as work:
        record = work.drafts.get(workspace, draft)
        newest = work.drafts.version(workspace, draft, record.version).draft
        read = newest if base == record.version else work.drafts.version(workspace, draft, base).draft
    section = _section(newest, key)
    if section != _section(read, key):
        raise Conflict(
            "Somebody else changed this section in the meantime.",
            remedy="Your text stays in the box: read the newest version beside it, then save again.",
        )
    sections = tuple(edit(each) if each.key == key else each for each in newest.sections)
    changed = replace(newest, sections=sections)
    contents = source_contents(workbench, workspace, changed)
    verdict = check_draft(changed, record.planned(), contents, workspace, workbench)
    version = DraftVersion(
        number=record.version + 1,
        act=act,
        section=key,
        author=principal.user,
        created_at=datetime.now(UTC),
        verdict=verdict.to_json(),
        draft=changed,
    )
    with workbench.storage.transaction() as work:
        work.drafts.append(workspace, draft, version)
    return version


def _section(draft: Draft, key: str) -> DraftSection:
    for section in draft.sections:
        if section.key == key:
            return section
    raise NotFound("This section is not there.", remedy="Load the page again.")


def _labels(draft: str, principal: Principal, workbench: Workbench) -> dict[tuple[str, str], str]:
    """What each required fact is called, by section and key."""
    with workbench.storage.transaction(readonly=True) as work:
        plan = work.drafts.get(principal.workspace, draft).planned()
    return {(section.key, fact.key): fact.label for section in plan.sections for fact in section.facts}


def _reworded(block: DraftBlock, said: Statement, wanted: Statement) -> DraftBlock:
    statements = tuple(
        replace(wanted, label=each.label) if _is_same(each, said) else each for each in block.statements
    )
    return replace(block, statements=statements)


def _is_same(one: Statement, other: Statement) -> bool:
    return one.text == other.text and one.origins == other.origins


def _with(all_of_them: tuple[Disagreement, ...], number: int, one: Disagreement) -> tuple[Disagreement, ...]:
    return (*all_of_them[:number], one, *all_of_them[number + 1 :])


def _compared(key: str, old: DraftSection | None, new: DraftSection | None) -> SectionChange:
    before, after = (_plain(old) if old else ""), (_plain(new) if new else "")
    title = new.title if new else old.title if old else key
    return SectionChange(key, title, before, after, align(before, after))


def _plain(section: DraftSection) -> str:
    return "\n".join(block.text for block in section.blocks)
