"""Bringing patients in, and putting right what no record system knows."""

from collections.abc import Mapping
from pathlib import Path

import typer

from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.patient_edit_store import edit_patient as keep_edits
from ccm_flow.adapters.db.patient_store import SqlPatientStore
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.db.views_find import find_patient
from ccm_flow.adapters.ehr.detect import Kind
from ccm_flow.adapters.ehr.reading import ReadOptions, read_patients
from ccm_flow.adapters.ehr.roster_columns import RosterMap, read_map
from ccm_flow.app.care import ClinicView
from ccm_flow.app.import_patients import import_patients
from ccm_flow.app.import_report import ChangedPatient, ImportReport, ImportRun
from ccm_flow.app.patient_edits import ADDRESS_PARTS, BadEditError, EditValue, check_edit
from ccm_flow.app.statuses import PatientField
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.aftermath import Aftermath, look_outside, show_aftermath
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_clinic, choose_person, open_set_up, zone_of
from ccm_flow.cli.work.tables import Listing
from ccm_flow.core.errors import CcmError

_NUMBERS = ("Read", "New", "Changed", "Gone")
_TITLES = {
    Kind.FHIR: "FHIR",
    Kind.NDJSON: "bulk FHIR (NDJSON)",
    Kind.SYNTHEA: "Synthea tables",
    Kind.ROSTER: "a clinic's list",
    Kind.CMS: "CMS beneficiary summaries",
}


class NoSuchFormatError(CcmError):
    """A kind of export was named that is none."""

    exit_code = 2
    hint = f"Choose one of: {', '.join(Kind)}; or leave --format out."


def _with_clinics_own(base: Base, clinic: ClinicView, path: Path, typed: RosterMap) -> RosterMap:
    """Add what the clinic's file says of its own list; what was typed now goes before it."""
    if not path.is_file() or path.suffix.lower() != ".csv":
        return typed  # a folder of another kind of export has tables of its own
    stored = SqlClinicStore(base.engine).stored(clinic.clinic, base.clock.now().date())
    if stored is None:
        return typed
    columns = {**stored.roster.columns, **typed.columns}
    return RosterMap(columns, typed.dates or stored.roster.dates)


def import_(
    path: Path,
    kind: str | None,
    columns: list[str],
    clinic_id: str | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import patients, and say what came of it."""
    if kind is not None and kind not in set(Kind):
        raise NoSuchFormatError(f"'{kind}' is not a kind of export.")
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    wanted = _with_clinics_own(base, clinic, path, read_map(columns))
    options = ReadOptions(zone_of(clinic), Kind(kind) if kind else None, wanted)
    store = SqlPatientStore(base.engine)
    begun = base.clock.now()
    source = read_patients(path, options)
    report = import_patients(source, store, clinic.clinic, begun, dry_run=dry_run)
    if report.read and not dry_run:
        store.keep_run(ImportRun(clinic.clinic, begun, base.clock.now(), report))
    after = Aftermath() if dry_run else look_outside(base, clinic, f"import of {path.name}")
    if as_json:
        outside = {"deaths": after.deaths, "suggestions": after.suggestions}
        emit({**_data(clinic.clinic, report, dry_run=dry_run), **outside})
    else:
        _show(report, dry_run=dry_run)
        show_aftermath(after, clinic)
    if not report.read:
        typer.echo(f"ccm: There is no patient in '{path}' that can be used.", err=True)
        raise typer.Exit(2)
    if report.skipped:
        raise typer.Exit(1)


def edit_patient(
    who: str, said: Mapping[str, str | None], forget: list[str], by: str, *, as_json: bool
) -> None:
    """Keep what a person put right about a patient."""
    values = _values(said, forget)
    base = open_set_up()
    ref = find_patient(base.engine, who)
    person = choose_person(base, ref.clinic, by)
    with writing(base.engine) as session:
        keep_edits(session, ref.patient, values, person.person, base.clock.now())
    if as_json:
        emit({"patient": ref.patient, "by": person.person, "edits": values})
        return
    for field, value in values.items():
        name = field.value.replace("_", " ").capitalize()
        now = "as imported again" if value is None else _text(value)
        say(f"{name}: {now}.")


def _values(said: Mapping[str, str | None], forget: list[str]) -> dict[PatientField, EditValue]:
    values: dict[PatientField, EditValue] = {}
    for name, text in said.items():
        field = PatientField(name)
        if text is not None:
            values[field] = check_edit(field, _address(text) if name == "address" else text)
    for name in forget:
        if name not in set(PatientField):
            msg = f"'{name}' is not a field that can be edited."
            raise BadEditError(msg, f"Choose one of: {', '.join(PatientField)}.")
        if PatientField(name) in values:
            msg = f"The {name.replace('_', ' ')} cannot be set and forgotten at once."
            raise BadEditError(msg, "Leave one of the two out.")
        values[PatientField(name)] = None
    if not values:
        msg = "Nothing to edit was given."
        raise BadEditError(msg, "Say what is right, e.g. --phone 508-555-0142.")
    return values


def _address(text: str) -> dict[str, str]:
    pieces = [piece.strip() for piece in text.split(";")]
    return dict(zip(ADDRESS_PARTS, pieces, strict=True)) if len(pieces) == 4 else {}


def _text(value: str | Mapping[str, str]) -> str:
    return value if isinstance(value, str) else ", ".join(value.values())


def _data(clinic: str, report: ImportReport, *, dry_run: bool) -> dict[str, object]:
    data: dict[str, object] = {
        "clinic": clinic,
        "dry_run": dry_run,
        **report.counts,
        "rows": report.rows,
        "files": report.files,
        "unused": report.unused,
        "problems": report.problems,
    }
    return {**data, "changes": [_change(one) for one in report.changes]} if dry_run else data


def _change(one: ChangedPatient) -> dict[str, object]:
    return {
        "mrn": one.mrn,
        "source_id": one.source_id,
        "new": one.change.is_new,
        "fields": one.change.fields,
        "rows": {
            name: {"new": len(rows.added), "changed": len(rows.changed), "gone": len(rows.gone)}
            for name, rows in one.change.rows.items()
        },
    }


def _show(report: ImportReport, *, dry_run: bool) -> None:
    if report.files:
        kinds = (f"{_TITLES[Kind(kind)]}, {_files(count)}" for kind, count in report.files.items())
        say(f"Taken for {'; '.join(kinds)}.")
    counts = ", ".join(f"{count} {name}" for name, count in report.counts.items())
    say(f"{'Would import' if dry_run else 'Imported'}: {counts}.")
    if report.read:
        say()
        listing = Listing("Rows", "Read", "New", "Changed", "Gone", numbers=_NUMBERS)
        for name, rows in report.rows.items():
            listing.add(name.capitalize(), rows.read, rows.new, rows.changed, rows.gone)
        listing.print()
    if report.unused:
        listed = (f"{name} ({n})" if n > 1 else name for name, n in sorted(report.unused.items()))
        say(f"\nNothing is read from: {', '.join(listed)}.")
    for problem in report.problems:
        say(f"  {'Left out' if problem.skipped else 'Note'}: {problem}")


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"
