"""Reads the ledger of one closed cycle back into what people did."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from ccm_flow.core.assignment import LAST_RESORT, Assignment, Wanted
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.engine.ladder import DEADLINE_PASSED
from ccm_flow.core.events import AttemptMade, Event, StepCompleted
from ccm_flow.core.facts import Facts
from ccm_flow.core.ids import PersonId, RoleId, StepId, StepKey
from ccm_flow.core.plan import Act, Disposition, Notify, Plan, PlanStep, Reassign, Trigger
from ccm_flow.core.state import StepStatus
from ccm_flow.rehearsal.measures import Fired, Judged, PatientMonth, Worked, judge_dates
from ccm_flow.rehearsal.recorded import STEP_EVENTS, Basis, Cause, Deed, Opening

_EVENT: TypeAdapter[Event] = TypeAdapter(Event)
_A_MOMENT = timedelta(minutes=1)


class Line(NamedTuple):
    """One line of the ledger."""

    sequence: int
    position: int
    at: datetime
    kind: str
    actor: str | None
    detail: dict[str, Any]


class Entry(NamedTuple):
    """One time entry that stands."""

    step: StepKey | None
    person: PersonId
    began: datetime
    entered: datetime
    seconds: int


@dataclass(slots=True)
class _Known:
    """What is known of an opening while the ledger is read."""

    spec: PlanStep
    role: RoleId
    opened_at: datetime
    not_before: datetime | None
    tried_at: datetime | None = None
    prompt: Basis | None = None
    prompts: set[tuple[Act, int]] = field(default_factory=set)
    last: dict[str, Any] = field(default_factory=dict)


class LedgerReading:
    """Goes through one cycle's lines once, in their order."""

    def __init__(self, plan: Plan, learned: Mapping[int, Facts]) -> None:
        self._plan = plan
        self._learned = learned
        self._known: dict[StepKey, _Known] = {}
        self._team: dict[RoleId, PersonId] = {}
        self._absent: set[RoleId] = set()
        self._fired: Counter[Fired] = Counter()
        self.deeds: list[Deed] = []
        self.decided: dict[datetime, dict[str, Assignment]] = {}

    def read(self, lines: Sequence[Line]) -> None:
        """Take the lines in."""
        for number, line in enumerate(lines):
            if line.kind == "calendar_changed" and line.position == 0:
                continue  # a month is replayed on the calendar it ended with
            if line.position == 0:
                following = lines[number + 1] if number + 1 < len(lines) else None
                alone = following is None or following.position == 0
                self.deeds.append(self._deed(line, alone=alone))
            else:
                self._take(line)

    def _deed(self, line: Line, *, alone: bool) -> Deed:
        event = _EVENT.validate_python({"facts": {}, **line.detail, "kind": line.kind})
        basis = None
        if isinstance(event, STEP_EVENTS):
            basis = _basis(self._known[event.step], line.at)
        learned = self._learned.get(line.sequence, {})
        return Deed(line.at, event, line.sequence, learned, basis, did_nothing=alone)

    def _take(self, line: Line) -> None:
        detail = line.detail
        if "step" not in detail:
            return
        state = detail["step"]
        key = StepKey(state["key"])
        if line.kind == "open_step" or key not in self._known:
            self._known[key] = self._opened(state)
            self._decide_opening(line)
        known = self._known[key]
        known.last = state
        match line.kind:
            case "record_attempt":
                known.tried_at = line.at
                known.not_before = _instant(state["not_before"])
            case "remind_owner":
                act = self._prompted(known, line, Fired.REMINDED)
                if isinstance(act, Reassign):
                    self._decide(line, _whose(state), act.role, state["owner"])
            case "notify_person":
                act = self._prompted(known, line, Fired.NOTIFIED)
                assert isinstance(act, Notify)  # noqa: S101 - nothing else notifies
                self._decide(line, Wanted(act.role), act.role, detail["to"])
                self._met(RoleId(detail["to"]["role"]), PersonId(detail["to"]["person"]))
            case "move_owner" if detail.get("because") == DEADLINE_PASSED:
                act = self._prompted(known, line, Fired.HANDED_OVER)
                assert isinstance(act, Reassign)  # noqa: S101 - nothing else hands over
                because = (state.get("assigned") or "").removeprefix(f"{DEADLINE_PASSED}; ")
                self._decide(line, _whose(state), act.role, state["owner"], because)
                self._met(RoleId(state["owner"]["role"]), PersonId(state["owner"]["person"]))
            case "close_step" if state["status"] == StepStatus.EXPIRED:
                self._fired[Fired.EXPIRED] += 1
            case _:
                pass

    def _opened(self, state: dict[str, Any]) -> _Known:
        spec = self._plan.step_of(StepId(state["step"]), state["risk"])
        owner = state["owner"]
        role, person = RoleId(owner["role"]), PersonId(owner["person"])
        if role == spec.owner or role != self._plan.owner:
            self._met(role, person)
        else:
            self._absent.add(spec.owner)
            self._met(role, person)
        opened_at = _instant(state["opened_at"])
        assert opened_at is not None  # noqa: S101 - every opening has it
        return _Known(spec, role, opened_at, _instant(state["not_before"]))

    def _met(self, role: RoleId, person: PersonId) -> None:
        self._team.setdefault(role, person)

    def _decide_opening(self, line: Line) -> None:
        state = line.detail["step"]
        because = state.get("assigned")
        if because is not None:
            last_resort = because.endswith(LAST_RESORT)
            found = Assignment(PersonId(state["owner"]["person"]), because, last_resort)
            self.decided.setdefault(line.at, {})[_whose(state).question] = found

    def _decide(
        self, line: Line, wanted: Wanted, role: RoleId, owner: dict[str, str], because: str = ""
    ) -> None:
        """Keep who a rung of a ladder went to, where openings too were given with a reason."""
        if self.decided:
            found = Assignment(PersonId(owner["person"]), because, owner["role"] != role)
            self.decided.setdefault(line.at, {})[wanted.question] = found

    def _prompted(self, known: _Known, line: Line, fired: Fired) -> Act:
        self._fired[fired] += 1
        number = line.detail["step"]["rungs_passed"] - 1
        act: Act = known.spec.ladder[number].act
        nth = sum(rung.act == act for rung in known.spec.ladder[:number])
        known.prompts.add((act, nth))
        known.prompt = Basis(Cause.PROMPTED, line.at, act, nth)
        return act

    def team(self, now: Mapping[RoleId, PersonId]) -> dict[RoleId, PersonId]:
        """Give who had which role: as the ledger shows it, and as it is now for the others."""
        others = {role: person for role, person in now.items() if role not in self._absent}
        return {**others, **self._team}

    def openings(self) -> tuple[Opening, ...]:
        """Give every opening that was a piece of work."""
        return tuple(
            Opening(
                key=key,
                step=known.spec.id,
                role=known.role,
                opened_at=known.opened_at,
                due_at=_instant(known.last["due_at"]),
                ended_at=_instant(known.last["ended_at"]),
                prompts=frozenset(known.prompts),
                done=known.last["status"] == StepStatus.DONE,
                skipped=known.last["status"] == StepStatus.SKIPPED,
                expected=known.spec.expected,
            )
            for key, known in self._known.items()
        )

    def measure(
        self,
        ending: tuple[Disposition | None, str | None],
        contacts: int,
        work: Iterable[Worked],
        calendar: WorkCalendar,
    ) -> PatientMonth:
        """Count the month, as `measures.measure` counts one that was played."""
        lasts = [known.last for known in self._known.values()]
        judged = Counter(filter(None, map(_judged, lasts)))
        spent: Counter[Any] = Counter()
        for one in work:
            spent[one.role, calendar.date_of(one.at)] += int(one.time.total_seconds())
        return PatientMonth(
            disposition=ending[0],
            because=ending[1],
            on_time=judged[Judged.ON_TIME],
            late=judged[Judged.LATE],
            missed=judged[Judged.MISSED],
            fired=dict(self._fired),
            questions=sum(
                known.spec.on is Trigger.ESCALATION and known.last["status"] != StepStatus.SKIPPED
                for known in self._known.values()
            ),
            attempts=sum(len(last["attempts"]) for last in lasts),
            contacts=contacts,
            work={key: timedelta(seconds=seconds) for key, seconds in spent.items()},
            deadlines={
                key: due
                for key, known in self._known.items()
                if (due := _instant(known.last["due_at"])) is not None
            },
        )


