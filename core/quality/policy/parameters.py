"""Reads the parameters of a rule as somebody wrote them, and says what does not hold."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from core.errors import Invalid

Value = str | int | float | bool | list[str] | None
Parameters = Mapping[str, Value]


class Given:
    """Each method takes one parameter; `close` refuses those that nobody took.

    An absent parameter, None and an empty text are the same. Raises Invalid for a value of the wrong kind.
    """

    def __init__(self, parameters: Mapping[str, object]) -> None:
        self._left = {name: value for name, value in parameters.items() if value not in (None, "")}

    def whole(self, name: str, least: int, most: int) -> int | None:
        value = self._left.pop(name, None)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise Invalid(
                f"“{name}” is not a whole number from {least:,} to {most:,}.", remedy="Change the number."
            )
        return value

    def share(self, name: str, default: float) -> float:
        value = self._left.pop(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
            raise Invalid(f"“{name}” is not a share above 0 and up to 1.", remedy="Write 0.6 for 60 %.")
        return float(value)

    def flag(self, name: str, default: bool) -> bool:
        value = self._left.pop(name, default)
        if not isinstance(value, bool):
            raise Invalid(f"“{name}” is neither true nor false.", remedy="Write true or false.")
        return value

    def text(self, name: str, longest: int) -> str:
        value = self._left.pop(name, "")
        if not isinstance(value, str) or len(value) > longest:
            raise Invalid(
                f"“{name}” is not a text of up to {longest:,} characters.", remedy="Write a shorter text."
            )
        return value

    def choice(self, name: str, options: Collection[str], default: str) -> str:
        value = self._left.pop(name, default)
        if value not in options:
            raise Invalid(
                f"{value!r} is no choice for “{name}”.", remedy=f"Use one of: {', '.join(options)}."
            )
        return str(value)

    def texts(self, name: str, *, most: int, longest: int) -> tuple[str, ...]:
        """A list without repeats, each trimmed, empty ones left out."""
        value = self._left.pop(name, ())
        if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
            raise Invalid(f"“{name}” is not a list of texts.", remedy="Write one on each line.")
        texts = tuple(dict.fromkeys(stripped for each in value if (stripped := each.strip())))
        if len(texts) > most or any(len(each) > longest for each in texts):
            raise Invalid(
                f"“{name}” holds more than {most:,} texts, or one of more than {longest:,} characters.",
                remedy="Make two rules of it.",
            )
        return texts

    def choices(self, name: str, options: Collection[str]) -> tuple[str, ...]:
        """Several of the options, in their order."""
        chosen = self.texts(name, most=len(options) or 1, longest=100)
        if unknown := [each for each in chosen if each not in options]:
            raise Invalid(
                f"{', '.join(unknown)!r} is no choice for “{name}”.",
                remedy=f"Use some of: {', '.join(options)}.",
            )
        return tuple(each for each in options if each in chosen)

    def close(self) -> None:
        if self._left:
            raise Invalid(
                f"This kind of rule has no “{', '.join(self._left)}”.", remedy="Leave the parameter out."
            )
