"""Problems for other programs: JSON for scripts, SARIF 2.1.0 for code review and editors."""

from collections.abc import Iterable
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from ccm_flow.language.problems import Problem, path_text
from ccm_flow.language.rules_codes import ALL_CODES

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_FAMILIES = {
    "1": "yaml", "2": "form", "3": "names", "4": "time", "5": "flow", "6": "conditions",
    "7": "overlays",
}  # fmt: skip


def problems_json(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Give problems as values that `json.dumps` takes; names and meanings are stable."""
    return [
        {
            "code": problem.code,
            "severity": problem.severity.value,
            "file": problem.file,
            "line": problem.line,
            "column": problem.column,
            "end_column": problem.end_column,
            "path": path_text(problem.path),
            "message": problem.message,
            "hint": problem.hint,
            "doc": problem.doc,
        }
        for problem in problems
    ]


def problems_sarif(problems: Iterable[Problem]) -> dict[str, Any]:
    """Give problems as a SARIF 2.1.0 log with one run."""
    found = list(problems)
    codes = sorted({problem.code for problem in found})
    return {
        "$schema": _SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "ccm check", "rules": [_rule(code) for code in codes]}},
                "columnKind": "unicodeCodePoints",
                "results": [_result(problem, codes) for problem in found],
            }
        ],
    }


def _rule(code: str) -> dict[str, Any]:
    kind = ALL_CODES[code]
    return {
        "id": code,
        "shortDescription": {"text": kind.meaning.replace("`", "'")},
        "help": {"text": f"Explained in {Problem.doc_of(code)}."},
        "defaultConfiguration": {"level": kind.severity.value},
        "properties": {"tags": [_FAMILIES[code[2]]]},
    }


def _result(problem: Problem, codes: list[str]) -> dict[str, Any]:
    region: dict[str, Any] = {
        "startLine": problem.line,
        "startColumn": problem.column,
        "endColumn": problem.end_column,
    }
    if problem.source_line:
        region["snippet"] = {"text": problem.source_line}
    location = {"artifactLocation": {"uri": _uri(problem.file)}, "region": region}
    text = f"{problem.message} {problem.hint}".strip()
    return {
        "ruleId": problem.code,
        "ruleIndex": codes.index(problem.code),
        "level": problem.severity.value,
        "message": {"text": text},
        "locations": [{"physicalLocation": location}],
        "properties": {"path": path_text(problem.path)},
    }


def _uri(file: str) -> str:
    path = PurePath(file)
    if path.is_absolute():
        return path.as_uri()
    return quote(file.replace("\\", "/").encode("utf-8", "replace"))
