"""Whether a file is the one that was exported here."""

from __future__ import annotations

import streamlit as st

from core.errors import WorkbenchError
from core.exports.manifest import Verification
from core.use_cases import VerifyFile
from pages.components.exports.names import format_names, level_names
from pages.components.language import _
from pages.components.live import plain
from pages.components.session import ask, show_error

VERDICT_ICONS = {
    "genuine": ":material/verified:",
    "unsigned_here": ":material/help:",
    "changed": ":material/warning:",
    "forged": ":material/gpp_bad:",
}


def verify_view() -> None:
    st.markdown(
        _("Hand in a file and the manifest that came with it; a zip bundle has its own. Nothing is kept.")
    )
    with st.container(horizontal=True):
        file = st.file_uploader(_("File"), key="verify_file")
        manifest = st.file_uploader(_("Manifest"), type=["json"], key="verify_manifest")
    if file is None:
        return
    try:
        found = ask(VerifyFile(data=file.getvalue(), manifest=manifest.getvalue() if manifest else None))
    except WorkbenchError as error:
        show_error(error)
        return
    tell(found)


def tell(found: Verification) -> None:
    said = {
        "genuine": _("This is the file that was exported here, byte for byte."),
        "unsigned_here": _("The bytes are those of the manifest, which another installation signed."),
        "changed": _("This file is not the one of the manifest: its bytes are others."),
        "forged": _("The manifest was changed after it was signed. Trust neither."),
    }[found.verdict]
    show = {"genuine": st.success, "unsigned_here": st.info, "changed": st.error, "forged": st.error}
    show[found.verdict](said, icon=VERDICT_ICONS[found.verdict])
    verdict = found.manifest.get("verdict", {})
    if verdict and found.verdict == "genuine":
        level = level_names().get(verdict.get("level"), "")
        state = _("passed level {level}") if verdict.get("has_passed") else _("did not pass level {level}")
        name = format_names().get(str(found.manifest.get("format")), "")
        told = [plain(str(found.manifest.get("title", ""))), name, state.format(level=level)]
        st.markdown(" · ".join(filter(None, told)))
    for member in found.members:
        if member.verdict != "genuine":
            st.markdown(f"- {VERDICT_ICONS[member.verdict]} {plain(member.name)}")
