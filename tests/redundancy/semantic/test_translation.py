"""A translation is known by order, names, figures and meaning together."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.inference.embedding import SentenceEmbedder
from core.redundancy.semantic import Profile, SemanticIndex, make_profiles, translation_thresholds
from core.redundancy.semantic.shared_figures import figure_agreement
from core.redundancy.semantic.translation import _align, _gains, _steps, translation_score

ENGLISH = """Visitors at the plant
Visitors register at the gate and show an identity card. The host, Marta Olmedo, is told by phone.

Everybody wears boots and a helmet in the production hall. Photographs are not allowed.

A visit lasts 90 minutes at most. Groups have up to 12 people and one guide.

In an emergency follow the green signs to meeting point 4 behind the loading dock."""
SPANISH = """Visitas a la planta
Los visitantes se registran en la puerta y muestran una identificación. La anfitriona, Marta Olmedo, recibe \
un aviso por teléfono.

Todos usan botas y casco en la sala de producción. No se permiten fotografías.

Una visita dura 90 minutos como máximo. Los grupos tienen hasta doce personas y un guía.

En una emergencia siga las señales verdes hasta el punto de reunión 4, detrás del muelle de carga."""
PORTUGUESE = """Visitas à fábrica
Os visitantes se registram na portaria e mostram um documento de identidade. A anfitriã, Marta Olmedo, é \
avisada por telefone.

Todos usam botas e capacete na sala de produção. Fotografias não são permitidas.

Uma visita dura no máximo 90 minutos. Os grupos têm até 12 pessoas e um guia.

Em uma emergência, siga as placas verdes até o ponto de encontro 4, atrás da doca de carga."""
OTHER_SPANISH = """Visitas comerciales
El vendedor prepara cada visita a un cliente con 3 preguntas y un objetivo por escrito.

Al terminar registra el resultado en el sistema antes de 24 horas y acuerda el paso siguiente.

Marta Olmedo revisa los viernes las visitas de la semana y elige 5 para la reunión de ventas."""


@pytest.fixture(scope="module")
def made(model: SentenceEmbedder) -> dict[str, Profile]:
    texts = {"en": ENGLISH, "es": SPANISH, "pt": PORTUGUESE}
    found = {name: make_profiles([text], [name], model)[0] for name, text in texts.items()}
    return found | {"other": make_profiles([OTHER_SPANISH], ["es"], model)[0]}


@pytest.mark.parametrize(("one", "other"), [("en", "es"), ("en", "pt"), ("es", "pt")])
def test_a_translation_reaches_the_threshold_of_its_languages(
    made: dict[str, Profile], one: str, other: str
) -> None:
    least = translation_thresholds(one, other)
    assert least is not None
    assert translation_score(made[one], made[other]) >= 2 * least.score
    assert translation_score(made[one], made[other]) == pytest.approx(
        translation_score(made[other], made[one])
    )


@pytest.mark.parametrize("one", ["en", "pt"])
def test_a_text_on_a_like_subject_does_not(made: dict[str, Profile], one: str) -> None:
    least = translation_thresholds(one, "es")
    assert least is not None
    assert translation_score(made[one], made["other"]) < least.score / 2


def test_a_small_library_is_enough(made: dict[str, Profile]) -> None:
    index = SemanticIndex()
    for id in ("en", "es", "other"):
        index.put(id, made[id])
    found = index.find_pairs(["other", "es", "en"]).translations
    assert list(zip(found.first.tolist(), found.second.tolist(), strict=True)) == [(1, 2)]
    evidence = index.explain("es", "en")
    assert evidence.kind == "translation"
    assert (evidence.num_figures_a, evidence.num_figures_shared) == (3, 3)


def test_passages_correspond_in_the_order_of_both_texts(made: dict[str, Profile]) -> None:
    index = SemanticIndex()
    index.put("en", made["en"])
    index.put("es", made["es"])
    matches = index.explain("en", "es").matches
    assert len(matches) >= 3
    for left, right in pairwise(matches):
        assert left.a.end <= right.a.start
        assert left.b.end <= right.b.start
    helmet = next(match for match in matches if "helmet" in ENGLISH[slice(*match.a)])
    assert "casco" in SPANISH[slice(*helmet.b)]


def test_changed_figures_weaken_a_translation(made: dict[str, Profile], model: SentenceEmbedder) -> None:
    changed = SPANISH.replace("90", "45").replace("doce", "treinta").replace("reunión 4", "reunión 7")
    other = make_profiles([changed], ["es"], model)[0]
    assert translation_score(made["en"], other) < 0.7 * translation_score(made["en"], made["es"])


def test_figures_agree_by_half_where_there_are_none(made: dict[str, Profile]) -> None:
    empty = Profile(
        "en", "", np.zeros((0, 2), np.int32), np.zeros((0, 3), np.float16), (), np.zeros(0, np.uint32)
    )
    assert figure_agreement(empty, empty) == 0.5
    assert figure_agreement(made["en"], empty) < 0.5 < figure_agreement(made["en"], made["es"])
    assert translation_score(empty, made["en"]) == 0


def test_languages_that_are_not_translated_have_no_threshold() -> None:
    assert translation_thresholds("es", "en") == translation_thresholds("en", "es")
    assert translation_thresholds("en", "fr") is None
    assert translation_thresholds("en", "en") is None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.floats(0, 1, width=16), min_size=3, max_size=3), min_size=1, max_size=4))
def test_the_alignment_is_the_best_that_keeps_both_orders_and_uses_a_passage_once(
    rows: list[list[float]],
) -> None:
    similarities = np.array(rows, np.float32)
    lengths = [np.full(size, 10, np.float32) for size in similarities.shape]
    gains = _gains(similarities, *lengths)
    best = max(
        sum(float(gains[one, other]) for one, other in zip(left, right, strict=True))
        for size in range(min(gains.shape) + 1)
        for left in combinations(range(gains.shape[0]), size)
        for right in combinations(range(gains.shape[1]), size)
    )
    steps = _steps(similarities, *lengths)
    assert _align(similarities, *lengths)[-1, -1] == pytest.approx(best, abs=1e-3)
    assert sum(float(gains[step]) for step in steps) == pytest.approx(best, abs=1e-3)
