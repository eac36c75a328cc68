"""A patient's codes and the reasoning, for people."""

from collections.abc import Sequence

from ccm_flow.app.billing import judge_month, line_views
from ccm_flow.app.packet import PacketCode, PacketCodes
from ccm_flow.app.packet_codes import NOT_CLOSED, codes_of_line, codes_of_now
from ccm_flow.app.view_text import clinic_time
from ccm_flow.bootstrap import hand_off
from ccm_flow.cli.work.billing_context import find_month, month_of
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import open_set_up, zone_of
from ccm_flow.cli.work.tables import Listing
from ccm_flow.core.month import Month


def codes(who: str, text: str | None, clinic_id: str | None, *, as_json: bool) -> None:
    """Show the codes of a month."""
    wanted = Month.parse(text) if text else None
    base = open_set_up()
    ref = find_month(base, who, wanted, clinic=clinic_id)
    hand, now = hand_off(base, ref.clinic), base.clock.now()
    one = month_of(hand, ref, base)
    views = line_views(hand.store, ref.clinic, ref.month, now)
    view = next((view for view in views if view.enrollment == ref.enrollment), None)
    found = (
        codes_of_line(view, hand.name_of)
        if view is not None
        else codes_of_now(judge_month(hand.store, hand.rules, one, ref.month))
    )
    if as_json:
        emit({"patient": one.handle, "month": ref.month, **_plain(found)})
        return
    zone = zone_of(base.record.clinic(ref.clinic))
    say(f"{one.handle} {one.patient_name}, {ref.month}: {found.state}")
    if found.approved_by:
        say(f"Approved by {found.approved_by}, {clinic_time(found.approved_at, zone)}")
    show_codes(found)


def _plain(found: PacketCodes) -> dict[str, object]:
    names = type(found).__dataclass_fields__
    return {name: getattr(found, name) for name in names}


def show_codes(found: PacketCodes) -> None:
    """Print codes, what may not be billed, and why."""
    say()
    if found.lines:
        _show_lines(found.lines)
    else:
        say("This month gives no code.")
    say("\nWhy")
    for sentence in found.reasoning:
        say(f"  {sentence}")
    if found.blocked:
        say("\nNot billed")
        for sentence in found.blocked:
            say(f"  {sentence}")
    if found.changed:
        say("\nChanged since the line was made")
        for sentence in found.changed:
            say(f"  {sentence}")
    say(f"\nRules: {found.rules} (sha256 {found.rules_sha256[:16]})")
    if found.state == NOT_CLOSED:
        say("The month is not closed: this is what the record gives today.")


def _show_lines(lines: Sequence[PacketCode]) -> None:
    listing = Listing(
        "Code", "Units", "Date", "Allowed", "Service", keep=["Code", "Date"], numbers=["Units"]
    )
    for line in lines:
        about = "about " if line.approximate else ""
        amount = "not known" if line.amount is None else f"{about}${line.amount}"
        listing.add(line.code, line.units, str(line.on), amount, line.title)
    listing.print()
