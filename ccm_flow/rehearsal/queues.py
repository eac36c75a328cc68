"""
Patients who share a team: work waits until its owner has time for it.

One ordered queue of events for each pod. Nobody works on two steps at once, and nobody outside
their hours or beyond the minutes kept for the program. The step with the earliest deadline comes
first. While its owner is absent, colleagues of the same role take it, still in the owner's name.
"""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Final, NamedTuple, assert_never

from ccm_flow.core.ids import PersonId, RoleId, StepKey
from ccm_flow.core.state import StepState
from ccm_flow.rehearsal.life import Life
from ccm_flow.rehearsal.pod import Lives, Pod, Teams
from ccm_flow.rehearsal.tally import Tally
from ccm_flow.rehearsal.workers import Waiting, Worker


class _Kind(IntEnum):
    """What happens; of several things at the same instant, in this order."""

    OPEN = 0
    WAKE = 1
    TOLD = 2
    FINISH = 3
    READY = 4
    LOOK = 5
    EVENING = 6


class _Event(NamedTuple):
    at: int
    kind: _Kind
    patient: int
    month: int
    number: int
    """Keeps events of one kind at one instant in the order in which they were made."""
    what: object


@dataclass(frozen=True, slots=True)
class Laid:
    """A stretch of somebody's work, for whoever wants to look at it."""

    person: PersonId
    patient: int
    month: int
    step: StepState
    spans: tuple[tuple[int, int], ...]
    """From when to when, in UTC epoch seconds."""


class _Cycle:
    """A running cycle and what is known of it outside."""

    __slots__ = ("life", "month", "patient", "planned", "wakes", "working")

    def __init__(self, life: Life, patient: int, month: int) -> None:
        self.life = life
        self.patient = patient
        self.month = month
        self.wakes = 0
        """The instant of its next wake; an event for another one is out of date."""
        self.planned: set[tuple[StepKey, PersonId, int]] = set()
        """Work that waits or will: the step, whose it is, and the number of the try."""
        self.working: set[StepKey] = set()
        """Steps that somebody works on now."""


def play_pod(pod: Pod, watch: Callable[[Laid], None] | None = None) -> Tally:
    """Simulate a pod whose team is limited; `watch` is told of each piece of work."""
    return _Queues(pod, watch).run()


