"""The Jinja in the parts of a Word file: made readable, parsed, and searched for what it may not do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import TemplateSyntaxError, meta, nodes

from core.documents.word_templates.form import (
    DRAFT_ROOTS,
    MAX_FREE_NAMES,
    FreeVariable,
    TemplateForm,
    VariableKind,
)
from core.documents.word_templates.package_check import WordParts
from core.documents.word_templates.refusals import refused
from core.documents.word_templates.sandbox import TemplateEnvironment
from core.documents.word_templates.standing_tags import without_standing_tags

_FORBIDDEN: dict[type[nodes.Node], str] = {
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "from … import",
    nodes.Extends: "extends",
    nodes.EvalContextModifier: "autoescape",
    nodes.ScopedEvalContextModifier: "autoescape",
    nodes.MarkSafe: "safe",
    nodes.MarkSafeIfAutoescape: "safe",
}
_PLACE = 80


@dataclass(frozen=True, slots=True)
class ParsedPart:
    """A part of the file: `source` is its XML with one paragraph a line."""

    name: str
    source: str
    tree: nodes.Template


def parsed_parts(file: WordParts, environment: TemplateEnvironment) -> list[ParsedPart]:
    """All parts with text. Raises Invalid with the paragraph in which something is wrong."""
    return [_parsed(name, file.parts[name], environment) for name in (*file.texts, *file.properties)]


def form_of(parts: list[ParsedPart], environment: TemplateEnvironment) -> TemplateForm:
    own: dict[str, None] = {}
    free: dict[str, VariableKind] = {}
    for part in parts:
        unknown = meta.find_undeclared_variables(part.tree) - set(environment.globals)
        for path, kind in _uses(part.tree, unknown):
            if path.partition(".")[0] in DRAFT_ROOTS:
                own[path] = None
            else:
                free[path] = _stronger(free.get(path), kind)
    if len(free) > MAX_FREE_NAMES:
        raise refused("template_open_names", limit=MAX_FREE_NAMES)
    return TemplateForm(tuple(own), tuple(FreeVariable(name, kind) for name, kind in free.items()))


def _parsed(name: str, part: bytes, environment: TemplateEnvironment) -> ParsedPart:
    source = _readable(part)
    try:
        tree = environment.parse(source)
        environment.compile(source)
    except TemplateSyntaxError as error:
        raise refused(
            "template_syntax", fault=_sentence(error), place=_place(source, error.lineno)
        ) from error
    except (RecursionError, SyntaxError, OverflowError) as error:  # of the Python that Jinja makes of it
        raise refused("template_nesting") from error
    _refuse_forbidden(tree, source)
    return ParsedPart(name, source, tree)


def _readable(part: bytes) -> str:
    """Names that Word split over several runs are put together, and each paragraph begins a line."""
    from docxtpl import DocxTemplate
    from lxml import etree

    from core.ingestion.xml_parts import parse

    text = etree.tostring(parse(part), encoding="unicode")
    plain: str = DocxTemplate(None).patch_xml(text.replace("\n", " "))
    return re.sub(r"<w:p([ >])", r"\n<w:p\1", without_standing_tags(plain.replace("\n", " ")))


def _refuse_forbidden(tree: nodes.Template, source: str) -> None:
    for node in tree.find_all(nodes.Node):
        name = _forbidden(node)
        if name:
            raise refused("template_forbidden", name=name, place=_place(source, node.lineno))


def _forbidden(node: nodes.Node) -> str:
    if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
        return node.attr
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        key = node.arg.value
        return key if isinstance(key, str) and key.startswith("_") else ""
    return _FORBIDDEN.get(type(node), "")


def _sentence(error: TemplateSyntaxError) -> str:
    return f"{(error.message or '').rstrip('.')}."


def _place(source: str, line: int) -> str:
    lines = source.split("\n")
    paragraph = lines[min(max(line, 1), len(lines)) - 1]
    text = " ".join(re.sub(r"<[^>]*>", "", paragraph).split())
    return text if len(text) <= _PLACE else f"{text[:_PLACE]}…"


def _uses(node: nodes.Node, unknown: set[str], asked: bool = False) -> Iterator[tuple[str, VariableKind]]:
    """The paths of names that the template does not set itself, and how each is used."""
    path = _path(node)
    if path is not None:
        if path.partition(".")[0] in unknown:
            yield path, "yes_no" if asked else "text"
        return
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Getattr):
        yield from _uses(node.node.node, unknown)  # a method of the value, not a name of its own
        for argument in (*node.args, *node.kwargs):
            yield from _uses(argument, unknown)
        return
    if isinstance(node, nodes.For) and (looped := _path(node.iter)) is not None:
        if looped.partition(".")[0] in unknown:
            yield looped, "lines"
        for child in (node.target, *node.body, *node.else_, *([node.test] if node.test else [])):
            yield from _uses(child, unknown)
        return
    for field, child in _children(node):
        is_question = isinstance(node, (nodes.If, nodes.CondExpr)) and field == "test"
        is_same = asked and isinstance(node, (nodes.Not, nodes.And, nodes.Or, nodes.Test))
        yield from _uses(child, unknown, is_question or is_same)


def _children(node: nodes.Node) -> Iterator[tuple[str, nodes.Node]]:
    for field, value in node.iter_fields():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, nodes.Node):
                yield field, each


def _path(node: nodes.Node) -> str | None:
    """`client.name` for that chain of names; None for anything else."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        above = _path(node.node)
        return f"{above}.{node.attr}" if above else None
    if (
        isinstance(node, nodes.Getitem)
        and isinstance(node.arg, nodes.Const)
        and isinstance(node.arg.value, str)
    ):
        above = _path(node.node)
        return f"{above}.{node.arg.value}" if above else None
    return None


def _stronger(one: VariableKind | None, other: VariableKind) -> VariableKind:
    """Lines over text over a question."""
    order: tuple[VariableKind, ...] = ("lines", "text", "yes_no")
    return next(kind for kind in order if kind in (one, other))
