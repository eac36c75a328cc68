"""
An audit of the record: whether the ledger holds, and work lists and running months agree with it.

Three things tell of the same work: the ledger, what work lists and reports show, and the running
months themselves. Whatever one of them lost, doubled or had changed, another shows.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from ccm_flow.app.flow import Flow, NoSuchCycleError
from ccm_flow.core.audit import Finding, Flaw, Head, Standing, how_apart
from ccm_flow.core.ids import ClinicId, CycleId

_AT_ONCE: Final = 12
"""Running months that are asked at the same time."""


class AuditRecord(Protocol):
    """What an audit reads."""

    def check_chain(self, clinic: ClinicId, before: Head | None) -> tuple[Head, list[Finding]]:
        """Follow the chain of hashes to its end."""
        ...

    def check_record(self, clinic: ClinicId) -> Iterator[Finding]:
        """Compare the work lists with the ledger."""
        ...

    def standing(self, clinic: ClinicId, cycle: CycleId | None = None) -> list[Standing]:
        """Give how each running month stands, or that one."""
        ...

    def counts(self, clinic: ClinicId) -> tuple[int, int]:
        """Count the months and the steps on record."""
        ...


@dataclass(frozen=True, slots=True)
class Audited:
    """What came of the audit of one clinic."""

    clinic: ClinicId
    head: Head
    months: int
    steps: int
    running: int | None
    """Running months that were asked; None when they were left out."""
    findings: tuple[Finding, ...]


def audit_record(record: AuditRecord, clinic: ClinicId, before: Head | None = None) -> Audited:
    """Check the chain, and the record against the ledger."""
    head, findings = record.check_chain(clinic, before)
    months, steps = record.counts(clinic)
    return Audited(clinic, head, months, steps, None, (*findings, *record.check_record(clinic)))


async def check_workflows(
    record: AuditRecord, flow: Flow, clinic: ClinicId
) -> tuple[int, list[Finding]]:
    """
    Ask every running month where it stands; gives how many were asked, and what differs.

    Raises:
        FlowUnavailableError: the server does not answer.
    """
    some = asyncio.Semaphore(_AT_ONCE)
    shown = await asyncio.to_thread(record.standing, clinic)

    async def one(standing: Standing) -> Finding | None:
        async with some:
            return await _compare(record, flow, clinic, standing)

    found = await asyncio.gather(*(one(standing) for standing in shown))
    return len(shown), [finding for finding in found if finding is not None]


async def _compare(
    record: AuditRecord, flow: Flow, clinic: ClinicId, shown: Standing
) -> Finding | None:
    said: str | None = None
    now: Sequence[Standing] = [shown]
    for _ in range(3):  # between the two questions it may have gone on
        if not now:
            return None
        try:
            said = how_apart(now[0], await flow.state(shown.cycle))
        except NoSuchCycleError:
            said = "The server knows nothing of it."
        if said is None:
            return None
        now = await asyncio.to_thread(record.standing, clinic, shown.cycle)
    return None if said is None else Finding(Flaw.WORKFLOW, clinic, shown.cycle, said)
