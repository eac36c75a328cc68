"""Checks a clinic's chain of hashes from its first line to its last, and exports it."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.ledger_chain import content_of
from ccm_flow.adapters.db.tables import (
    LedgerEventRow,
    LedgerHeadRow,
    LedgerLinkRow,
    LedgerRedactionRow,
)
from ccm_flow.core.audit import Finding, Flaw, Head
from ccm_flow.core.canonical import Plain, chain
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.retention import Removals

_CHUNK = 1000


class Link(NamedTuple):
    """A place in the chain, and the line that stands there; None when it is gone."""

    number: int
    sha256: str
    line: LedgerEventRow | None
    removal: str | None = None
    """The removal of a patient's data that left the line without its texts."""


def links_of(session: Session, clinic: ClinicId) -> Iterator[Link]:
    """Give a clinic's chain in its order, chunk by chunk."""
    last = 0
    query = (
        select(LedgerLinkRow, LedgerEventRow, LedgerRedactionRow.removal_id)
        .join(LedgerEventRow, col(LedgerEventRow.id) == col(LedgerLinkRow.event_id), isouter=True)
        .join(
            LedgerRedactionRow,
            col(LedgerRedactionRow.event_id) == col(LedgerLinkRow.event_id),
            isouter=True,
        )
        .where(LedgerLinkRow.clinic_id == clinic)
        .order_by(col(LedgerLinkRow.number))
        .limit(_CHUNK)
    )
    while True:
        rows = session.exec(query.where(col(LedgerLinkRow.number) > last)).all()
        if not rows:
            return
        for link, line, removal in rows:
            yield Link(link.number, link.sha256, line, removal)
        last = rows[-1][0].number
        session.expunge_all()


def head_of(session: Session, clinic: ClinicId) -> Head:
    """Give where a clinic's chain is said to end."""
    row = session.get(LedgerHeadRow, clinic)
    return Head(0, "") if row is None else Head(row.number, row.sha256)


def check_chain(
    engine: Engine, clinic: ClinicId, before: Head | None = None
) -> tuple[Head, list[Finding]]:
    """
    Follow a clinic's chain; gives its end and whatever breaks it.

    `before` is where an earlier export says that the chain ended: it must still go through there.
    A change is told once: the chain goes on from the hash that was kept.
    """
    with reading(engine) as session:
        said = head_of(session, clinic)
        end, found, removals = Head(0, ""), list[Finding](), Removals()
        passed = before is None or before.number == 0
        for link in links_of(session, clinic):
            if link.number > said.number:
                break  # written since
            found += _flaws(clinic, end, link, removals)
            end = Head(link.number, link.sha256)
            passed = passed or end == before
        found += [
            _finding(clinic, Flaw.CHANGED, number, _UNPROVED) for number in removals.unproved()
        ]
        if end != said:
            found.append(_finding(clinic, Flaw.CUT_OFF, said.number, _CUT.format(end.number)))
        if not passed and before is not None:
            found.append(_finding(clinic, Flaw.NOT_THE_SAME, before.number, _ANOTHER))
        found += _put_in(session, clinic)
        return said, found


def export_lines(session: Session, clinic: ClinicId) -> Iterator[Plain]:
    """Give each line of a clinic's ledger with its place and hash, for whoever checks it."""
    for link in links_of(session, clinic):
        line = None if link.line is None else content_of(link.line)
        left = {} if link.removal is None else {"removal": link.removal}
        yield {"number": link.number, "sha256": link.sha256, "line": line, **left}


_CUT = "The chain should end here and ends at line {}: lines were taken away or put in."
_ANOTHER = "The chain does not go through the hash that the export names for this line."
_CHANGED = "The line {} is not what was written: its hash is another."
_UNPROVED = "The line is said to have lost its texts, and no removal accounts for it as it is."
_MISSING = "A line was taken out of the ledger."
_PUT_IN = "The line {} was written past the chain."


def _flaws(clinic: ClinicId, end: Head, link: Link, removals: Removals) -> list[Finding]:
    if link.number != end.number + 1:
        return [_finding(clinic, Flaw.MISSING, end.number + 1, _MISSING)]
    if link.line is None:
        return [_finding(clinic, Flaw.MISSING, link.number, _MISSING)]
    content = content_of(link.line)
    if link.removal is not None:
        removals.left(link.removal, link.number, content)
    elif chain(end.sha256, content) == link.sha256:
        removals.whole(content)
    else:
        text = _CHANGED.format(_place(link.line))
        return [_finding(clinic, Flaw.CHANGED, link.number, text)]
    return []


def _put_in(session: Session, clinic: ClinicId) -> list[Finding]:
    query = (
        select(LedgerEventRow)
        .join(LedgerLinkRow, col(LedgerLinkRow.event_id) == col(LedgerEventRow.id), isouter=True)
        .where(LedgerEventRow.clinic_id == clinic, col(LedgerLinkRow.event_id).is_(None))
        .order_by(col(LedgerEventRow.id))
    )
    return [
        Finding(Flaw.PUT_IN, clinic, _place(line), _PUT_IN.format(_place(line)))
        for line in session.exec(query)
    ]


def _finding(clinic: ClinicId, flaw: Flaw, number: int, text: str) -> Finding:
    return Finding(flaw, clinic, f"ledger line {number}", text)


def _place(line: LedgerEventRow) -> str:
    return f"{line.cycle_id} {line.sequence}.{line.position}"
