"""What people do to one step: complete it, hand it over, give it more time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ccm_flow.adapters.db.views import StaffMember, StepRef, find_step
from ccm_flow.app.act import Desk, act, finish_step
from ccm_flow.app.care import Click, CycleView, Work
from ccm_flow.app.statuses import ConsentMode
from ccm_flow.app.view_text import clinic_time, words
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.acting import RefusedError, act_once, new_click, tell
from ccm_flow.cli.work.context import choose_person, open_set_up, short, zone_of
from ccm_flow.cli.work.time_words import parse_instant
from ccm_flow.cli.work.words import BadWordError, parse_word
from ccm_flow.core.consent import EVERY_STATEMENT, Statement
from ccm_flow.core.events import DeadlineExtended, PersonEvent, StepReassigned, StepSkipped
from ccm_flow.core.ids import SYSTEM, ClickId, OutcomeId, RoleId, StepId
from ccm_flow.core.note_forms import NoteValue
from ccm_flow.core.plan import Channel, Plan, PlanStep
from ccm_flow.core.state import StepStatus
from ccm_flow.language.phrases import PhraseError, parse_budget

MakeEvent = Callable[[StaffMember], PersonEvent]


@dataclass(frozen=True)
class Entered:
    """What somebody typed beside the outcome."""

    minutes: float
    started: str | None
    note: str
    channel: str | None
    consent: str
    fields: tuple[str, ...] = ()
    """`name=value`, as it was typed."""
    sign: bool = True
    statements: str | None = None
    signature: str = ""


def parse_fields(typed: Sequence[str]) -> dict[str, NoteValue]:
    """Read `name=value`; raises `BadWordError`."""
    found: dict[str, NoteValue] = {}
    for item in typed:
        name, equals, value = item.partition("=")
        if not equals or not name.strip():
            raise BadWordError(f"'{item}' is not a field.", "Write NAME=VALUE.")
        found[name.strip()] = value
    return found


def read_statements(text: str | None) -> frozenset[Statement]:
    """Read what was read to the patient: `all`, or names with commas; raises `BadWordError`."""
    if text is None:
        return frozenset()
    if text.strip().lower() == "all":
        return EVERY_STATEMENT
    return frozenset(parse_word(Statement, "statement", part) for part in text.split(","))


def complete(
    step: str, outcome: str, by: str, entered: Entered, click: str | None, *, as_json: bool
) -> None:
    """End a step, or record an attempt; what is plainly wrong is refused before it is kept."""
    channel = parse_word(Channel, "channel", entered.channel) if entered.channel else None
    consent = parse_word(ConsentMode, "way to consent", entered.consent)
    statements = read_statements(entered.statements)
    base = open_set_up()
    ref = find_step(base.engine, step)
    work = Work(
        time=timedelta(minutes=entered.minutes),
        started_at=_began(base, ref, entered),
        note=entered.note,
        fields=parse_fields(entered.fields),
        sign=entered.sign,
        consent_mode=consent,
        statements=statements,
        signature=entered.signature,
    )
    person = choose_person(base, ref.clinic, by)
    if click is None:
        _check(base, ref, OutcomeId(outcome), person)
    work = _with_draft(base, ref, person, work)
    id_ = new_click(click)

    async def finish(desk: Desk) -> int:
        return await finish_step(
            desk,
            click=id_,
            cycle=ref.cycle,
            step=ref.key,
            outcome=OutcomeId(outcome),
            by=person.person,
            work=work,
            channel=channel,
        )

    tell(base, ref.clinic, [act_once(base, ref.cycle, id_, finish)], as_json=as_json)


def _began(base: Base, ref: StepRef, entered: Entered) -> datetime | None:
    """Read when the work began; it cannot end in the future."""
    if entered.started is None:
        return None
    zone, now = zone_of(base.record.clinic(ref.clinic)), base.clock.now()
    began = parse_instant(entered.started, now, zone)
    if began + timedelta(minutes=entered.minutes) > now:
        raise BadWordError("The work would end in the future.", "Check --started and --minutes.")
    return began


def _with_draft(base: Base, ref: StepRef, person: StaffMember, work: Work) -> Work:
    """Add what the person typed before and could not send; what they typed now wins."""
    draft = base.record.draft(ref.cycle, ref.key, person.person)
    if draft is None:
        return work
    return replace(work, note=work.note or draft.text, fields={**draft.of_note, **work.fields})


def _check(base: Base, ref: StepRef, outcome: OutcomeId, person: StaffMember) -> None:
    """
    Refuse what the record already shows to be impossible, so that nothing of it is kept.

    The cycle itself decides in the end; this spares people a note and minutes kept twice when
    they mistype and try again.
    """
    check_open(base, ref)
    cycle = base.record.cycle(ref.cycle)
    plan = _plan_step(cycle, ref)
    if plan is not None and plan.outcome(outcome) is None and not plan.takes_result(outcome):
        results = plan.attempts.results if plan.attempts else ()
        known = ", ".join([*(item.id for item in plan.outcomes), *results])
        raise RefusedError(f"'{outcome}' is not an outcome of '{plan.id}'.", f"Choose: {known}.")
    role = base.record.owner_role(ref.cycle, ref.key)
    if role is not None and not {role, cycle.plan.owner} & person.roles:
        held = ", ".join(sorted(person.roles))
        raise RefusedError(
            f"The step '{ref.key}' belongs to the {words(role)}; {person.name} is {words(held)}.",
            f"Ask the {words(role)}, or have it handed over with `ccm reassign`.",
        )


def check_open(base: Base, ref: StepRef) -> None:
    """Refuse a step that has ended; raises `RefusedError`."""
    if ref.status is StepStatus.OPEN:
        return
    zone = zone_of(base.record.clinic(ref.clinic))
    by = ref.ended_by or SYSTEM
    when, who = clinic_time(ref.ended_at, zone), short(by, ref.clinic)
    who = "the playbook" if by == SYSTEM else who
    outcome = f" as '{ref.outcome}'" if ref.outcome else ""
    closed = (
        f" The month is closed for the patient ({words(ref.disposition)})."
        if ref.disposition
        else ""
    )
    raise RefusedError(
        f"The step '{ref.key}' is {ref.status.value} already{outcome}, {when} by {who}.{closed}",
        "Nothing was changed. See what is open with `ccm queue`.",
    )


def _plan_step(cycle: CycleView, ref: StepRef) -> PlanStep | None:
    return cycle.plan.by_id.get(StepId(ref.key.partition("~")[0]))


def reassign(
    step: str,
    to: str,
    role: str | None,
    *,
    because: str,
    by: str,
    click: str | None,
    as_json: bool,
) -> None:
    """Hand a step over to somebody who holds a role that can have it."""
    base = open_set_up()
    ref = find_step(base.engine, step)
    target = choose_person(base, ref.clinic, to)
    wanted = RoleId(role) if role else _role_for(base, ref, target)
    if wanted not in target.roles:
        held = ", ".join(sorted(target.roles))
        raise RefusedError(f"{target.name} is not {words(wanted)}.", f"They have: {held}.")
    _do(
        base,
        ref,
        by,
        click,
        lambda person: StepReassigned(ref.key, target.person, wanted, person.person, because),
        as_json=as_json,
    )


def _role_for(base: Base, ref: StepRef, target: StaffMember) -> RoleId:
    """Choose the step's own role when the person holds it, otherwise one the playbook knows."""
    own = base.record.owner_role(ref.cycle, ref.key)
    if own is not None and own in target.roles:
        return own
    known = [item.id for item in base.record.cycle(ref.cycle).plan.roles]
    fitting = [role for role in known if role in target.roles]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        held = words(", ".join(sorted(target.roles)))
        raise RefusedError(
            f"{target.name} has no role in this playbook, only: {held}.",
            f"Its roles: {', '.join(known)}.",
        )
    raise RefusedError(
        f"{target.name} can have it in several roles.", f"Say --role: {', '.join(fitting)}."
    )


