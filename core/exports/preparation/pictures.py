"""Pictures as PNG or JPEG of a fair size, without what cameras add; each described or decoration."""

from __future__ import annotations

import hashlib
import io
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from core.content import Block, Mark, Picture

MOST_PIXELS = 64_000_000
LONGEST_SIDE = 2_400
_KEPT_AS_THEY_ARE = {"PNG": ("1", "L", "LA", "P", "RGB", "RGBA"), "JPEG": ("L", "RGB")}


def settled(
    blocks: Sequence[Block], media: Mapping[str, bytes], alts: Mapping[str, str], changes: Counter[str]
) -> tuple[list[Block], dict[str, bytes]]:
    """The blocks with pictures that can be drawn, and their files. One that cannot becomes words."""
    made: list[Block] = []
    kept: dict[str, bytes] = {}
    for block in blocks:
        if block.kind != "picture" or block.picture is None:
            made.append(block)
            continue
        alt = alts.get(block.picture.sha256, block.picture.alt)
        is_decorative = (
            alts[block.picture.sha256] == "" if block.picture.sha256 in alts else block.picture.is_decorative
        )
        data = media.get(block.picture.sha256)
        drawn = _drawable(data) if data else None
        if drawn is None:
            changes["pictures_missing"] += 1
            made.append(_in_words(alt))
            continue
        changes["pictures_converted"] += drawn != data
        picture = _picture(drawn, alt, is_decorative)
        kept[picture.sha256] = drawn
        made.append(replace(block, picture=picture, text=""))
    return made, kept


def _in_words(alt: str) -> Block:
    words = f"[{alt or '…'}]"
    return Block("paragraph", words, marks=(Mark("emphasis", 0, len(words)),))


def _picture(data: bytes, alt: str, is_decorative: bool) -> Picture:
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as opened:
        kind, width, height = str(opened.format).lower(), opened.width, opened.height
    return Picture(hashlib.sha256(data).hexdigest(), f"image/{kind}", width, height, alt, is_decorative)


@lru_cache(maxsize=64)
def _drawable(data: bytes) -> bytes | None:
    """The picture as every format can hold it: the same bytes if they will do, else drawn anew; None if it
    is damaged or has more than 64 million pixels.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(
                io.BytesIO(data), formats=("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
            ) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    return None
                opened.load()
                if _will_do(opened):
                    return data
                drawn = ImageOps.exif_transpose(opened)
                is_photograph = opened.format == "JPEG"
                drawn = drawn.convert("RGB" if is_photograph else "RGBA")
                drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                out = io.BytesIO()
                if is_photograph:
                    drawn.save(out, "JPEG", quality=90)
                else:
                    drawn.save(out, "PNG")
                return out.getvalue()
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        MemoryError,
        Image.DecompressionBombError,
    ):
        return None


def _will_do(opened: object) -> bool:
    from PIL import Image

    assert isinstance(opened, Image.Image)
    modes = _KEPT_AS_THEY_ARE.get(str(opened.format), ())
    is_plain = (
        not opened.getexif()
        and not getattr(opened, "is_animated", False)
        and "icc_profile" not in opened.info
    )
    return (
        opened.mode in modes
        and max(opened.size) <= LONGEST_SIDE
        and is_plain
        and "transparency" not in opened.info
    )
