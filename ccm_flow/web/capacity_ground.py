"""What is known of a clinic's months ahead before anybody moves a slider."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from ccm_flow.adapters.db.capacity_facts import clinic_team, enrolled, joining
from ccm_flow.adapters.rule_files import load_shelf
from ccm_flow.adapters.simulation_files import (
    PRESETS,
    StaffRefusedError,
    default_behaviour,
    presets,
)
from ccm_flow.app.capacity import PATIENTS, Prepared
from ccm_flow.app.capacity_record import NoTeamError
from ccm_flow.app.care import ClinicView
from ccm_flow.app.simulate import Wanted
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.plan import Plan, PlaybookKind
from ccm_flow.core.staffing import Staff
from ccm_flow.rehearsal.capacity import Input, Panel
from ccm_flow.web.playbook_desk import place_of
from ccm_flow.web.visit import Visit

MONTHS: Final = 3
OWN_TEAM: Final = "own"
TEAMS: Final[Mapping[str, str]] = {
    OWN_TEAM: "Your own staff",
    "in_house": "Example: all in the clinic",
    "managed": "Example: all with an outside team",
    "hybrid": "Example: shared with an outside team",
}
_SEED: Final = 1


@dataclass(frozen=True)
class Ground:
    """The months ahead as the record has them."""

    clinic: ClinicView
    wanted: Wanted
    prepared: Prepared
    panel: Panel
    said: tuple[Input, ...]
    teams: tuple[str, ...]
    """What can be chosen, as in `TEAMS`."""
    team: str

    @property
    def enrolled(self) -> int:
        """How many are in the program."""
        return self.panel.patients

    @property
    def staff(self) -> Staff | None:
        """The team; None when nobody's time is known."""
        return self.panel.staff


def ground_of(visit: Visit, clinic: ClinicId, team: str) -> Ground:
    """
    Work out the months ahead as they are.

    Raises:
        NoPlaybookError: no monthly playbook is published for them.
    """
    base, place = visit.parts.base, place_of(visit, clinic)
    plan = base.record.plan_for(clinic, PlaybookKind.MONTHLY, place.running.next)
    count = enrolled(base.engine, clinic)
    teams = _teams(visit, place.clinic, plan, count)
    chosen = team if team in teams else OWN_TEAM
    wanted = Wanted(
        plan=plan,
        hours=place.clinic.hours,
        first=place.running.next,
        months=MONTHS,
        patients=max(count, 1),
        seed=_SEED,
        assumptions=default_behaviour(),
        staff=teams[chosen],
    )
    coming, said = joining(base.engine, place.clinic, base.clock.now(), MONTHS)
    return Ground(
        clinic=place.clinic,
        wanted=wanted,
        prepared=visit.parts.prepared.of(wanted, load_shelf(base.settings.home)),
        panel=Panel(count, coming, wanted.staff),
        said=(Input(PATIENTS, str(count), "enrolled, on record", assumed=False), *said),
        teams=tuple(teams),
        team=chosen,
    )


def _teams(visit: Visit, clinic: ClinicView, plan: Plan, count: int) -> dict[str, Staff | None]:
    """Give the clinic's own team and the shipped ones that fit the playbook."""
    found: dict[str, Staff | None] = {}
    try:
        found[OWN_TEAM] = clinic_team(visit.parts.base.engine, clinic, plan)
    except NoTeamError:
        found[OWN_TEAM] = None
    with suppress(StaffRefusedError):  # another playbook's roles: only the own staff is offered
        found.update(zip(PRESETS, presets(plan, max(count, 1)), strict=True))
    return found
