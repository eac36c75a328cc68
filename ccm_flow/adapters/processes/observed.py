"""How a clinic's own people act, as its last closed months show it."""

from collections.abc import Sequence
from typing import Final

import yaml
from sqlalchemy import Engine

from ccm_flow.adapters.processes.replays import SqlRecordedClinic
from ccm_flow.adapters.simulation_files import default_behaviour
from ccm_flow.app.learn import behaviour_of
from ccm_flow.core.assumptions import Assumptions
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan, PlaybookKind
from ccm_flow.language.behaviour_read import read_behaviour
from ccm_flow.rehearsal.learning import learn
from ccm_flow.rehearsal.observing import Seen

LOOKED_BACK: Final = 3
"""Months: long enough to even out a holiday, short enough to follow a change of staff."""
_ENOUGH: Final = 150
"""Cycles of a month: with more a figure hardly moves, and a page waits for it."""


def closed_before(
    engine: Engine, clinic: ClinicId, running: Month
) -> tuple[tuple[Month, int], ...]:
    """Name the last months before the running one in which cycles ended, with how many."""
    recorded = SqlRecordedClinic(engine, 1)
    found: list[tuple[Month, int]] = []
    month = running
    for _ in range(LOOKED_BACK):
        month = month.previous
        cycles = recorded.closed(clinic, month, PlaybookKind.MONTHLY)
        if cycles:
            found.append((month, len(cycles)))
    return tuple(reversed(found))


def observed_behaviour(
    engine: Engine, clinic: ClinicId, months: Sequence[Month], plan: Plan
) -> Assumptions:
    """
    Estimate from closed months how people act; the shipped figures where there is nothing to see.

    Small numbers move a figure little; each figure says that it is the record's.
    """
    recorded, seen = SqlRecordedClinic(engine, 1), Seen()
    for month in months:
        cycles = recorded.closed(clinic, month, PlaybookKind.MONTHLY)
        recorded.observe(clinic, month, cycles[:: len(cycles) // _ENOUGH + 1], seen)
    usual = default_behaviour()
    if not seen.months:
        return usual
    file = behaviour_of(learn(seen, usual.behaviour, plan), clinic, months)
    name = f"the record of {clinic}"
    read = read_behaviour(yaml.safe_dump(dict(file), allow_unicode=True), name, usual, plan)
    if read.value is None:
        raise ValueError(read.render())  # what is written here is what the reader reads
    return read.value
