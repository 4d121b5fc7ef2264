"""A quarter of the bytes of 16 bits, for places where room is dear."""

from __future__ import annotations

from typing import ClassVar

from kvcache.forms.quantised.form import Quantised


class Int4(Quantised):
    """Keys by channel at 4 bits, values by token at 4."""

    name: ClassVar[str] = "int4"
    key_bits: ClassVar[int] = 4
    value_bits: ClassVar[int] = 4
