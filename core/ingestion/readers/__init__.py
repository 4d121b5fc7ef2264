"""The formats that can be read: one module for each family, one line here for each format."""

from core.ingestion.reader import Reader
from core.ingestion.readers.plain_text import PlainText
from core.ingestion.readers.portable_document import PortableDocument
from core.ingestion.readers.word_document import WordDocument

READERS: dict[str, Reader] = {
    reader.name: reader
    for reader in (
        PortableDocument(),
        WordDocument(),
        PlainText(),
    )
}
