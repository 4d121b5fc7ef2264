"""The subjects of a library."""

from __future__ import annotations

import pytest

from core.language.topics import FEWEST_DOCUMENTS, TopicText, find_topics, num_topics

LEAVE = "Vacation requests go to the manager. Vacation days of an employee are lost in spring. {}"
PUMPS = "The pump is filled with oil. A valve of the pump leaks when the seal is worn. {}"
EXTRA = ("Bread.", "Window.", "Garden.", "Lamp.")


def library() -> list[TopicText]:
    return [
        *(TopicText(f"leave {number}", LEAVE.format(extra), "en") for number, extra in enumerate(EXTRA)),
        *(TopicText(f"pump {number}", PUMPS.format(extra), "en") for number, extra in enumerate(EXTRA)),
    ]


def test_documents_about_one_thing_are_one_topic() -> None:
    topics = find_topics(library())
    members = [{id.split()[0] for id, share in topic.documents if share > 0.5} for topic in topics]
    assert sorted(map(sorted, members)) == [["leave"], ["pump"]]
    about = {next(iter(own)): topic.words for own, topic in zip(members, topics, strict=True)}
    assert "vacation" in about["leave"]
    assert "pump" in about["pump"]


def test_equal_texts_give_equal_topics() -> None:
    assert find_topics(library()) == find_topics(library())


def test_languages_are_kept_apart_and_few_documents_have_no_topics() -> None:
    few = [
        TopicText(f"es {number}", "La bomba lleva aceite.", "es") for number in range(FEWEST_DOCUMENTS - 1)
    ]
    assert {topic.language for topic in find_topics([*library(), *few])} == {"en"}


@pytest.mark.parametrize(("documents", "topics"), [(0, 0), (3, 0), (4, 2), (50, 5), (10_000, 12)])
def test_the_number_of_topics_follows_the_documents(documents: int, topics: int) -> None:
    assert num_topics(documents) == topics
