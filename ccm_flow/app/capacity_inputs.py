"""What a capacity forecast rests on, said beside its figures: nothing is assumed in silence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ccm_flow.core.assumptions import Assumptions
from ccm_flow.core.ids import RoleId, StepId
from ccm_flow.core.staffing import Staff
from ccm_flow.rehearsal.capacity import Input, Panel
from ccm_flow.rehearsal.profile import Profile
from ccm_flow.rehearsal.revenue import Allowed

PATIENTS: Final = "Patients"
"""The name of the input that a what-if takes the place of."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A sample of the months ahead; made once for a playbook, its assumptions and its months."""

    profile: Profile
    allowed: tuple[Allowed | None, ...]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What is to be different from what the record and the files say."""

    patients: int | None = None
    added: Mapping[RoleId, int] | None = None
    """More people, each like the first of the team who holds the role."""
    minutes: Mapping[StepId, int] | None = None
    """How long steps take."""


def rests_on(
    prepared: Prepared, assumptions: Assumptions, panel: Panel, what_if: WhatIf
) -> tuple[Input, ...]:
    """Say what the figures rest on."""
    plan, sample = prepared.profile.question.plan, prepared.profile.question.patients
    rates = sum("ssumption" in source for source in assumptions.basis.values())
    found = [
        Input(
            "Playbook", f"{plan.playbook} version {plan.version}", "the plan itself", assumed=False
        ),
        Input(
            "Behaviour",
            assumptions.id,
            f"{rates} of {len(assumptions.basis)} figures are assumptions",
            assumed=rates > 0,
        ),
        Input("Sample", f"{sample} simulated patients a month", "seeded simulation", assumed=False),
        _staff_input(panel.staff),
        *_revenue_inputs(prepared),
    ]
    if what_if.patients is not None:
        found.append(Input(PATIENTS, str(what_if.patients), "what-if", assumed=True))
    for step, minutes in (what_if.minutes or {}).items():
        found.append(Input(f"Minutes of {step}", str(minutes), "what-if", assumed=True))
    for role, count in (what_if.added or {}).items():
        found.append(Input(f"Added to the team: {role}", str(count), "what-if", assumed=True))
    return tuple(found)


def _staff_input(staff: Staff | None) -> Input:
    if staff is None:
        return Input("Staff", "no limit", "no staff file was named", assumed=True)
    return Input("Staff", staff.title, f"the staff file '{staff.id}'", assumed=False)


def _revenue_inputs(prepared: Prepared) -> tuple[Input, ...]:
    """Say by which rules the revenue is worked out, for each run of months."""
    known: dict[tuple[str, bool], None] = {}
    for one in prepared.allowed:
        known[("none", False) if one is None else (one.rules, one.assumed)] = None
    return tuple(_revenue_input(rules, assumed) for rules, assumed in known)


def _revenue_input(rules: str, assumed: bool) -> Input:
    if rules == "none":
        return Input("Revenue", "not known", "no rule file gives an amount", assumed=False)
    source = "what Medicare allows; nothing but time lacks, all minutes are clinical staff's"
    if assumed:
        source += "; the file ends before the month, its amounts are taken to go on"
    return Input("Revenue", rules, source, assumed=True)
