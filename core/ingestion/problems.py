"""Why a file is refused: a stable code, a sentence that says what is wrong, and one that says what to do."""

from __future__ import annotations

from typing import NamedTuple

from core.errors import UnreadableFile
from core.ingestion.reading import Problem


class ProblemText(NamedTuple):
    """Templates for str.format; the values are given to `unreadable`."""

    message: str
    remedy: str


PROBLEMS: dict[str, ProblemText] = {
    # The file itself
    "missing_file": ProblemText("The file is no longer where it was stored.", "Upload the file again."),
    "empty_file": ProblemText(
        "The file is empty: it has 0 bytes.", "Check the upload, or export the document again."
    ),
    "file_too_large": ProblemText(
        "The file has {size}, and the limit is {limit}.",
        "Split the file, or ask an administrator to raise the limit.",
    ),
    "no_text": ProblemText(
        "The file was opened, but there is no text in it.", "Check that the right file was uploaded."
    ),
    "no_text_layer": ProblemText(
        "The PDF has {pages} pages and no text: it holds pictures of pages, probably from a scanner.",
        "Run text recognition (OCR) on it and upload the result.",
    ),
    "text_too_long": ProblemText(
        "The document has more than {limit} characters of text.",
        "Split the document, or ask an administrator to raise the limit.",
    ),
    "too_many_blocks": ProblemText(
        "The document has more than {limit} headings, paragraphs and tables.",
        "Split the document, or upload the part that matters.",
    ),
    "table_too_large": ProblemText(
        "The tables have more than {limit} cells.", "Split the table, or upload the rows that matter."
    ),
    "unsupported_format": ProblemText(
        "Files of the kind {kind} cannot be read.", "Save the document as one of: {formats}."
    ),
    "legacy_office": ProblemText(
        "The file is in the Office format that was used before 2007.",
        "Open it in an office program and save it as .docx, .pptx or .xlsx.",
    ),
    "unknown_binary": ProblemText(
        "The file is not text, and not of any document format known here.",
        "Save the document as one of: {formats}.",
    ),
    "nul_bytes": ProblemText(
        "The file looks like text, but has NUL bytes in it.",
        "Open it in a text editor and save it as UTF-8.",
    ),
    "invalid_encoding": ProblemText(
        "The text is in no character encoding that could be recognised.",
        "Open it in a text editor and save it as UTF-8.",
    ),
    "password_protected": ProblemText(
        "The document is protected by a password.", "Save a copy without the password and upload that."
    ),
    "damaged_file": ProblemText(
        "The file is damaged or cut off: it cannot be read as {format}.",
        "Open it in the program that made it, save it again, and upload that.",
    ),
    "forbidden_xml": ProblemText(
        "The file declares its own XML entities, which can hide an attack.",
        "Open it in the program that made it, save it again, and upload that.",
    ),
    # Records and attachments
    "bad_record": ProblemText("The record on line {line} is not valid JSON.", "Correct that line."),
    "record_without_text": ProblemText(
        "The record on line {line} has no text.",
        'Give each record its text under one of the names "text", "body" or "content".',
    ),
    "more_bad_records": ProblemText(
        "Another {count} records could not be read.", "Correct the first ones, then upload the file again."
    ),
    # Archives
    "damaged_archive": ProblemText(
        "The archive is damaged or cut off.", "Pack it again, or upload the files one by one."
    ),
    "empty_archive": ProblemText("The archive holds no files.", "Check that the right file was uploaded."),
    "archive_too_many_members": ProblemText(
        "The archive has {count} members, and the limit is {limit}.", "Split the archive."
    ),
    "archive_too_large": ProblemText(
        "The archive unpacks to more than {limit}.",
        "Split the archive, or upload the files one by one.",
    ),
    "archive_ratio": ProblemText(
        "The file unpacks to {ratio} times its size, as files do that are made to do harm.",
        "Open it in the program that made it and save it again, or upload what is inside.",
    ),
    "archive_too_deep": ProblemText(
        "The archive lies inside {limit} others, which is as deep as archives are opened.",
        "Unpack the outer archives and upload what is inside.",
    ),
    "unsafe_member_name": ProblemText(
        "The name of this member points outside the archive.", "Pack the archive again with plain names."
    ),
    "member_is_link": ProblemText(
        "This member is a link, not a file.", "Pack the archive again with the file itself."
    ),
    "encrypted_member": ProblemText(
        "This member is protected by a password.", "Pack the archive again without a password."
    ),
    "duplicate_member": ProblemText(
        "The archive has two members of this name; the first one was read.",
        "Rename one of them and pack the archive again.",
    ),
    "unsupported_compression": ProblemText(
        "This member is compressed in a way that cannot be read.",
        "Pack the archive again as a usual ZIP file.",
    ),
    # Limits of a parser process
    "too_slow": ProblemText(
        "Reading the file took longer than {limit} seconds, so it was stopped.",
        "Split the document, or save it in a simpler format.",
    ),
    "too_much_memory": ProblemText(
        "Reading the file needed more memory than {limit}, so it was stopped.",
        "Split the document, or save it in a simpler format.",
    ),
    "parser_crashed": ProblemText(
        "The file made its parser stop; nothing else was affected.",
        "Open it in the program that made it, save it again, and upload that.",
    ),
    "parser_unavailable": ProblemText(
        "The process that reads files could not be started.", "Try again; if it stays so, tell an operator."
    ),
}


def unreadable(code: str, **values: object) -> UnreadableFile:
    """The error for a code of PROBLEMS, its sentences filled with the values."""
    text = PROBLEMS[code]
    return UnreadableFile(text.message.format(**values), remedy=text.remedy.format(**values), code=code)


def problem(name: str, error: UnreadableFile) -> Problem:
    """The row for a file, member or record that could not be read."""
    return Problem(name, error.code, error.message, error.remedy)


def megabytes(num_bytes: int) -> str:
    """A size as people read it: "435 KB", "50 MB"."""
    if num_bytes < 1024**2:
        return f"{-(-num_bytes // 1024)} KB"
    return f"{num_bytes / 1024**2:.0f} MB"