def skip(step: str, because: str, by: str, click: str | None, *, as_json: bool) -> None:
    """Leave out an optional step, in its owner's role or as program owner."""
    base = open_set_up()
    ref = find_step(base.engine, step)
    cycle = base.record.cycle(ref.cycle)
    own = base.record.owner_role(ref.cycle, ref.key)

    def event(person: StaffMember) -> StepSkipped:
        return StepSkipped(ref.key, person.person, _acting_as(person, own, cycle.plan), because)

    _do(base, ref, by, click, event, as_json=as_json)


def _acting_as(person: StaffMember, own: RoleId | None, plan: Plan) -> RoleId:
    """Choose the step's own role when the person holds it, otherwise the program owner's."""
    if own is not None and own in person.roles:
        return own
    return plan.owner if plan.owner in person.roles else min(person.roles)


def extend(
    step: str, amount: str, because: str, by: str, click: str | None, *, as_json: bool
) -> None:
    """Give a step more time."""
    try:
        extra = parse_budget(amount)
    except PhraseError as error:
        raise BadWordError(error.message, error.hint) from error
    base = open_set_up()
    ref = find_step(base.engine, step)
    _do(
        base,
        ref,
        by,
        click,
        lambda person: DeadlineExtended(ref.key, person.person, because, extra),
        as_json=as_json,
    )


def _do(
    base: Base,
    ref: StepRef,
    by: str,
    click: str | None,
    make: MakeEvent,
    *,
    as_json: bool,
) -> None:
    person = choose_person(base, ref.clinic, by)
    if click is None:
        check_open(base, ref)
    sent = Click(new_click(click), ref.cycle, person.person, make(person), ref.key)
    done = act_once(base, ref.cycle, ClickId(sent.id), lambda desk: act(desk, sent))
    tell(base, ref.clinic, [done], as_json=as_json)
