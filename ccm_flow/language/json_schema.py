"""The JSON Schema of playbook files, for editors: descriptions, words to choose, small grammars."""

from collections.abc import Iterable
from typing import Any

from ccm_flow.language.source import PlaybookSource
from ccm_flow.language.templates import Templates

_TITLE = "CCM Flow playbook"
_WRITTEN_IN_PART = (
    "AttemptsSource",
    "ContactSource",
    "DocumentationSource",
    "DueByUrgencySource",
    "NoteSource",
    "ReadinessSource",
)
"""Overlays may write these in part; the check itself says what is missing then."""


def json_schema(
    playbook: PlaybookSource | None = None, templates: Templates | None = None
) -> dict[str, Any]:
    """
    Give the JSON Schema of playbook files.

    Args:
        playbook: offer this one's roles and steps where a role or a step is named.
        templates: offer the names of these scripts and notes.
    """
    schema = PlaybookSource.model_json_schema(by_alias=True)
    schema["$schema"] = "http://json-schema.org/draft-07/schema#"
    schema["title"] = _TITLE
    parts = schema["$defs"]
    _allow_overlays(schema, parts)
    if playbook is not None:
        roles, steps = list(playbook.roles), [step.id for step in playbook.steps]
        _offer(schema["properties"]["owner"], roles)
        _offer(parts["StepSource"]["properties"]["owner"], roles)
        _offer(parts["OutcomeSource"]["properties"]["go"], steps)
    if templates is not None:
        notes = {*templates.notes, *(playbook.notes if playbook else ())}
        _offer(parts["StepSource"]["properties"]["script"], templates.scripts)
        _offer(parts["StepSource"]["properties"]["note"], notes)
    return schema


def _allow_overlays(schema: dict[str, Any], parts: dict[str, dict[str, Any]]) -> None:
    """Ask for what is needed only where nothing is extended."""
    whole, step = schema.pop("required"), parts["StepSource"].pop("required")
    for name in _WRITTEN_IN_PART:
        parts[name].pop("required", None)
    schema["required"] = ["playbook", "version"]
    parts["StepSource"]["required"] = ["id"]
    schema["if"] = {"required": ["extends"]}
    schema["else"] = {
        "required": whole,
        "properties": {"steps": {"items": {"required": step}}},
    }


def _offer(setting: dict[str, Any], words: Iterable[str]) -> None:
    texts = [part for part in setting.get("anyOf", [setting]) if part.get("type") == "string"]
    for text in texts:
        text["enum"] = sorted(words)
