"""The reference page of the playbook language, made from the models that check it."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from ccm_flow.core.facts import FACTS
from ccm_flow.language.conditions import KNOWN_VALUES
from ccm_flow.language.reference_words import GRAMMARS, INTRODUCTION, WORDS
from ccm_flow.language.source import (
    AttemptsSource,
    ByRiskSource,
    ContactSource,
    DocumentationSource,
    DueByUrgencySource,
    InsertSource,
    NoteFieldSource,
    NoteSource,
    OutcomeSource,
    PlaybookSource,
    ReadinessSource,
    RoleSource,
    StepSource,
)
from ccm_flow.language.template_fields import FIELDS

SECTIONS: tuple[tuple[str, type[BaseModel]], ...] = (
    ("The playbook", PlaybookSource),
    ("A role, in `roles:`", RoleSource),
    ("`contact:`", ContactSource),
    ("`documentation:`", DocumentationSource),
    ("A note, in `notes:`", NoteSource),
    ("A field of a note, in `fields:`", NoteFieldSource),
    ("A step, in `steps:`", StepSource),
    ("`due:` of an escalation", DueByUrgencySource),
    ("`attempts:`", AttemptsSource),
    ("A risk tier, in `by_risk:`", ByRiskSource),
    ("An outcome, in `outcomes:`", OutcomeSource),
    ("`readiness:`", ReadinessSource),
    ("A step to add, in `insert:`", InsertSource),
)
_TYPES: Mapping[str, str] = {
    "string": "text",
    "integer": "whole number",
    "boolean": "true or false",
    "array": "list",
    "object": "group",
}


def reference_page() -> str:
    """Give the page as Markdown."""
    schema = PlaybookSource.model_json_schema(by_alias=True)
    lines = [*INTRODUCTION.strip().split("\n"), ""]
    for title, model in SECTIONS:
        part = schema if model is PlaybookSource else schema["$defs"][model.__name__]
        lines += [f"## {title}", "", part["description"], ""]
        lines += _table(("Setting", "Needed", "Form", "Meaning"), _settings(part))
    for title, text in GRAMMARS:
        lines += [f"## {title}", "", *text.strip().split("\n"), ""]
    lines += ["## Facts in conditions", ""]
    lines += _table(("Fact", "Type", "Until the record says otherwise", "Meaning"), _facts())
    lines += ["## Fields in scripts", ""]
    lines += _table(("Field", "Meaning", "Example"), _fields())
    lines += ["## Fixed words", ""]
    lines += _table(("Where", "Words"), WORDS)
    return "\n".join(lines).rstrip() + "\n"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return [*lines, ""]


def _settings(part: Mapping[str, Any]) -> Iterable[tuple[str, ...]]:
    needed = part.get("required", [])
    for name, setting in part["properties"].items():
        default = setting.get("default")
        form = _form(setting)
        if default not in (None, {}, []):
            form += f"; {_value(default)} when left out"
        yield f"`{name}`", "yes" if name in needed else "", form, setting["description"]


def _value(value: object) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, list):
        return f"`[{', '.join(map(str, value))}]`"
    return f"`{value}`"


def _form(setting: Mapping[str, Any]) -> str:
    words = setting.get("enum")
    if words:
        return "one of " + ", ".join(f"`{word}`" for word in words)
    if "anyOf" in setting or "oneOf" in setting:
        parts = setting.get("anyOf") or setting["oneOf"]
        forms = [_form(part) for part in parts if part.get("type") != "null"]
        return " or ".join(dict.fromkeys(forms))
    if "$ref" in setting:
        return "group"
    form = _TYPES[setting["type"]]
    if setting["type"] == "array":
        inner = setting["items"].get("enum")
        form += " of " + ", ".join(f"`{word}`" for word in inner) if inner else ""
    elif setting["type"] == "object":
        form = "group of names"
    if "minimum" in setting or "maximum" in setting:
        form += f", {setting['minimum']} to {setting['maximum']}"
    return form


def _facts() -> Iterable[tuple[str, ...]]:
    for name, fact in FACTS.items():
        known = KNOWN_VALUES.get(name)
        words = ": " + ", ".join(f"`{word}`" for word in known) if known else ""
        yield f"`{name}`", f"{fact.type.value}{words}", _value(fact.default), fact.meaning


def _fields() -> Iterable[tuple[str, ...]]:
    for group, fields in FIELDS.items():
        for name, (meaning, example) in fields.items():
            yield f"`{group}.{name}`", meaning, example
