"""Checks HTML with html5lib, which follows the parsing rules of browsers and reports every departure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.validation.findings import checks, package
from core.exports.validation.report import Check, Issue, Rule, Tool

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_XHTML = "{http://www.w3.org/1999/xhtml}"
_HEADING = re.compile(r"h([1-6])")
_OUTSIDE = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//", re.I)
_LOADS = ("src", "srcset", "poster", "data", "background", "action", "formaction")
_STYLE_LOADS = re.compile(r"url\(\s*['\"]?(?!#|data:)|@import|expression\(", re.I)
_ROOT = re.compile(r":root \{([^}]*)\}")
_COLOUR = re.compile(r"--([a-z-]+): (#[0-9a-f]{6})")
_INKS = ("ink", "faint", "primary", "accent")
MIN_CONTRAST = 4.5


class WebPageCheck:
    formats = ("html",)
    rules: Mapping[str, Rule] = {
        "html.opens": Rule(
            "formatting", "basic", "The page follows the rules of HTML", "Export the document again."
        ),
        "html.no_script": Rule(
            "professional", "basic", "Nothing on the page can run", "Export the document again."
        ),
        "html.self_contained": Rule(
            "professional", "basic", "The page fetches nothing from elsewhere", "Export the document again."
        ),
        "html.policy": Rule(
            "professional", "standard", "The page forbids what it does not need", "Export the document again."
        ),
        "html.language": Rule(
            "accessibility", "basic", "Language and direction are stated", "State the document's language."
        ),
        "html.title": Rule(
            "accessibility", "basic", "There is one main heading and a title", "Give the document one title."
        ),
        "html.headings": Rule(
            "accessibility", "standard", "Headings skip no level", "Correct the levels of the headings."
        ),
        "html.alternatives": Rule(
            "accessibility",
            "standard",
            "Pictures and drawings have a text in their place",
            "Describe the pictures, or mark them as decoration.",
        ),
        "html.tables": Rule(
            "accessibility",
            "professional",
            "Header cells of tables say what they head",
            "Mark the first rows of the tables as headers.",
        ),
        "html.anchors": Rule(
            "content", "standard", "Links inside the page lead somewhere", "Export the document again."
        ),
        "html.contrast": Rule(
            "accessibility",
            "professional",
            "Text stands out from its ground in both colour schemes",
            "Choose other colours for the company.",
        ),
    }

    def tools(self) -> tuple[Tool, ...]:
        return (package("html5lib"),)

    def text(self, data: bytes) -> str:
        """Without the signs of notes and citations and the numbers that the page adds."""
        root, _ = _parsed(data)
        return "" if root is None else "\n".join(_visible(root))

    def check(self, data: bytes, manuscript: Manuscript, design: Design) -> Iterator[Check]:
        root, errors = _parsed(data)
        found = {"html.opens": errors}
        if root is not None and not errors:
            elements = list(root.iter())
            found |= {
                "html.no_script": list(_scripts(elements)),
                "html.self_contained": list(_loads(elements)),
                "html.policy": _policy(elements),
                "html.language": _language(root, manuscript),
                "html.title": _title(elements, manuscript),
                "html.headings": list(_headings(elements)),
                "html.alternatives": list(_alternatives(elements)),
                "html.tables": list(_tables(elements)),
                "html.anchors": list(_anchors(elements)),
                "html.contrast": list(_contrast(elements)),
            }
        yield from checks(self.tools()[0], found)


def _parsed(data: bytes) -> tuple[Element | None, list[Issue]]:
    import html5lib

    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return None, [Issue(str(error))]
    parser = html5lib.HTMLParser()
    root: Element = parser.parse(text)
    return root, [Issue(code, f"line {line}") for (line, _), code, _ in parser.errors]


def _tag(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _visible(element: Element) -> Iterator[str]:
    if _tag(element) in ("head", "style", "svg", "details", "nav") or not isinstance(element.tag, str):
        return
    names = element.get("class", "").split()
    if element.get("data-role") == "apart" and "front" not in names and "chart-title" not in names:
        return
    if "sign" in names:
        return
    yield element.text or ""
    for inner in element:
        yield from _visible(inner)
        yield inner.tail or ""


def _scripts(elements: list[Element]) -> Iterator[Issue]:
    for element in elements:
        if _tag(element) in ("script", "iframe", "object", "embed", "base", "form"):
            yield Issue(f"<{_tag(element)}>")
        for name, value in element.items():
            is_code = re.sub(r"[\s\x00-\x20]", "", value).lower().startswith(("javascript:", "vbscript:"))
            if name.lower().startswith("on") or is_code:
                yield Issue(f"{name}={value[:60]!r}", f"<{_tag(element)}>")


def _loads(elements: list[Element]) -> Iterator[Issue]:
    for element in elements:
        addresses = [element.get(name, "") for name in _LOADS]
        if _tag(element) not in ("a", "area"):
            addresses += [value for name, value in element.items() if name.rpartition("}")[2] == "href"]
        for address in filter(None, addresses):
            if not address.startswith(("data:image/", "#")):
                yield Issue(address[:80], f"<{_tag(element)}>")
        style = element.get("style", "") + ((element.text or "") if _tag(element) == "style" else "")
        if _STYLE_LOADS.search(style):
            yield Issue("A style loads something.", f"<{_tag(element)}>")


def _policy(elements: list[Element]) -> list[Issue]:
    for element in elements:
        if element.get("http-equiv", "").lower() == "content-security-policy":
            is_strict = "default-src 'none'" in element.get("content", "")
            return [] if is_strict else [Issue(element.get("content", ""))]
    return [Issue("There is no Content-Security-Policy.")]


def _language(root: Element, manuscript: Manuscript) -> list[Issue]:
    wanted = manuscript.language, "rtl" if manuscript.is_right_to_left else "ltr"
    found = root.get("lang", ""), root.get("dir", "")
    return [] if found == wanted else [Issue(f"{found} instead of {wanted}")]


def _title(elements: list[Element], manuscript: Manuscript) -> list[Issue]:
    tops = [element for element in elements if element.tag == f"{_XHTML}h1"]
    titles = [element for element in elements if element.tag == f"{_XHTML}title"]
    issues = [] if len(tops) == 1 else [Issue(f"{len(tops)} main headings.")]
    return issues if titles and (titles[0].text or "").strip() else [*issues, Issue("No title.")]


def _headings(elements: list[Element]) -> Iterator[Issue]:
    last = 0
    for element in elements:
        found = _HEADING.fullmatch(_tag(element))
        if found:
            level = int(found[1])
            if level > last + 1:
                yield Issue(f"h{level} after h{last}", "".join(element.itertext())[:60])
            last = level


def _alternatives(elements: list[Element]) -> Iterator[Issue]:
    for element in elements:
        if _tag(element) == "img" and element.get("alt") is None:
            yield Issue("No alternative text.", "img")
        if _tag(element) == "svg" and element.get("role") == "img":
            names = [each for each in element if _tag(each) == "title" and (each.text or "").strip()]
            if not names:
                yield Issue("No title.", "svg")


def _tables(elements: list[Element]) -> Iterator[Issue]:
    for element in elements:
        if _tag(element) == "th" and element.get("scope") not in ("col", "row", "colgroup", "rowgroup"):
            yield Issue("A header cell without scope.", "".join(element.itertext())[:60])


def _anchors(elements: list[Element]) -> Iterator[Issue]:
    names = [element.get("id", "") for element in elements if element.get("id")]
    for name in {name for name in names if names.count(name) > 1} if len(names) != len(set(names)) else ():
        yield Issue("An anchor is there more than once.", name)
    known = set(names)
    for element in elements:
        href = element.get("href", "")
        if _tag(element) == "a" and href.startswith("#") and href[1:] not in known:
            yield Issue("It leads nowhere.", href)


def _contrast(elements: list[Element]) -> Iterator[Issue]:
    """Of the colours that the style sheet names, in each of its schemes."""
    from core.exports.charts.palette import contrast

    styles = "".join(element.text or "" for element in elements if _tag(element) == "style")
    for scheme in _ROOT.findall(styles):
        colours = dict(_COLOUR.findall(scheme))
        if "paper" not in colours:
            continue
        pairs = [(ink, ground) for ink in _INKS for ground in ("paper", "tint")] + [("on-primary", "primary")]
        for ink, ground in pairs:
            ratio = contrast(colours.get(ink, "#808080"), colours.get(ground, "#808080"))
            if ratio < MIN_CONTRAST:
                yield Issue(f"{ink} on {ground}: {ratio:.2f}")
