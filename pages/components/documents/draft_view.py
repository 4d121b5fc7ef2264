"""One draft: its text with sources, what is open, the check, versions and comments."""

from __future__ import annotations

import re
from collections import Counter

import streamlit as st

from core.documents.draft import DraftSection, Statement
from core.documents.markdown_form import section_markdown
from core.gateway.roles import Permission
from core.storage.drafts import APPROVED, READY
from core.storage.job_records import CANCELLED, FAILED, RUNNING
from core.use_cases import (
    AnswerGap,
    ApproveDraft,
    CancelJob,
    CommentDraft,
    CompareVersions,
    ReadDraft,
    RedriveJob,
    RemoveDraft,
    ReopenDraft,
    ResolveComment,
    RestoreVersion,
    RewriteSection,
    SaveSection,
    SettleDisagreement,
)
from core.use_cases.exportable import Subject
from core.use_cases.read_drafts import DraftView
from pages.components.address import chosen, remember
from pages.components.documents.cited_text import cited_section
from pages.components.documents.markdown_editor import markdown_editor
from pages.components.documents.names import (
    STATE_COLOURS,
    act_names,
    area_name,
    state_names,
    type_name,
)
from pages.components.documents.verdict import verdict_badge, verdict_board
from pages.components.documents.word_templates import word_download
from pages.components.exports.button import export_button
from pages.components.language import (
    _,
    ago,
    language_name,
    number,
    percent,
    several,
    translated_error,
)
from pages.components.live import plain
from pages.components.review import shared_words, side_by_side
from pages.components.session import ask, may, try_to

TICK_SECONDS = 0.7
AROUND = 90
"""Characters of a source beside a reading that another one contradicts."""

_MARK = re.compile(r"\[\^(\d+|\?)\]")
PARTS = ("text", "check", "versions", "comments")


def draft_view(draft: str) -> None:
    view = ask(ReadDraft(draft=draft))
    st.button(_("All drafts"), key="back", icon=":material/arrow_back:", type="tertiary", on_click=leave)
    st.title(plain(view.draft.title))
    if view.version is None:
        being_written(draft)
        return
    head(view)
    if view.job is not None and view.job.state == FAILED:
        message, remedy = translated_error("", view.job.error or "", view.job.remedy or "")
        st.error(f"**{_('This did not work')}.** {message} {remedy}", icon=":material/error:")
    elif view.job is not None:
        rewriting(draft, view.record.version)
    part = chosen("part", PARTS, "text")
    st.segmented_control(
        _("Part"),
        PARTS,
        required=True,
        format_func=part_names(view).get,
        key="part",
        on_change=remember,
        args=("part", "text"),
        label_visibility="collapsed",
    )
    {"text": text_part, "check": check_part, "versions": versions_part, "comments": comments_part}[part](view)


def part_names(view: DraftView) -> dict[str, str]:
    unresolved = sum(comment.resolved_at is None for comment in view.comments)
    return {
        "text": _("Text"),
        "check": _("Check"),
        "versions": f"{_('Versions')} ({number(len(view.versions))})",
        "comments": _("Comments") + (f" ({number(unresolved)})" if unresolved else ""),
    }


def leave() -> None:
    for name in ("draft", "part"):
        st.session_state.pop(name, None)
        if name in st.query_params:
            del st.query_params[name]


@st.fragment(run_every=TICK_SECONDS)
def being_written(draft: str) -> None:
    """The draft as far as it is there. Once it is whole, the page runs again."""
    view = ask(ReadDraft(draft=draft))
    if view.version is not None:
        st.rerun()
    job = view.job
    written = sum(1 for section in view.sections.values() if section.blocks or section.gaps)
    if job is not None and job.state in (FAILED, CANCELLED):
        stopped(view)
    else:
        with st.container(horizontal=True, vertical_alignment="center"):
            told = (
                _("Section {number} of {all}").format(
                    number=number(min(written + 1, len(view.plan.sections))),
                    all=number(len(view.plan.sections)),
                )
                if job is not None and job.state == RUNNING
                else _("waiting in the queue")
            )
            st.progress(written / (len(view.plan.sections) + 1), text=told, width="stretch")
            if job is not None and may(Permission.CONTRIBUTE):
                st.button(
                    _("Stop"),
                    key="stop_draft",
                    disabled=job.cancel_requested,
                    on_click=try_to,
                    args=(CancelJob(job=job.id), _("The job is being stopped.")),
                )
    for place, planned in enumerate(view.plan.sections):
        section = view.sections.get(place)
        if section is None:
            st.markdown(f":gray[{plain(planned.title)} …]")
            continue
        st.subheader(plain(section.title), anchor=False)
        cited_section(section, view.draft, view.contexts, key=f"live_{place}")
        for gap in section.gaps:
            st.caption(f":material/help: {plain(gap.question)}")


