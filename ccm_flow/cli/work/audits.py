"""Auditing the record, and exporting the ledger with its proof."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import typer

from ccm_flow.adapters.db.audit_store import SqlAuditRecord
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.app.audit import Audited, audit_record, check_workflows
from ccm_flow.app.flow import Flow
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_clinic, open_set_up, with_desk
from ccm_flow.cli.work.files import write_file
from ccm_flow.cli.work.setup import read_text
from ccm_flow.core.audit import Exported, Finding, NotAnExportError, check_export
from ccm_flow.core.canonical import Plain, canonical
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.plain_data import plain


class OtherClinicError(CcmError):
    """An export is of a clinic that is not audited."""

    exit_code = 2
    hint = "Leave --clinic out, or name the export's clinic with it."

    def __init__(self, clinic: str) -> None:
        super().__init__(f"The export is of the clinic '{clinic}', which is not audited here.")


def verify(
    clinic_id: str | None, against: Path | None, *, record_only: bool, as_json: bool
) -> None:
    """Audit one clinic or all; leaves with 1 when something is not as it should be."""
    base = open_set_up()
    clinics = _clinics(base, clinic_id)
    exported = None if against is None else _exported(against, clinics)
    record = SqlAuditRecord(base.engine)
    done = [_audit(record, clinic, exported) for clinic in clinics]
    if not record_only and any(record.standing(clinic) for clinic in clinics):
        done = with_desk(base, lambda desk: _ask_running(record, desk.flow, done))
    if as_json:
        emit({"clinics": [plain(one) for one in done]})
    else:
        for one in done:
            _show(one)
    if any(one.findings for one in done):
        raise typer.Exit(1)


def export(out: Path, clinic_id: str | None, *, as_json: bool) -> None:
    """Write a clinic's ledger, line by line."""
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id).clinic
    lines = [canonical(line) for line in SqlAuditRecord(base.engine).export(clinic)]
    write_file(out, ("\n".join(lines) + "\n").encode())
    head = json.loads(lines[-1])
    if as_json:
        emit({"file": str(out), **head})
        return
    say(f"{out}: {head['lines']:,} lines of {clinic}.")
    say(f"It ends with {head['sha256'] or 'nothing'}; keep that where nobody here can change it.")


def check(file: Path, *, as_json: bool) -> None:
    """Check an exported ledger by itself; leaves with 1 when it does not hold."""
    found = check_export(_lines(file))
    if as_json:
        emit(plain(found))
    else:
        _list(found.findings)
        say(f"{found.clinic}: {found.head.number:,} ledger lines. {_verdict(found.findings)}")
    if found.findings:
        raise typer.Exit(1)


def _clinics(base: Base, wanted: str | None) -> Sequence[ClinicId]:
    if wanted is not None:
        return [choose_clinic(base, wanted).clinic]
    return [ClinicId(one) for one in SqlClinicStore(base.engine).clinics()]


def _exported(file: Path, clinics: Sequence[ClinicId]) -> Exported:
    exported = check_export(_lines(file))
    if exported.clinic not in clinics:
        raise OtherClinicError(exported.clinic)
    return exported


def _audit(record: SqlAuditRecord, clinic: ClinicId, exported: Exported | None) -> Audited:
    if exported is None or exported.clinic != clinic:
        return audit_record(record, clinic)
    done = audit_record(record, clinic, exported.head)
    return replace(done, findings=(*exported.findings, *done.findings))


async def _ask_running(
    record: SqlAuditRecord, flow: Flow, audited: Sequence[Audited]
) -> list[Audited]:
    done = []
    for one in audited:
        asked, apart = await check_workflows(record, flow, one.clinic)
        done.append(replace(one, running=asked, findings=(*one.findings, *apart)))
    return done


def _show(one: Audited) -> None:
    _list(one.findings)
    said = f"{one.clinic}: {one.head.number:,} ledger lines, {one.months:,} months, "
    said += f"{one.steps:,} steps"
    if one.running is not None:
        said += f", {one.running:,} running months asked"
    say(f"{said}. {_verdict(one.findings)}")
    if one.head.number:
        say(f"  The ledger ends with {one.head.sha256}.")


def _list(findings: Sequence[Finding]) -> None:
    for one in findings:
        say(f"{one.clinic}, {one.where}: {one.said}")


def _verdict(findings: Sequence[Finding]) -> str:
    if not findings:
        return "Everything agrees."
    return f"{len(findings)} {'thing does' if len(findings) == 1 else 'things do'} not agree."


def _lines(file: Path) -> Iterator[Plain]:
    for number, text in enumerate(read_text(file).splitlines(), start=1):
        try:
            found = json.loads(text)
        except json.JSONDecodeError:
            found = None
        if not isinstance(found, dict):
            raise NotAnExportError(number, "is no line of a ledger")
        yield found
