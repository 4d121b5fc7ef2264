from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.content import Block, Content
from core.ingestion.text_repair import repair_blocks, undo_repairs

FIXTURES = Path(__file__).parent / "fixtures"

CLEAN_TEXT = """
São SÃO PAULO NÃO MANHÃ IRMÃ MAÇÃ MÃE MÃOS CÃIBRA ROMÃZEIRA TUPÃ JOÃO AÇÃO AÇÕES não amanhã irmã à às é
Ângulo Política política niñez año ¿qué? ¡sí! pingüino España ESPAÑA información INFORMACIÓN árbol Óscar él
café naïve résumé the Staff don’t it’s façade Œuvre cœur déjà où été ÉTÉ français FRANÇAIS âge ÂGE l’eau
CHÂTEAU voilà 25°C Nº 1ª 3×4 § €5 £6 100% — – … •
"""
CLEAN_WORDS = CLEAN_TEXT.split()
OPENING = ("", "", "", "“", "«", "‘", "(", "«\u00a0", "„")
CLOSING = ("", "", "", "”", "»", "’", "…", ",", ".", "\u00a0»", "\u00a0!", "—", "™", "²", "\u00a0", "”.")
clean_chunks = st.builds("".join, st.tuples(*map(st.sampled_from, (OPENING, CLEAN_WORDS, CLOSING))))
clean_texts = st.lists(clean_chunks, min_size=1, max_size=12).map(" ".join)
CODE_PAGES = ("cp1252", "latin-1", "cp1254")


def repair(*texts: str):
    return repair_blocks(tuple(Block("paragraph", text) for text in texts))


def misread(text: str, code_page: str, lose: bool) -> str:
    """As by a program that takes UTF-8 for a code page: bytes without a character there are lost, or kept."""
    characters = []
    for byte in text.encode():
        try:
            characters.append(bytes([byte]).decode(code_page))
        except UnicodeDecodeError:
            characters.append("" if lose else chr(byte))
    return "".join(characters)


@settings(deadline=None)  # the first look into the dictionaries takes a second
@given(clean_texts)
def test_clean_text_passes_unchanged(text):
    content, repairs = repair(text)
    assert content.text == text
    assert repairs == ()


@settings(deadline=None)
@given(clean_texts.filter(lambda text: "Ã" not in text), st.sampled_from(CODE_PAGES))
def test_text_read_in_a_wrong_code_page_comes_out_right(text, code_page):
    content, _ = repair(misread(text, code_page, lose=False), "PolÃ­tica")
    assert content.blocks[0].text == text


@settings(deadline=None)
@given(clean_texts, st.sampled_from(CODE_PAGES), st.booleans(), st.integers(1, 2))
def test_the_original_can_always_be_had_back(text, code_page, lose, times):
    for _ in range(times):
        text = misread(text, code_page, lose)
    blocks = (
        Block("paragraph", text),
        Block.table([[text, "x"], ["\ufffd", text]]),
        Block("heading", "x", 1),
    )
    content, repairs = repair_blocks(blocks)
    assert undo_repairs(content, repairs) == Content(blocks)
    for change in repairs:
        assert content.blocks[change.block].text.startswith(change.repaired, change.start)
        assert change.certain == (change.original != change.repaired)


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("ÃÂÄÅâï€œ\x9d\xad í¡aAñ\t”’—\u00a0\ufffdğŸ˜ƒ‚"), max_size=40))
def test_any_text_at_all_can_be_had_back(text):
    blocks = (Block("paragraph", text),)
    content, repairs = repair_blocks(blocks)
    assert undo_repairs(content, repairs) == Content(blocks)


@pytest.mark.parametrize(
    ("damaged", "meant"),
    [
        ("PolÃ­tica", "Política"),
        ("POLÃ\x8dTICA", "POLÍTICA"),
        ("PolÃƒÂ­tica", "Política"),
        ("informaÃ§Ãµes de SÃ£o Paulo", "informações de São Paulo"),
        ("EDUCAÃ‡ÃƒO", "EDUCAÇÃO"),
        ("ESPAÃ‘A", "ESPAÑA"),
        ("cÅ“ur dÃ©jÃ\u00a0 vu", "cœur déjà vu"),
        ("â€œholaâ€\x9d â€“ itâ€™s", "“hola” – it’s"),
        ("â€œholaâ€", "“hola”"),
        ("5 â‚¬, 3Ã—4, 25Â°C, Â¿sÃ­?", "5 €, 3×4, 25°C, ¿sí?"),
        ("ÅŸekil Ä±ÅŸÄ±k ğŸ˜€", "şekil ışık 😀"),
        ("\x93so\x94 it\x92s", "“so” it’s"),
    ],
)
def test_misread_text_is_read_again(damaged, meant):
    content, repairs = repair(damaged)
    assert content.text == meant
    assert all(change.certain for change in repairs)