def stopped(view: DraftView) -> None:
    job = view.job
    if job is None:
        return
    if job.state == FAILED:
        message, remedy = translated_error("", job.error or "", job.remedy or "")
        st.error(f"**{_('The draft was not finished.')}** {message} {remedy}", icon=":material/error:")
    else:
        st.info(_("The writing was stopped. What is there is kept."), icon=":material/stop_circle:")
    if may(Permission.CONTRIBUTE):
        with st.container(horizontal=True):
            st.button(
                _("Go on writing"),
                key="redrive_draft",
                type="primary",
                on_click=try_to,
                args=(RedriveJob(job=job.id), _("The job runs again.")),
            )
            remove_button(view)


@st.fragment(run_every=TICK_SECONDS)
def rewriting(draft: str, version: int) -> None:
    view = ask(ReadDraft(draft=draft))
    if view.record.version != version or view.job is None or not view.job.is_open:
        st.rerun()
    st.progress(0.5, text=_("A section is being written anew …"))


def head(view: DraftView) -> None:
    record = view.record
    facts = [
        f":{STATE_COLOURS[record.state]}-badge[{state_names()[record.state]}]",
        verdict_badge(view.verdict) if view.verdict else "",
        f"{type_name(record.type)} · {area_name(record.area)} · {language_name(record.language)}",
        several("{count} word", "{count} words", record.num_words),
    ]
    if record.confidence is not None:
        facts.append(_("{share} from sources").format(share=percent(record.confidence)))
    if record.seconds is not None:
        facts.append(_("written in {seconds} s").format(seconds=number(record.seconds, 1)))
    facts += [f"{plain(record.author)} · {ago(record.changed_at)}", spared(view)]
    st.markdown(" · ".join(fact for fact in facts if fact))
    for reason in dict.fromkeys(section.reason for section in view.draft.sections if section.reason):
        if reason in SAID_OF_A_DRAFT:
            st.caption(_(reason))
    acts(view)


SAID_OF_A_DRAFT: tuple[str, ...] = ()
"""Reasons of sections that concern the whole draft."""


def spared(view: DraftView) -> str:
    """What the cache spared a draft that a model wrote."""
    spent = view.record.spent
    if not spent.get("prompt_tokens"):
        return ""
    told = _("{cached} of {all} prompt tokens came from the cache").format(
        cached=number(spent.get("cached_tokens", 0)), all=number(spent["prompt_tokens"])
    )
    if not spent.get("saved_seconds"):
        return told
    saved = _("which saved about {seconds} s").format(seconds=number(spent["saved_seconds"], 1))
    return f"{told}, {saved}"


def acts(view: DraftView) -> None:
    record = view.record
    with st.container(horizontal=True, vertical_alignment="center"):
        if may(Permission.DECIDE) and record.state == READY:
            with st.popover(_("Approve"), icon=":material/verified:", type="primary"):
                approve(view)
        if may(Permission.DECIDE) and record.state == APPROVED:
            st.button(
                _("Reopen"),
                key="reopen",
                icon=":material/lock_open:",
                on_click=try_to,
                args=(ReopenDraft(draft=record.id), _("The draft can be changed again.")),
            )
        if record.version:
            export_button(Subject(kind="draft", id=record.id), "draft_export", default=("pdf", "docx"))
        with st.popover(_("In a Word template"), icon=":material/description:"):
            word_download(view)
        remove_button(view)


