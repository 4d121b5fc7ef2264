"""The formats that can be read: one module for each family, one line here for each format."""

from core.ingestion.reader import Reader
from core.ingestion.readers.delimited import CSV, TSV
from core.ingestion.readers.ebook import Ebook
from core.ingestion.readers.json_text import JsonLines, JsonText
from core.ingestion.readers.mail import Mail
from core.ingestion.readers.markdown_text import MarkdownText
from core.ingestion.readers.open_document import OpenDocument
from core.ingestion.readers.plain_text import PlainText
from core.ingestion.readers.portable_document import PortableDocument
from core.ingestion.readers.slide_deck import SlideDeck
from core.ingestion.readers.web_page import WebPage
from core.ingestion.readers.word_document import WordDocument
from core.ingestion.readers.workbook import Workbook

READERS: dict[str, Reader] = {
    reader.name: reader
    for reader in (
        PortableDocument(),
        WordDocument(),
        SlideDeck(),
        Workbook(),
        OpenDocument(),
        Ebook(),
        WebPage(),
        MarkdownText(),
        PlainText(),
        CSV,
        TSV,
        JsonText(),
        JsonLines(),
        Mail(),
    )
}
