"""Implements `ccm_flow.app.audit.AuditRecord` on the database."""

from collections.abc import Iterator

from sqlalchemy import Engine
from sqlmodel import func, select

from ccm_flow.adapters.db.audit_chain import check_chain, export_lines, head_of
from ccm_flow.adapters.db.audit_record import check_record, standing_of
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.tables import CycleRow, StepRow
from ccm_flow.core.audit import Finding, Head, Standing
from ccm_flow.core.canonical import Plain
from ccm_flow.core.ids import ClinicId, CycleId


class SqlAuditRecord:
    """Reads the ledger and what is shown beside it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def check_chain(self, clinic: ClinicId, before: Head | None) -> tuple[Head, list[Finding]]:
        """Follow the chain of hashes to its end."""
        return check_chain(self._engine, clinic, before)

    def check_record(self, clinic: ClinicId) -> Iterator[Finding]:
        """Compare the work lists with the ledger."""
        return check_record(self._engine, clinic)

    def standing(self, clinic: ClinicId, cycle: CycleId | None = None) -> list[Standing]:
        """Give how each running month stands, or that one."""
        with reading(self._engine) as session:
            return standing_of(session, clinic, cycle)

    def export(self, clinic: ClinicId) -> Iterator[Plain]:
        """Give every line with its place and hash, and at last where the chain ends."""
        with reading(self._engine) as session:
            head = head_of(session, clinic)
            for line in export_lines(session, clinic):
                if line["number"] > head.number:
                    break  # written since
                yield line
            yield {"clinic": clinic, "lines": head.number, "sha256": head.sha256}

    def counts(self, clinic: ClinicId) -> tuple[int, int]:
        """Count the months and the steps on record."""
        with reading(self._engine) as session:
            months, steps = (
                session.exec(
                    select(func.count()).select_from(table).where(table.clinic_id == clinic)
                ).one()
                for table in (CycleRow, StepRow)
            )
            return months, steps