def approve(view: DraftView) -> None:
    record, verdict = view.record, view.verdict
    if verdict is not None and verdict.outcome != "passed":
        st.warning(_("The check found something. Look at it before you approve."), icon=":material/info:")
    keep = True
    if view.replaced:
        st.markdown(
            several(
                "It becomes a document of the library, and {count} document is retired into it.",
                "It becomes a document of the library, and {count} documents are retired into it.",
                len(view.replaced),
            )
        )
        st.markdown("\n".join(f"- {plain(each.title)} · {plain(each.name)}" for each in view.replaced))
        st.caption(_("Retiring is a decision: the history takes it back."))
    else:
        keep = st.checkbox(_("Put it into the library as a document"), key="keep_approved")
    st.button(
        _("Approve this version"),
        key="approve",
        type="primary",
        on_click=try_to,
        args=(
            ApproveDraft(draft=record.id, version=record.version, keep=keep),
            _("The draft is approved."),
        ),
    )


def remove_button(view: DraftView) -> None:
    if not may(Permission.CONTRIBUTE):
        return
    with st.popover(_("Remove"), icon=":material/delete:"):
        st.markdown(_("The draft goes with all its versions and comments."))
        st.button(_("Remove it"), key="remove_draft", on_click=remove, args=(view.record.id,))


def remove(draft: str) -> None:
    try_to(RemoveDraft(draft=draft), _("The draft is removed."))
    leave()


def text_part(view: DraftView) -> None:
    editing = str(st.session_state.get("editing", ""))
    if editing and any(section.key == editing for section in view.draft.sections):
        section = next(section for section in view.draft.sections if section.key == editing)
        editor(view, section)
        return
    left, right = st.columns([2.1, 1], gap="large")
    with left:
        summary(view)
        for place, section in enumerate(view.draft.sections):
            section_text(view, section, place)
    with right:
        open_questions(view)
        contradictions(view)
        sources(view)


def summary(view: DraftView) -> None:
    if view.draft.summary:
        with st.container(border=True):
            st.markdown(f"**{_('In short')}**")
            st.markdown(" ".join(plain(each.text) for each in view.draft.summary))


def section_text(view: DraftView, section: DraftSection, place: int) -> None:
    can_write = may(Permission.CONTRIBUTE) and view.record.state != APPROVED
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(plain(section.title), anchor=False, width="stretch")
        if can_write:
            with st.container(horizontal=True, width="content", gap="small"):
                st.button(
                    _("Edit"),
                    key=f"edit_{place}",
                    type="tertiary",
                    icon=":material/edit:",
                    on_click=begin_editing,
                    args=(section.key, view.record.version),
                )
                if view.plan.type != "consolidation":
                    with st.popover(_("Write anew"), type="tertiary", icon=":material/refresh:"):
                        rewrite(view, section, place)
    cited_section(section, view.draft, view.contexts, key=f"text_{place}")
    if section.reason:
        st.caption(_(section.reason))


def rewrite(view: DraftView, section: DraftSection, place: int) -> None:
    wish = st.text_input(
        _("What it should say"), key=f"wish_{place}", placeholder=_("Words to look for in the sources")
    )
    st.button(
        _("Write this section anew"),
        key=f"rewrite_{place}",
        type="primary",
        on_click=try_to,
        args=(
            RewriteSection(
                draft=view.record.id, base=view.record.version, section=section.key, wish=wish or ""
            ),
            _("The section is being written anew; the text until now stays in the versions."),
        ),
    )


def begin_editing(section: str, version: int) -> None:
    st.session_state["editing"] = section
    st.session_state["editing_base"] = version


def stop_editing() -> None:
    for name in ("editing", "editing_base", "edited"):
        st.session_state.pop(name, None)


def editor(view: DraftView, section: DraftSection) -> None:
    base = int(st.session_state.get("editing_base", view.record.version))
    original = section if base == view.record.version else read_section_of(view.record.id, base, section.key)
    st.subheader(_("Edit “{title}”").format(title=plain(original.title)), anchor=False)
    if section != original:
        st.warning(
            _("Somebody else changed this section in the meantime. Your text stays here."),
            icon=":material/group:",
        )
        with st.expander(_("The newest version of it"), key="newest_of_section"):
            cited_section(section, view.draft, view.contexts, key="newest_section")
    edit_box(view, original, base)


def read_section_of(draft: str, version: int, key: str) -> DraftSection:
    sections = ask(ReadDraft(draft=draft, version=version)).draft.sections
    return next(section for section in sections if section.key == key)


