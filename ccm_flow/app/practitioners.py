"""What only practitioners state, and who may be one for a patient."""

from collections.abc import Collection
from typing import Final

from ccm_flow.app.notes import PRACTITIONER
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import RoleId

SHORTEST_REASON: Final = 15
"""Characters of a statement of risk that says something."""


class NotAPractitionerError(CcmError):
    """Somebody would do what only a practitioner does."""

    exit_code = 4


class RiskTooShortError(CcmError):
    """A statement of the risk says nothing."""

    exit_code = 2
    hint = "Say what the risk is: death, acute worsening or decline, and from what."

    def __init__(self) -> None:
        super().__init__("This is too short to be a reason.")


def checked_risk(text: str) -> str:
    """Give a statement without blanks around it; raises `RiskTooShortError`."""
    text = text.strip()
    if len(text) < SHORTEST_REASON:
        raise RiskTooShortError
    return text


def check_states_risk(name: str, roles: Collection[RoleId]) -> None:
    """Refuse whoever is no practitioner; raises `NotAPractitionerError`."""
    if PRACTITIONER not in roles:
        raise NotAPractitionerError(
            f"{name} is no practitioner; only a practitioner can state the risk.",
            "Ask the patient's billing practitioner.",
        )


def check_may_bill(name: str, roles: Collection[RoleId]) -> None:
    """Refuse to let anybody else bill for a patient; raises `NotAPractitionerError`."""
    if PRACTITIONER not in roles:
        raise NotAPractitionerError(f"{name} is no practitioner here.", "Choose one who is.")


def check_approves(name: str, roles: Collection[RoleId]) -> None:
    """Refuse the approval of a care plan by anybody else; raises `NotAPractitionerError`."""
    if PRACTITIONER not in roles:
        raise NotAPractitionerError(f"{name} is no practitioner.", "Ask one to approve the plan.")
