"""The codes of a packet: those that were approved, or those that the record gives now."""

from collections.abc import Callable

from ccm_flow.app.billing import Judged, LineView
from ccm_flow.app.packet import PacketCode, PacketCodes
from ccm_flow.core.billing.model import BillingResult
from ccm_flow.core.canonical import fingerprint
from ccm_flow.core.handoff import LineAct

NOT_CLOSED = "not closed"
"""The state of a month that gives codes but has no line yet."""


def codes_of_line(view: LineView, name_of: Callable[[str], str]) -> PacketCodes:
    """Give the codes of a closed month as they were kept."""
    line = view.line
    approval = next((one for one in line.decisions if one.act is LineAct.APPROVED), None)
    return PacketCodes(
        state=line.state.value,
        lines=_lines(line.result),
        blocked=_blocked(line.result),
        reasoning=line.result.reasoning,
        rules=line.rules.name,
        rules_sha256=line.rules.sha256,
        facts_sha256=line.facts_sha256,
        approved_by=name_of(approval.by) if approval else None,
        approved_at=approval.at if approval else None,
        changed=view.changed,
    )


def codes_of_now(judged: Judged) -> PacketCodes:
    """Give the codes that the record gives now."""
    return PacketCodes(
        state=NOT_CLOSED,
        lines=_lines(judged.result),
        blocked=_blocked(judged.result),
        reasoning=judged.result.reasoning,
        rules=judged.rules.name,
        rules_sha256=judged.rules.sha256,
        facts_sha256=fingerprint(judged.facts),
        approved_by=None,
        approved_at=None,
        changed=(),
    )


def _lines(result: BillingResult) -> tuple[PacketCode, ...]:
    return tuple(
        PacketCode(
            code=line.code,
            title=line.title,
            units=line.units,
            on=line.on,
            amount=line.amount,
            approximate=line.approximate,
            reasoning=line.reasoning,
        )
        for line in result.lines
    )


def _blocked(result: BillingResult) -> tuple[str, ...]:
    return tuple(f"{one.code}: {one.why} {one.basis}" for one in result.blocked)
