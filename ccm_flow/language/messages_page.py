"""The page of all messages: what each code means, and what it looks like."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path as FilePath

from ccm_flow.language.check import load_file
from ccm_flow.language.codes import CODES, Code
from ccm_flow.language.overlay_files import resolve_file
from ccm_flow.language.problems import Problem
from ccm_flow.language.templates import Templates

_EXPECTED = re.compile(r"# expect: (PB[0-9]{3}) ")
SCRIPT = re.compile(r"^# script (\S+)\.([a-z]+): (.*)$", re.MULTILINE)
"""A comment in an example that adds a script: `# script greeting.en: Hello`."""
NOTE = re.compile(r"^# note (\S+): (.*)$", re.MULTILINE)
_FOLDER = re.compile(r"(?:/[^\s'`]*|tests/spec[^\s'`]*)/(?=[\w.-]+\.yaml)")
_STANDING: Mapping[str, Mapping[str, str]] = {
    "outreach/monthly_call": {"en": "Hello", "es": "Hola"}
}
_STANDING_NOTE = "fields: {summary: {required: true}}"

_INTRODUCTION = """
# Messages of `ccm check`

This page is made from the program and its seeded mistakes (`tests/spec/mistakes`) by
`python -m ccm_flow.language.reference`; a test fails when they differ.

An *error* keeps a playbook from being published; a *warning* does not, but look at it. Codes never
change their meaning. The first digit is the kind: 1 the YAML text, 2 the form of the settings, 3
names and templates, 4 times, 5 the flow of steps, 6 conditions, 7 overlays.
"""


def read_examples(folder: FilePath) -> dict[str, list[Problem]]:
    """Check every seeded mistake below a folder; give what was found, by code."""
    found: dict[str, list[Problem]] = {code: [] for code in CODES}
    for file in sorted(folder.glob("*.yaml")):
        templates = _templates(file.read_bytes().decode(errors="replace"))
        _keep(found, file, load_file(file, templates).problems)
    overlays = folder / "overlays"
    for file in sorted(overlays.glob("*.yaml")):
        _keep(found, file, resolve_file(file, [overlays / "parents"]).problems)
    return found


def _templates(text: str) -> Templates:
    scripts = dict(_STANDING)
    for name, language, body in SCRIPT.findall(text):
        scripts[name] = {language: body}
    return Templates(scripts, {"monthly_contact": _STANDING_NOTE, **dict(NOTE.findall(text))})


def _keep(found: dict[str, list[Problem]], file: FilePath, problems: Iterable[Problem]) -> None:
    with file.open("rb") as opened:
        match = _EXPECTED.match(opened.readline().decode())
    for problem in problems:
        if match is not None and problem.code == match[1]:
            name = "clinic.yaml" if problem.code.startswith("PB7") else "playbook.yaml"
            said = replace(
                problem, message=_bare(problem.message), hint=_bare(problem.hint), file=name
            )
            found[problem.code].append(said)


def _bare(text: str) -> str:
    """Name examples without the folder they lie in, which differs from machine to machine."""
    return _FOLDER.sub("", text)


def messages_page(
    examples: Mapping[str, list[Problem]],
    codes: Mapping[str, Code] = CODES,
    introduction: str = _INTRODUCTION,
) -> str:
    """Give the page as Markdown, with a heading for each code so that links lead there."""
    lines = introduction.strip().split("\n")
    for code, kind in codes.items():
        lines += ["", f"## {code}", "", f"*{kind.severity.value.capitalize()}.* {kind.meaning}"]
        problems = examples.get(code, [])
        if problems:
            lines += ["", "```text", _visible(problems[0].render()), "```"]
        seen = {problems[0].message} if problems else set()
        others = []
        for problem in problems[1:]:
            if problem.message not in seen:
                seen.add(problem.message)
                others.append(f"- {_safe(problem.message)} *{_safe(problem.hint)}*")
        lines += ["", "Also:", "", *others] if others else []
    return "\n".join(lines) + "\n"


def _visible(text: str) -> str:
    """Show what cannot be seen, and cut what is too long to be read."""
    lines = "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text).split("\n")
    return "\n".join(line if len(line) <= 120 else line[:119] + "…" for line in lines)


def _safe(text: str) -> str:
    """Keep Markdown from taking a message's signs for its own."""
    return re.sub(r"([*_<>|{}])", r"\\\1", text) if "`" not in text else text
