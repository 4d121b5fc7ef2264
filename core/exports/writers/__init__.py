"""The formats that can be written: one module for each family, one line here for each format."""

from core.exports.writer import Writer

_ALL: tuple[Writer, ...] = ()

WRITERS: dict[str, Writer] = {writer.name: writer for writer in _ALL}
