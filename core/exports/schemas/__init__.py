"""The published schemas of what we write as JSON and XML, and their version."""

from __future__ import annotations

from importlib.resources import files

VERSION = 1
SCHEMA_ID = f"urn:workbench:manuscript:{VERSION}"


def schema(name: str) -> bytes:
    """The file of this name: manuscript.schema.json or manuscript.xsd."""
    return (files("core.exports.schemas") / name).read_bytes()
