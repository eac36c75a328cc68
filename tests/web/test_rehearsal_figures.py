"""A rehearsal's figures on its page: nothing is rounded before it is added."""

from datetime import date

from ccm_flow.app.rehearse import RehearsalResult, StaffDay
from ccm_flow.core.ids import ClinicId, PlaybookId, RoleId
from ccm_flow.core.month import Month
from ccm_flow.rehearsal.comparing import Effect
from ccm_flow.web.rehearsal_figures import figures_of


def test_minutes_of_a_role_are_added_in_seconds_and_rounded_when_shown() -> None:
    nurse = RoleId("nurse")
    result = RehearsalResult(
        clinic=ClinicId("elm"),
        playbook=PlaybookId("ccm-monthly"),
        version=3,
        sha256="",
        title="",
        against=Month(2037, 12),
        patients=1,
        is_thin=True,
        changes=(),
        effects=dict.fromkeys(Effect, 0),
        affected=(),
        endings=(),
        staff=tuple(StaffDay(nurse, date(2037, 12, day), 20, 100) for day in range(1, 31)),
        deadlines=(),
        assumed=(),
        checked=0,
        reproduced=0,
        seed=1,
    )
    (role,) = figures_of(result, None).roles
    assert (role.old, role.new, role.most) == (10, 50, 2)
    assert role.minutes[0] == (date(2037, 12, 1), 0, 2)
