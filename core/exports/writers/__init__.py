"""The formats that can be written: one module for each family, one line here for each format."""

from core.exports.writer import Writer
from core.exports.writers.bundle import Bundle
from core.exports.writers.delimited import DelimitedTables
from core.exports.writers.ebook import Ebook
from core.exports.writers.json_document import JsonDocument
from core.exports.writers.latex import Latex
from core.exports.writers.long_tail import LONG_TAIL, is_installed
from core.exports.writers.markdown_text import MarkdownText
from core.exports.writers.open_document import OpenDocument
from core.exports.writers.plain_text import PlainText
from core.exports.writers.portable_document import PortableDocument
from core.exports.writers.rich_text import RichText
from core.exports.writers.slide_deck import SlideDeck
from core.exports.writers.typst_source import TypstSource
from core.exports.writers.web_page import WebPage
from core.exports.writers.word_document import WordDocument
from core.exports.writers.workbook import Workbook
from core.exports.writers.xml_document import XmlDocument

_ALL: tuple[Writer, ...] = (
    PortableDocument(),
    WordDocument(),
    SlideDeck(),
    Workbook(),
    OpenDocument(),
    RichText(),
    WebPage(),
    MarkdownText(),
    PlainText(),
    JsonDocument(),
    XmlDocument(),
    DelimitedTables(),
    Ebook(),
    Latex(),
    TypstSource(),
    Bundle(),
)

WRITERS: dict[str, Writer] = {writer.name: writer for writer in _ALL}


def offered() -> dict[str, Writer]:
    """The formats that can be written here: ours, and those of pandoc where it is installed."""
    return WRITERS | LONG_TAIL if is_installed() else dict(WRITERS)


def writer_of(name: str) -> Writer:
    """Raises KeyError for a format that nobody writes."""
    return WRITERS.get(name) or LONG_TAIL[name]
