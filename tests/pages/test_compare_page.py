"""Compare and Settings, clicked by widget key."""

from __future__ import annotations

from core.gateway.roles import LOCAL_ADMINISTRATOR, Role
from core.settings import Settings
from core.use_cases import BrowseLibrary
from tests.conftest import as_role
from tests.pages.conftest import InlineApplication, Open, first_table, metrics, no_exception, texts

COPY = "support/second line/Runbook (copy).txt"


def document(application: InlineApplication, name: str) -> str:
    view = application.gateway.ask(BrowseLibrary(), LOCAL_ADMINISTRATOR)
    return next(each.id for each in view.documents if each.name == name)


def test_two_documents_are_compared_from_the_address(filled: InlineApplication, open_page: Open) -> None:
    a, b = document(filled, "support/Runbook.md"), document(filled, COPY)
    session = open_page("compare", a=a, b=b)
    assert metrics(session)["Similarity"] == "1.00"
    assert "All" in texts(session)


def test_two_pasted_texts_are_compared(filled: InlineApplication, open_page: Open) -> None:
    session = open_page("compare", a_from="paste", b_from="paste")
    assert "Choose a document or paste a text on both sides." in texts(session)
    session.text_area(key="a_text").set_value("Invoices are paid within 30 days of receipt.")
    session.text_area(key="b_text").set_value("Invoices are paid within 45 days of receipt.")
    no_exception(session.run())
    assert metrics(session)["Contradictions"] == "1"
    session.segmented_control(key="mark").set_value("conflicts")
    no_exception(session.run())
    assert "statements about the same thing" in texts(session)


def test_one_text_is_checked_against_the_library(filled: InlineApplication, open_page: Open) -> None:
    session = open_page("compare", mode="library", a_from="paste")
    session.text_area(key="a_text").set_value(
        "I write this myself. When it blinks red, restart the gateway once and wait for four minutes until "
        "it registers again. Call the second line if the alarm does not clear, and note the serial number."
    )
    no_exception(session.run())
    assert metrics(session)["Documents searched"] == "6"
    assert "restart the gateway once" in texts(session)
    assert first_table(session)[0]["Words"] > 20
    session.text_area(key="a_text").set_value("Nobody has ever written a line like this one before today.")
    no_exception(session.run())
    assert session.success


def test_the_same_document_twice_is_explained(filled: InlineApplication, open_page: Open) -> None:
    one = document(filled, COPY)
    session = open_page("compare", a=one, b=one)
    assert "itself" in session.error[0].value


def test_a_document_that_is_gone_is_not_compared(filled: InlineApplication, open_page: Open) -> None:
    session = open_page("compare", a="gone", b=document(filled, COPY))
    assert session.error == []
    assert "on both sides" in texts(session)


def test_every_setting_is_shown_and_found(filled: InlineApplication, open_page: Open) -> None:
    session = open_page("settings")
    assert [row["Name"] for row in first_table(session)] == list(Settings.model_fields)
    session = open_page("settings", q="cache_policy")
    assert [row["Name"] for row in first_table(session)] == ["cache_policy"]
    session = open_page("settings", q="no such setting")
    assert "No setting fits" in texts(session)


def test_who_may_not_operate_sees_no_settings(filled: InlineApplication, open_page: Open) -> None:
    filled.assumed_principal = as_role(Role.ANALYST)
    session = open_page("settings")
    assert not session.dataframe
    assert "administrators" in texts(session)


def test_the_language_is_chosen_on_the_settings_page(filled: InlineApplication, open_page: Open) -> None:
    session = open_page("settings")
    session.selectbox(key="language_here").set_value("es")
    no_exception(session.run())
    assert session.query_params["lang"] in ("es", ["es"])
