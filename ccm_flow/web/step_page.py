"""Showing a step's page, also with everything that somebody typed and what is wrong with it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from fastapi import Request
from starlette.responses import Response

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.consent_texts import consent_version
from ccm_flow.adapters.db.alert_store import SqlAlerts
from ccm_flow.adapters.db.care_plan_store import SqlCarePlanStore
from ccm_flow.adapters.db.script_fields import step_script
from ccm_flow.adapters.db.views import staff_of
from ccm_flow.adapters.db.views_alerts import alerts_of_step
from ccm_flow.adapters.db.views_step import StepNotThereError, step_page
from ccm_flow.adapters.templates import DEFAULT_LANGUAGE, fields_missing, render_script
from ccm_flow.app.alerts import AlertView, stands_text
from ccm_flow.app.care import ClinicView
from ccm_flow.app.flow import NoSuchCycleError
from ccm_flow.app.step_view import StepPage
from ccm_flow.core.access import Permission
from ccm_flow.core.consent import NOTE_FIELDS, Statement
from ccm_flow.core.ids import CycleId, RoleId, StepKey
from ccm_flow.core.plan import Plan
from ccm_flow.web.done import notice_of
from ccm_flow.web.pages import page as show_page
from ccm_flow.web.spoken import clinic_times, with_titles
from ccm_flow.web.step_form import PARTS, PLAN_UPON, Typed, restored
from ccm_flow.web.visit import NotFoundError, Visit
from ccm_flow.web.words import LANGUAGES

SAID: Final[Mapping[str, str]] = {
    "draft": "Draft saved. Only you see it.",
    "escalated": "The question is with the person who answers it, and its reply clock runs.",
    "extended": "The deadline was moved.",
    "started": "The timer is running.",
    "stopped": "The timer was stopped and its time is kept.",
    "nothing": "The timer was stopped at once; there is no time to keep.",
    "discarded": "The timer was stopped; its time was not kept.",
    "handed_over": "The step was handed over; both of you are told.",
}
"""What a page says after a redirect: codes, so that an address never holds text."""
OWN_NAMES: Final = {"en": "English", "es": "Español"}
"""The languages of scripts as they call themselves."""


@dataclass(frozen=True)
class Opened:
    """A step that somebody may look at."""

    step: StepPage
    clinic: ClinicView
    roles: frozenset[RoleId]
    """The person's own at the clinic."""
    plan: Plan
    """What the step is part of."""

    @property
    def program_owner(self) -> RoleId:
        """The role that answers for every step."""
        return self.plan.owner

    @property
    def may_finish(self) -> bool:
        """Whether the person holds the step's role, or answers for all steps."""
        return bool({self.step.role, self.program_owner} & self.roles)


@dataclass(frozen=True)
class Script:
    """The words to say."""

    text: str
    language: str
    languages: tuple[str, ...]
    missing: tuple[str, ...]
    """What is not on file, so that the text has a gap in brackets."""
    wanted: str
    """The patient's language, or the one that was asked for."""


@dataclass
class Problems:
    """What keeps a step from ending, each at its field; nothing of it was lost."""

    title: str = ""
    hint: str = ""
    at: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def __bool__(self) -> bool:
        return bool(self.title or any(self.at.values()))


def open_step(
    visit: Visit, cycle: str, key: str, permission: Permission = Permission.SEE_WORK
) -> Opened:
    """Give a step of a clinic at which the person may do something; else `NotFoundError`."""
    base = visit.parts.base
    try:
        view = base.record.cycle(CycleId(cycle))
    except NoSuchCycleError:
        raise NotFoundError from None
    clinic = base.record.clinic(visit.at(view.clinic, permission))
    try:
        step = step_page(base.engine, clinic, CycleId(cycle), StepKey(key), base.clock.now())
    except StepNotThereError:
        raise NotFoundError from None
    roles = base.record.roles_of(visit.visitor.person, clinic.clinic)
    return Opened(step, clinic, roles, view.plan)


