"""One patient's page: which part of it is shown, and what the part needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from starlette.responses import Response

from ccm_flow.adapters.consent_texts import consent_versions
from ccm_flow.adapters.db.alert_store import SqlAlerts
from ccm_flow.adapters.db.care_plan_store import SqlCarePlanStore
from ccm_flow.adapters.db.consent_acts import consent_view
from ccm_flow.adapters.db.note_store import NoteFilter, SqlNoteStore
from ccm_flow.adapters.db.time_report import Wanted, time_report
from ccm_flow.adapters.db.views import patient_month, staff_of
from ccm_flow.adapters.db.views_alerts import alerts
from ccm_flow.adapters.db.views_details import patient_details
from ccm_flow.adapters.db.views_find import PatientRef, enrolled_patient
from ccm_flow.adapters.db.views_history import patient_history, patient_looks
from ccm_flow.adapters.db.views_month import NoSuchMonthError
from ccm_flow.app.alerts import KINDS as ALERT_KINDS
from ccm_flow.app.alerts import AlertQuery, stands_text
from ccm_flow.app.care_plans import NoCarePlanError, PlanMovedOnError, ShareWay, ShareWith
from ccm_flow.app.notes import PRACTITIONER
from ccm_flow.app.patient_edits import ADDRESS_PARTS
from ccm_flow.app.statuses import PatientField
from ccm_flow.app.views_patient import PatientView
from ccm_flow.core.access import Permission
from ccm_flow.core.activities import ACTIVITIES
from ccm_flow.core.care_plan import TITLES, CarePlan, lines_of
from ccm_flow.core.consent import Statement
from ccm_flow.core.errors import BadMonthError
from ccm_flow.core.happening import HappeningKind
from ccm_flow.core.ids import ClinicId, EnrollmentId
from ccm_flow.core.month import Month
from ccm_flow.core.patient_facts import RiskTier
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import CycleStatus, StepStatus
from ccm_flow.core.words import Channel
from ccm_flow.web.care_plan_form import FIELDS, Meanwhile, filled, meanwhile, values_of
from ccm_flow.web.pages import page
from ccm_flow.web.patient_tabs import DONE, TITLES_OF, Looking, Refused, Tab
from ccm_flow.web.step_form import PARTS
from ccm_flow.web.step_form import Typed as StepTyped
from ccm_flow.web.step_page import Problems
from ccm_flow.web.timeline import timeline
from ccm_flow.web.visit import NotFoundError, Visit
from ccm_flow.web.words import LANGUAGES


def patient_of(visit: Visit, enrollment: str, permission: Permission) -> PatientRef:
    """
    Find the patient of a page.

    Raises:
        NotFoundError: there is none for this person.
    """
    ref = enrolled_patient(visit.parts.base.engine, EnrollmentId(enrollment))
    if ref is None:
        raise NotFoundError
    is_look = permission is Permission.SEE_PATIENTS
    if is_look and not _sees(visit, ref) and visit.emergency(ref.patient):
        return ref
    visit.at(ref.clinic, permission)
    return ref


def show_patient(
    request: Request,
    visit: Visit,
    ref: PatientRef,
    looking: Looking,
    *,
    refused: Refused | None = None,
    status: int = 200,
) -> Response:
    """Show a part of a patient's page; that somebody looked is written down first."""
    if looking.tab is Tab.ACCESS:
        visit.at(ref.clinic, Permission.SEE_ACCESS_LOG)
    view = _month(visit, ref, looking.of)
    visit.saw(ref.patient, ref.clinic)
    zone = ZoneInfo(view.time_zone)
    return page(
        request,
        "patient",
        visit,
        status=status,
        view=view,
        ref=ref,
        zone=zone,
        tab=looking.tab,
        tabs=_tabs(visit, ref.clinic),
        of=looking.of,
        months=[(f"{line.month}.{line.kind.value}", line) for line in view.cycles],
        next=_next_step(view),
        said=DONE.get(looking.done, ""),
        refused=refused,
        wall_now=visit.parts.wall.now(),
        emergency=None if _sees(visit, ref) else visit.emergency(ref.patient),
        may_do=visit.visitor.may(Permission.DO_WORK, ref.clinic),
        may_lead=visit.visitor.may(Permission.HAND_OVER_WORK, ref.clinic),
        **_Parts(visit, ref, view, zone, looking, refused).of_tab(),
    )


