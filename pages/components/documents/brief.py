"""From one line to a plan that a person may change: the brief, its sources, and what will be written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.documents.catalogue import AREAS, TONES
from core.documents.plan import DocumentPlan, PlannedSection
from core.documents.planning import Ranked, Reason
from core.documents.template import SLOT_FORMS, SlotForm
from core.errors import WorkbenchError
from core.gateway.roles import Permission
from core.priority import Priority
from core.storage.documents import DocumentFilter, DocumentSummary
from core.use_cases import BrowseLibrary, IngestFiles, PlanDocument, ProposeOutline, WriteDocument
from core.use_cases.inbox import IncomingFile
from core.use_cases.plan_document import PlanView
from pages.components.documents.names import (
    area_name,
    complexity_names,
    engine_names,
    form_names,
    tone_names,
    type_name,
)
from pages.components.language import LANGUAGES, _, filled, language, language_name, number, percent, several
from pages.components.live import job_strip, plain
from pages.components.session import ask, may, show_error, try_to

PRIORITIES = (Priority.HIGH, Priority.NORMAL, Priority.LOW)
MOST_OFFERED = 200
PLANNED, READY_PLAN, OUTLINE = "planned_brief", "ready_plan", "proposed_outline"
FIELDS = ("type", "area", "language", "audience", "tone", "complexity", "company", "engine", "priority")


def brief_view() -> None:
    """The brief and, once it was planned, the plan."""
    if not may(Permission.CONTRIBUTE):
        st.info(_("You may read drafts here. Writing needs the role of an analyst."), icon=":material/lock:")
        return
    with st.container(border=True):
        brief = st.text_area(
            _("What do you need?"),
            key="brief",
            height=90,
            placeholder=_("Proposal for a hotel chain, based on our contract and the price list, in Spanish"),
        )
        chosen = sources()
        st.button(
            _("Plan it"),
            key="plan",
            type="primary",
            icon=":material/route:",
            disabled=not (brief or "").strip(),
            on_click=plan_now,
        )
    if st.session_state.get(PLANNED):
        plan_card(str(st.session_state[PLANNED]), chosen)


def planned_by_hand() -> DocumentPlan | None:
    """The plan that stands on the page, with all that was changed in it."""
    plan = st.session_state.get(READY_PLAN) if st.session_state.get(PLANNED) else None
    return plan if isinstance(plan, DocumentPlan) else None


def plan_now() -> None:
    """A new plan: what was changed by hand in the one before does not hold for it."""
    st.session_state[PLANNED] = str(st.session_state.get("brief", "")).strip()
    for field in FIELDS:
        st.session_state.pop(f"plan_{field}", None)
    st.session_state["plan_edition"] = int(st.session_state.get("plan_edition", 0)) + 1


def sources() -> tuple[str, ...]:
    """The documents of the library to write from; files that are brought in here are chosen at once."""
    picked: list[str] = list(st.session_state.setdefault("source_ids", []))
    arrived = take_up_files(picked)
    with st.expander(
        _("Sources")
        + (f" · {several('{count} document', '{count} documents', len(picked))}" if picked else ""),
        icon=":material/library_books:",
        key="sources_box",
        expanded=bool(picked) or arrived,
    ):
        words = st.text_input(
            _("Find a document"),
            key="find_source",
            type="search",
            placeholder=_("Words of its title or text"),
        )
        offered = ask(BrowseLibrary(wanted=DocumentFilter(search=words or ""), limit=MOST_OFFERED)).documents
        named = known(picked) | {document.id: document for document in offered}
        st.multiselect(
            _("Documents to write from"),
            list(dict.fromkeys([*(each for each in picked if each in named), *named])),
            format_func=lambda each: label_of(named[each]) if each in named else each,
            key="source_ids",
            placeholder=_("Without a choice, those that fit the brief are taken"),
        )
        files = st.file_uploader(
            _("Or bring files in"),
            accept_multiple_files=True,
            key=f"source_files_{st.session_state.get('source_turn', 0)}",
        )
        if files:
            st.button(
                several("Add {count} file", "Add {count} files", len(files)),
                key="add_sources",
                icon=":material/add:",
                on_click=add_files,
                args=(files,),
            )
        if st.session_state.get("source_job"):
            job_strip()
    return tuple(st.session_state["source_ids"])


def known(ids: list[str]) -> dict[str, DocumentSummary]:
    """Those of the ids that are in the library."""
    if not ids:
        return {}
    view = ask(BrowseLibrary(wanted=DocumentFilter(ids=tuple(ids)), limit=len(ids)))
    return {document.id: document for document in view.documents}


def add_files(files: list[UploadedFile]) -> None:
    incoming = [IncomingFile(file.name, file) for file in files]
    job = try_to(IngestFiles(files=incoming), _("The files are being read."))
    if job is not None:
        st.session_state["source_job"] = job.id
        st.session_state["source_turn"] = int(st.session_state.get("source_turn", 0)) + 1


def take_up_files(picked: list[str]) -> bool:
    """Choose the documents that the last files became, once they are there."""
    job = st.session_state.get("source_job")
    if not job:
        return False
    found = ask(BrowseLibrary(wanted=DocumentFilter(job=str(job)), limit=MOST_OFFERED)).documents
    new = [document.id for document in found if document.id not in picked]
    if new:
        picked += new
        st.session_state["source_ids"] = picked
    return bool(found)


def label_of(document: DocumentSummary) -> str:
    return f"{document.title} · {document.name}"


def plan_card(brief: str, chosen: tuple[str, ...]) -> None:
    try:
        view = ask(asked(brief, chosen))
        if not chosen and view.suggested:
            chosen = tuple(each.document.id for each in view.suggested)
            view = ask(asked(brief, chosen))
    except WorkbenchError as error:
        show_error(error)
        return
    with st.container(border=True, key="plan_card"):
        st.subheader(_("The plan"), anchor=False)
        takes_it(view)
        fields(view)
        why(view)
        plan = replace(view.plan, title=title_field(view), sections=outline(view))
        rests_on(view)
        st.session_state[READY_PLAN] = plan
        write_buttons(view, plan)


def asked(brief: str, chosen: tuple[str, ...]) -> PlanDocument:
    """The question with what was changed by hand."""
    state: dict[str, Any] = {field: st.session_state.get(f"plan_{field}") for field in FIELDS}
    page_language = language()
    return PlanDocument(
        brief=brief,
        sources=chosen,
        page_language=page_language if page_language in ("en", "es", "pt") else "en",  # type: ignore[arg-type]
        type=state["type"] or "",
        area=state["area"] or "",
        language=state["language"],
        audience=state["audience"],
        tone=state["tone"] or "",
        complexity=state["complexity"],
        company=state["company"] or "",
        engine=state["engine"] or "extractive",
    )


def takes_it(view: PlanView) -> None:
    """Which agent takes it, as which type, and how sure that is."""
    area = view.plan.areas[0]
    share = next((each.score for each in view.proposal.areas if each.key == area), None)
    sure = f" :gray[{percent(share)}]" if share else ""
    st.markdown(
        _("{agent} takes it, as {type}.").format(
            agent=f":material/support_agent: **{area_name(area)}**{sure}",
            type=f"**{plain(view.template.name(view.plan.language))}**",
        )
    )
    st.caption(plain(view.template.purpose.get(view.plan.language, "")))
    if not view.proposal.is_sure and not st.session_state.get("plan_type"):
        st.warning(
            _("Other types are as likely. Choose the one you mean before it is written."),
            icon=":material/alt_route:",
        )


def fields(view: PlanView) -> None:
    plan, proposal = view.plan, view.proposal
    one, two, three = st.columns(3)
    with one:
        types = ranked_types(view)
        picked("type", _("Type of document"), types, plan.type, named_type(proposal.types), follow_type)
        picked("area", _("Business area"), list(AREAS), plan.areas[0], ranked_name(proposal.areas, area_name))
    with two:
        picked("language", _("Language of the document"), ["en", "es", "pt"], plan.language, LANGUAGES.get)
        text_of("audience", _("Audience"), plan.audience)
    with three:
        picked("tone", _("Tone"), list(TONES), plan.tone, tone_names().get)
        picked("complexity", _("Extent"), list(complexity_names()), plan.complexity, complexity_names().get)
    one, two, three = st.columns(3)
    with one:
        companies = {"": _("No company")} | {each.id: each.name for each in view.companies}
        picked("company", _("In the name of"), list(companies), "", companies.get)
    with two:
        engines = [each for each in engine_names() if each == "extractive" or view.model]
        picked("engine", _("Written by"), engines, plan.engine, engine_names().get)
    with three:
        picked("priority", _("Priority"), list(PRIORITIES), proposal.priority.value, priority_names().get)


def picked(
    field: str,
    label: str,
    options: list[Any],
    value: Any,
    name: Any,
    on_change: Callable[[], None] | None = None,
) -> None:
    key = f"plan_{field}"
    st.session_state.setdefault(key, value if value in options else options[0])
    st.selectbox(label, options, format_func=name, key=key, on_change=on_change)


def follow_type() -> None:
    """Area and tone are those of the new type, until they are chosen again."""
    for field in ("area", "tone"):
        st.session_state.pop(f"plan_{field}", None)


def text_of(field: str, label: str, value: str) -> None:
    key = f"plan_{field}"
    st.session_state.setdefault(key, value)
    st.text_input(label, key=key)


def ranked_types(view: PlanView) -> list[str]:
    """The likeliest types first, then all others."""
    ranked = [each.key for each in view.proposal.types]
    return ranked if view.plan.type in ranked else [view.plan.type, *ranked]


def named_type(types: tuple[Ranked, ...]) -> Any:
    return ranked_name(types, type_name)


def ranked_name(ranked: tuple[Ranked, ...], name: Any) -> Any:
    shares = {each.key: each.score for each in ranked}

    def named(key: str) -> str:
        share = shares.get(key, 0.0)
        return f"{name(key)} · {percent(share)}" if share >= 0.01 else str(name(key))

    return named


def priority_names() -> dict[Priority, str]:
    return {
        Priority.CRITICAL: _("at once"),
        Priority.HIGH: _("high"),
        Priority.NORMAL: _("normal"),
        Priority.LOW: _("low"),
        Priority.BACKGROUND: _("in the background"),
    }


def why(view: PlanView) -> None:
    """The reasons behind the plan."""
    proposal = view.proposal
    with st.expander(_("Why this plan"), icon=":material/psychology_alt:", key="why"):
        lines = []
        for label, ranked in ((_("Type of document"), proposal.types), (_("Business area"), proposal.areas)):
            best = [
                f"{plain(type_name(each.key) if ranked is proposal.types else area_name(each.key))} "
                f"{percent(each.score)}" + (f" ({plain(', '.join(each.words))})" if each.words else "")
                for each in ranked[:3]
                if each.score >= 0.01
            ]
            lines.append(f"- **{label}:** " + (" · ".join(best) or _("no word of the brief says it")))
        for label, reason in (
            (_("Language of the document"), proposal.language.reason),
            (_("Audience"), proposal.audience.reason),
            (_("Tone"), proposal.tone.reason),
            (_("Extent"), proposal.complexity.reason),
            (_("Priority"), proposal.priority.reason),
        ):
            lines.append(f"- **{label}:** {plain(reason_text(reason))}")
        st.markdown("\n".join(lines))
    for warning in proposal.warnings:
        st.warning(reason_text(warning), icon=":material/info:")


def reason_text(reason: Reason) -> str:
    return filled(reason.sentence, reason.parameters)


def title_field(view: PlanView) -> str:
    key = f"plan_title_{st.session_state.get('plan_edition', 0)}_{view.plan.type}_{view.plan.language}"
    return str(st.text_input(_("Title"), value=view.plan.title, key=key) or view.plan.title)


def outline(view: PlanView) -> tuple[PlannedSection, ...]:
    """The sections as the person left them; an emptied row is gone, a new one is a section of its own."""
    edition = f"{st.session_state.get('plan_edition', 0)}_{view.plan.type}_{view.plan.language}"
    edition = f"{edition}_{view.plan.complexity}"
    if view.plan.engine == "model":
        outline_by_model(view, edition)
    proposed = st.session_state.get(OUTLINE, {}).get(edition)
    plan = replace(view.plan, sections=proposed) if proposed else view.plan
    st.markdown(f"**{_('Outline')}** · {several('{count} section', '{count} sections', len(plan.sections))}")
    names = {form: form_names()[form] for form in SLOT_FORMS}
    forms = {name: form for form, name in names.items()}
    columns = {
        "place": st.column_config.NumberColumn(_("Place"), min_value=1, max_value=99, width=70),
        "title": st.column_config.TextColumn(_("Section"), width="medium", required=True),
        "form": st.column_config.SelectboxColumn(_("As"), options=list(forms), width=140),
        "most": st.column_config.NumberColumn(_("Words at most"), min_value=10, max_value=5000, width=120),
        "about": st.column_config.TextColumn(_("What it should say"), width="large"),
        "key": None,
    }
    rows = [
        {
            "place": place,
            "title": section.title,
            "form": names[section.form],
            "most": section.max_words,
            "about": section.wish or section.question,
            "key": section.key,
        }
        for place, section in enumerate(plan.sections, 1)
    ]
    edited: list[dict[str, Any]] = st.data_editor(
        rows,
        column_config=columns,
        num_rows="dynamic",
        hide_index=True,
        key=f"outline_{edition}_{bool(proposed)}",
        width="stretch",
    )
    return planned_sections(plan, edited, forms)


def outline_by_model(view: PlanView, edition: str) -> None:
    """Its titles and order are a proposal: they stand in the table to be changed."""
    if st.button(_("Let the model propose the outline"), key="outline_by_model", icon=":material/reorder:"):
        with st.spinner(_("The model proposes an outline …"), show_time=True):
            sections = try_to(ProposeOutline(plan=view.plan))
        if sections is not None:
            st.session_state[OUTLINE] = {edition: sections}
            if sections == view.plan.sections:
                st.toast(_("The model has no better outline."), icon=":material/info:")


def planned_sections(
    plan: DocumentPlan, rows: list[dict[str, Any]], forms: dict[str, SlotForm]
) -> tuple[PlannedSection, ...]:
    known_ones = {section.key: section for section in plan.sections}
    made: list[tuple[float, PlannedSection]] = []
    for number_of_row, row in enumerate(rows, 1):
        title = str(row.get("title") or "").strip()
        if not title:
            continue
        section = known_ones.get(str(row.get("key") or "")) or PlannedSection(
            key=f"own_{number_of_row}", title=title, is_required=False
        )
        about = str(row.get("about") or "").strip()
        most = int(row.get("most") or section.max_words)
        made.append(
            (
                float(row.get("place") or 100),
                replace(
                    section,
                    title=title,
                    form=forms.get(str(row.get("form")), section.form),
                    max_words=most,
                    min_words=min(section.min_words, most),
                    wish="" if about == section.question else about,
                ),
            )
        )
    return tuple(section for _place, section in sorted(made, key=lambda each: each[0]))


def rests_on(view: PlanView) -> None:
    """The documents that the draft will be written from, chosen or suggested."""
    suggested = {each.document.id: each.words for each in view.suggested}
    if not view.plan.sources:
        st.info(
            _(
                "No document of the library fits this brief. The draft will be an outline with its "
                "questions; choose sources above to have it filled."
            ),
            icon=":material/library_books:",
        )
        return
    is_chosen = bool(st.session_state.get("source_ids"))
    heading = _("From the documents you chose") if is_chosen else _("From the documents that fit best")
    with st.expander(
        f"{heading} · {number(len(view.plan.sources))}", icon=":material/library_books:", key="rests_on"
    ):
        lines = []
        for source in view.plan.sources:
            document = view.sources[source]
            found = suggested.get(source, ())
            because = f" :gray[{plain(', '.join(found[:5]))}]" if found and not is_chosen else ""
            lines.append(f"- {plain(document.title)} · {plain(document.name)}{because}")
        st.markdown("\n".join(lines))
    others = {view.sources[source].language for source in view.plan.sources} - {view.plan.language}
    if others:
        names = ", ".join(sorted(language_name(code) for code in others))
        st.caption(
            _("Some sources are in {languages}. What is quoted from them stays in their language.").format(
                languages=names
            )
        )


def write_buttons(view: PlanView, plan: DocumentPlan) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            _("Write the draft"),
            key="write",
            type="primary",
            icon=":material/edit_document:",
            on_click=write,
            args=(plan, st.session_state.get("plan_priority", Priority.NORMAL), False),
        )
        if view.seconds is not None:
            st.caption(
                _("About {seconds} s, measured on {drafts}.").format(
                    seconds=number(view.seconds, 1),
                    drafts=several("{count} draft", "{count} drafts", view.num_timed),
                )
            )
    if plan.engine == "model" and view.model:
        st.caption(
            _("{model} writes; what no source says is flagged. Where it fails, sources are quoted.").format(
                model=plain(view.model)
            )
        )


def write(plan: DocumentPlan, priority: Priority, is_fresh: bool) -> None:
    record = try_to(WriteDocument(plan=plan, priority=priority, is_fresh=is_fresh))
    if record is not None:
        st.query_params["draft"] = record.id
        st.session_state.pop(PLANNED, None)
