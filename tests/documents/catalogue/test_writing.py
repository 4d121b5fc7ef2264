"""What is written as TOML is read again as it was."""

from hypothesis import given
from hypothesis import strategies as st

from core.documents.catalogue import AREAS, LAYOUTS, TONES, read_template, write_template
from core.documents.template import FACT_KINDS, SLOT_FORMS, DocumentTemplate, RequiredFact, Slot
from core.language.stop_words import LANGUAGES

keys = st.from_regex(r"[a-z][a-z0-9_]{0,19}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=60).filter(
    lambda text: text == text.strip()
)
phrases = st.lists(texts, min_size=1, max_size=4, unique_by=str.casefold).map(tuple)
wordings = st.fixed_dictionaries(dict.fromkeys(LANGUAGES, texts))
words = st.fixed_dictionaries(dict.fromkeys(LANGUAGES, phrases))


def some(names: tuple[str, ...], least: int) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(names), min_size=least, max_size=3, unique=True).map(tuple)


facts = st.builds(
    RequiredFact, key=keys, kind=st.sampled_from(FACT_KINDS), label=wordings, question=wordings, hints=words
)


@st.composite
def slots(draw: st.DrawFn) -> Slot:
    least = draw(st.integers(0, 100))
    return Slot(
        key=draw(keys),
        form=draw(st.sampled_from(SLOT_FORMS).filter(lambda form: form != "facts")),
        title=draw(wordings),
        question=draw(wordings),
        hints=draw(words),
        min_words=least,
        max_words=draw(st.integers(max(1, least), 5000)),
        is_required=draw(st.booleans()),
        facts=tuple(draw(st.lists(facts, max_size=2, unique_by=lambda fact: fact.key))),
    )


def are_different(entries: list[Slot]) -> bool:
    told = [[slot.key for slot in entries], *([slot.title[it] for slot in entries] for it in LANGUAGES)]
    return all(len(set(each)) == len(each) for each in told)


templates = st.builds(
    DocumentTemplate,
    key=keys,
    version=st.integers(1, 99),
    areas=some(AREAS, 1),
    names=words,
    purpose=wordings,
    tone=st.sampled_from(TONES),
    layout=some(tuple(LAYOUTS), 0),
    slots=st.lists(slots(), min_size=1, max_size=3).filter(are_different).map(tuple),
    origin=st.just("own.toml"),
)


@given(templates)
def test_a_template_comes_back_from_its_own_toml(template: DocumentTemplate) -> None:
    assert read_template(write_template(template), "own.toml") == template
