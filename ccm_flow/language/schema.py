"""
Checks the form of a playbook, or of another file of settings, and gives its source model.

A value of the wrong form is reported, then replaced by a harmless one of the right form and
marked as broken, so that everything else can still be checked in the same pass.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ccm_flow.language.problems import Path
from ccm_flow.language.report import Report
from ccm_flow.language.source import (
    AttemptsSource,
    ByRiskSource,
    ContactSource,
    DocumentationSource,
    DueByUrgencySource,
    NoteFieldSource,
    NoteSource,
    OutcomeSource,
    PlaybookSource,
    ReadinessSource,
    RoleSource,
    StepSource,
)
from ccm_flow.language.suggest import PLACEHOLDER, did_you_mean, nearest

Root = TypeVar("Root", bound=BaseModel)
_ROUNDS = 8
"""Each round repairs one level; files are less deep than this."""

_MEANT: Mapping[str, tuple[str, str, Any]] = MappingProxyType(
    {
        "string": (
            "a text",
            "Write a text; put it in quotes if it looks like a number.",
            PLACEHOLDER,
        ),
        "int": ("a whole number", "Write digits only, without quotes.", 1),
        "bool": ("true or false", "Write `true` or `false`.", False),
        "list": ("a list", "Write [one, two], or one line per item, each starting with '- '.", []),
        "dict": ("a group of `name: value` lines", "Indent `name: value` lines below it.", {}),
        "model": ("a group of `name: value` lines", "Indent `name: value` lines below it.", {}),
    }
)
_SHAPES: Mapping[str, type[BaseModel]] = MappingProxyType(
    {
        "roles": RoleSource,
        "steps": StepSource,
        "outcomes": OutcomeSource,
        "attempts": AttemptsSource,
        "due": DueByUrgencySource,
        "readiness": ReadinessSource,
        "by_risk": ByRiskSource,
        "contact": ContactSource,
        "documentation": DocumentationSource,
        "notes": NoteSource,
        "fields": NoteFieldSource,
    }
)
_NAMED = frozenset(["roles", "outcomes", "by_risk", "notes", "fields"])
"""What stands below these is a name that the author chose."""
_LEFT_OUT_HINTS = MappingProxyType(
    {
        "owner": "Add `owner:` with the one role that answers for it.",
        "due": "Add `due:`, e.g. `due: 3 business days`: work without a deadline is forgotten.",
        "ladder": "Add `ladder:` so that somebody hears of it when it is late, e.g. "
        "`- {when due: remind owner}`.",
        "closes": "Add `closes:`, e.g. `closes: month end + 3 business days`.",
    }
)


def _thing_of_a_playbook(path: Path, report: Report) -> str:
    """Name the thing a path leads to: the playbook, or step 'outreach'."""
    if len(path) >= 2 and path[0] == "steps":
        id_ = report.document.at((*path[:2], "id"))
        step = f"Step '{id_[:60]}'" if isinstance(id_, str) else f"Step {int(path[1]) + 1}"
        return step if len(path) == 2 else f"'{path[2]}' of {step[0].lower()}{step[1:]}"
    return f"'{path[0]}'" if path else "The playbook"


@dataclass(frozen=True)
class Form(Generic[Root]):
    """What the settings of one kind of file look like."""

    root: type[Root]
    shapes: Mapping[str, type[BaseModel]]
    """The group of settings that stands behind a name."""
    named: frozenset[str]
    """What stands below these is a name that the author chose."""
    left_out_hints: Mapping[str, str]
    codes: str
    """How its problems' codes start, e.g. `PB`."""
    what: str
    """As in "A playbook is a group of lines"."""
    start: str
    """How such a file begins."""
    thing: Callable[[Path, Report], str]
    """Names what a path leads to."""


_PLAYBOOK = Form(
    root=PlaybookSource,
    shapes=_SHAPES,
    named=_NAMED,
    left_out_hints=_LEFT_OUT_HINTS,
    codes="PB",
    what="A playbook",
    start="playbook: my-playbook",
    thing=_thing_of_a_playbook,
)


def read_source(report: Report) -> PlaybookSource | None:
    """Give a playbook as a source model; None when it is not even a group of settings."""
    return read_form(report, _PLAYBOOK)


def read_form(report: Report, form: Form[Root]) -> Root | None:
    """Give the document as a source model; None when it is not even a group of settings."""
    raw = report.document.value
    if not isinstance(raw, dict):
        hint = f"Start with `{form.start}`."
        message = f"{form.what} is a group of `name: value` lines."
        report.add(f"{form.codes}202", (), message, hint)
        return None
    repaired = None
    for _ in range(_ROUNDS):
        try:
            return form.root.model_validate(raw if repaired is None else repaired)
        except ValidationError as error:
            repaired = deepcopy(raw) if repaired is None else repaired
            _repair_all(error, repaired, report, form)
    return None


