"""The language of templates: Jinja without anything that reaches beyond the values it is given.

Names that have no value are marked in the text and remembered, instead of ending the work.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jinja2 import Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment, safe_range

UNSAFE_FILTERS = ("safe", "attr", "xmlattr", "urlize", "random", "pprint")
"""They let text pass as XML, reach for attributes by a computed name, or give another result each time."""


class Names:
    """Values by name, as `facts.owner`. Has nothing else that a template could see."""

    __slots__ = ("_path", "_text", "_values")

    def __init__(self, path: str, values: Mapping[str, object], text: str | None = None) -> None:
        self._path = path
        self._values = values
        self._text = text

    def __getitem__(self, name: str) -> object:
        return self._values[name]

    def __iter__(self) -> Iterator[object]:
        return iter(self._values.values())

    def __len__(self) -> int:
        return len(self._values)

    def __str__(self) -> str:
        return ", ".join(map(str, self._values.values())) if self._text is None else self._text


class Missing(Undefined):
    """A name without a value. Each use of it gives the mark; asked whether it is there, it says no."""

    __slots__ = ("_named",)
    _seen: dict[str, None]
    _named: str

    def __init__(
        self,
        hint: str | None = None,
        obj: object = None,
        name: str | None = None,
        exc: type[Exception] | None = None,
    ) -> None:
        super().__init__(hint, obj, name)
        above = obj._path if isinstance(obj, Names) else obj._named if isinstance(obj, Missing) else ""
        self._named = f"{above}.{name}" if above else str(name)

    def __getattr__(self, name: str) -> Missing:
        if name.startswith("_"):
            raise AttributeError(name)
        return type(self)(obj=self, name=name)

    def __getitem__(self, name: object) -> Missing:  # type: ignore[override]
        return type(self)(obj=self, name=str(name))

    def __str__(self) -> str:
        self._seen[self._named] = None
        return marked(self._named)

    def __iter__(self) -> Iterator[Missing]:
        self._seen[self._named] = None
        yield self

    def __bool__(self) -> bool:
        return False

    def __len__(self) -> int:
        return 0

    def __int__(self) -> int:  # type: ignore[override]
        return 0

    def __float__(self) -> float:  # type: ignore[override]
        return 0.0

    def __lt__(self, other: object) -> bool:  # type: ignore[override]
        return False

    def __call__(self, *arguments: object, **named: object) -> Missing:  # type: ignore[override]
        return self

    def _same(self, *operands: object) -> Missing:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _same  # type: ignore[assignment]
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = _same  # type: ignore[assignment]
    __mod__ = __rmod__ = __pow__ = __rpow__ = __neg__ = __pos__ = _same  # type: ignore[assignment]
    __le__ = __gt__ = __ge__ = __lt__  # type: ignore[assignment]


def marked(name: str) -> str:
    """How a name without a value shows in the finished document."""
    return f"⟦{name}⟧"


class TemplateEnvironment(ImmutableSandboxedEnvironment):
    """Loads nothing, knows no function but `range`, escapes all that it is given.

    `missing` holds the names without a value, in the order in which they were needed.
    """

    def __init__(self) -> None:
        self.missing: dict[str, None] = {}
        noticing = type("NoticedMissing", (Missing,), {"__slots__": (), "_seen": self.missing})
        super().__init__(autoescape=True, undefined=noticing, loader=None, keep_trailing_newline=True)
        self.globals = {"range": safe_range}
        for name in UNSAFE_FILTERS:
            self.filters.pop(name, None)
