"""Text that was damaged on its way here, put right where that can be done without a doubt."""

from __future__ import annotations

from core.content import Block, Content
from core.ingestion.reading import Repair


def repair_blocks(blocks: tuple[Block, ...]) -> tuple[Content, tuple[Repair, ...]]:
    return Content(blocks), ()
