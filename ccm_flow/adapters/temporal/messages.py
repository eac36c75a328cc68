"""What travels between client, workflow and activities."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from ccm_flow.core.assignment import Pool
from ccm_flow.core.events import PersonEvent
from ccm_flow.core.facts import Facts
from ccm_flow.core.ids import ClinicId, EnrollmentId
from ccm_flow.core.month import Month


@dataclass(frozen=True, slots=True)
class ClickInput:
    """Something a person did. The Update's id is the click's id, so a retry is harmless."""

    event: PersonEvent


@dataclass(frozen=True, slots=True)
class ClickResult:
    """The transition that a click became."""

    sequence: int


@dataclass(frozen=True, slots=True)
class FactsInput:
    """Whose facts are wanted."""

    enrollment: EnrollmentId
    month: Month


@dataclass(frozen=True, slots=True)
class FactsResult:
    """What the record knows of a patient now, and who may get their steps."""

    facts: Facts
    pool: Pool | None = None


_FACTS_RESULT: TypeAdapter[FactsResult] = TypeAdapter(FactsResult)


def read_facts(raw: Mapping[str, Any]) -> FactsResult:
    """Read an answer; those in histories of earlier versions hold the facts alone."""
    return _FACTS_RESULT.validate_python(raw) if "facts" in raw else FactsResult(raw)


@dataclass(frozen=True, slots=True)
class OpeningInput:
    """Which clinic's month to open; the month now running when none is named."""

    clinic: ClinicId
    month: Month | None = None


@dataclass(frozen=True, slots=True)
class OpeningResult:
    """How many cycles were started and how many were there already."""

    started: int
    already_open: int
