"""Library: bring documents in, find them, read them, and see which files could not be read and why."""

from html import escape

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.content import Block
from core.gateway.roles import Permission
from core.storage.documents import DocumentFilter, DocumentSummary, StoredDocument
from core.storage.problems import FileProblem
from core.use_cases import (
    BrowseLibrary,
    DismissProblems,
    IngestFiles,
    ReadDocument,
    RemoveDocuments,
)
from core.use_cases.browse_library import LibraryView
from core.use_cases.exportable import Subject
from core.use_cases.inbox import IncomingFile
from pages.components.address import chosen_number, chosen_several, chosen_text, remember
from pages.components.exports.button import bundle_button, export_button
from pages.components.language import (
    _,
    day,
    language_name,
    number,
    several,
    size,
    translated_error,
)
from pages.components.live import job_strip, plain
from pages.components.session import ask, may, try_to

PAGE_SIZE = 50
MOST_PROBLEMS = 100
LONGEST_READING = 200_000
FORMATS = [
    "pdf",
    "docx",
    "pptx",
    "xlsx",
    "odt",
    "epub",
    "html",
    "md",
    "txt",
    "csv",
    "tsv",
    "json",
    "jsonl",
    "eml",
    "zip",
]


def main() -> None:
    chosen = st.query_params.get("doc")
    if chosen:
        reading_view(chosen)
        return
    st.title(_("Library"))
    st.markdown(_("All documents of this workspace. Bring files in, search them, open one to read it."))
    wanted = DocumentFilter(
        search=chosen_text("q"),
        formats=chosen_several("format"),
        languages=chosen_several("language"),
        origins=chosen_several("origin"),
    )
    if may(Permission.CONTRIBUTE):
        intake()
    job_strip()
    page = int(chosen_number("page", 1, 1, 1_000_000))
    view = ask(BrowseLibrary(wanted=wanted, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE))
    if view.problems:
        problem_list(view.problems)
    if view.is_empty:
        st.info(
            _("The library is empty. Add files above: they are read at once and compared with each other."),
            icon=":material/folder_open:",
        )
        return
    filters(view)
    document_table(view)


def intake() -> None:
    with st.container(border=True):
        turn = st.session_state.setdefault("upload_turn", 0)
        as_folder = (
            st.segmented_control(
                _("What to add"),
                ["files", "folder"],
                default="files",
                required=True,
                format_func={"files": _("Files"), "folder": _("A folder")}.get,
                key="upload_kind",
                label_visibility="collapsed",
            )
            == "folder"
        )
        files = st.file_uploader(
            _("Add documents: {formats}").format(formats=", ".join(FORMATS)),
            accept_multiple_files="directory" if as_folder else True,
            key=f"upload_{as_folder}_{turn}",
        )
        if files:
            st.button(
                several("Add {count} file", "Add {count} files", len(files)),
                key="add_files",
                type="primary",
                icon=":material/add:",
                on_click=add_files,
                args=(files,),
            )


def add_files(files: list[UploadedFile]) -> None:
    incoming = [IncomingFile(file.name, file) for file in files]
    if try_to(IngestFiles(files=incoming), _("The files are being read.")) is not None:
        st.session_state["upload_turn"] += 1


def problem_list(problems: tuple[FileProblem, ...]) -> None:
    with st.expander(
        several("{count} file with a remark", "{count} files with a remark", len(problems)),
        icon=":material/report:",
        expanded=len(problems) <= 6,
        key="problems",
    ):
        for problem in problems[:MOST_PROBLEMS]:
            message, remedy = translated_error(problem.code, problem.message, problem.remedy)
            st.markdown(f"**{plain(problem.name)}** — {plain(message)} *{plain(remedy)}*")
        if more := len(problems[MOST_PROBLEMS:]):
            st.caption(several("And {count} more.", "And {count} more.", more))
        if may(Permission.CONTRIBUTE):
            st.button(
                _("Seen, clear the list"),
                key="dismiss",
                on_click=try_to,
                args=(DismissProblems(), _("The list was cleared.")),
            )


def filters(view: LibraryView) -> None:
    st.text_input(
        _("Search in names, titles and texts"),
        key="q",
        type="search",
        placeholder=_("Words that must all occur"),
        bind="query-params",
        on_change=first_page,
    )
    counts = view.totals.by_facet
    names = {
        "format": (_("Format"), str.upper),
        "language": (_("Language of the text"), language_name),
        "origin": (_("Origin"), origin_name),
    }
    for facet, (label, show) in names.items():
        options = list(dict.fromkeys([*counts[facet], *chosen_several(facet)]))
        if len(options) < 2 and not chosen_several(facet):
            continue
        st.pills(
            label,
            options,
            selection_mode="multi",
            format_func=lambda value, facet=facet, show=show: (
                f"{show(value)} {number(counts[facet].get(value, 0))}"
            ),
            key=facet,
            on_change=narrow,
            args=(facet,),
        )


def narrow(facet: str) -> None:
    """A facet changed: keep it in the address and begin at the first page of what fits."""
    remember(facet)
    first_page()


def first_page() -> None:
    st.session_state["page"] = 1


def origin_name(origin: str) -> str:
    return {"sample": _("Samples"), "upload": _("Uploaded"), "folder": _("From a folder")}.get(origin, origin)