@pytest.mark.parametrize(
    ("damaged", "meant"),
    [
        ("GuÃa", "Guía"),
        ("TecnologÃas", "Tecnologías"),
        ("TECNOLOGÃAS", "TECNOLOGÍAS"),
        ("POLÃTICA", "POLÍTICA"),
        ("informaciÃn", "información"),
        ("Ãrea", "Área"),
        ("dÃa", "día"),
        ("comunicaÃão", "comunicação"),
        ("informaci\ufffdn", "información"),
        ("sue\ufffd\ufffdo", "sueño"),
    ],
)
def test_a_lost_letter_is_found_in_the_dictionary(damaged, meant):
    content, (change,) = repair(damaged)
    assert content.text == meant
    assert (change.original, change.repaired, change.certain) == (damaged, meant, True)


@pytest.mark.parametrize("damaged", ["mÃs", "estÃ", "a\ufffdo", "xqwÃrtz"])
def test_a_doubtful_word_stays_and_is_marked(damaged):
    content, (change,) = repair(damaged)
    assert content.text == damaged
    assert not change.certain
    assert len(change.candidates) != 1


def test_repairs_say_where_they_are():
    content, repairs = repair("clean", "uno PolÃ­tica, dos GuÃa")
    assert [(change.block, change.start, change.repaired) for change in repairs] == [
        (1, 4, "Política"),
        (1, 18, "Guía"),
    ]
    assert content.blocks[1].text[18:22] == "Guía"


def test_cells_of_a_table_are_repaired_each():
    content, repairs = repair_blocks((Block.table([["CÃ³digo", "aÃ±o"], ["1", "GuÃa"]]),))
    assert content.blocks[0].rows == (("Código", "año"), ("1", "Guía"))
    assert content.blocks[0].text == "Código\taño\n1\tGuía"
    assert [change.start for change in repairs] == [0, 7, 13]


def test_upper_case_words_are_not_touched_in_a_damaged_document():
    content, _ = repair("PolÃ­tica GuÃa", "SÃO PAULO, “MANHÃ” e IRMÃ…, NÃO À MÃE")
    assert content.blocks[1].text == "SÃO PAULO, “MANHÃ” e IRMÃ…, NÃO À MÃE"


def test_undoing_the_repairs_of_another_text_is_refused():
    _, repairs = repair("PolÃ­tica")
    with pytest.raises(ValueError, match="does not read"):
        undo_repairs(Content((Block("paragraph", "something else"),)), repairs)


def test_a_misread_spanish_file_is_readable_again(read_one):
    reading = read_one("guia.txt", (FIXTURES / "misread_spanish.txt").read_bytes())
    assert [block.text for block in reading.content.blocks] == [
        "Política de vacaciones",
        "La Guía de Tecnologías y la información del Área de música se revisan cada año.",
        "¿Quién pide el día? “Cada empleado” lo pide, mÃs tarde o más temprano – según el caso.",
        "POLÍTICA DE FORMACIÓN",
        "El precio es de 25 € y la temperatura de 20°C.",
    ]
    assert reading.language == "es"
    assert [change.original for change in reading.repairs if not change.certain] == ["mÃs"]


def test_a_misread_portuguese_file_is_readable_again(read_one):
    reading = read_one("guia.txt", (FIXTURES / "misread_portuguese.txt").read_bytes())
    assert [block.text for block in reading.content.blocks] == [
        "Informações sobre férias",
        "A direção de São Paulo responde até amanhã; não há exceções.",
        "EDUCAÇÃO E FORMAÇÃO",
        "Os funcionários vão à  reunião e leem a política.",
    ]
    assert reading.language == "pt"