def said_here(visit: Visit, opened: Opened, text: str) -> str:
    """Write what the engine says with titles, names and the clinic's time."""
    step = opened.step
    people: dict[str, str] = {
        one.person: one.name for one in staff_of(visit.parts.base.engine, step.clinic)
    }
    return clinic_times(
        with_titles(text, opened.plan, step.key.partition("~")[0], people), step.zone, step.as_of
    )


def show_step(
    request: Request,
    visit: Visit,
    opened: Opened,
    typed: Typed | None = None,
    problems: Problems | None = None,
    *,
    status: int = 200,
) -> Response:
    """Show the page; without `typed` it starts with the draft that was kept."""
    step = opened.step
    visit.saw(step.patient.patient, step.clinic)
    asked = request.query_params
    language = typed.other.get("x.language", "") if typed else asked.get("language", "")
    return show_page(
        request,
        "step",
        visit,
        status=status,
        step=step,
        typed=typed or _start(visit, opened),
        problems=problems or Problems(),
        may_act=visit.visitor.may(Permission.DO_WORK, step.clinic),
        may_lead=visit.visitor.may(Permission.HAND_OVER_WORK, step.clinic),
        may_finish=opened.may_finish,
        is_mine=step.owner == visit.visitor.person,
        holds_role=step.role in opened.roles,
        script=_script(visit, step, language) if step.has_script else None,
        language_names=LANGUAGES,
        own_names=OWN_NAMES,
        statements=_statements(step, language),
        note_statements={name: one.value for one, name in NOTE_FIELDS.items()},
        plan_parts=PARTS,
        plan_upon=PLAN_UPON,
        staff=staff_of(visit.parts.base.engine, step.clinic),
        said_here=partial(said_here, visit, opened),
        stands_text=stands_text,
        said=SAID.get(asked.get("said", ""), ""),
        finished=notice_of(visit, asked.get("done", "")),
        alerts=_alerts(visit, step),
        here=f"/steps/{step.cycle}/{step.key}",
    )


def _alerts(visit: Visit, step: StepPage) -> list[AlertView]:
    """Give what the other organization was told about the step; seen by whoever has it."""
    base, found = visit.parts.base, alerts_of_step(visit.parts.base.engine, step.cycle, step.key)
    ids = [one.alert.id for one in found]
    SqlAlerts(base.engine).note_shown(ids, visit.visitor.person, step.as_of)
    return found


def _start(visit: Visit, opened: Opened) -> Typed:
    step, base = opened.step, visit.parts.base
    draft = base.record.draft(step.cycle, step.key, visit.visitor.person)
    if not step.takes_care_plan:
        return restored(step, draft, None)
    plans = SqlCarePlanStore(base.engine)
    typed = restored(step, draft, plans.draft(step.patient.enrollment))
    typed.other.setdefault(PLAN_UPON, str(plans.newest(step.patient.enrollment)))
    return typed


def _script(visit: Visit, step: StepPage, language: str) -> Script | None:
    parts = visit.parts
    found = step_script(parts.base.engine, step.cycle, step.key, parts.base.clock.now())
    if found.name is None:
        return None
    there = parts.templates.scripts.get(found.name, {})
    wanted = (language or found.language).strip().lower()
    used = wanted if wanted in there else DEFAULT_LANGUAGE
    missing = fields_missing(there.get(used, ""), found.fields)
    filled = found.fields_in(used)
    for group, name in missing:
        filled.setdefault(group, {})[name] = f"[{group} {name.replace('_', ' ')}]"
    return Script(
        text=render_script(parts.templates, found.name, used, filled),
        language=used,
        languages=tuple(sorted(there)),
        missing=tuple(f"{group} {name.replace('_', ' ')}" for group, name in missing),
        wanted=wanted,
    )


def _statements(step: StepPage, language: str) -> Sequence[tuple[str, str]]:
    """Give what is read before consent, in the language of the script."""
    if not step.takes_consent:
        return ()
    version = consent_version(step.as_of.astimezone(clinic_zone(step.zone.key)).date())
    spoken = language or step.patient.language or DEFAULT_LANGUAGE
    return [(one.value, version.text(one, spoken)) for one in Statement]
