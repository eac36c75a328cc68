"""What a patient agreed to: shown, given, taken back."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ccm_flow.adapters.db.consent_acts import (
    AnswerView,
    ConsentActError,
    ConsentView,
    accept,
    consent_view,
    revoke,
)
from ccm_flow.adapters.db.views import find_patient
from ccm_flow.app.care import Work
from ccm_flow.app.view_text import words
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.acting import new_click
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_person, open_set_up, zone_of
from ccm_flow.cli.work.steps import read_statements
from ccm_flow.cli.work.tables import Listing
from ccm_flow.cli.work.words import BadWordError, parse_word
from ccm_flow.core.consent import EVERY_STATEMENT, ConsentMode
from ccm_flow.core.ids import ClinicId, EnrollmentId, PersonId


@dataclass(frozen=True)
class Given:
    """What somebody typed about an answer."""

    mode: str
    statements: str | None
    signature: str
    because: str | None
    click: str | None = None


def consent(
    patient: str,
    given: Given,
    by: str | None,
    *,
    accept: bool,
    revoke: bool,
    as_json: bool,
) -> None:
    """Show a patient's consent; record an answer first when one is given."""
    if accept and revoke:
        raise BadWordError("A patient agrees or takes consent back, not both.", "Say only one.")
    base = open_set_up()
    ref = find_patient(base.engine, patient)
    if ref.enrollment is None:
        raise ConsentActError(
            "The patient is not enrolled, so nobody asked for consent.",
            "Begin with `ccm enroll`.",
        )
    if accept or revoke:
        person = _who(base, ref.clinic, by)
        act = _accept if accept else _revoke
        act(base, ref.enrollment, given, person)
    view = consent_view(base.engine, ref.enrollment, base.clock.now())
    if as_json:
        emit(view)
    else:
        _show(view, zone_of(base.record.clinic(ref.clinic)))


def _who(base: Base, clinic: ClinicId, by: str | None) -> PersonId:
    if by is None:
        raise BadWordError("Nobody is named who took the answer.", "Say --by PERSON.")
    return choose_person(base, clinic, by).person


def _accept(base: Base, enrollment: EnrollmentId, given: Given, by: PersonId) -> None:
    work = Work(
        note=given.because or "",
        consent_mode=parse_word(ConsentMode, "way to consent", given.mode),
        statements=read_statements(given.statements),
        signature=given.signature,
    )
    told = new_click(given.click)
    accept(base.engine, enrollment, told, work, by=by, at=base.clock.now())


def _revoke(base: Base, enrollment: EnrollmentId, given: Given, by: PersonId) -> None:
    if not given.because:
        raise BadWordError("No reason is given.", "Say --because TEXT, in the patient's words.")
    told = new_click(given.click)
    revoke(base.engine, enrollment, told, given.because, by=by, at=base.clock.now())


def _show(view: ConsentView, zone: ZoneInfo) -> None:
    if view.in_force and view.since is not None:
        since = view.since.astimezone(zone)
        line = f"Consent is in force in {view.month}, since {since:%Y-%m-%d %H:%M}"
        say(f"{line}, until {view.last_day}." if view.last_day else f"{line}.")
        say("Minutes before it do not count.")
    else:
        say(f"No consent is in force in {view.month}.")
    if view.practitioner_name:
        say(f"Billing practitioner: {view.practitioner_name}")
    if not view.answers:
        return
    say()
    listing = Listing("When", "Answer", "Taken by", "Read", "For", "More", keep=["When"])
    for one in view.answers:
        listing.add(
            f"{one.taken_at.astimezone(zone):%Y-%m-%d %H:%M}",
            f"{one.kind.value}, {one.mode.value}",
            one.taken_by_name,
            _read(one),
            one.practitioner_name or "-",
            _more(one),
        )
    listing.print()


def _read(one: AnswerView) -> str:
    if not one.statements:
        return "-"
    whole = len(one.statements) == len(EVERY_STATEMENT)
    what = "all four" if whole else ", ".join(map(words, one.statements))
    return f"{what} ({one.version})"


def _more(one: AnswerView) -> str:
    ends = f"ends {one.last_day}" if one.last_day else ""
    return "; ".join(part for part in (ends, one.signature, one.note) if part) or "-"
