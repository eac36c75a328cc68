"""The consent that billing a month rests on, or the answer that stands in its way."""

from zoneinfo import ZoneInfo

from ccm_flow.adapters.db.tables import ConsentRow
from ccm_flow.app.statuses import ConsentKind
from ccm_flow.core.billing.model import ConsentFact
from ccm_flow.core.consent import InForce
from ccm_flow.core.ids import PersonId


def consent_fact(
    found: InForce | None, answers: list[ConsentRow], practitioner: PersonId, zone: ZoneInfo
) -> ConsentFact | None:
    """
    Give the consent in force, which covers whoever bills for the month.

    Where none is, the latest of the `answers` says why: declined, taken back, given later, or
    given for another practitioner. None when the patient was never asked.
    """
    if found is not None:
        return ConsentFact(True, found.since.astimezone(zone), practitioner, found.last_day)
    return _latest(answers, practitioner, zone) if answers else None


def _latest(answers: list[ConsentRow], practitioner: PersonId, zone: ZoneInfo) -> ConsentFact:
    latest = answers[-1]
    given = next((one for one in reversed(answers) if one.kind is not ConsentKind.REVOKED), latest)
    if given.kind is not ConsentKind.ACCEPTED:
        return ConsentFact(False, given.taken_at.astimezone(zone), practitioner)
    taken_back = latest.revoked_effective if latest.kind is ConsentKind.REVOKED else None
    bound = given.practitioner_id or practitioner
    return ConsentFact(True, given.taken_at.astimezone(zone), bound, taken_back)
