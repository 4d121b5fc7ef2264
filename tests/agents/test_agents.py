"""The agents, one for each business area."""

import pytest

from core.agents import AREAS, load_agents, read_agent
from core.documents.catalogue import TONES, load_catalogue
from core.errors import Invalid
from core.language.stop_words import LANGUAGES
from core.priority import Priority

FIRST = {"marketing", "sales", "finance", "strategy"}
LAST = {"hr", "content", "customer_service"}

TEXT = """key = "sales"
tone = "persuasive"
priority = 1
types = ["quote"]
names = { en = "Sales", es = "Ventas", pt = "Vendas" }
description = { en = "Sells.", es = "Vende.", pt = "Vende." }
audience = { en = "Buyers", es = "Compradores", pt = "Compradores" }
specialisations = { en = ["quotes"], es = ["cotizaciones"], pt = ["cotações"] }

[keywords]
en = ["sell", { term = "price", weight = 0.5 }]
es = ["vender"]
pt = ["vender"]
"""


def test_there_is_an_agent_for_each_area() -> None:
    assert tuple(load_agents()) == AREAS
    assert all(agent.key == area for area, agent in load_agents().items())


@pytest.mark.parametrize("area", AREAS)
def test_an_agent_writes_the_types_that_name_its_area(area: str) -> None:
    written = {key for key, template in load_catalogue().items() if area in template.areas}
    assert set(load_agents()[area].types) == written


@pytest.mark.parametrize("area", AREAS)
def test_an_agent_is_worded_in_every_language(area: str) -> None:
    agent = load_agents()[area]
    for language in LANGUAGES:
        assert 5 <= len(agent.specialisations[language]) <= 8
        keywords = [keyword.term for keyword in agent.keywords[language]]
        assert 20 <= len(keywords) <= 40
        assert len(set(keywords)) == len(keywords)
        assert agent.description[language].endswith(".")
    assert agent.tone in TONES


def test_the_default_priorities_are_those_of_the_vocabulary() -> None:
    for area, agent in load_agents().items():
        usual = Priority.HIGH if area in FIRST else Priority.LOW if area in LAST else Priority.NORMAL
        assert agent.priority is usual


def test_a_keyword_may_have_a_weight() -> None:
    agent = read_agent(TEXT, "sales.toml")
    assert [(keyword.term, keyword.weight) for keyword in agent.keywords["en"]] == [
        ("sell", 1.0),
        ("price", 0.5),
    ]


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ('key = "sales"', 'key = "selling"', "sales.toml, line 1: 'selling' is no business area"),
        ("priority = 1", "priority = 7", "line 3: 7 is no priority"),
        ("priority = 1", "priority = true", "line 3: True is no priority"),
        ('types = ["quote"]', "types = []", "line 4: types should be a list"),
        ('tone = "persuasive"', "tone = 3", "line 2: tone should be a text"),
        (', pt = "Vendas" }', " }", "line 5: names should have en, es, pt"),
        ("weight = 0.5", "weight = 9", "line 11: A keyword has a term and a weight"),
        ('es = ["vender"]', "es = [4]", "line 12: keywords should be a text"),
        ('tone = "persuasive"', 'mood = "persuasive"', "line 2: Nothing is called 'mood'"),
        ('tone = "persuasive"\n', "", "tone is missing"),
        ("priority = 1", "priority =", "This is not TOML"),
    ],
)
def test_a_fault_is_said_with_its_file_and_line(before: str, after: str, complaint: str) -> None:
    assert before in TEXT
    with pytest.raises(Invalid) as error:
        read_agent(TEXT.replace(before, after, 1), "sales.toml")
    assert complaint in str(error.value)
    assert "sales.toml" in str(error.value)
