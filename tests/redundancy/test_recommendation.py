from __future__ import annotations

import re

import pytest

from core.redundancy import REASONS, Recommendation, Subject, advise, find_redundancy, similarity

LEASE = (
    "The tenant uses the premises for office work only and keeps them in good order. Repairs of the "
    "roof, the walls and the lift are the duty of the owner, who carries them out without delay. "
    "Each party may end the agreement in writing with a notice of three months to the end of a "
    "quarter. Changes of the agreement are valid only if both parties sign them."
)
PARKING = (
    "The tenant may use some places in the yard for cars and bicycles, and hands back the keys of the "
    "gate when the agreement ends, together with the keys of the cellar and of the letter box."
)
HEATING = (
    "The owner heats the rooms from autumn to spring during office hours, and both parties share the "
    "cost by the area of the rooms, as the meter of the house shows it at the end of the season."
)

TEMPLATES = {
    "en": (
        "Dear customer, thank you for your order. Your invoice {code} of {day} over {amount} is due "
        "within the time that we agreed on. Please transfer the sum to the account below and state the "
        "number of the invoice, so that we can book your payment without delay. If you have paid "
        "already, please take no notice of this letter.",
        {"code": "INV-2025-0104", "day": "March 3, 2025", "amount": "$1,204.50"},
        {"code": "INV-2025-0117", "day": "March 9, 2025", "amount": "$980.00"},
    ),
    "es": (
        "Estimado cliente: le agradecemos su pedido. La factura {code} de {day} por un importe de "
        "{amount} vence en el plazo que acordamos. Le rogamos que transfiera el importe a la cuenta "
        "indicada y mencione el número de la factura para que podamos registrar su pago. Si ya ha "
        "pagado, le pedimos que ignore esta carta.",
        {"code": "F-2025/104", "day": "3 de marzo de 2025", "amount": "1.204,50 €"},
        {"code": "F-2025/117", "day": "9 de marzo de 2025", "amount": "980,00 €"},
    ),
    "pt": (
        "Prezado cliente: agradecemos o seu pedido. A fatura {code} de {day} no valor de {amount} vence "
        "no prazo que combinamos. Pedimos que transfira o valor para a conta indicada e informe o número "
        "da fatura, para que possamos registrar o seu pagamento. Se já pagou, pedimos que desconsidere "
        "esta carta.",
        {"code": "NF-2025-104", "day": "3 de março de 2025", "amount": "R$ 1.204,50"},
        {"code": "NF-2025-117", "day": "9 de março de 2025", "amount": "R$ 980,00"},
    ),
}


def judge(canonical: str, member: str) -> Recommendation:
    return advise(
        Subject.of("kept", canonical, "Kept text"), Subject.of("other", member), similarity(canonical, member)
    )


def test_the_canonical_document_stays():
    kept = Subject.of("kept", LEASE)
    assert advise(kept, kept, 1.0).act == "keep"


@pytest.mark.parametrize("copy", [LEASE, LEASE.upper(), LEASE.replace(" ", "\n"), LEASE.replace(". ", " - ")])
def test_the_same_words_are_dropped_unasked(copy: str):
    advice = judge(LEASE, copy)
    assert (advice.act, advice.automatic, advice.reason_code, advice.confidence) == (
        "drop",
        True,
        "identical",
        1.0,
    )


def test_the_same_words_with_another_decimal_sign_are_not_identical():
    advice = judge(f"{LEASE} The rent is 1.234 a month.", f"{LEASE} The rent is 1,234 a month.")
    assert (advice.automatic, advice.reason_code) == (False, "template_family")


def test_equal_shingles_in_another_order_are_not_identical():
    one, other = "a b a b c a b d " * 3, "a b d a b c a b " * 3
    assert judge(one, other).reason_code != "identical"


def test_a_text_contained_in_a_longer_one_with_no_fact_of_its_own_is_dropped_unasked():
    advice = judge(f"{LEASE} {HEATING}", LEASE)
    assert (advice.act, advice.automatic, advice.reason_code) == ("drop", True, "subset")
    assert advice.parameters["contained"] == 1.0
    assert advice.reason == "100% of its words stand in “Kept text”, and both state the same facts."


def test_a_contained_text_is_only_proposed_when_the_longer_one_states_more():
    advice = judge(f"{LEASE} The rent rises by 3 % on March 1, 2026.", LEASE)
    assert (advice.act, advice.automatic, advice.reason_code) == ("drop", False, "subset_fewer_facts")
    assert [found.fact.value for found in advice.differing_facts] == ["3 %", "2026-03-01"]


@pytest.mark.parametrize(
    ("word", "other", "is_automatic"),
    [
        ("keys", "key", True),
        ("the", "a", True),
        ("", "has", True),
        ("owner", "tenant", False),
    ],
)
def test_a_changed_word_is_looked_at_first_unless_it_says_nothing_else(word, other, is_automatic):
    start, end = f"{LEASE} {PARKING} {LEASE} What the", f"stands for is plain. {LEASE} {PARKING}"
    advice = judge(f"{start} {word} {end}", f"{start} {other} {end}")
    assert (advice.act, advice.automatic) == ("drop", is_automatic)
    assert advice.reason_code == ("subset" if is_automatic else "reworded")
    assert advice.parameters["num_reworded"] == (0 if is_automatic else 1)


def test_numbers_in_words_are_facts_like_those_in_digits():
    start, end = f"{LEASE} {PARKING} {LEASE} It ends", f"months after notice. {LEASE} {PARKING}"
    advice = judge(f"{start} six {end}", f"{start} ten {end}")
    assert (advice.act, advice.reason_code) == ("keep", "template_family")
    assert judge(f"{start} six {end}", f"{start} 6 {end}").differing_facts == ()