@st.fragment
def edit_box(view: DraftView, section: DraftSection, base: int) -> None:
    title = st.text_input(_("Heading"), value=section.title, key=f"heading_{section.key}_{base}")
    left, right = st.columns(2, gap="medium")
    edition = f"{view.record.id} {base} {section.key}"
    with left:
        written = markdown_editor(section_markdown(section), edition, key=f"markdown_{section.key}_{base}")
    with right:
        st.caption(_("Preview"))
        with st.container(border=True, height=352):
            st.markdown(with_badges(written) or f":gray[{_('Nothing is written yet.')}]")
    st.caption(
        _(
            "[^2] stands for the second source. A sentence that you change is looked for in the sources "
            "again; what none of them has counts as your own words."
        )
    )
    with st.container(horizontal=True):
        request = SaveSection(
            draft=view.record.id, base=base, section=section.key, markdown=written, title=title or ""
        )
        if st.button(_("Save as a new version"), key="save_section", type="primary"):
            saved = try_to(request, _("Saved."))
            if saved is not None:
                stop_editing()
                st.rerun()
        if st.button(_("Cancel"), key="cancel_edit"):
            stop_editing()
            st.rerun()


def with_badges(markdown: str) -> str:
    """The footnote marks as small numbers, as the finished text shows them."""
    return _MARK.sub(lambda mark: f":{'orange' if mark[1] == '?' else 'blue'}-badge[{mark[1]}]", markdown)


def open_questions(view: DraftView) -> None:
    gaps = [
        (section, number_of_gap, gap)
        for section in view.draft.sections
        for number_of_gap, gap in enumerate(section.gaps)
    ]
    st.markdown(f"**{_('What the sources did not say')}** · {number(len(gaps))}")
    if not gaps:
        st.caption(_("Nothing is open."))
    can_write = may(Permission.CONTRIBUTE) and view.record.state != APPROVED
    for place, (section, number_of_gap, gap) in enumerate(gaps):
        with st.expander(plain(gap.question), key=f"gap_{place}", icon=":material/help:"):
            st.caption(plain(section.title))
            if not can_write:
                continue
            answer = st.text_input(_("Your answer"), key=f"answer_{view.record.version}_{place}")
            st.button(
                _("Put it in"),
                key=f"put_in_{place}",
                disabled=not (answer or "").strip(),
                on_click=try_to,
                args=(
                    AnswerGap(
                        draft=view.record.id,
                        base=view.record.version,
                        section=section.key,
                        gap=number_of_gap,
                        answer=answer or "",
                    ),
                    _("The answer is in the draft, marked as yours."),
                ),
            )


def contradictions(view: DraftView) -> None:
    found = [
        (section, place, each)
        for section in view.draft.sections
        for place, each in enumerate(section.disagreements)
    ]
    if not found:
        return
    still_open = sum(each.state == "open" for _section, _place, each in found)
    st.markdown(f"**{_('Where sources contradict each other')}** · {number(still_open)}")
    for section, place, each in found:
        settled = "" if each.state == "open" else ":material/check: "
        with st.expander(
            settled + plain(section.title),
            key=f"conflict_{section.key}_{place}",
            expanded=each.state == "open",
        ):
            for act, reading in (("kept", each.reading), ("replaced", each.other_reading)):
                st.markdown(in_context(view, reading))
                st.button(
                    _("Say this"),
                    key=f"settle_{section.key}_{place}_{act}",
                    disabled=each.state == act or view.record.state == APPROVED,
                    on_click=try_to,
                    args=(
                        SettleDisagreement(
                            draft=view.record.id,
                            base=view.record.version,
                            section=section.key,
                            number=place,
                            act=act,  # type: ignore[arg-type]
                        ),
                        _("Settled."),
                    ),
                )


def in_context(view: DraftView, reading: Statement) -> str:
    """A reading with the words around it, and its source."""
    if not reading.origins:
        return plain(reading.text)
    origin = reading.origins[0]
    context = view.contexts.get(origin)
    near = context.before.rpartition("\n")[2] if context else ""
    after = context.after.partition("\n")[0] if context else ""
    if len(near) > AROUND:
        near = near[-AROUND:].partition(" ")[2]
    told = f"{plain(near)}**{plain(reading.text)}**{plain(after[:AROUND])}"
    return f"{told}  \n:gray[{plain(view.draft.sources[origin.source - 1].title)}]"