def document_table(view: LibraryView) -> None:
    totals = view.totals
    st.caption(
        " · ".join(
            (
                several("{count} document", "{count} documents", totals.num_documents),
                several("{count} word", "{count} words", totals.num_words),
                size(totals.num_bytes),
            )
        )
    )
    if not view.documents:
        st.info(_("No document fits these filters. Remove one of them."), icon=":material/filter_alt_off:")
        return
    picked = st.dataframe(
        [table_row(document) for document in view.documents],
        key="documents",
        on_select="rerun",
        selection_mode="multi-row",
        hide_index=True,
        column_config={
            _("Title"): st.column_config.TextColumn(width="large"),
            _("File"): st.column_config.TextColumn(width="medium"),
            _("Words"): st.column_config.NumberColumn(format="localized"),
        },
        height=min(36 * (len(view.documents) + 1) + 2, 620),
        alt=_("The documents of this page of the library with title, file, language, words and date"),
    )
    selected = [view.documents[row] for row in picked.selection.rows if row < len(view.documents)]
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(selected) == 1:
            st.button(
                _("Read"),
                key="read",
                type="primary",
                icon=":material/article:",
                on_click=open_document,
                args=(selected[0].id,),
            )
        if selected and may(Permission.CONTRIBUTE):
            st.button(
                several("Remove {count} document", "Remove {count} documents", len(selected)),
                key="remove",
                icon=":material/delete:",
                on_click=try_to,
                args=(
                    RemoveDocuments(documents=tuple(document.id for document in selected)),
                    _("Removed from the library."),
                ),
            )
        if len(selected) > 1:
            subjects = tuple(Subject(kind="document", id=document.id) for document in selected)
            bundle_button(subjects, _("Library"), "library_bundle")
        if not selected:
            st.caption(_("Tick a row to read, export or remove the document."))
        pages = -(-totals.num_documents // PAGE_SIZE)
        if pages > 1:
            st.pagination(pages, key="page", bind="query-params")


def table_row(document: DocumentSummary) -> dict[str, object]:
    return {
        _("Title"): document.title,
        _("File"): document.name,
        _("Language"): language_name(document.language),
        _("Words"): document.num_words,
        _("Changed"): day(document.modified),
        _("Added"): day(document.added_at),
    }


def open_document(document: str) -> None:
    st.query_params["doc"] = document


def close_document() -> None:
    del st.query_params["doc"]


def reading_view(document_id: str) -> None:
    st.button(_("Back to the library"), key="back", icon=":material/arrow_back:", on_click=close_document)
    document = ask(ReadDocument(document=document_id))
    summary = document.summary
    st.title(plain(summary.title))
    st.caption(
        plain(
            " · ".join(
                part
                for part in (
                    summary.name,
                    summary.format.upper(),
                    language_name(summary.language),
                    several("{count} word", "{count} words", summary.num_words),
                    size(summary.num_bytes),
                    summary.author or "",
                    _("changed {date}").format(date=day(summary.modified)) if summary.modified else "",
                )
                if part
            )
        )
    )
    pictures = tuple(block.picture for block in document.content.blocks if block.picture)
    export_button(Subject(kind="document", id=document_id), "document_export", pictures=pictures)
    notes(document)
    length = 0
    for block in document.content.blocks:
        length += len(block.text)
        if length > LONGEST_READING:
            st.info(_("The document goes on; this is its beginning."), icon=":material/more_horiz:")
            break
        show_block(block)


def notes(document: StoredDocument) -> None:
    for warning in document.warnings:
        st.warning(_(warning), icon=":material/info:")
    if not document.repairs:
        return
    with st.expander(
        several("{count} damaged place", "{count} damaged places", len(document.repairs)),
        icon=":material/healing:",
    ):
        for repair in document.repairs[:200]:
            if repair["certain"]:
                st.markdown(f"{plain(repair['original'])} → **{plain(repair['repaired'])}**")
            else:
                options = ", ".join(repair["candidates"]) or _("unknown")
                st.markdown(
                    f"{plain(repair['original'])} — "
                    + _("left as it is; it may have been: {words}").format(words=plain(options))
                )


def show_block(block: Block) -> None:
    text = plain(block.text)
    match block.kind:
        case "heading":
            st.markdown(f"{'#' * min(6, block.level + 1)} {text.replace(chr(10), ' ')}")
        case "list_item":
            st.markdown(f"{'  ' * min(4, block.level)}- {text.replace(chr(10), ' ')}")
        case "quote":
            st.markdown(f"> {text.replace(chr(10), chr(10) + '> ')}")
        case "code":
            st.code(block.text, language=None)
        case "table":
            st.html(table_html(block))
        case "picture":
            alt = plain(block.picture.alt) if block.picture else ""
            st.caption(f":material/image: {alt or _('Picture')}")
        case "footnote":
            st.caption(f"{plain(block.key)} · {text}")
        case _:
            st.markdown(text.replace("\n", "  \n"))


def table_html(block: Block) -> str:
    """All rows alike: which of them is a header, the document does not say."""
    rows = "".join(
        "<tr>" + "".join(f'<td style="{_CELL}">{escape(cell)}</td>' for cell in row) + "</tr>"
        for row in block.rows
    )
    label = escape(_("Table of the document"), quote=True)
    return (
        f'<div role="region" aria-label="{label}" tabindex="0" style="overflow-x: auto">'
        f'<table style="border-collapse: collapse">{rows}</table></div>'
    )


_CELL = "border: 1px solid rgba(125, 138, 160, 0.35); padding: 0.3rem 0.6rem; vertical-align: top"


main()
