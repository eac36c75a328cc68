"""Handing a month over: packets of its patients and the lines for the practice's own system."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from ccm_flow.app.billing import (
    BillingRules,
    BillingStore,
    LineView,
    MonthOf,
    judge_month,
    line_views,
)
from ccm_flow.app.packet import PacketCodes, PacketRecord
from ccm_flow.app.packet_codes import codes_of_line, codes_of_now
from ccm_flow.app.packet_seal import Sealed, seal
from ccm_flow.core.billing.model import Place
from ccm_flow.core.claim_lines import PLACE_OF_SERVICE, ClaimLine
from ccm_flow.core.handoff import LineState
from ccm_flow.core.ids import ClinicId, EnrollmentId
from ccm_flow.core.month import Month

DEMO = "DEMO, never to be billed"
_GO_OUT = (LineState.APPROVED, LineState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class HandOff:
    """What handing over works with."""

    store: BillingStore
    rules: BillingRules
    record: PacketRecord
    name_of: Callable[[str], str]
    """Gives a person's name by their id."""
    demo: bool
    """The set-up is a demo, so every patient in it is made up."""


@dataclass(frozen=True, slots=True)
class OnePacket:
    """One patient's packet."""

    handle: str
    enrollment: EnrollmentId
    sealed: Sealed
    view: LineView | None
    """The line of the closed month; None when there is none yet."""


def packets(
    hand: HandOff,
    clinic: ClinicId,
    month: Month,
    now: datetime,
    only: Collection[EnrollmentId] | None = None,
) -> list[OnePacket]:
    """
    Make the packets of some patients, or of everybody who has a line in a month.

    Those of named patients can be made at any time; their codes say `not closed` until the month
    is.
    """
    single = next(iter(only)) if only is not None and len(only) == 1 else None
    views = {view.enrollment: view for view in line_views(hand.store, clinic, month, now, single)}
    wanted = hand.record.enrollments(clinic, month) if only is None else only
    months = {one.enrollment: one for one in hand.store.months(clinic, month, now, single)}
    made = []
    for enrollment in wanted:
        one, view = months.get(enrollment), views.get(enrollment)
        if one is not None and (view is not None or only is not None):
            codes = _codes(hand, one, view, month)
            sealed = _sealed(hand, enrollment, month, codes)
            made.append(OnePacket(one.handle, enrollment, sealed, view))
    return made


def _codes(hand: HandOff, one: MonthOf, view: LineView | None, month: Month) -> PacketCodes:
    if view is not None:
        return codes_of_line(view, hand.name_of)
    return codes_of_now(judge_month(hand.store, hand.rules, one, month))


def _sealed(hand: HandOff, enrollment: EnrollmentId, month: Month, codes: PacketCodes) -> Sealed:
    return seal(hand.record.packet(enrollment, month, codes, demo=hand.demo))


def claim_lines(made: Iterable[OnePacket]) -> list[ClaimLine]:
    """
    Give the lines of a month that go out, from the packets of everybody who has a line.

    Only what was approved goes out; drafts and what the biller returned stay.
    """
    return [
        line
        for one in made
        if one.view is not None and one.view.line.state in _GO_OUT
        for line in _lines(one.view, one.sealed)
    ]


def _lines(view: LineView, sealed: Sealed) -> list[ClaimLine]:
    content = sealed.content
    patient, clinic = content["patient"], content["clinic"]["name"]
    codes = (one["icd10"] for one in content["eligibility"]["conditions"])
    billing = view.line.facts["billing"]
    usual = PLACE_OF_SERVICE[Place(billing["place"])]
    return [
        ClaimLine(
            clinic=f"{DEMO}: {clinic}" if content["demo"] else clinic,
            mrn=view.mrn,
            name=patient["name"],
            birth_date=patient["birth_date"],
            member_id=patient["member_id"],
            date_of_service=line.on,
            code=line.code,
            units=line.units,
            rendering_npi=content["practitioner"]["npi"],
            place_of_service=billing.get("place_of_service") or usual,
            diagnoses=tuple(dict.fromkeys(code for code in codes if code)),
            amount_expected=line.amount,
            packet_sha256=sealed.sha256,
            changed_since_approval=bool(view.changed),
        )
        for line in view.line.result.lines
    ]
