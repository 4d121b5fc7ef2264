"""The format-neutral document: readers write it, redundancy reads it, exports render it."""

from core.content.blocks import Block, BlockKind, Content, Provenance

__all__ = ["Block", "BlockKind", "Content", "Provenance"]
