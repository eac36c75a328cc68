"""Printing the script of a step."""

import typer

from ccm_flow.adapters.db.script_fields import step_script
from ccm_flow.adapters.db.views import find_step
from ccm_flow.adapters.shipped import shipped
from ccm_flow.adapters.templates import (
    DEFAULT_LANGUAGE,
    fields_missing,
    load_templates,
    render_script,
)
from ccm_flow.cli.work.acting import RefusedError
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import open_set_up


def script(step: str, language: str | None, *, as_json: bool) -> None:
    """Print the script of a step, in the language asked for or the patient's own."""
    base = open_set_up()
    ref = find_step(base.engine, step)
    found = step_script(base.engine, ref.cycle, ref.key, base.clock.now())
    if found.name is None:
        raise RefusedError(
            f"The step '{found.title}' has no script.", "Its playbook names one with `script:`."
        )
    templates = load_templates(shipped("templates"))
    wanted = (language or found.language).strip().lower()
    there = templates.scripts.get(found.name, {})
    used = wanted if wanted in there else DEFAULT_LANGUAGE
    missing = fields_missing(there.get(used, ""), found.fields)
    filled = found.fields_in(used)
    for group, name in missing:
        filled.setdefault(group, {})[name] = f"[{group} {name.replace('_', ' ')}]"
    text = render_script(templates, found.name, used, filled)
    not_on_file = [f"{group}.{name}" for group, name in missing]
    if as_json:
        emit({"script": found.name, "language": used, "text": text, "not_on_file": not_on_file})
        return
    say(text.rstrip())
    if used != wanted:
        typer.echo(f"ccm: There is no version in '{wanted}'; this is the English one.", err=True)
    if not_on_file:
        typer.echo(f"ccm: Not on file, so not filled in: {', '.join(not_on_file)}.", err=True)
