"""The API's patients and months."""

from datetime import date, datetime

from pydantic import Field

from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.app.views import MonthState
from ccm_flow.app.views_patient import Timing
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import CycleStatus, StepStatus
from ccm_flow.web.api.models import Out, Page, example


class PatientStep(Out):
    """A step of a patient's month."""

    key: str = Field(description="Its name.")
    title: str = Field(description="What is to be done.")
    status: StepStatus = Field(description="Where it stands.")
    timing: Timing = Field(description="How it stands to its deadline.")
    owner: str = Field(description="Who has it, or had it last.")
    role: str = Field(description="The role they have it in.")
    opened_at: datetime = Field(description="When it was opened.")
    due_at: datetime | None = Field(description="Its deadline.")
    ended_at: datetime | None = Field(description="When it ended.")
    outcome: str | None = Field(description="How it ended.")
    outcomes: list[str] = Field(description="What it may be completed with now.")


class Blocker(Out):
    """One thing that stops the month from being billed."""

    requirement: str = Field(description="The kind of thing.", json_schema_extra=example("minutes"))
    detail: str = Field(description="What is missing.", json_schema_extra=example("12 of 20 min"))


class Patient(Out):
    """Who the patient is."""

    patient: str = Field(description="The patient's id.")
    mrn: str = Field(description="The record number.")
    name: str = Field(description="The name.")
    birth_date: date | None = Field(description="The day of birth.")
    phone: str = Field(description="The telephone number.")
    language: str = Field(description="The language to speak.")
    deceased_at: datetime | None = Field(description="When the patient died.")


class PatientMonth(Out):
    """One patient's month."""

    as_of: datetime = Field(description="When it was read.")
    time_zone: str = Field(description="The clinic's.")
    patient: Patient = Field(description="Who it is.")
    enrollment: str | None = Field(description="The enrollment's id.")
    status: EnrollmentStatus | None = Field(description="How far the patient is in the program.")
    cycle: str | None = Field(description="The pass that is shown; null before the first.")
    month: str | None = Field(description="Its month.")
    kind: PlaybookKind | None = Field(description="Its kind.")
    cycle_status: CycleStatus | None = Field(description="Where it stands.")
    disposition: str | None = Field(description="How it ended.")
    blockers: list[Blocker] = Field(description="What stops it from being billed.")
    minutes: int = Field(description="Whole minutes that count.")
    steps: list[PatientStep] = Field(description="Its steps in the order they opened.")


class MonthLine(Out):
    """One patient in a month's report."""

    enrollment: str = Field(description="The enrollment's id.")
    patient: str = Field(description="The patient's id.")
    patient_name: str = Field(description="The patient's name.")
    cycle: str | None = Field(description="The month's pass; null when none was opened.")
    state: MonthState = Field(description="How the month stands.")
    because: str | None = Field(description="Why it ended so.")
    blockers: list[Blocker] = Field(description="What stops it from being billed.")
    minutes: int = Field(description="Whole minutes that count.")
    contacts: int = Field(description="How often the patient was spoken to.")


class MonthReport(Page[MonthLine]):
    """A clinic's month."""

    month: str = Field(description="The month.", json_schema_extra=example("2026-12"))
    kind: PlaybookKind = Field(description="The kind of passes it counts.")
    by_state: dict[str, int] = Field(description="How many patients stand how.")
    by_blocker: dict[str, int] = Field(description="How many are held up, by what is missing.")


class Opened(Out):
    """What opening a month did."""

    month: str = Field(description="The month.")
    opened: int = Field(description="How many passes were started now.")
    already_open: int = Field(description="How many were open before.")
