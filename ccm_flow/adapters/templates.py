"""Reads scripts and note structures from a folder, and fills scripts in for one patient."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ccm_flow.core.errors import CcmError
from ccm_flow.language import Templates
from ccm_flow.language.template_check import MAX_SCRIPT, check_script

DEFAULT_LANGUAGE = "en"
_ENVIRONMENT = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
)
"""Scripts are plain text; the page that shows one escapes it whole."""

ScriptFields = Mapping[str, Mapping[str, object]]
"""The groups of `template_fields.FIELDS`, filled in."""


class BadScriptError(CcmError):
    """A script cannot be shown."""

    hint = "Run `ccm check` on the playbook that uses it."


class UnknownScriptError(CcmError):
    """A playbook names a script that is not there."""

    exit_code = 2
    hint = "Run `ccm check` on the playbook; it lists the scripts there are."

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no script '{name}'.")
        self.name = name


def load_templates(folder: Path) -> Templates:
    """
    Read `scripts/**/NAME.LANGUAGE.j2` and `notes/**/NAME.yaml` below a folder.

    Larger files than a template can be are read only so far that the check refuses them.
    """
    scripts: dict[str, dict[str, str]] = {}
    for path in sorted((folder / "scripts").rglob("*.j2")):
        name, _, language = _name(path, folder / "scripts", ".j2").rpartition(".")
        if name:
            scripts.setdefault(name, {})[language] = _read(path)
    notes = {
        _name(path, folder / "notes", ".yaml"): _read(path)
        for path in sorted((folder / "notes").rglob("*.yaml"))
    }
    return Templates(scripts, notes)


def render_script(templates: Templates, name: str, language: str, fields: ScriptFields) -> str:
    """
    Fill in a script in the given language, in English where there is no such version.

    Raises:
        UnknownScriptError: there is no such script.
        BadScriptError: it would not pass the check, or a field it uses is missing.
    """
    texts = templates.scripts.get(name, {})
    text = texts.get(language, texts.get(DEFAULT_LANGUAGE))
    if text is None:
        raise UnknownScriptError(name)
    for problem in check_script(text):
        raise BadScriptError(f"'{name}', line {problem.line}: {problem.message}", problem.hint)
    missing = [f"{group}.{field}" for group, field in fields_missing(text, fields)]
    if missing:
        raise BadScriptError(f"'{name}' needs what is not there: {', '.join(missing)}.")
    try:
        return _compiled(text).render(fields).strip() + "\n"
    except TemplateError as error:
        raise BadScriptError(f"'{name}' cannot be filled in: {error}.") from error


def fields_missing(text: str, fields: ScriptFields) -> list[tuple[str, str]]:
    """List the fields that a script shows and that are not among those given, in its order."""
    used = _ENVIRONMENT.parse(text).find_all(nodes.Getattr)
    named = ((node.node.name, node.attr) for node in used if isinstance(node.node, nodes.Name))
    return [
        (group, name) for group, name in dict.fromkeys(named) if name not in fields.get(group, {})
    ]


@lru_cache(maxsize=128)
def _compiled(text: str) -> Template:
    return _ENVIRONMENT.from_string(text)


def _name(path: Path, folder: Path, suffix: str) -> str:
    return path.relative_to(folder).as_posix().removesuffix(suffix)


def _read(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(4 * MAX_SCRIPT).decode("utf-8", errors="replace")
