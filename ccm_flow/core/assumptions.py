"""All that a simulation assumes of people and patients, each figure with where it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from ccm_flow.core.behaviour import Behaviour
from ccm_flow.core.credentials import Credential
from ccm_flow.core.ids import RoleId


@dataclass(frozen=True, slots=True)
class Happenings:
    """What befalls patients outside the playbook: how often in one patient's month."""

    admissions: float = 0.0
    """Hospital stays; each ends with a discharge."""
    stay: timedelta = timedelta(days=5)
    """How long a stay lasts on average."""
    escalations: float = 0.0
    """Clinical questions that come up outside the steps."""
    lab_results: float = 0.0
    callbacks: float = 0.0
    withdrawals: float = 0.0
    deaths: float = 0.0


@dataclass(frozen=True, slots=True)
class Chart:
    """What share of patients have in their record as a month begins."""

    consent: float = 1.0
    care_plan: float = 1.0
    conditions: float = 1.0
    """As many chronic condition groups as the playbook asks for."""
    coverage: float = 1.0
    high_risk: float = 0.0


@dataclass(frozen=True, slots=True)
class Assumptions:
    """A behaviour file, read."""

    id: str
    title: str
    behaviour: Behaviour
    happenings: Happenings = Happenings()
    chart: Chart = Chart()
    credentials: Mapping[RoleId, Credential] = field(default_factory=dict)
    """What the people of a role are licensed as, where no staff file says it."""
    basis: Mapping[str, str] = field(default_factory=dict)
    """For each setting, as in `reached.phone`: who says so, in full words."""