def test_a_nearly_equal_text_with_one_fact_more_is_merged():
    advice = judge(LEASE * 3, LEASE * 3 + " Signed on March 1, 2026.")
    assert (advice.act, advice.automatic, advice.reason_code) == ("merge", False, "subset_more_facts")


def test_a_nearly_equal_text_with_a_passage_of_its_own_is_merged():
    advice = judge(f"{LEASE} {PARKING} " * 5, f"{LEASE} {PARKING} " * 5 + HEATING[:90])
    assert advice.parameters["similarity"] > 0.8
    assert advice.parameters["contained"] > 0.95
    assert (advice.act, advice.reason_code) == ("merge", "overlap")


def test_a_slot_is_seen_when_only_the_cents_differ():
    one = f"{LEASE} {PARKING} The deposit of 1,204.50 EUR is paid on signing and earns no interest."
    other = f"{LEASE} {HEATING} The deposit of 1,204.75 EUR is paid on signing and earns no interest."
    assert judge(one, other).reason_code == "template_family"


def test_names_that_change_places_are_looked_at_first():
    tail = " The costs are borne by Acme Corp and the profit goes to Globex Inc at once."
    swapped = " The costs are borne by Globex Inc and the profit goes to Acme Corp at once."
    assert not judge(LEASE * 4 + tail, LEASE * 4 + swapped).automatic


def test_a_negation_is_a_fact():
    advice = judge(LEASE, LEASE.replace("may end", "may not end"))
    assert not advice.automatic


def test_figures_that_change_places_are_looked_at_first():
    tail = " Building north has 40 rooms and building south has 60 rooms."
    swapped = tail.replace("40", "x").replace("60", "40").replace("x", "60")
    advice = judge(LEASE * 3 + tail, LEASE * 3 + swapped)
    assert (advice.act, advice.automatic, advice.reason_code) == ("drop", False, "facts_reordered")


def test_texts_that_each_have_passages_of_their_own_are_merged():
    canonical, member = f"{LEASE} {PARKING}", f"{LEASE} {HEATING}"
    advice = judge(canonical, member)
    assert (advice.act, advice.automatic, advice.reason_code) == ("merge", False, "overlap")
    (own,), (missing,) = advice.unique_member, advice.unique_canonical
    assert member[slice(*own)] in HEATING
    assert canonical[slice(*missing)] in PARKING
    assert advice.passages[0].num_words >= 60


def test_texts_without_a_common_passage_are_ignored():
    one = "red green blue white black red blue green white black red white"
    advice = judge(one, " ".join(reversed(one.split())))
    assert (advice.act, advice.reason_code) == ("ignore", "scattered")


def test_a_text_linked_only_through_others_is_ignored():
    advice = judge(
        f"{LEASE[:90]} {PARKING} {PARKING.upper()[5:]} one", f"{LEASE[:90]} {HEATING} and {HEATING[:150]}"
    )
    assert (advice.act, advice.reason_code) == ("ignore", "linked_through_others")


@pytest.mark.parametrize("language", TEMPLATES)
def test_letters_that_fill_in_one_template_are_never_dropped_unasked(language: str):
    template, one, other = TEMPLATES[language]
    advice = judge(template.format(**one), template.format(**other))
    assert (advice.act, advice.automatic, advice.reason_code) == ("keep", False, "template_family")
    assert len(advice.differing_facts) == 6
    for field in one:
        advice = judge(template.format(**one), template.format(**{**one, field: other[field]}))
        assert (advice.act, advice.automatic, advice.reason_code) == ("keep", False, "template_family")


@pytest.mark.parametrize("language", TEMPLATES)
def test_one_digit_in_a_long_text_is_enough_to_keep_both(language: str):
    template, values, _ = TEMPLATES[language]
    one = f"{LEASE} {PARKING} {HEATING} {template.format(**values)}"
    places = [match.start() for match in re.finditer(r"\d", one)]
    for place in places:
        other = one[:place] + str((int(one[place]) + 1) % 10) + one[place + 1 :]
        assert similarity(one, other) > 0.9
        assert not judge(one, other).automatic


def test_every_reason_can_be_said_from_its_parameters():
    advice = judge(f"{LEASE} {PARKING}", f"{LEASE} {HEATING}")
    for reason in REASONS.values():
        sentence = reason.sentence.format(**advice.parameters)
        assert sentence.endswith((".", "look first."))
        assert reason.act in ("keep", "merge", "drop", "ignore")
        assert not reason.automatic or reason.act == "drop"


@pytest.mark.corpus
def test_no_reuters_story_is_dropped_unasked_for_one_with_other_digits(reuters):
    """The oracle is cruder than the guard and shares no code with it: all runs of digits, in order."""
    subjects = [Subject.of(str(id), text) for id, text in zip(reuters.ids, reuters.texts, strict=True)]
    found = find_redundancy(subjects, floor=0.5, threshold=0.5, rule="longest")
    num_automatic = num_other_digits = 0
    for cluster in found.clusters:
        expected = re.findall(r"\d+", reuters.texts[cluster.canonical])
        for member, advice in zip(cluster.members, cluster.recommendations, strict=True):
            has_other_digits = re.findall(r"\d+", reuters.texts[member]) != expected
            num_automatic += advice.automatic
            num_other_digits += has_other_digits
            assert not (advice.automatic and has_other_digits), advice.reason
    assert num_automatic > 250
    assert num_other_digits > 300
