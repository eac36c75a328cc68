"""Showing, drafting, writing, sharing and approving care plans."""

from pathlib import Path
from zoneinfo import ZoneInfo

import typer
import yaml

from ccm_flow.adapters.db.care_plan_store import SqlCarePlanStore
from ccm_flow.adapters.db.views import StaffMember, find_patient
from ccm_flow.app.care_plans import (
    BadCarePlanError,
    CarePlanView,
    NoCarePlanError,
    ShareWay,
    ShareWith,
    VersionView,
)
from ccm_flow.app.practitioners import check_approves
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_person, open_set_up
from ccm_flow.cli.work.words import BadWordError, parse_word
from ccm_flow.core.care_plan import TITLES, CarePlan, lines_of, problems_of
from ccm_flow.core.care_plan_text import plain_plan, read_plan
from ccm_flow.core.ids import EnrollmentId
from ccm_flow.language.yaml_reader import read_yaml

_HEAD = """\
# A care plan to finish. Every element is needed: where there is nothing, write "none needed".
# Take "(to be confirmed)" away from what is right. The parts of a goal are goal, measure, target
# and by (a day); those of an intervention are what and who.
# Keep it with: ccm care-plan write PATIENT FILE --by PERSON
"""


def show(patient: str, *, as_json: bool) -> None:
    """Show the newest version and its history; exit code 1 when it would not count."""
    base = open_set_up()
    view = SqlCarePlanStore(base.engine).view(_enrollment(base, patient), base.clock.now())
    if as_json:
        emit({**_plain_view(view), "counts": _counts(view)})
    else:
        _print(view)
    if not _counts(view):
        raise typer.Exit(1)


def _counts(view: CarePlanView) -> bool:
    return view.current and view.shared and not view.problems


def _plain_view(view: CarePlanView) -> dict[str, object]:
    return {name: getattr(view, name) for name in CarePlanView.__dataclass_fields__}


def _print(view: CarePlanView) -> None:
    newest, zone = view.versions[0], ZoneInfo(view.time_zone)
    say(f"{view.patient_name}: care plan, version {newest.version}")
    for name, title in TITLES.items():
        lines = lines_of(view.plan, name)
        say(f"\n{title}" if lines else f"\n{title}: not written yet")
        for line in lines:
            say(f"  {line}")
    say("\nVersions")
    for version in view.versions:
        _print_version(version, zone)
    say()
    for problem in view.problems:
        say(f"To do: {problem}")
    if not view.current:
        say("To do: nobody has written or approved it within twelve months.")
    if not view.shared:
        say("To do: the newest version has not been given to the patient or caregiver.")
    if _counts(view):
        say("Complete, current and shared.")


def _print_version(version: VersionView, zone: ZoneInfo) -> None:
    at = version.written_at.astimezone(zone)
    say(f"  {version.version}, written {at:%Y-%m-%d} by {version.written_by_name}")
    for change in version.changes:
        say(f"     {change}")
    for approval in version.approvals:
        changed = "" if approval.holds else "; it was CHANGED afterwards"
        at = approval.at.astimezone(zone)
        say(f"     approved {at:%Y-%m-%d} by {approval.by_name}{changed}")
    for share_ in version.shares:
        at = share_.at.astimezone(zone)
        to = f"given to the {share_.to_whom.value} ({share_.how.value})"
        say(f"     {to} {at:%Y-%m-%d} by {share_.by_name}")


def draft(patient: str, *, as_json: bool) -> None:
    """Print a plan for a person to finish."""
    base = open_set_up()
    plan = SqlCarePlanStore(base.engine).draft(_enrollment(base, patient))
    if as_json:
        emit(plain_plan(plan))
        return
    say(_HEAD.rstrip())
    for name, title in TITLES.items():
        say(f"\n# {title}")
        value = plain_plan(plan)[name]
        text = yaml.safe_dump({name: value or _form(name)}, allow_unicode=True, sort_keys=False)
        say(text.rstrip())


def _form(name: str) -> object:
    """Give what an element looks like while it is empty."""
    if name == "goals":
        return [{"goal": "", "measure": "", "target": "", "by": ""}]
    if name == "interventions":
        return [{"what": "", "who": ""}]
    return [""] if isinstance(getattr(CarePlan(), name), tuple) else ""


def write(patient: str, file: Path, by: str, *, as_json: bool) -> None:
    """Keep a file as the next version; exit code 1 when it lacks something."""
    base = open_set_up()
    enrollment, person = _who(base, patient, by)
    plan = _read(file)
    store = SqlCarePlanStore(base.engine)
    version = store.write(enrollment, plan, person.person, base.clock.now())
    problems = problems_of(plan)
    changes = store.view(enrollment, base.clock.now()).versions[0].changes
    if as_json:
        emit({"version": version, "changes": changes, "problems": problems})
    else:
        say(f"Kept as version {version}.")
        for change in changes:
            say(f"  {change}")
        for problem in problems:
            say(f"To do: {problem}")
    if problems:
        raise typer.Exit(1)


def _read(file: Path) -> CarePlan:
    """Read a plan's YAML; raises `BadCarePlanError` with everything that is wrong."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadWordError(f"'{file}' cannot be read.", "Give a YAML file in UTF-8.") from error
    read = read_yaml(text, file.name)
    if read.document is None or read.problems:
        found = [f"{one.place}: {one.message}" for one in read.problems]
        raise BadCarePlanError(file.name, found)
    if not isinstance(read.document.value, dict):
        raise BadCarePlanError(file.name, ["It has no named elements."])
    plan = read_plan(read.document.value)
    if plan.problems:
        raise BadCarePlanError(file.name, plan.problems)
    return plan.plan


def share(patient: str, to: str, how: str, by: str, *, as_json: bool) -> None:
    """Record that somebody was given the newest version."""
    given = (
        parse_word(ShareWith, "person to give it to", to),
        parse_word(ShareWay, "way to give it", how),
    )
    base = open_set_up()
    enrollment, person = _who(base, patient, by)
    version = SqlCarePlanStore(base.engine).share(
        enrollment, given, person.person, base.clock.now()
    )
    if as_json:
        emit({"version": version, "to_whom": given[0], "how": given[1]})
    else:
        say(f"Version {version} was given to the {given[0].value} ({given[1].value}).")


def approve(patient: str, by: str, *, as_json: bool) -> None:
    """Record a practitioner's approval of a complete plan."""
    base = open_set_up()
    enrollment, person = _who(base, patient, by)
    check_approves(person.name, person.roles)
    version = SqlCarePlanStore(base.engine).approve(enrollment, person.person, base.clock.now())
    if as_json:
        emit({"version": version, "by": person.person})
    else:
        say(f"Version {version} is approved.")


def _enrollment(base: Base, patient: str) -> EnrollmentId:
    found = find_patient(base.engine, patient).enrollment
    if found is None:
        raise NoCarePlanError(patient)
    return found


def _who(base: Base, patient: str, by: str) -> tuple[EnrollmentId, StaffMember]:
    ref = find_patient(base.engine, patient)
    person = choose_person(base, ref.clinic, by)
    return _enrollment(base, patient), person