def sources(view: DraftView) -> None:
    used = Counter(origin.source for each in view.draft.statements for origin in each.origins)
    st.markdown(f"**{_('Sources')}** · {number(len(used))}")
    unused = []
    for place, source in enumerate(view.draft.sources, 1):
        if place not in used:
            unused.append(source.title)
            continue
        count = several("{count} sentence", "{count} sentences", used[place])
        line = f":blue-badge[{place}] {plain(source.title)}  \n:gray[{plain(source.name)} · {count}]"
        gone = "" if source.id in view.sources else f"  \n:orange[{_('no longer in the library')}]"
        st.markdown(line + gone)
    if unused:
        st.caption(_("Not quoted: {titles}").format(titles=plain("; ".join(unused))))
    if not view.draft.sources:
        st.caption(_("No document of the library was given to this draft."))


def check_part(view: DraftView) -> None:
    if view.verdict is None:
        st.info(_("This version was not checked."))
        return
    verdict_board(view.verdict)
    st.caption(
        _(
            "Confidence is the share of the words that are quoted from a source or were found in one. It "
            "says nothing about whether the source is right."
        )
    )


def versions_part(view: DraftView) -> None:
    numbers = [each.number for each in view.versions]
    names = {each.number: version_name(view, each.number) for each in view.versions}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        before = st.selectbox(
            _("From"), numbers, index=min(1, len(numbers) - 1), format_func=names.get, key="from_version"
        )
        after = st.selectbox(_("To"), numbers, index=0, format_func=names.get, key="to_version")
    if before == after:
        st.caption(_("Choose two versions to see what changed."))
    else:
        changes = ask(CompareVersions(draft=view.record.id, before=before or 1, after=after or 1))
        changed = [change for change in changes if change.is_changed]
        if not changed:
            st.info(_("The text of both versions is the same."), icon=":material/check:")
        for change in changed:
            st.markdown(f"**{plain(change.title)}**")
            side_by_side(
                shared_words(
                    (names[before or 1], names[after or 1]),
                    ("", ""),
                    (change.before, change.after),
                    change.alignment,
                    (),
                ),
                key=f"change_{change.key}",
                roles=(_("Before"), _("After")),
            )
    can_restore = may(Permission.CONTRIBUTE) and view.record.state != APPROVED
    if can_restore and before and before != view.record.version:
        st.button(
            _("Go back to {version}").format(version=names[before]),
            key="restore",
            icon=":material/history:",
            on_click=try_to,
            args=(
                RestoreVersion(draft=view.record.id, version=before),
                _("Restored; nothing that came later is lost."),
            ),
        )


def version_name(view: DraftView, number_of_version: int) -> str:
    each = next(one for one in view.versions if one.number == number_of_version)
    titles = {section.key: section.title for section in view.draft.sections}
    concerned = f": {titles[each.section]}" if each.section in titles else ""
    return (
        f"{number(each.number)} · {act_names().get(each.act, each.act)}{concerned} · {ago(each.created_at)}"
    )


def comments_part(view: DraftView) -> None:
    titles = {section.key: section.title for section in view.draft.sections}
    for comment in view.comments:
        with st.container(border=True):
            about = titles.get(comment.section, _("the whole draft"))
            st.markdown(f"**{plain(comment.author)}** · {plain(about)} · {ago(comment.created_at)}")
            st.markdown(plain(comment.text))
            if comment.resolved_at is not None:
                st.caption(f":material/check: {_('Done')}")
            elif may(Permission.CONTRIBUTE):
                st.button(
                    _("Done"),
                    key=f"resolve_{comment.id}",
                    on_click=try_to,
                    args=(ResolveComment(comment=comment.id),),
                )
    if not view.comments:
        st.caption(_("Nobody has said anything yet."))
    if may(Permission.CONTRIBUTE):
        with st.form("comment", clear_on_submit=True, border=False):
            about = st.selectbox(
                _("About"), ["", *titles], format_func=lambda key: titles.get(key, _("the whole draft"))
            )
            text = st.text_area(_("Comment"), height=90)
            if st.form_submit_button(_("Comment"), icon=":material/comment:") and try_to(
                CommentDraft(draft=view.record.id, text=text or "", section=about or "")
            ):
                st.rerun()