def _repair_all(
    error: ValidationError, raw: dict[str, Any], report: Report, form: Form[Root]
) -> None:
    details = error.errors(include_url=False)
    # A misspelt setting is put right first, so that it is not reported as missing too.
    unknown = [detail for detail in details if detail["type"] == "extra_forbidden"]
    for detail in reversed(unknown or details):
        _repair(detail, raw, report, form)


def _repair(detail: ErrorDetails, raw: dict[str, Any], report: Report, form: Form[Root]) -> None:
    path = _real_path(detail, raw)
    kind = detail["type"]
    parent = _at(raw, path[:-1])
    if kind == "extra_forbidden":
        meant_name = _report_unknown(path, report, form)
        value = parent.pop(path[-1])
        if meant_name is not None and meant_name not in parent:
            parent[meant_name] = value
            report.give_up((*path[:-1], meant_name))
    elif kind == "missing":
        _report_missing(path, report, form)
        parent[path[-1]] = PLACEHOLDER
    elif kind in _LIMITS:
        message, hint, instead = _LIMITS[kind](detail)
        report.add(f"{form.codes}206", path, message, hint, breaks=path)
        parent[path[-1]] = instead
    else:
        meant, hint, instead = _MEANT[_expected(kind)]
        was = _spoken(parent[path[-1]])
        name = f"'{path[-1]}'" if isinstance(path[-1], str) else f"Item {path[-1] + 1}"
        report.add(
            f"{form.codes}202", path, f"{name} must be {meant}, not {was}.", hint, breaks=path
        )
        parent[path[-1]] = deepcopy(instead)


def _too_low(detail: ErrorDetails) -> tuple[str, str, Any]:
    least = detail["ctx"]["ge"]
    return f"This must be at least {least}.", f"Write {least} or more.", least


def _too_high(detail: ErrorDetails) -> tuple[str, str, Any]:
    most = detail["ctx"]["le"]
    return f"This must be at most {most}.", f"Write {most} or less.", most


def _too_long(detail: ErrorDetails) -> tuple[str, str, Any]:
    most = detail["ctx"]["max_length"]
    return f"This text is longer than {most} characters.", "Shorten it.", PLACEHOLDER


def _too_short(_: ErrorDetails) -> tuple[str, str, Any]:
    return "This text is empty.", "Write something, or remove the line.", PLACEHOLDER


_LIMITS: Mapping[str, Callable[[ErrorDetails], tuple[str, str, Any]]] = MappingProxyType(
    {
        "greater_than_equal": _too_low,
        "less_than_equal": _too_high,
        "string_too_long": _too_long,
        "string_too_short": _too_short,
    }
)


def _expected(kind: str) -> str:
    """Give the form that an error of pydantic's asks for: `int_type` is `int`."""
    word = kind.split("_", maxsplit=1)[0]
    return word if word in _MEANT else "string"


def _real_path(detail: ErrorDetails, raw: Any) -> Path:
    """Give the error's path without the union tags that pydantic puts in."""
    path: list[str | int] = []
    here = raw
    loc = detail["loc"]
    for i, part in enumerate(loc):
        inside = isinstance(here, dict) and part in here
        inside |= isinstance(here, list) and isinstance(part, int) and part < len(here)
        if inside:
            path.append(part)
            here = here[part]
        elif detail["type"] == "missing" and i == len(loc) - 1:
            path.append(part)
    return tuple(path)


def _at(raw: Any, path: Path) -> Any:
    for part in path:
        raw = raw[part]
    return raw


def _report_unknown(path: Path, report: Report, form: Form[Root]) -> str | None:
    """Report a setting that does not exist; give the one that was meant."""
    shape = _shape_of(path[:-1], form)
    known = [field.alias or name for name, field in shape.model_fields.items()]
    message = f"There is no setting '{str(path[-1])[:60]}' here."
    hint = did_you_mean(str(path[-1]), known, "Settings here")
    if report.document.at(path) is None and " " in str(path[-1]):
        hint = "In {braces} a comma starts a new setting; put a text that has one in quotes."
    report.add(f"{form.codes}201", path, message, hint, key=True, breaks=path)
    return nearest(str(path[-1]), known)


def _shape_of(path: Path, form: Form[Root]) -> type[BaseModel]:
    shape: type[BaseModel] = form.root
    is_name = False
    for part in path:
        if is_name or isinstance(part, int):
            is_name = False
        elif part in form.shapes:
            shape, is_name = form.shapes[part], part in form.named
    return shape


def _report_missing(path: Path, report: Report, form: Form[Root]) -> None:
    name = str(path[-1])
    hint = form.left_out_hints.get(name, f"Add a line `{name}: ...`.")
    where = form.thing(path[:-1], report)
    report.add(f"{form.codes}203", path[:-1], f"{where} has no '{name}'.", hint, breaks=path)


def _spoken(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text '{value[:40]}'" if value else "empty"
    return "a list" if isinstance(value, list) else "a group of lines"
