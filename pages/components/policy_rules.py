"""The rules that documents are checked against, and what they find: an editor and a board."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from core.gateway.roles import Permission
from core.quality.policy import (
    FINDINGS,
    IDENTIFIERS,
    KINDS,
    RULES,
    SEVERITIES,
    SEVERITY_NAMES,
    SIGNALS,
    PolicyFinding,
    RuleTemplate,
)
from core.quality.policy.parameters import Value
from core.quality.policy.rules.languages import RECOGNISED
from core.use_cases import (
    ListPolicyRules,
    ReadPolicyFindings,
    RemovePolicyRule,
    SavePolicyRule,
    SwitchPolicyRule,
    TryPolicyRule,
)
from core.use_cases.manage_policies import PolicyRuleView, RuleTrial
from core.use_cases.read_policy_findings import FoundInDocument, PolicyBoard
from pages.components.address import chosen_several, chosen_text
from pages.components.findings.names import first_page, narrow, page_of, pager, search_box
from pages.components.language import _, ago, filled, language_name, number, percent, several
from pages.components.live import plain
from pages.components.session import ask, may, try_to

PAGE_SIZE = 20
COLOURS = {"low": "gray", "medium": "blue", "high": "orange", "critical": "red"}
OPEN = "policy_open"
NEW = "new"
TICK_SECONDS = 0.7


def policy_rules_editor() -> None:
    """The rules with their state, and for those who may decide the way to write, try and switch them."""
    view = ask(ListPolicyRules())
    st.caption(
        _(
            "What documents must not hold, or must. A rule is tried on the library before it counts; "
            "what the active ones find stands on the page Quality."
        )
    )
    opened = str(st.session_state.get(OPEN, ""))
    if may(Permission.DECIDE):
        new_rule(view.templates, view.rules, is_open=opened == NEW)
    if not view.rules:
        st.info(_("There is no rule yet. Add one, or start from a template."), icon=":material/policy:")
    for rule in view.rules:
        rule_card(rule, is_open=opened == rule.id)


def new_rule(
    templates: tuple[RuleTemplate, ...], rules: tuple[PolicyRuleView, ...], *, is_open: bool
) -> None:
    if not is_open:
        st.button(_("Add a rule"), key="policy_new", icon=":material/add:", on_click=open_rule, args=(NEW,))
        return
    taken = {rule.name for rule in rules}
    left = {each.code: each for each in templates if _(each.name) not in taken and each.name not in taken}
    with st.container(border=True):
        code = st.selectbox(
            _("Start from"),
            ["", *left],
            format_func=lambda each: _(left[each].name) if each else _("An empty rule"),
            key="policy_template",
        )
        if code:
            template = left[code]
            st.caption(_(template.purpose))
            rule_form(
                f"{NEW}_{code}",
                _(template.name),
                template.kind,
                template.severity,
                template.parameters,
                rule=None,
            )
        else:
            rule_form(NEW, "", "personal_data", "medium", {}, rule=None)


def rule_card(rule: PolicyRuleView, *, is_open: bool) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(rule.name)}** · {_(KINDS[rule.kind])}", width="stretch")
            st.badge(_(SEVERITY_NAMES[rule.severity]), color=COLOURS[rule.severity])
            if rule.is_active:
                st.badge(_("on"), icon=":material/check:", color="green")
            else:
                st.badge(_("off"), color="gray")
        st.caption(said_of(rule))
        if may(Permission.DECIDE):
            acts(rule, is_open=is_open)
        if is_open and may(Permission.DECIDE):
            rule_form(
                f"{rule.id}_{rule.revision}",
                rule.name,
                rule.kind,
                rule.severity,
                rule.parameters,
                rule=rule,
            )


def said_of(rule: PolicyRuleView) -> str:
    changed = _("changed {when} by {author}").format(when=ago(rule.changed_at), author=plain(rule.author))
    if rule.test is None:
        return f"{changed} · {_('not tested as it reads now')}"
    tested = _("tested on {documents}: findings in {hit}").format(
        documents=several("{count} document", "{count} documents", rule.test.num_documents),
        hit=number(rule.test.num_hit),
    )
    return f"{changed} · {tested}"


def acts(rule: PolicyRuleView, *, is_open: bool) -> None:
    with st.container(horizontal=True):
        if rule.is_active:
            st.button(
                _("Switch off"),
                key=f"policy_off_{rule.id}",
                icon=":material/toggle_off:",
                on_click=try_to,
                args=(
                    SwitchPolicyRule(rule=rule.id, revision=rule.revision, on=False),
                    _("The rule is off."),
                ),
            )
        else:
            st.button(
                _("Test and switch on"),
                key=f"policy_on_{rule.id}",
                icon=":material/toggle_on:",
                on_click=try_to,
                args=(
                    SwitchPolicyRule(rule=rule.id, revision=rule.revision, on=True),
                    _("The rule was tested and is on."),
                ),
            )
        if not is_open:
            st.button(
                _("Change or try"),
                key=f"policy_edit_{rule.id}",
                icon=":material/edit:",
                on_click=open_rule,
                args=(rule.id,),
            )
        with st.popover(_("Remove"), icon=":material/delete:", key=f"policy_remove_{rule.id}"):
            st.markdown(_("The rule and what it found are no longer shown. This cannot be taken back."))
            st.button(
                _("Remove the rule"),
                key=f"policy_remove_do_{rule.id}",
                type="primary",
                on_click=try_to,
                args=(RemovePolicyRule(rule=rule.id), _("The rule is removed.")),
            )


def open_rule(rule: str) -> None:
    st.session_state[OPEN] = rule


def rule_form(
    key: str,
    name: str,
    kind: str,
    severity: str,
    parameters: Mapping[str, Value],
    *,
    rule: PolicyRuleView | None,
) -> None:
    """The fields of a rule, a trial of it as it stands in them, and saving."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        named = st.text_input(_("Name"), name, key=f"policy_name_{key}", max_chars=200, width=320)
        of_kind = st.selectbox(
            _("Kind of rule"),
            list(RULES),
            index=list(RULES).index(kind),
            format_func=lambda each: _(KINDS[each]),
            key=f"policy_kind_{key}",
            width=220,
        )
        how_severe = st.selectbox(
            _("Severity"),
            SEVERITIES,
            index=SEVERITIES.index(severity),
            format_func=lambda each: _(SEVERITY_NAMES[each]),
            key=f"policy_severity_{key}",
            width=160,
        )
    written = _FIELDS[of_kind](parameters if of_kind == kind else {}, f"policy_{of_kind}_{key}")
    trial_of(of_kind, written, key)
    if rule is not None and rule.is_active:
        st.caption(_("A change of what the rule checks switches it off until it is tested again."))
    with st.container(horizontal=True):
        st.button(
            _("Save"),
            key=f"policy_save_{key}",
            type="primary",
            icon=":material/save:",
            on_click=save,
            args=(
                SavePolicyRule(
                    name=named,
                    kind=of_kind,
                    severity=how_severe,
                    parameters=written,
                    rule=None if rule is None else rule.id,
                    revision=0 if rule is None else rule.revision,
                ),
            ),
        )
        st.button(_("Close"), key=f"policy_close_{key}", on_click=open_rule, args=("",))


