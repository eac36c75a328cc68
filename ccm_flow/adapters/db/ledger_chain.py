"""
Each clinic's ledger as a chain of hashes: no line can be changed, taken out or put in unseen.

A line is written where something happens, and linked when its transaction ends: the lock on the
end of the chain is the last one taken, so that writers never wait for each other in a circle.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, insert

from ccm_flow.adapters.db.tables.ledger import LedgerEventRow, LedgerHeadRow, LedgerLinkRow
from ccm_flow.core.canonical import Plain, chain, plain
from ccm_flow.core.ids import ClinicId

_NEW: Final = "new ledger lines"


def add_lines(session: Session, lines: Sequence[LedgerEventRow]) -> None:
    """Write lines into the ledger; they are linked when the transaction ends."""
    session.add_all(lines)
    session.info.setdefault(_NEW, []).extend(lines)


def link_new_lines(session: Session) -> None:
    """Link what was written in this transaction to the end of each clinic's chain."""
    lines: list[LedgerEventRow] = session.info.pop(_NEW, [])
    if not lines:
        return
    session.flush()
    by_clinic: dict[ClinicId, list[LedgerEventRow]] = defaultdict(list)
    for line in lines:
        by_clinic[line.clinic_id].append(line)
    for clinic in sorted(by_clinic):
        _link(session, clinic, by_clinic[clinic])


def line_content(
    clinic: str,
    stream: str,
    sequence: int,
    position: int,
    at: datetime,
    *,
    kind: str,
    actor: str | None,
    detail: Mapping[str, Any],
) -> Plain:
    """Give what a line's hash stands for; never to be changed, or no old chain holds any more."""
    return {
        "clinic": clinic,
        "stream": stream,
        "sequence": sequence,
        "position": position,
        "at": plain(at),
        "kind": kind,
        "actor": actor,
        "detail": plain(detail),
    }


def content_of(line: LedgerEventRow) -> Plain:
    """Give what a row's hash stands for."""
    return line_content(
        line.clinic_id,
        line.cycle_id,
        line.sequence,
        line.position,
        line.at,
        kind=line.kind,
        actor=line.actor,
        detail=line.detail,
    )


def _link(session: Session, clinic: ClinicId, lines: Sequence[LedgerEventRow]) -> None:
    head = _locked_head(session, clinic)
    links = []
    for line in lines:
        head.number += 1
        head.sha256 = chain(head.sha256, content_of(line))
        links.append(
            {
                "event_id": line.id,
                "clinic_id": clinic,
                "number": head.number,
                "sha256": head.sha256,
            }
        )
    session.execute(insert(LedgerLinkRow), links)


def _locked_head(session: Session, clinic: ClinicId) -> LedgerHeadRow:
    """Give the end of a clinic's chain, held until the transaction ends; made when missing."""
    head = session.get(LedgerHeadRow, clinic, with_for_update=True)
    if head is not None:
        return head
    made = {"clinic_id": clinic, "number": 0, "sha256": ""}
    upsert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(upsert(LedgerHeadRow).values(made).on_conflict_do_nothing())
    return session.get_one(LedgerHeadRow, clinic, with_for_update=True)