def _sees(visit: Visit, ref: PatientRef) -> bool:
    return visit.visitor.may(Permission.SEE_PATIENTS, ref.clinic)


def _month(visit: Visit, ref: PatientRef, of: str) -> PatientView:
    month, _, kind = of.partition(".")
    try:
        return patient_month(
            visit.parts.base.engine,
            ref.enrollment or "",
            Month.parse(month) if month else None,
            now=visit.parts.base.clock.now(),
            kind=PlaybookKind(kind) if kind else None,
        )
    except (BadMonthError, NoSuchMonthError, ValueError):
        raise NotFoundError from None


def _tabs(visit: Visit, clinic: ClinicId) -> list[tuple[Tab, str]]:
    sees_log = visit.visitor.may(Permission.SEE_ACCESS_LOG, clinic)
    return [(tab, title) for tab, title in TITLES_OF.items() if tab is not Tab.ACCESS or sees_log]


def _next_step(view: PatientView) -> object:
    """Give the open step that is due first."""
    still = [step for step in view.steps if step.status is StepStatus.OPEN]
    return min(still, key=lambda one: (one.due_at is None, one.due_at or view.as_of), default=None)


@dataclass(frozen=True)
class _Parts:
    """Reads what a part of the page shows."""

    visit: Visit
    ref: PatientRef
    view: PatientView
    zone: ZoneInfo
    looking: Looking
    refused: Refused | None

    def of_tab(self) -> dict[str, Any]:  # noqa: C901 - one case for each part
        match self.looking.tab:
            case Tab.MONTH:
                return self._month()
            case Tab.TIME:
                return self._time()
            case Tab.NOTES:
                return self._notes()
            case Tab.PLAN:
                return self._plan()
            case Tab.CONSENT:
                return self._consent()
            case Tab.OUTSIDE:
                return {"kinds": self._kinds()}
            case Tab.ALERTS:
                return self._alerts()
            case Tab.HISTORY:
                lines, earlier = patient_history(self._engine, self.ref, self.looking.before)
                return {"lines": lines, "earlier": earlier, "before": self.looking.before}
            case Tab.DETAILS | Tab.CONTACTS:
                return self._details()
            case Tab.ACCESS:
                return {"looks": patient_looks(self._engine, self.ref)}

    @property
    def _engine(self) -> Any:
        return self.visit.parts.base.engine

    @property
    def _enrollment(self) -> EnrollmentId:
        return self.ref.enrollment or EnrollmentId("")

    @property
    def _month_shown(self) -> Month:
        if self.view.cycle is not None:
            return self.view.cycle.month
        return Month.of(self.view.as_of.astimezone(self.zone).date())

    def _is_practitioner(self) -> bool:
        record = self.visit.parts.base.record
        return PRACTITIONER in record.roles_of(self.visit.visitor.person, self.ref.clinic)

    def _month(self) -> dict[str, Any]:
        cycle = self.view.cycle
        return {
            "line": timeline(self.view, self.zone),
            "paused": cycle is not None and cycle.status is CycleStatus.PAUSED,
            "going": cycle is not None and cycle.status is not CycleStatus.ENDED,
        }

    def _alerts(self) -> dict[str, Any]:
        wanted = AlertQuery((self.ref.clinic,), enrollment=self._enrollment)
        found = alerts(self._engine, wanted)
        ids, me = [one.alert.id for one in found], self.visit.visitor.person
        SqlAlerts(self._engine).note_shown(ids, me, self.view.as_of)
        return {"found": found, "alert_kinds": ALERT_KINDS, "stands_text": stands_text}

    def _time(self) -> dict[str, Any]:
        month, now = self._month_shown, self.view.as_of
        wanted = Wanted(enrollment=self._enrollment)
        report = time_report(self._engine, self.ref.clinic, month, wanted, now=now)
        return {"report": report, "shown_month": month, "activities": ACTIVITIES}

    def _notes(self) -> dict[str, Any]:
        store, month = SqlNoteStore(self._engine), self._month_shown
        of_month = NoteFilter(self.ref.clinic, self._enrollment, month=month)
        waiting = NoteFilter(self.ref.clinic, self._enrollment, unsigned=True)
        return {
            "notes": store.notes(of_month),
            "titles": {step.key: step.title for step in self.view.steps},
            "elsewhere": [one for one in store.notes(waiting) if one.month != month],
            "shown_month": month,
            "is_practitioner": self._is_practitioner(),
            "my_roles": self.visit.parts.base.record.roles_of(
                self.visit.visitor.person, self.ref.clinic
            ),
        }

    def _plan(self) -> dict[str, Any]:
        store = SqlCarePlanStore(self._engine)
        sent = self.refused.typed if self.refused and self.refused.form == "plan" else None
        now = store.draft(self._enrollment)
        moved = self._moved(store, now, sent)
        form = {
            "plan_fields": FIELDS,
            "plan_parts": PARTS,
            "plan_typed": filled(now, sent) if moved is None else StepTyped(dict(moved.values)),
            "plan_moved": moved,
            # What was not taken is still meant for the version that was shown then.
            "plan_upon": None if sent is None else sent.get("upon", ""),
            "no_problems": Problems(),
            "ways": list(ShareWay),
            "receivers": list(ShareWith),
        }
        try:
            plan = store.view(self._enrollment, self.view.as_of)
        except NoCarePlanError:
            return {"plan": None, "elements": [], "is_practitioner": False, **form}
        elements = [(title, lines_of(plan.plan, name)) for name, title in TITLES.items()]
        practitioner = self._is_practitioner()
        return {"plan": plan, "elements": elements, "is_practitioner": practitioner, **form}

    def _moved(
        self, store: SqlCarePlanStore, now: CarePlan, sent: Mapping[str, str] | None
    ) -> Meanwhile | None:
        """Give what a colleague changed while this form was written; None when nobody did."""
        if sent is None or self.refused is None:
            return None
        if not isinstance(self.refused.problem, PlanMovedOnError):
            return None
        return meanwhile(store.version(self._enrollment, int(sent["upon"])), now, values_of(sent))

    def _consent(self) -> dict[str, Any]:
        versions = {version.id: version for version in consent_versions()}
        return {
            "consent": consent_view(self._engine, self._enrollment, self.view.as_of),
            "versions": versions,
            "statements": list(Statement),
            "language": self.view.patient.language.partition("-")[0] or "en",
        }

    def _kinds(self) -> list[HappeningKind]:
        may_withdraw = self.visit.visitor.may(Permission.HAND_OVER_WORK, self.ref.clinic)
        return [one for one in HappeningKind if may_withdraw or one is not HappeningKind.WITHDRAWAL]

    def _details(self) -> dict[str, Any]:
        staff = staff_of(self._engine, self.ref.clinic)
        return {
            "details": patient_details(self._engine, self.ref),
            "fields": [one for one in PatientField if one is not PatientField.ADDRESS],
            "channels": list(Channel),
            "languages": LANGUAGES,
            "address_parts": ADDRESS_PARTS,
            "tiers": list(RiskTier),
            "practitioners": [one for one in staff if PRACTITIONER in one.roles],
            "is_practitioner": self._is_practitioner(),
        }