def save(request: SavePolicyRule) -> None:
    if try_to(request, _("The rule is saved.")) is not None:
        open_rule("")


def personal_fields(parameters: Mapping[str, Value], key: str) -> dict[str, Value]:
    named = st.multiselect(
        _("Identifiers that must not occur"),
        list(IDENTIFIERS),
        default=_listed(parameters, "identifiers"),
        format_func=identifier_name,
        key=f"{key}_identifiers",
    )
    least = st.number_input(
        _("From how many places of one kind on"),
        1,
        1000,
        int(str(parameters.get("least_places") or 1)),
        key=f"{key}_least",
        width=280,
    )
    return {"identifiers": list(named), "least_places": int(least)}


def term_fields(parameters: Mapping[str, Value], key: str) -> dict[str, Value]:
    blocked, required = st.columns(2, gap="medium")
    with blocked:
        must_not = lines_field(_("Must not occur, one on each line"), parameters, "blocked", key)
    with required:
        must = lines_field(_("Must occur, one on each line"), parameters, "required", key)
    st.caption(
        _("Whole words; case and accents do not count. A star at the end stands for any ending: confiden*")
    )
    return {"blocked": must_not, "required": must}


def pattern_fields(parameters: Mapping[str, Value], key: str) -> dict[str, Value]:
    pattern = st.text_input(
        _("Pattern (RE2 syntax)"),
        str(parameters.get("pattern") or ""),
        key=f"{key}_pattern",
        max_chars=1000,
        help=_("A regular expression without looking ahead or back and without back references."),
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        must = st.segmented_control(
            _("The pattern"),
            ("not_occur", "occur"),
            default=str(parameters.get("must") or "not_occur"),
            required=True,
            format_func={"not_occur": _("must not occur"), "occur": _("must occur")}.get,
            key=f"{key}_must",
        )
        ignore_case = st.toggle(
            _("Capitals do not matter"), bool(parameters.get("ignore_case", True)), key=f"{key}_case"
        )
    return {"pattern": pattern, "must": must, "ignore_case": ignore_case}


def domain_fields(parameters: Mapping[str, Value], key: str) -> dict[str, Value]:
    blocked = lines_field(_("Domains that must not occur, one on each line"), parameters, "blocked", key)
    st.caption(_("A domain stands for all below it: example.com blocks mail.example.com too."))
    return {"blocked": blocked}


def language_fields(parameters: Mapping[str, Value], key: str) -> dict[str, Value]:
    allowed = st.multiselect(
        _("Languages that are allowed"),
        RECOGNISED,
        default=_listed(parameters, "allowed"),
        format_func=language_name,
        key=f"{key}_allowed",
    )
    accept = st.toggle(
        _("Let texts through whose language is not recognised"),
        bool(parameters.get("accept_unknown", False)),
        key=f"{key}_unknown",
    )
    return {"allowed": list(allowed), "accept_unknown": accept}


def length_fields(parameters: Mapping[str, Value], key: str) -> dict[str, Value]:
    found: dict[str, Value] = {}
    with st.container(horizontal=True, gap="medium"):
        for name, label in (("least", _("At least so many words")), ("most", _("At most so many words"))):
            given = parameters.get(name)
            value = None if given is None else int(str(given))
            words = st.number_input(label, 1, 10_000_000, value, key=f"{key}_{name}", width=220)
            found[name] = None if words is None else int(words)
    return found


def spam_fields(parameters: Mapping[str, Value], key: str) -> dict[str, Value]:
    least = st.slider(
        _("From which score on it counts"),
        0.1,
        1.0,
        float(str(parameters.get("least_score") or 0.6)),
        0.05,
        key=f"{key}_score",
        width=420,
    )
    st.caption(" · ".join(_(name) for name in SIGNALS.values()))
    return {"least_score": float(least)}


_FIELDS: dict[str, Callable[[Mapping[str, Value], str], dict[str, Value]]] = {
    "personal_data": personal_fields,
    "terms": term_fields,
    "pattern": pattern_fields,
    "domains": domain_fields,
    "languages": language_fields,
    "length": length_fields,
    "spam": spam_fields,
}


def lines_field(label: str, parameters: Mapping[str, Value], name: str, key: str) -> list[str]:
    text = st.text_area(
        label, "\n".join(_listed(parameters, name)), key=f"{key}_{name}", height=120, max_chars=60_000
    )
    return [line.strip() for line in str(text or "").splitlines() if line.strip()]


def _listed(parameters: Mapping[str, Value], name: str) -> list[str]:
    value = parameters.get(name)
    return value if isinstance(value, list) else []


def trial_of(kind: str, parameters: dict[str, Value], key: str) -> None:
    text = st.text_area(
        _("Try it on a text (optional)"), key=f"policy_text_{key}", height=90, max_chars=200_000
    )
    if st.button(
        _("Try it on this text and the library"), key=f"policy_try_{key}", icon=":material/science:"
    ):
        trial = try_to(TryPolicyRule(kind=kind, parameters=parameters, text=str(text or "")))
        if trial is not None:
            trial_result(trial)


def trial_result(trial: RuleTrial) -> None:
    if trial.of_text is not None:
        st.markdown(f"**{_('In your text')}**")
        findings_list(trial.of_text)
    st.markdown(
        "**"
        + _("In the library: {hit} of {documents} have findings ({seconds} s)").format(
            hit=number(trial.num_hit),
            documents=several("{count} document", "{count} documents", trial.num_documents),
            seconds=number(trial.seconds, 2),
        )
        + "**"
    )
    if trial.is_cut:
        st.warning(_("Time ran out before the last document."), icon=":material/timer_off:")
    for document in trial.documents:
        st.markdown(f"{plain(document.title)} · {plain(document.name)}")
        findings_list(document.findings)


def findings_list(findings: tuple[PolicyFinding, ...]) -> None:
    if not findings:
        st.caption(_("Nothing is found."))
    for finding in findings:
        st.markdown(f"- {plain(finding_text(finding))}{places_of(finding)}{quoted(finding)}")


def quoted(finding: PolicyFinding) -> str:
    return f"  \n  {plain(finding.excerpts[0])}" if finding.excerpts else ""


def finding_text(finding: PolicyFinding) -> str:
    """The finding in the reader's language."""
    parameters = dict(finding.parameters)
    if "identifier" in parameters:
        parameters["identifier"] = identifier_name(str(parameters["identifier"]))
    if "language" in parameters:
        parameters["language"] = language_name(str(parameters["language"]))
    return filled(FINDINGS[finding.code], parameters)


def identifier_name(code: str) -> str:
    kind = IDENTIFIERS[code]
    return f"{_(kind.title)}, {kind.country}" if kind.country else _(kind.title)


def places_of(finding: PolicyFinding) -> str:
    if finding.num_places < 2:
        return ""
    return " · " + several("{count} place", "{count} places", finding.num_places)


def policy_findings_board() -> None:
    """What the active rules find in the library, the most severe first."""
    page = page_of()
    view = ask(
        ReadPolicyFindings(
            severities=tuple(each for each in chosen_several("severity") if each in SEVERITIES),
            kinds=tuple(st.session_state.get("policy_kinds") or ()),
            rules=tuple(each for each in [st.session_state.get("policy_rule")] if each),
            search=chosen_text("q"),
            limit=PAGE_SIZE,
            offset=(page - 1) * PAGE_SIZE,
        )
    )
    if not view.num_rules:
        st.info(_("No rule is on. Switch one on in the settings."), icon=":material/policy:")
        st.page_link("settings.py", label=_("Settings"), icon=":material/settings:")
        return
    if not view.is_complete:
        checking()
    st.caption(
        _("{hit} of {documents} have findings; {rules} on.").format(
            hit=number(view.num_hit),
            documents=several("{count} document", "{count} documents", view.num_checked),
            rules=several("{count} rule is", "{count} rules are", view.num_rules),
        )
    )
    board_filters(view)
    if not view.findings:
        st.info(
            _("No finding fits. Remove a filter.") if view.severities else _("The rules find nothing."),
            icon=":material/check_circle:",
        )
    for place, each in enumerate(view.findings):
        finding_card(each, f"{page}_{place}")
    pager(view.num_findings, PAGE_SIZE)


@st.fragment(run_every=TICK_SECONDS)
def checking() -> None:
    """Goes on with the check until every document has been looked at, then draws the page again."""
    view = ask(ReadPolicyFindings(limit=1, seconds=0.4))
    if view.is_complete:
        st.rerun()
    st.progress(
        view.num_checked / max(1, view.num_documents),
        text=_("{done} of {total} documents checked").format(
            done=number(view.num_checked), total=number(view.num_documents)
        ),
    )


def board_filters(view: PolicyBoard) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        search_box()
        st.pills(
            _("Severity"),
            list(reversed(SEVERITIES)),
            selection_mode="multi",
            format_func=lambda code: f"{_(SEVERITY_NAMES[code])} {number(view.severities.get(code, 0))}",
            key="severity",
            on_change=narrow,
            args=("severity",),
        )
        kinds = [kind for kind in RULES if kind in view.kinds]
        if len(kinds) > 1:
            st.pills(
                _("Kind of rule"),
                kinds,
                selection_mode="multi",
                format_func=lambda kind: f"{_(KINDS[kind])} {number(view.kinds[kind])}",
                key="policy_kinds",
                on_change=first_page,
            )
        if len(view.rule_names) > 1:
            st.selectbox(
                _("Rule"),
                list(view.rule_names),
                index=None,
                placeholder=_("All rules"),
                format_func=lambda rule: f"{view.rule_names[rule]} ({number(view.rules.get(rule, 0))})",
                key="policy_rule",
                on_change=first_page,
                width=280,
            )


def finding_card(each: FoundInDocument, key: str) -> None:
    finding, document = each.finding, each.document
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(_(SEVERITY_NAMES[finding.severity]), color=COLOURS[finding.severity])
            st.markdown(f"**{plain(finding_text(finding))}**{places_of(finding)}", width="stretch")
            if st.button(_("Open it"), key=f"policy_open_{key}", icon=":material/description:"):
                st.switch_page("library.py", query_params={"doc": document.id})
        st.caption(f"{plain(document.title)} · {plain(document.name)} · {plain(finding.rule_name)}")
        if finding.code == "spam":
            st.caption(signals_of(finding))
        if finding.excerpts:
            st.markdown("  \n".join(f"> {plain(excerpt)}" for excerpt in finding.excerpts))


def signals_of(finding: PolicyFinding) -> str:
    strong = [
        f"{_(title)} {percent(float(finding.parameters[name]))}"
        for name, title in SIGNALS.items()
        if finding.parameters.get(name)
    ]
    return " · ".join(strong)
