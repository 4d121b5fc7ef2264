"""Mail (.eml): the subject, the text, and each attachment as a document of its own (RFC 5322, RFC 2045)."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage, MIMEPart

from core.content import Block
from core.ingestion.problems import unreadable
from core.ingestion.reader import Attachment, Extract, Source
from core.ingestion.readers.plain_text import paragraphs
from core.ingestion.readers.web_page import blocks_of, parse_html
from core.ingestion.text_decoding import decode

MAX_PARTS = 500
_SEALS = ("application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature")


class Mail:
    name = "eml"
    extensions = (".eml",)

    def read(self, source: Source) -> Iterator[Extract]:
        message = email.message_from_bytes(source.data, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        if not message.keys():
            raise unreadable("damaged_file", format="mail")
        subject = _header(message, "subject")
        heading = (Block("heading", subject, level=1),) if subject else ()
        yield Extract(
            blocks=(*heading, *_body(message)),
            title=subject,
            author=_header(message, "from") or None,
            modified=_date(message),
            attachments=tuple(_attachments(message)),
        )


def _header(message: EmailMessage, name: str) -> str:
    try:
        return " ".join(str(message.get(name, "")).split())
    except (ValueError, LookupError, AttributeError, IndexError):  # what the parser raises on broken headers
        return ""


def _date(message: EmailMessage) -> datetime | None:
    try:
        moment: datetime | None = getattr(message.get("date"), "datetime", None)
    except (ValueError, LookupError, AttributeError, IndexError):
        return None
    return moment


def _body(message: EmailMessage) -> Iterator[Block]:
    part = message.get_body(preferencelist=("plain", "html"))
    if part is None:
        return
    text = _text(part)
    if part.get_content_subtype() == "html":
        yield from blocks_of(parse_html(text))
        return
    for block in paragraphs(text):
        yield _quote(block) if _is_quoted(block.text) else block


def _text(part: MIMEPart) -> str:
    payload = part.get_payload(decode=True)
    return decode(payload, part.get_content_charset()).text if isinstance(payload, bytes) else ""


def _is_quoted(text: str) -> bool:
    return all(line.startswith(">") for line in text.split("\n"))


def _quote(block: Block) -> Block:
    return Block("quote", "\n".join(line.lstrip("> ") for line in block.text.split("\n")).strip())


def _attachments(message: EmailMessage) -> Iterator[Attachment]:
    """Not the pictures that stand in the text, and not signatures."""
    for number, part in enumerate(message.iter_attachments(), start=1):
        if number > MAX_PARTS:
            raise unreadable("archive_too_many_members", count="too many", limit=MAX_PARTS)
        is_in_text = part.get_content_maintype() == "image" and (
            part.get_content_disposition() == "inline" or part.get("content-id") is not None
        )
        if not is_in_text and part.get_content_type() not in _SEALS:
            yield Attachment(name=_name(part, number), data=_bytes(part))


def _name(part: EmailMessage, number: int) -> str:
    name = part.get_filename()
    if name:
        return name
    if part.get_content_type() == "message/rfc822":
        return f"message-{number}.eml"
    return f"attachment-{number}"


def _bytes(part: EmailMessage) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        messages = inner if isinstance(inner, list) else []
        return b"".join(message.as_bytes() for message in messages if isinstance(message, EmailMessage))
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