def _whose(state: dict[str, Any]) -> Wanted:
    """Ask whose an opening is."""
    return Wanted(RoleId(state["owner"]["role"]), StepId(state["step"]))


def _basis(known: _Known, at: datetime) -> Basis:
    """Give the latest of what may have prompted an act."""
    basis = Basis(Cause.OPENED, known.opened_at)
    if known.tried_at is not None:
        basis = Basis(Cause.TRIED, known.tried_at)
    if known.not_before is not None and known.not_before <= at:
        cause = Cause.OPENED if known.tried_at is None else Cause.TRIED
        basis = Basis(cause, known.not_before, planned=True)
    if known.prompt is not None and known.prompt.at > basis.at:
        basis = known.prompt
    return basis


def _judged(last: dict[str, Any]) -> Judged | None:
    return judge_dates(
        StepStatus(last["status"]), _instant(last["due_at"]), _instant(last["ended_at"])
    )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def with_time(
    deeds: Sequence[Deed], entries: Iterable[Entry], roles: Mapping[PersonId, RoleId], owner: RoleId
) -> tuple[tuple[Deed, ...], tuple[Worked, ...]]:
    """Lay each time entry to the act it was entered with; gives the acts, and what is left over."""
    places: dict[StepKey, list[int]] = {}
    for number, deed in enumerate(deeds):
        if isinstance(deed.event, StepCompleted | AttemptMade):
            places.setdefault(deed.event.step, []).append(number)
    found: dict[int, list[Worked]] = {}
    loose = []
    for entry in entries:
        time = timedelta(seconds=entry.seconds)
        at = _place(deeds, places.get(entry.step, ()) if entry.step else (), entry.entered)
        if at is None:
            role = roles.get(entry.person, owner)
            loose.append(Worked(role, entry.began, time))
            continue
        event = deeds[at].event
        assert isinstance(event, StepCompleted | AttemptMade)  # noqa: S101 - chosen above
        found.setdefault(at, []).append(Worked(event.role, entry.began, time))
    laid = [
        _with_spent(deed, tuple(found[number])) if number in found else deed
        for number, deed in enumerate(deeds)
    ]
    return tuple(laid), tuple(loose)


def _with_spent(deed: Deed, spent: tuple[Worked, ...]) -> Deed:
    """Give an act with its time; by hand, for `dataclasses.replace` takes three times as long."""
    return Deed(
        deed.at, deed.event, deed.sequence, deed.learned, deed.basis, spent, deed.did_nothing
    )


def _place(deeds: Sequence[Deed], numbers: Sequence[int], entered: datetime) -> int | None:
    """Find the act an entry came with: it is kept a moment before its act is taken."""
    after = (number for number in numbers if deeds[number].at >= entered - _A_MOMENT)
    return next(after, numbers[-1] if numbers else None)
