"""Passages that documents share, what people leave out, and whether a text was written before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import Forbidden, Invalid, NotFound
from core.gateway.roles import Principal, Role
from core.storage.documents import DocumentSummary
from core.use_cases import (
    BrowseLibrary,
    CheckText,
    ExcludePassage,
    FindRedundancy,
    IncludePassage,
    ReviewPassages,
    browse_library,
    check_against_library,
    exclude_passage,
    find_redundancy,
    include_passage,
    review_passages,
)
from core.use_cases.review_passages import PassagesView
from core.workbench import Workbench
from tests.conftest import as_role
from tests.use_cases.conftest import add

YELLOW = (
    "Returned devices stay in the yellow area until triage, which takes five working days at most, and no "
    "device leaves the yellow area for the shelves without the signature of the shift leader on the form."
)
MANUAL = f"# Warehouse manual\n\nForklifts are charged overnight at the north wall only.\n\n{YELLOW}\n"
MINUTES = f"# Minutes of June\n\nRosa asked where the broken sensors go. We agreed on this text: {YELLOW}\n"
HYMN = "Coffee is free on Fridays and the machine is cleaned by whoever drinks the last cup of the afternoon."


def view(bench: Workbench, principal: Principal, **asked: object) -> PassagesView:
    return review_passages(ReviewPassages(**asked), principal, bench)


OWN = (
    "The landlord paints new lines in the yard next week. Please park along the river until Thursday, leave "
    "the gate free for the fire brigade, and put the number of your car on the list at the reception.",
    "Visitors from abroad wear a green badge. Security takes their names at the front desk, calls the host, "
    "and keeps large bags in the lockers behind the stairs while the visit lasts.",
    "Four colleagues from sales plan the summer party on the roof. Bring something that tastes good cold, "
    "tell Ines what it is, and come early if you can play an instrument or carry tables.",
)


@pytest.fixture
def shared(workbench: Workbench, analyst: Principal) -> dict[str, DocumentSummary]:
    notices = {f"notice {number}.md": f"# Notice\n\n{own}\n\n{HYMN}\n" for number, own in enumerate(OWN, 1)}
    add(workbench, analyst, {"manual.md": MANUAL, "minutes.md": MINUTES} | notices)
    found = browse_library(BrowseLibrary(), analyst, workbench).documents
    return {document.name: document for document in found}


def test_nothing_is_known_before_an_analysis(workbench: Workbench, analyst: Principal) -> None:
    assert not view(workbench, analyst).is_known


def test_a_shared_passage_is_found_with_its_place_and_share(
    workbench: Workbench, analyst: Principal, shared: dict[str, DocumentSummary]
) -> None:
    (link,) = view(workbench, analyst).links
    assert {link.a.name, link.b.name} == {"manual.md", "minutes.md"}
    (passage,) = link.link.passages
    assert passage.excerpt.startswith("Returned devices stay")
    assert passage.num_words == link.num_words >= 34
    assert 0.5 < link.link.share_a < 1


def test_what_stands_in_three_documents_is_boilerplate(
    workbench: Workbench, analyst: Principal, shared: dict[str, DocumentSummary]
) -> None:
    (found,) = view(workbench, analyst).boilerplate
    assert {document.name for document in found.documents} == {f"notice {n}.md" for n in (1, 2, 3)}
    assert "Coffee is free" in found.found.excerpt
    assert view(workbench, analyst, shown="excluded").num_links == 3


def test_filters_narrow_the_list(
    workbench: Workbench, analyst: Principal, shared: dict[str, DocumentSummary]
) -> None:
    assert view(workbench, analyst, search="minutes warehouse").num_links == 1
    assert view(workbench, analyst, search="party").num_links == 0
    assert view(workbench, analyst, languages=("pt",)).num_links == 0
    assert view(workbench, analyst, shown="all").num_links == 4
    with pytest.raises(Invalid, match="counting"):
        view(workbench, analyst, shown="some")


def test_people_leave_a_passage_out_and_take_it_back(
    workbench: Workbench, analyst: Principal, shared: dict[str, DocumentSummary]
) -> None:
    (passage,) = view(workbench, analyst).links[0].link.passages
    request = ExcludePassage(
        digest=passage.digest, excerpt=passage.excerpt, reason="template", note="agreed text"
    )
    exclusion = exclude_passage(request, analyst, workbench)
    assert view(workbench, analyst).num_links == 0
    (link,) = view(workbench, analyst, shown="excluded", search="manual").links
    assert (link.link.exclusion, link.num_words, link.link.share_a) == ("person", 0, 0)
    assert [each.note for each in view(workbench, analyst).exclusions] == ["agreed text"]
    include_passage(IncludePassage(exclusion=exclusion.id), analyst, workbench)
    assert view(workbench, analyst).num_links == 1
    with pytest.raises(NotFound):
        include_passage(IncludePassage(exclusion=exclusion.id), analyst, workbench)
    with pytest.raises(Invalid, match="quote, template"):
        exclude_passage(replace(request, reason="ugly"), analyst, workbench)
    with pytest.raises(Invalid, match="no such passage"):
        exclude_passage(replace(request, digest="all"), analyst, workbench)
    with pytest.raises(Forbidden):
        exclude_passage(request, as_role(Role.VIEWER), workbench)


def test_a_text_is_checked_against_the_library(
    workbench: Workbench, analyst: Principal, shared: dict[str, DocumentSummary]
) -> None:
    text = f"My own beginning has never been written before by anybody here. {YELLOW}"
    found = check_against_library(CheckText(text=text), analyst, workbench)
    assert found.check.share == pytest.approx(35 / 46, abs=0.03)
    (passage,) = found.check.passages
    assert text[slice(*passage.span)].startswith("Returned devices")
    assert found.quoted[0].startswith("Returned devices")
    assert found.documents[passage.source.id].name in ("manual.md", "minutes.md")
    assert found.num_compared == 5


def test_a_document_is_checked_against_the_others(
    workbench: Workbench, analyst: Principal, shared: dict[str, DocumentSummary]
) -> None:
    found = check_against_library(CheckText(document=shared["manual.md"].id), analyst, workbench)
    assert [found.documents[source.id].name for source in found.check.sources] == ["minutes.md"]
    assert found.num_compared == 4


def test_a_document_added_since_is_checked_against_at_once(
    workbench: Workbench, analyst: Principal, stranger: Principal, shared: dict[str, DocumentSummary]
) -> None:
    text = "The night porter waters the fern in the lobby and writes the time on the card beside the pot."
    assert check_against_library(CheckText(text=text), analyst, workbench).check.share == 0
    add(workbench, analyst, {"porter.md": text})
    assert check_against_library(CheckText(text=text), analyst, workbench).check.share == 1
    assert check_against_library(CheckText(text=text), stranger, workbench).check.share == 0


def test_a_text_without_words_or_too_long_is_refused(workbench: Workbench, analyst: Principal) -> None:
    with pytest.raises(Invalid, match="no text"):
        check_against_library(CheckText(text="  "), analyst, workbench)
    with pytest.raises(Invalid, match="several parts"):
        check_against_library(CheckText(text="word " * 300_000), analyst, workbench)


def test_another_workspace_sees_nothing(
    workbench: Workbench, stranger: Principal, shared: dict[str, DocumentSummary]
) -> None:
    find_redundancy(FindRedundancy(), stranger, workbench)
    assert view(workbench, stranger).links == view(workbench, stranger).boilerplate == ()
