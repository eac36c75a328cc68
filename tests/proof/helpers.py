"""How tests of proofs and playbook tests find playbooks and calendars."""

from pathlib import Path

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.app.clinic_hours import ClinicHours
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.language import CheckResult, load_file
from ccm_flow.proof import LoadPlaybook, PlaybookTests, TestClinic, run_playbook_tests

PLAYBOOKS = Path(__file__).parents[2] / "playbooks"


def calendar_of(clinic: TestClinic, month: Month, kind: PlaybookKind) -> WorkCalendar:
    """Work out a test clinic's calendar."""
    hours = ClinicHours(
        clinic.time_zone,
        clinic.opens,
        clinic.closes,
        frozenset(clinic.working_days),
        dict.fromkeys(clinic.closures, "closed"),
    )
    return month_calendar(hours, month, kind)


def loader(folder: Path) -> LoadPlaybook:
    """Read playbooks that are named from a folder on."""

    def load(name: str) -> CheckResult:
        return load_file(folder / name)

    return load


def run_file(path: Path) -> PlaybookTests:
    """Run a file of tests."""
    return run_playbook_tests(path.read_text(), path.name, loader(path.parent), calendar_of)
