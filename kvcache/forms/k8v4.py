"""Keys of 8 bits, values of 4: keys decide where attention looks, values only what it brings."""

from __future__ import annotations

from typing import ClassVar

from kvcache.forms.quantised.form import Quantised


class K8v4(Quantised):
    """Keys by channel at 8 bits, values by token at 4."""

    name: ClassVar[str] = "k8v4"
    key_bits: ClassVar[int] = 8
    value_bits: ClassVar[int] = 4
