"""Which words are looked for in a library on behalf of a brief."""

from datetime import date

from core.documents.catalogue import load_catalogue
from core.documents.planning import propose, search_words

TYPES = load_catalogue()


def words_for(brief: str, most: int = 8) -> tuple[str, ...]:
    proposal = propose(brief, TYPES, today=date(2025, 3, 3))
    return search_words(proposal, TYPES[proposal.types[0].key], most)


def test_names_come_first_and_terms_are_translated() -> None:
    words = words_for("propuesta de seguro de inventario para la bodega de Ferretería Andina")

    assert words[0] == "Ferretería Andina"
    assert {"warehouse", "armazém"} & set(words)


def test_instructions_wishes_and_the_name_of_the_type_are_not_looked_for() -> None:
    words = words_for("please write a short sales proposal about irrigation valves in English by Friday")

    assert words[:2] == ("irrigation", "valve") or words[:2] == ("irrigation", "valves")
    assert not {"please", "write", "short", "sales", "proposal", "english", "friday"} & set(
        map(str.lower, words)
    )


def test_there_are_no_more_words_than_wanted_and_none_twice() -> None:
    brief = "informe de ventas, compras, inventario, bodega, transporte y energía de la planta"
    for most in (1, 3, 8, 20):
        words = words_for(brief, most)
        assert len(words) == len(set(words)) <= most


def test_a_brief_about_nothing_gives_no_words() -> None:
    assert words_for("a report, please") == ()
