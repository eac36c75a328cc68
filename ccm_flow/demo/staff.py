"""How the demo's simulated staff behave: a good team in a busy clinic, not a perfect one."""

from datetime import timedelta
from types import MappingProxyType

from ccm_flow.core.behaviour import Behaviour, Weights
from ccm_flow.core.ids import OutcomeId, StepId


def _weights(**shares: float) -> Weights:
    return MappingProxyType({OutcomeId(outcome): share for outcome, share in shares.items()})


MONTHLY_STAFF = Behaviour(
    delay=timedelta(hours=5),
    late=0.05,
    forgotten=0.02,
    outcomes=MappingProxyType(
        {
            StepId("outreach"): _weights(reached=0.85, reached_with_concern=0.14, declined=0.01),
            StepId("medication_review"): _weights(
                no_changes=0.78, corrected=0.18, needs_practitioner=0.04
            ),
            StepId("minutes_check"): _weights(contact_needed=0.75, on_track=0.25),
            StepId("unreachable_review"): _weights(try_again=0.4, give_up=0.6),
            StepId("care_plan_update"): _weights(unchanged=0.7, updated=0.3),
            StepId("symptom_follow_up"): _weights(resolved=0.7, needs_practitioner=0.3),
            StepId("clinical_escalation"): _weights(answered=0.85, visit_needed=0.15),
            StepId("billing_handoff"): _weights(accepted=0.95, returned=0.05),
        }
    ),
)

ENROLLMENT_STAFF = Behaviour(
    ordinary=0.97,
    reach=0.8,
    delay=timedelta(hours=2),
    late=0.02,
    forgotten=0.0,
    outcomes=MappingProxyType(
        {StepId("introduce"): _weights(interested=0.97, not_interested=0.03)}
    ),
)
