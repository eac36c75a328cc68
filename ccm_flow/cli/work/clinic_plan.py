"""What applying a clinic's file changes, and for whom, before it is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.db.staffing_store import SqlStaffing
from ccm_flow.app.clinic_diff import Difference, Elsewhere, differences
from ccm_flow.app.clinic_setup import ClinicFile
from ccm_flow.app.staffing import Preview, Staffing, look_ahead, with_leaving, with_lines
from ccm_flow.bootstrap import Base
from ccm_flow.core.ids import ClinicId, OrganizationId, PersonId, RoleId, StepId
from ccm_flow.core.responsibility import Agreed, Parties, lines_to_reach, preset


@dataclass(frozen=True)
class ClinicPlan:
    """Everything a file would change."""

    file: ClinicFile
    """With what it leaves out about a vendor's people, who may work elsewhere too."""
    today: date
    is_new: bool
    changes: tuple[Difference, ...]
    elsewhere: tuple[Elsewhere, ...]
    """Which changes reach other clinics, because a vendor's person works there too."""
    lines: tuple[Agreed, ...]
    """New in the responsibility map."""
    dropped: tuple[PersonId, ...]
    """On the staff until now, and not in the file."""
    staffing: Staffing | None
    """As it is; None for a new clinic."""
    preview: Preview
    calendar: bool
    """Hours or closure days change, so running months get another calendar."""

    @property
    def is_nothing(self) -> bool:
        """Whether everything is as the file says."""
        return not self.is_new and not self.changes and not self.lines

    @property
    def owned_by_dropped(self) -> int:
        """How many open steps those who go still have."""
        if self.staffing is None:
            return 0
        return sum(held.owner in self.dropped for held in self.staffing.held)


def plan_clinic(base: Base, file: ClinicFile, today: date, roles: Sequence[RoleId]) -> ClinicPlan:
    """
    Work out what a file changes; nothing is done.

    `roles` are those of the playbooks of a clinic that has none yet.
    """
    store, id_ = SqlClinicStore(base.engine), ClinicId(file.clinic)
    before, elsewhere = store.stored(id_, today), store.elsewhere(file)
    file = store.completed(file)
    back = (Difference(f"{one} had left", "left", "back") for one in store.coming_back(file))
    changes = (*differences(before, file), *back)
    if before is None:
        lines = wanted_lines(file, (), roles, RoleId("program_lead"), today)
        nothing = Preview((), ())
        return ClinicPlan(file, today, True, changes, elsewhere, lines, (), None, nothing, False)
    staffing = SqlStaffing(base.engine).staffing(id_, base.clock.now())
    dropped = tuple(store.dropped(file))
    known = sorted(staffing.roles) or list(roles)
    lines = wanted_lines(file, staffing.pool.agreed, known, staffing.owner_role, today)
    return ClinicPlan(
        file,
        today,
        False,
        changes,
        elsewhere,
        lines,
        dropped,
        staffing,
        look_ahead(_afterwards(staffing, file, dropped, lines, today), today),
        _calendar_of(before) != _calendar_of(file),
    )


def wanted_lines(
    file: ClinicFile,
    agreed: Sequence[Agreed],
    roles: Sequence[RoleId],
    owner: RoleId,
    today: date,
) -> tuple[Agreed, ...]:
    """Give the lines that the responsibility map lacks; none where the file says nothing."""
    wanted = file.responsibility
    if wanted is None:
        return ()
    parties = _parties(file)
    sides = {"clinic": parties.clinic, "vendor": parties.vendor, "anybody": None}
    by_role = preset(wanted.model, roles, parties, owner)
    by_role |= {RoleId(role): sides[who] for role, who in wanted.roles.items()}
    by_step = {StepId(step): sides[who] for step, who in wanted.steps.items()}
    return lines_to_reach(agreed, by_role, by_step, max(wanted.start or today, today))


def _parties(file: ClinicFile) -> Parties:
    return Parties(file.owner, OrganizationId(file.vendor.id) if file.vendor else None)


def _afterwards(
    staffing: Staffing,
    file: ClinicFile,
    dropped: Sequence[PersonId],
    lines: Sequence[Agreed],
    today: date,
) -> Staffing:
    """Give what will be: without those who go, with what the file says of those who stay."""
    for person in dropped:
        staffing = with_leaving(staffing, person, today - timedelta(days=1))
    says = {file.person_of(person): person for person in file.staff}
    people = tuple(
        replace(
            one,
            roles=tuple(RoleId(role) for role in sorted(says[one.person].roles)),
            limit=says[one.person].capacity,
            languages=says[one.person].languages,
            licensed_in=says[one.person].licensed_in,
        )
        if one.person in says
        else one
        for one in staffing.pool.people
    )
    owner = file.person(file.program_owner)
    pool = replace(staffing.pool, people=people, parties=_parties(file), program_owner=owner)
    return with_lines(replace(staffing, pool=pool), lines)


def _calendar_of(file: ClinicFile) -> tuple[Any, ...]:
    closed = frozenset(closure.day for closure in file.closures)
    return file.time_zone, file.opens, file.closes, frozenset(file.working_days), closed


def changes_data(plan: ClinicPlan) -> Mapping[str, Any]:
    """Give what changes, for `--json`."""
    return {
        "changes": [
            {"what": one.what, "before": one.before, "after": one.after} for one in plan.changes
        ],
        "elsewhere": plan.elsewhere,
        "responsibility": plan.lines,
        "dropped": plan.dropped,
        "open_steps_of_dropped": plan.owned_by_dropped,
    }
