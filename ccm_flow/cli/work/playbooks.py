"""Reading, checking, explaining, proving and drawing playbooks."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ccm_flow.adapters.calendars import closed_days, month_calendar
from ccm_flow.adapters.playbook_files import read_playbook
from ccm_flow.adapters.shipped import shipped
from ccm_flow.adapters.templates import load_templates
from ccm_flow.app.clinic_hours import ClinicHours
from ccm_flow.bootstrap import Settings
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_clinic, open_set_up
from ccm_flow.core.errors import CcmError
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan
from ccm_flow.language import json_schema, problems_json, problems_sarif
from ccm_flow.language.compare import compare, render_changes
from ccm_flow.language.explain import explain
from ccm_flow.language.overlay import Resolved

if TYPE_CHECKING:
    from ccm_flow.drawing.handbook import ClinicPage

_SOMEWHERE = ClinicHours("America/New_York")
"""Without a clinic of one's own, dates are those of an ordinary week on the East Coast."""


class BadFileError(CcmError):
    """A file cannot be read or written."""

    exit_code = 2


class PlaybookRefusedError(CcmError):
    """A playbook has errors."""

    exit_code = 2
    hint = "Put right what is listed above and try again."


def resolve(path: Path) -> Resolved:
    """Read and check a playbook with everything it extends; raises `BadFileError`."""
    try:
        return read_playbook(path)
    except OSError as error:
        raise BadFileError(f"'{path}' cannot be read: {error.strerror}.") from error


def good_plan(path: Path) -> tuple[Plan, Resolved]:
    """Give a playbook's plan; prints the problems and raises `PlaybookRefusedError` for errors."""
    result = resolve(path)
    if result.plan is None:
        typer.echo(result.render() + "\n", err=True)
        raise PlaybookRefusedError(f"'{path}' has {len(result.errors)} errors.")
    return result.plan, result


def check(files: Sequence[Path], *, strict: bool, as_sarif: bool, as_json: bool) -> None:
    """Check playbooks; all files are looked at whatever the first ones are like."""
    results = [(path, resolve(path)) for path in files]
    problems = [problem for _, result in results for problem in result.problems]
    if as_sarif:
        emit(problems_sarif(problems))
    elif as_json:
        emit([_data(path, result) for path, result in results])
    else:
        for path, result in results:
            _show(path, result)
    if any(result.plan is None for _, result in results):
        raise typer.Exit(2)
    if strict and any(result.warnings for _, result in results):
        raise typer.Exit(1)


def _show(path: Path, result: Resolved) -> None:
    if result.problems:
        say(result.render() + "\n")
    plan = result.plan
    if plan is not None:
        say(f"{path}: {plan.title}, version {plan.version}, {len(plan.steps)} steps: good.")
    else:
        errors, warnings = len(result.errors), len(result.warnings)
        say(f"{path}: {_counted(errors, 'error')}, {_counted(warnings, 'warning')}.")


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _data(path: Path, result: Resolved) -> dict[str, object]:
    plan = result.plan
    return {
        "file": str(path),
        "good": plan is not None,
        "playbook": plan and plan.playbook,
        "version": plan and plan.version,
        "problems": problems_json(result.problems),
    }


def explain_file(path: Path) -> None:
    """Print the merged playbook with origins."""
    say(explain(good_plan(path)[1]).rstrip("\n"))


def diff(old: Path, new: Path, *, as_json: bool) -> None:
    """Say what changes."""
    before, after = good_plan(old)[0], good_plan(new)[0]
    changes = compare(before, after)
    if as_json:
        emit([asdict(change) for change in changes])
    else:
        say(render_changes(changes, before, after).rstrip("\n"))


def prove_files(
    files: Sequence[Path], month: str | None, clinic: str | None, *, as_json: bool
) -> None:
    """Prove playbooks one after the other."""
    from ccm_flow.proof import Setting, proof_as_json, prove, render_proof  # noqa: PLC0415

    hours, which = _where(clinic), _month(month)
    proofs = []
    for path in files:
        plan, _ = good_plan(path)
        setting = Setting(which, month_calendar(hours, which, plan.kind))
        proofs.append(prove(plan, setting))
        if not as_json:
            say(render_proof(proofs[-1]) + "\n")
    if as_json:
        emit([proof_as_json(proof) for proof in proofs])
    if any(proof.found or proof.stopped for proof in proofs):
        raise typer.Exit(1)


def draw(path: Path, *, mermaid: bool, output: Path | None) -> None:
    """Draw the flow."""
    from ccm_flow.drawing.flow_svg import draw_svg  # noqa: PLC0415
    from ccm_flow.drawing.mermaid import draw_mermaid  # noqa: PLC0415

    plan, _ = good_plan(path)
    _write(draw_mermaid(plan) if mermaid else draw_svg(plan), output)


def calendar(
    path: Path, month: str | None, clinic: str | None, *, as_svg: bool, output: Path | None
) -> None:
    """Show the dates."""
    from ccm_flow.drawing.calendar_rows import calendar_text  # noqa: PLC0415
    from ccm_flow.drawing.calendar_svg import month_calendar_svg  # noqa: PLC0415

    plan, _ = good_plan(path)
    hours, which = _where(clinic), _month(month)
    days = month_calendar(hours, which, plan.kind)
    if as_svg:
        closed = closed_days(hours, which.first_day, which.last_day)
        _write(month_calendar_svg(plan, which, days, closed), output)
    else:
        _write(calendar_text(plan, which, days), output)


def handbook(path: Path, clinic: str | None, month: str | None, output: Path) -> None:
    """Write the handbook as a page or a PDF, by the name's ending."""
    if output.suffix not in (".html", ".pdf"):
        raise BadFileError(f"'{output}' ends neither in .html nor in .pdf.", "Name it so.")
    from ccm_flow.adapters.handbooks import write_handbook  # noqa: PLC0415

    plan, _ = good_plan(path)
    which = _month(month)
    hours = _where(clinic)
    days = month_calendar(hours, which, plan.kind)
    page = _clinic_page(clinic)
    content = write_handbook(plan, page, which, days, as_pdf=output.suffix == ".pdf")
    _write_bytes(content, output)
    say(f"Wrote {output}.")


def _clinic_page(clinic: str | None) -> "ClinicPage | None":
    """Describe the clinic that is named, or the only one here."""
    if clinic is None and not (Settings.from_environ().home / "ccm.db").exists():
        return None
    from ccm_flow.adapters.handbooks import clinic_page  # noqa: PLC0415

    base = open_set_up()
    return clinic_page(base.engine, choose_clinic(base, clinic))


def schema() -> None:
    """Print the schema."""
    templates = load_templates(shipped("templates"))
    typer.echo(json.dumps(json_schema(templates=templates), indent=2, ensure_ascii=False))


def _where(clinic: str | None) -> ClinicHours:
    """Give the hours of the clinic that is named, or of the only one here, or ordinary ones."""
    settings = Settings.from_environ()
    if clinic is None and not (settings.home / "ccm.db").exists():
        return _SOMEWHERE
    return choose_clinic(open_set_up(), clinic).hours


def _month(text: str | None) -> Month:
    return Month.parse(text) if text else Month.of(datetime.now(UTC).date()).next


def _write(text: str, output: Path | None) -> None:
    if output is None:
        typer.echo(text.rstrip("\n"))
        return
    _write_bytes((text.rstrip("\n") + "\n").encode(), output)
    say(f"Wrote {output}.")


def _write_bytes(content: bytes, output: Path) -> None:
    try:
        output.write_bytes(content)
    except OSError as error:
        raise BadFileError(f"'{output}' cannot be written: {error.strerror}.") from error
