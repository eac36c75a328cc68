"""Published plans as the database keeps them; a version never changes, so each is read once."""

from collections.abc import Collection
from functools import lru_cache
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.tables import CycleMoveRow, CycleRow, PlaybookVersionRow
from ccm_flow.core.plan import Plan, plan_json

_REMEMBERED: Final = 512
_known: WeakKeyDictionary[Engine, dict[str, Plan]] = WeakKeyDictionary()
"""The versions of each database by their checksum."""


def plan_of(session: Session, sha256: str) -> Plan:
    """
    Give a published plan.

    Raises:
        KeyError: no such version is published.
    """
    return plans_of(session, (sha256,))[sha256]


def plans_of(session: Session, sha256s: Collection[str]) -> dict[str, Plan]:
    """Give published plans by their checksums; only those not read before are asked for."""
    known = _known.setdefault(session.get_bind().engine, {})
    found = {sha256: known[sha256] for sha256 in sha256s if sha256 in known}
    missing = set(sha256s) - found.keys()
    if missing:
        version = PlaybookVersionRow
        query = select(version.sha256, version.plan).where(col(version.sha256).in_(missing))
        found |= {sha256: read_plan(text) for sha256, text in session.exec(query)}
        if len(known) > _REMEMBERED:
            known.clear()
        known.update(found)
    return found


def moved_from(session: Session, sha256s: Collection[str]) -> set[str]:
    """Name the versions that cycles on these versions ran on before."""
    here = select(CycleRow.id).where(
        CycleRow.id == CycleMoveRow.cycle_id, col(CycleRow.playbook_sha256).in_(sha256s)
    )
    # Moves are few and cycles are many: this way round the moves are looked through.
    return set(session.exec(select(CycleMoveRow.was_sha256).where(here.exists()).distinct()))


@lru_cache(maxsize=64)
def read_plan(text: str) -> Plan:
    """Read a compiled plan."""
    return plan_json().validate_json(text)
