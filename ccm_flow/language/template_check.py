"""
Checks the text of a script: it shows fields, chooses between texts, and does nothing else.

What a script may hold is a white list over its syntax tree: texts, declared fields, `if`, and a
few filters. Loops, calls, macros, inclusion and arithmetic are refused before anything runs, so
a script can neither take forever nor look at anything but its fields.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ccm_flow.language.suggest import did_you_mean
from ccm_flow.language.template_fields import FIELDS

MAX_SCRIPT = 20_000
FILTERS = ("capitalize", "lower", "title", "trim", "upper")
_MAX_NODES = 2_000
_MAX_DEPTH = 40
"""Deeper ones could not be compiled safely; real scripts have about six."""
_FORM = "A script can show fields ({{ patient.first_name }}) and choose with {% if ... %}."
_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.If,
    nodes.CondExpr,
    nodes.Const,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
)
_SPOKEN = (
    (nodes.For, "a loop"),
    (nodes.Call, "a call"),
    (nodes.Getattr, "a field of a field"),
    (nodes.Include, "another file"),
    (nodes.Import, "another file"),
    (nodes.FromImport, "another file"),
    (nodes.Extends, "another file"),
    (nodes.Macro, "a macro"),
    (nodes.BinExpr, "arithmetic"),
    (nodes.UnaryExpr, "arithmetic"),
    (nodes.Concat, "arithmetic"),
    (nodes.Assign, "an assignment"),
    (nodes.AssignBlock, "an assignment"),
    (nodes.Getitem, "square brackets"),
    (nodes.List, "square brackets"),
)


@dataclass(frozen=True, slots=True)
class TemplateProblem:
    """A problem in a line of a script."""

    code: str
    line: int
    message: str
    hint: str


@lru_cache(maxsize=256)
def check_script(text: str) -> tuple[TemplateProblem, ...]:
    """Give everything that is wrong with a script's text; empty means it can be shown."""
    if len(text) > MAX_SCRIPT:
        message = f"It is longer than {MAX_SCRIPT:,} characters."
        return (TemplateProblem("PB313", 1, message, "Shorten it."),)
    try:
        tree = ImmutableSandboxedEnvironment().parse(text)
        return tuple(dict.fromkeys(_Walk().problems(tree)))
    except TemplateSyntaxError as error:
        return (TemplateProblem("PB313", error.lineno, _in_plain_words(error), _FORM),)
    except (RecursionError, MemoryError, ValueError):  # numbers Python itself refuses
        return (TemplateProblem("PB313", 1, "It is too complicated.", _FORM),)


def _in_plain_words(error: TemplateSyntaxError) -> str:
    said = error.message or ""
    if "end of template" in said:
        return "Something opened with '{%', '{{' or '{#' is never closed."
    if "unknown tag" in said:
        return "It holds a '{% ... %}' that does not exist here."
    return "Something between '{{' and '}}', or '{%' and '%}', is not written right."


class _Walk:
    def __init__(self) -> None:
        self._seen = 0

    def problems(self, node: nodes.Node, depth: int = 0) -> Iterator[TemplateProblem]:
        self._seen += 1
        if self._seen > _MAX_NODES or depth > _MAX_DEPTH:
            raise RecursionError
        match node:
            case nodes.Getattr(node=nodes.Name(name=group), attr=name):
                yield from _field(group, name, node.lineno)
                return
            case nodes.Name(name=group):
                yield from _group(group, node.lineno)
                return
            case nodes.Filter(name=name):
                yield from _filter(node, name)
            case _ if not isinstance(node, _ALLOWED):
                what = next((word for kind, word in _SPOKEN if isinstance(node, kind)), "this")
                message = f"A script cannot hold {what}."
                yield TemplateProblem("PB313", node.lineno, message, _FORM)
                return
        for child in node.iter_child_nodes():
            yield from self.problems(child, depth + 1)


def _field(group: str, name: str, line: int) -> Iterator[TemplateProblem]:
    fields = FIELDS.get(group)
    if fields is None:
        yield from _group(group, line)
    elif name not in fields:
        hint = did_you_mean(name, fields, f"Fields of {group}")
        message = f"There is no field '{group}.{name[:40]}'."
        yield TemplateProblem("PB312", line, message, hint)


def _group(group: str, line: int) -> Iterator[TemplateProblem]:
    if group in FIELDS:
        hint = f"Name one of its fields, e.g. {group}.{next(iter(FIELDS[group]))}."
        yield TemplateProblem("PB312", line, f"'{group}' is a group of fields.", hint)
    else:
        hint = did_you_mean(group, FIELDS, "Fields start with")
        yield TemplateProblem("PB312", line, f"There is no field '{group[:40]}'.", hint)


def _filter(node: nodes.Filter, name: str) -> Iterator[TemplateProblem]:
    if name not in FILTERS or node.args or node.kwargs:
        hint = did_you_mean(name, FILTERS, "Known")
        message = f"A script cannot use '|{name[:40]}' like this."
        yield TemplateProblem("PB313", node.lineno, message, hint)
