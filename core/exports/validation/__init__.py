"""Who checks which format: one module for each family, one line here for each."""

from core.exports.validation.bundle import BundleCheck
from core.exports.validation.delimited import DelimitedCheck
from core.exports.validation.ebook import EbookCheck
from core.exports.validation.json_document import JsonCheck
from core.exports.validation.latex import LatexCheck
from core.exports.validation.long_tail import LongTailCheck
from core.exports.validation.markdown_text import MarkdownCheck
from core.exports.validation.office_package import WordPackage
from core.exports.validation.open_document import OpenDocumentCheck
from core.exports.validation.plain_text import PlainTextCheck
from core.exports.validation.portable_document import PortableDocumentCheck
from core.exports.validation.report import Validator
from core.exports.validation.rich_text import RichTextCheck
from core.exports.validation.slide_deck import SlideDeckCheck
from core.exports.validation.typst_source import TypstSourceCheck
from core.exports.validation.web_page import WebPageCheck
from core.exports.validation.workbook import WorkbookCheck
from core.exports.validation.xml_document import XmlCheck
from core.exports.writers.long_tail import LONG_TAIL

_ALL: tuple[Validator, ...] = (
    PortableDocumentCheck(),
    WordPackage(),
    SlideDeckCheck(),
    WorkbookCheck(),
    OpenDocumentCheck(),
    RichTextCheck(),
    WebPageCheck(),
    MarkdownCheck(),
    PlainTextCheck(),
    JsonCheck(),
    XmlCheck(),
    DelimitedCheck(),
    EbookCheck(),
    TypstSourceCheck(),
    LatexCheck(),
    BundleCheck(),
)

VALIDATORS: dict[str, Validator] = {name: each for each in _ALL for name in each.formats}

OTHERS: dict[str, Validator] = {name: LongTailCheck(name) for name in LONG_TAIL}
"""Of formats that pandoc writes."""
