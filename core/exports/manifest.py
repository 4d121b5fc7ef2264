"""The manifest of a file: what it is, what it was made from and with, what was checked, and a signature."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.errors import Invalid
from core.exports.signing import SigningKey

SCHEMA = "https://blatam.academy/schemas/export-manifest/1"
IN_ZIP = "manifest.json"
MOST_BYTES = 64 * 1024**2

Verdict = Literal["genuine", "unsigned_here", "changed", "forged"]


@dataclass(frozen=True, slots=True)
class MemberVerdict:
    name: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Verification:
    """What a file turned out to be.

    genuine: the bytes are those of the manifest, and the manifest was signed with our key. unsigned_here: the
    bytes are those of the manifest, which was signed with another key. changed: the bytes are others. forged:
    the manifest claims our key, but its signature is wrong. `members` are the files of a zip.
    """

    verdict: Verdict
    manifest: Mapping[str, Any]
    members: tuple[MemberVerdict, ...] = ()


def signed(values: Mapping[str, Any], key: SigningKey) -> dict[str, Any]:
    """The manifest with its signature over everything else in it."""
    plain = {"schema": SCHEMA, **values}
    signature = {"algorithm": "HMAC-SHA256", "key": key.id, "value": key.sign(plain)}
    return {**plain, "signature": signature}


def described(name: str, data: bytes) -> dict[str, Any]:
    """A file as manifests tell of it."""
    return {"name": name, "num_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def as_bytes(manifest: Mapping[str, Any]) -> bytes:
    return json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def verify(data: bytes, manifest: bytes | None, key: SigningKey) -> Verification:
    """Whether the file is the one of the manifest. A zip of ours brings its own. Raises Invalid for a
    manifest that is none.
    """
    inside = _in_zip(data) if manifest is None else None
    stated = _read(manifest if manifest is not None else (inside or {}).get(IN_ZIP))
    if inside is None:
        is_same = stated.get("file", {}).get("sha256") == hashlib.sha256(data).hexdigest()
        return Verification(_verdict(stated, is_same, key), stated)
    members = tuple(_member(entry, inside) for entry in stated.get("members", ()))
    listed = {entry.get("name") for entry in stated.get("members", ())} | {IN_ZIP}
    strangers = tuple(MemberVerdict(name, "changed") for name in inside if name not in listed)
    is_same = all(each.verdict == "genuine" for each in members) and not strangers
    return Verification(_verdict(stated, is_same, key), stated, members + strangers)


def _verdict(manifest: Mapping[str, Any], is_same: bool, key: SigningKey) -> Verdict:
    signature = manifest.get("signature", {})
    plain = {name: value for name, value in manifest.items() if name != "signature"}
    if signature.get("key") == key.id and not key.is_of(plain, str(signature.get("value", ""))):
        return "forged"
    if not is_same:
        return "changed"
    return "genuine" if signature.get("key") == key.id else "unsigned_here"


def _member(entry: Mapping[str, Any], inside: Mapping[str, bytes]) -> MemberVerdict:
    data = inside.get(str(entry.get("name", "")))
    is_same = data is not None and hashlib.sha256(data).hexdigest() == entry.get("sha256")
    return MemberVerdict(str(entry.get("name", "")), "genuine" if is_same else "changed")


def _read(manifest: bytes | None) -> dict[str, Any]:
    no_manifest = Invalid(
        "There is no manifest to compare with.",
        remedy="Hand in the manifest that came with the file, or a zip bundle, which has its own.",
    )
    if manifest is None or len(manifest) > MOST_BYTES:
        raise no_manifest
    try:
        values = json.loads(manifest)
    except ValueError:
        raise no_manifest from None
    if not isinstance(values, dict) or values.get("schema") != SCHEMA:
        raise no_manifest
    if not isinstance(values.get("signature", {}), dict) or not isinstance(values.get("file", {}), dict):
        raise no_manifest
    members: Sequence[Any] = values.get("members", [])
    if not isinstance(members, list) or not all(isinstance(each, dict) for each in members):
        raise no_manifest
    return values


def _in_zip(data: bytes) -> dict[str, bytes] | None:
    """The members of a zip with a manifest; None for anything else and for one that unpacks to too much."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if IN_ZIP not in {entry.filename for entry in entries}:
                return None
            if sum(entry.file_size for entry in entries) > 40 * MOST_BYTES:
                return None
            return {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, RuntimeError, EOFError):
        return None