class _Queues:
    def __init__(self, pod: Pod, watch: Callable[[Laid], None] | None) -> None:
        question = pod.question
        assert question.staff is not None  # noqa: S101 - pods without a team are not queued
        self._calendar: Final = question.calendar
        self._teams = Teams(question.plan, question.staff, question.assumptions)
        self._lives = Lives(pod, self._teams)
        self._workers = {one.id: Worker(one, self._calendar) for one in question.staff.people}
        self._cycles: dict[tuple[int, int], _Cycle] = {}
        self._events: list[_Event] = []
        self._count = 0
        self._months = len(question.months)
        self._tally = Tally.empty(self._months)
        self._watch = watch

    def run(self) -> Tally:
        """Let everything happen, in order, until the last cycle has ended."""
        for month in range(self._months):
            self._push(self._lives.opens_at(month), _Kind.OPEN, 0, month)
        first = last = self._calendar.date_of(_instant(self._lives.opens_at(0)))
        for midnight in self._calendar.midnights[(first - self._calendar.first).days + 1 : -1]:
            self._push(midnight - 1, _Kind.EVENING, 0, 0)
        while self._events:
            event = heapq.heappop(self._events)
            self._happen(event)
            if event.kind is _Kind.EVENING:
                last = self._calendar.date_of(_instant(event.at))
                if not self._cycles and event.at > self._lives.opens_at(self._months - 1):
                    break
        for worker in self._workers.values():
            self._tally.available.update(worker.time_by_day(first, last, self._calendar))
        return self._tally

    def _push(self, at: int, kind: _Kind, patient: int, month: int, what: object = None) -> None:
        self._count += 1
        heapq.heappush(self._events, _Event(at, kind, patient, month, self._count, what))

    def _happen(self, event: _Event) -> None:
        match event.kind:
            case _Kind.OPEN:
                self._open(event.month, event.at)
            case _Kind.WAKE | _Kind.TOLD:
                self._go_on(event)
            case _Kind.FINISH:
                assert isinstance(event.what, _Work)  # noqa: S101 - made by `_begin`
                self._finish(event.what, event.at)
            case _Kind.READY:
                assert isinstance(event.what, StepState)  # noqa: S101 - made by `_look_again`
                self._queue(event, event.what)
            case _Kind.LOOK:
                assert isinstance(event.what, Worker)  # noqa: S101 - made by `_look_later`
                event.what.looks_at = None
                if not self._begin_next(event.what, event.at):
                    self._look_later(event.what, event.at)
            case _Kind.EVENING:
                self._count_waiting(event.at)
            case _ as never:
                assert_never(never)

    def _go_on(self, event: _Event) -> None:
        """Let a cycle do what has fallen due, or something befall its patient."""
        cycle = self._cycles.get((event.patient, event.month))
        if cycle is None or cycle.life.is_over:
            return
        if event.kind is _Kind.TOLD:
            cycle.life.tell(_instant(event.at))
        elif cycle.wakes == event.at:
            cycle.life.let_time_pass(_instant(event.at))
        else:
            return  # out of date: something happened since, and it wakes at another instant
        self._look_again(cycle, event.at)

    # --- cycles ---

    def _open(self, month: int, now: int) -> None:
        for patient, life in self._lives.of_month(month):
            cycle = self._cycles[patient, month] = _Cycle(life, patient, month)
            for told in life.story:
                self._push(int(told.at.timestamp()), _Kind.TOLD, patient, month)
            life.open()
            self._look_again(cycle, now)

    def _look_again(self, cycle: _Cycle, now: int) -> None:
        """After anything happened to a cycle: see when it goes on, and what is planned on it."""
        life = cycle.life
        if life.is_over:
            if not cycle.working:
                self._end(cycle)
            return
        wakes = int(life.wakes_at().timestamp())
        if wakes != cycle.wakes:
            cycle.wakes = wakes
            self._push(wakes, _Kind.WAKE, cycle.patient, cycle.month)
        for at, step in life.planned():
            ticket = _ticket(step)
            if step.key not in cycle.working and ticket not in cycle.planned:
                cycle.planned.add(ticket)
                earliest = max(step.opened_at, step.not_before or step.opened_at)
                ready = max(now, int(max(earliest, at - life.work_on(step)).timestamp()))
                self._push(ready, _Kind.READY, cycle.patient, cycle.month, step)

    def _end(self, cycle: _Cycle) -> None:
        self._tally.months[cycle.month].add(cycle.life)
        self._lives.ended(cycle.patient, cycle.life)
        del self._cycles[cycle.patient, cycle.month]

    # --- people ---

    def _queue(self, event: _Event, step: StepState) -> None:
        """Put work on its owner's list, and let somebody begin who has time."""
        cycle = self._cycles.get((event.patient, event.month))
        if cycle is None or not cycle.life.can_begin(step):
            if cycle is not None:
                cycle.planned.discard(_ticket(step))
            return
        assert step.due_at is not None  # noqa: S101 - the clocks do not stand still
        owner, role, now = self._workers[step.owner.person], step.owner.role, event.at
        due = int(step.due_at.timestamp())
        waiting = Waiting(due, now, cycle.patient, cycle.month, step.key, step)
        heapq.heappush(owner.waiting[role], waiting)
        for worker in self._who_does(owner, role, now):
            if self._begin_next(worker, now):
                return
            self._look_later(worker, now)

    def _who_does(self, owner: Worker, role: RoleId, now: int) -> Iterator[Worker]:
        """Give the owner; while they are absent, their colleagues too."""
        yield owner
        if owner.person.is_absent(self._calendar.date_of(_instant(now))):
            for worker in self._workers.values():
                if worker is not owner and role in worker.person.protected:
                    yield worker

    def _look_later(self, worker: Worker, now: int) -> None:
        """See to it that an idle person looks at their list when their next day begins."""
        if worker.busy or not any(True for _ in self._lists(worker, now, of_anybody=True)):
            return
        at = worker.next_shift(now)
        if at is not None and (worker.looks_at is None or at < worker.looks_at):
            worker.looks_at = at
            self._push(at, _Kind.LOOK, 0, 0, worker)

    def _lists(
        self, worker: Worker, now: int, *, of_anybody: bool = False
    ) -> Iterator[tuple[RoleId, list[Waiting]]]:
        """Give the lists that a person works from: their own, and those of absent colleagues."""
        today = self._calendar.date_of(_instant(now))
        for role, waiting in worker.waiting.items():
            if waiting:
                yield role, waiting
        for role in worker.person.protected:
            for other in self._workers.values():
                found = other.waiting.get(role)
                if other is worker or not found:
                    continue
                if of_anybody or other.person.is_absent(today):
                    yield role, found

    def _begin_next(self, worker: Worker, now: int) -> bool:
        """Let a person begin the most urgent work that still fits into their day."""
        if worker.busy or not worker.is_there(now):
            return False
        lists = [(role, one) for role, one in self._lists(worker, now) if self._tidy(one)]
        for role, waiting in sorted(lists, key=lambda pair: pair[1][0]):
            step = waiting[0].planned
            cycle = self._cycles[waiting[0].patient, waiting[0].month]
            takes = cycle.life.work_on(step)
            spans = worker.lay(role, int(takes.total_seconds()), now)
            if spans is not None:
                heapq.heappop(waiting)
                self._begin(worker, cycle, step, spans)
                return True
        return False

    def _tidy(self, waiting: list[Waiting]) -> bool:
        """Drop what nobody has to do any more from the top of a list; tell whether some is left."""
        while waiting:
            top = waiting[0]
            cycle = self._cycles.get((top.patient, top.month))
            if cycle is not None:
                if top.step not in cycle.working and cycle.life.can_begin(top.planned):
                    return True
                cycle.planned.discard(_ticket(top.planned))
            heapq.heappop(waiting)
        return False

    def _begin(
        self, worker: Worker, cycle: _Cycle, step: StepState, spans: list[tuple[int, int]]
    ) -> None:
        worker.busy = True
        worker.spend(step.owner.role, spans)
        cycle.working.add(step.key)
        work = _Work(worker, cycle, step, spans[0][0])
        seconds = sum(end - start for start, end in spans)
        self._tally.worked[worker.person.id] += seconds
        self._push(spans[-1][1], _Kind.FINISH, cycle.patient, cycle.month, work)
        if self._watch is not None:
            person = worker.person.id
            self._watch(Laid(person, cycle.patient, cycle.month, step, tuple(spans)))

    def _finish(self, work: "_Work", now: int) -> None:
        cycle, step, worker = work.cycle, work.step, work.worker
        cycle.working.discard(step.key)
        cycle.planned.discard(_ticket(step))
        at = _instant(now)
        cycle.life.finish(
            step,
            at=at,
            began=_instant(work.began),
            decided_at=at,
            by=worker.person.id,
            credential=self._teams.credentials[worker.person.id],
        )
        self._look_again(cycle, now)
        worker.busy = False
        if not self._begin_next(worker, now):
            self._look_later(worker, now)

    def _count_waiting(self, now: int) -> None:
        day = self._calendar.date_of(_instant(now))
        for worker in self._workers.values():
            for role, waiting in worker.waiting.items():
                still = sum(
                    (cycle := self._cycles.get((one.patient, one.month))) is not None
                    and cycle.life.can_begin(one.planned)
                    for one in waiting
                )
                if still:
                    self._tally.waiting[role, day] += still


@dataclass(frozen=True, slots=True)
class _Work:
    """A piece of work that somebody has begun."""

    worker: Worker
    cycle: _Cycle
    step: StepState
    began: int


def _ticket(step: StepState) -> tuple[StepKey, PersonId, int]:
    return step.key, step.owner.person, len(step.attempts)


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
