"""Checks the scripts and shared notes that steps name against those that there are."""

from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from ccm_flow.core.contact import PATIENT, ContactRules
from ccm_flow.core.note_forms import NoteForm
from ccm_flow.language.compile_notes import check_cosign, compile_note
from ccm_flow.language.problems import Path
from ccm_flow.language.report import Report
from ccm_flow.language.source import NoteSource, PlaybookSource
from ccm_flow.language.suggest import did_you_mean
from ccm_flow.language.templates import Templates
from ccm_flow.language.yaml_reader import read_yaml

DEFAULT_LANGUAGE = "en"


def check_scripts(
    source: PlaybookSource, contact: ContactRules | None, templates: Templates, report: Report
) -> None:
    """Report scripts that do not exist, lack a language or use an unknown field."""
    language = contact.language if contact else PATIENT
    wanted = DEFAULT_LANGUAGE if language == PATIENT else language
    told = set[str]()
    for path, name in _scripts(source):
        if not report.is_sound(path):
            continue
        texts = templates.scripts.get(name)
        if texts is None:
            hint = did_you_mean(name, templates.scripts, "Scripts")
            report.add("PB311", path, f"There is no script '{name[:60]}'.", hint)
        elif name not in told:
            told.add(name)
            _check_one(path, name, texts, wanted, report)


def _scripts(source: PlaybookSource) -> Iterator[tuple[Path, str]]:
    for i, step in enumerate(source.steps):
        if step.script is not None:
            yield ("steps", i, "script"), step.script
        for risk, variant in step.by_risk.items():
            if variant.script is not None:
                yield ("steps", i, "by_risk", risk, "script"), variant.script


def _check_one(
    path: Path, name: str, texts: Mapping[str, str], wanted: str, report: Report
) -> None:
    from ccm_flow.language.template_check import check_script  # noqa: PLC0415 - a slow import

    if wanted not in texts:
        hint = f"Write `{name}.{wanted}.j2`; there is: {', '.join(sorted(texts))}."
        report.add("PB314", path, f"This script is not there in '{wanted}'.", hint)
    for language, text in sorted(texts.items()):
        for problem in check_script(text)[:3]:
            where = f"{name}.{language}.j2, line {problem.line}"
            report.add(problem.code, path, f"{where}: {problem.message}", problem.hint)


def compile_shared_notes(
    source: PlaybookSource, templates: Templates, report: Report
) -> tuple[NoteForm, ...]:
    """Give the shared notes that steps name; report those that do not exist."""
    found: dict[str, NoteForm] = {}
    known = {*source.notes, *templates.notes}
    for i, step in enumerate(source.steps):
        path = ("steps", i, "note")
        if step.note is None or step.note in source.notes or not report.is_sound(path):
            continue
        if step.note not in known:
            hint = did_you_mean(step.note, known, "Notes")
            report.add("PB311", path, f"There is no note '{step.note[:60]}'.", hint)
        elif step.note not in found:
            form = shared_note(step.note, templates.notes[step.note], path, report)
            if form is not None:
                check_cosign(source, form.cosign, path, report)
                found[step.note] = form
    return tuple(found.values())


def shared_note(name: str, text: str, path: Path, report: Report) -> NoteForm | None:
    """Read one shared note; None when it was reported."""
    file = f"{name}.yaml"
    read = read_yaml(text, file)
    if read.document is not None and not read.problems:
        inner = Report(read.document)
        try:
            form = compile_note(name, NoteSource.model_validate(read.document.value), (), inner)
        except ValidationError as error:
            place = ".".join(str(part) for part in error.errors()[0]["loc"])
            message = f"{file}: '{place}' is not as notes are."
            report.add("PB313", path, message, "Write `title:` and `fields:`, as below `notes:`.")
            return None
        problems = inner.problems
        if not problems:
            return form
    else:
        problems = read.problems
    first = problems[0]
    report.add("PB313", path, f"{file}, line {first.line}: {first.message}", first.hint)
    return None
