"""Each kind of rule reads its parameters, refuses what cannot hold, and finds what it should."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.quality.policy import (
    FINDINGS,
    KINDS,
    MOST_PLACES,
    RULES,
    SEVERITIES,
    SEVERITY_NAMES,
    TEMPLATES,
    PolicyDocument,
    PolicyFinding,
    RuleTemplate,
    check,
    read_check,
    read_rule,
)

EXAMPLES: dict[str, dict[str, object]] = {
    "personal_data": {"identifiers": ["br_cpf"], "least_places": 2},
    "terms": {"blocked": ["draft"], "required": ["owner"]},
    "pattern": {"pattern": r"\bTBD\b", "must": "not_occur", "ignore_case": False},
    "domains": {"blocked": ["example.com"]},
    "languages": {"allowed": ["en"], "accept_unknown": True},
    "length": {"least": 3, "most": 9},
    "spam": {"least_score": 0.5},
}


def findings(
    kind: str, parameters: dict[str, object], text: str, language: str = "en"
) -> list[PolicyFinding]:
    rule = read_rule(name="rule", kind=kind, severity="low", parameters=parameters)
    return list(check(rule, PolicyDocument("1", text, language)))


def codes(kind: str, parameters: dict[str, object], text: str, language: str = "en") -> list[str]:
    return [finding.code for finding in findings(kind, parameters, text, language)]


def test_the_table_is_the_folder_and_has_names() -> None:
    import core.quality.policy.rules as package

    modules = {path.stem for path in Path(package.__path__[0]).glob("*.py")} - {"__init__", "spam_phrases"}
    assert modules == set(RULES) == set(KINDS) == set(EXAMPLES)
    assert tuple(SEVERITY_NAMES) == SEVERITIES


@pytest.mark.parametrize("kind", RULES)
def test_parameters_survive_a_round_trip(kind: str) -> None:
    made = read_check(kind, EXAMPLES[kind])
    assert read_check(kind, made.parameters()) == made


@pytest.mark.parametrize("kind", RULES)
def test_unknown_parameters_are_refused(kind: str) -> None:
    with pytest.raises(Invalid, match="surprise"):
        read_check(kind, EXAMPLES[kind] | {"surprise": 1})


@pytest.mark.parametrize("kind", RULES)
@given(text=st.text(max_size=60))
def test_any_text_can_be_checked(kind: str, text: str) -> None:
    rule = read_rule(name="rule", kind=kind, severity="low", parameters=EXAMPLES[kind])
    for finding in check(rule, PolicyDocument("1", text)):
        assert finding.code in FINDINGS
        assert all(0 <= start < end <= len(text) for start, end in finding.places)


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("length", {}),
        ("length", {"least": 5, "most": 2}),
        ("length", {"least": "many"}),
        ("length", {"least": True}),
        ("terms", {}),
        ("terms", {"blocked": ["+++"]}),
        ("terms", {"blocked": "draft"}),
        ("pattern", {}),
        ("pattern", {"pattern": "(a"}),
        ("pattern", {"pattern": r"(a)\1"}),
        ("pattern", {"pattern": "(?=a)"}),
        ("pattern", {"pattern": "a*"}),
        ("pattern", {"pattern": "a{1,1000}{1,1000}"}),
        ("domains", {"blocked": []}),
        ("domains", {"blocked": ["not a domain"]}),
        ("languages", {"allowed": ["xx"]}),
        ("personal_data", {"identifiers": []}),
        ("personal_data", {"identifiers": ["shoe_size"]}),
        ("spam", {"least_score": 0}),
        ("gossip", {}),
    ],
)
def test_what_cannot_hold_is_refused_with_a_remedy(kind: str, parameters: dict[str, object]) -> None:
    with pytest.raises(Invalid) as refused:
        read_check(kind, parameters)
    assert refused.value.remedy


def test_a_rule_needs_a_name_and_a_known_severity() -> None:
    with pytest.raises(Invalid):
        read_rule(name=" ", kind="spam", severity="low", parameters={})
    with pytest.raises(Invalid):
        read_rule(name="rule", kind="spam", severity="awful", parameters={})


def test_lengths_count_words() -> None:
    assert codes("length", {"least": 3}, "two words") == ["too_short"]
    assert codes("length", {"most": 3}, "these are four words") == ["too_long"]
    assert codes("length", {"least": 2, "most": 2}, "two words") == []


def test_terms_are_whole_words_whatever_case_and_accents() -> None:
    [finding] = findings("terms", {"blocked": ["difusión interna"]}, "Sólo DIFUSION\ninterna; no difusiones.")
    assert (finding.num_places, finding.places[0]) == (1, (5, 21))
    assert codes("terms", {"blocked": ["cat"]}, "concatenate") == []


def test_a_star_stands_for_any_ending() -> None:
    [finding] = findings("terms", {"blocked": ["confiden*", "uso intern*"]}, "Confidencial y confidential.")
    assert finding.num_places == 2
    assert codes("terms", {"blocked": ["uso intern*"]}, "de uso internacional") == ["blocked_term"]


def test_a_required_term_must_stand_somewhere() -> None:
    assert codes("terms", {"required": ["Owner"]}, "No one is named.") == ["missing_term"]
    assert codes("terms", {"required": ["Owner"]}, "The owner is Ana.") == []


def test_a_pattern_is_found_at_its_places_in_any_script() -> None:
    [finding] = findings("pattern", {"pattern": r"bor[a-z]+"}, "Año: ñandú borrador, BORRADOR")
    assert [tuple(place) for place in finding.places] == [(11, 19), (21, 29)]
    assert codes("pattern", {"pattern": r"owner:", "must": "occur"}, "none") == ["pattern_missing"]


def test_a_pattern_made_to_hang_a_backtracking_engine_ends_at_once() -> None:
    begun = time.process_time()
    assert codes("pattern", {"pattern": r"(a+)+$"}, "a" * 200_000 + "!") == []
    assert time.process_time() - begun < 2


def test_a_domain_stands_for_all_below_it() -> None:
    text = (
        "See https://www.bad.example/x, mail to ana@mail.bad.example, not notbad.example or bad.example.org."
    )
    [finding] = findings("domains", {"blocked": ["https://bad.example/"]}, text)
    assert finding.num_places == 2
    assert codes("domains", {"blocked": ["münchen.example"]}, "at xn--mnchen-3ya.example") == [
        "blocked_domain"
    ]


def test_languages_that_are_not_allowed_are_named() -> None:
    [finding] = findings("languages", {"allowed": ["en", "es"]}, "Bonjour", "fr")
    assert (finding.code, finding.parameters["language"]) == ("language_not_allowed", "fr")
    assert codes("languages", {"allowed": ["en"]}, "…", "und") == ["language_unknown"]
    assert codes("languages", {"allowed": ["en"], "accept_unknown": True}, "…", "und") == []


def test_personal_data_is_counted_and_masked_everywhere() -> None:
    text = "CPF 111.444.777-35, mail ana.ruiz@example.com, CPF 529.982.247-25."
    [finding] = findings("personal_data", {"identifiers": ["br_cpf"]}, text)
    assert finding.num_places == 2
    for excerpt in finding.excerpts:
        assert "111.444" not in excerpt
        assert "ana.ruiz" not in excerpt
    assert codes("personal_data", {"identifiers": ["br_cpf"], "least_places": 3}, text) == []


def test_a_pattern_cannot_be_used_to_read_identifiers() -> None:
    [finding] = findings("pattern", {"pattern": r"\d{3}\.\d{3}"}, "CPF 111.444.777-35")
    assert "111.444" not in finding.excerpts[0]


def test_places_are_capped_and_counted() -> None:
    [finding] = findings("terms", {"blocked": ["fish"]}, "fish " * 300)
    assert (finding.num_places, len(finding.places)) == (300, MOST_PLACES)


@pytest.mark.parametrize(
    "text",
    [
        "CONGRATULATIONS!!! You have won. Click here http://x.example, act now!!! 100% free",
        "¡¡ÚLTIMAS HORAS!! Oferta: haz clic aquí, totalmente gratis y sin compromiso. ¡¡Compra ya!!",
        "Você foi selecionado! Clique aqui e ganhe dinheiro, totalmente grátis. Aproveite já!!! Renda extra",
    ],
)
def test_advertising_mail_is_spam_in_three_languages(text: str) -> None:
    [finding] = findings("spam", {}, text)
    assert finding.parameters["phrases"] > 0  # type: ignore[operator]


@pytest.mark.parametrize(
    "text",
    [
        "The warranty covers the probe for two years. See https://valdenieve.example/form for it.",
        "IMPORTANTE: el informe de ventas de la sonda se entrega cada mes, sin costo.",
        "O gerente aprova as férias. Os dias que não forem usados vencem em março do ano seguinte.",
    ],
)
def test_business_prose_is_no_spam(text: str) -> None:
    assert codes("spam", {}, text) == []


def test_invisible_letters_are_a_signal() -> None:
    text = "Please con\u200bfirm your pass\u200bword with the se\u200bcurity te\u200bam today."
    [finding] = findings("spam", {"least_score": 0.5}, text)
    assert finding.parameters["invisible"] > 0.5  # type: ignore[operator]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.code)
def test_every_template_is_a_rule(template: RuleTemplate) -> None:
    assert read_check(template.kind, template.parameters).parameters() == dict(template.parameters)


def test_placeholders_are_found_and_spanish_words_are_not() -> None:
    pattern = next(each for each in TEMPLATES if each.code == "placeholders").parameters
    assert codes("pattern", dict(pattern), "Firma: TBD, [PREENCHER AQUI], lorem ipsum") == ["pattern_found"]
    assert codes("pattern", dict(pattern), "TODO EL EQUIPO y todo lo demás [1], véase <b>") == []
