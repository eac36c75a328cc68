"""
Patients who share a team: work waits until its owner has time for it.

One ordered queue of events for each pod. Nobody works on two steps at once, and nobody outside
their hours or beyond the minutes kept for the program. The step with the earliest deadline comes
first. While its owner is absent, colleagues of the same role take it, still in the owner's name.
"""

import heapq
from collections.abc import Callable, Iterator
from typing import Final, assert_never

from ccm_flow.core.ids import RoleId
from ccm_flow.core.state import StepState
from ccm_flow.rehearsal.pod import Lives, Pod, Teams
from ccm_flow.rehearsal.pod_events import Cycle, Event, Kind, Laid, Work, instant_of, ticket_of
from ccm_flow.rehearsal.tally import Tally
from ccm_flow.rehearsal.workers import Waiting, Worker


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
        self._cycles: dict[tuple[int, int], Cycle] = {}
        self._events: list[Event] = []
        self._count = 0
        self._months = len(question.months)
        self._tally = Tally.empty(self._months)
        self._watch = watch

    def run(self) -> Tally:
        """Let everything happen, in order, until the last cycle has ended."""
        for month in range(self._months):
            self._push(self._lives.opens_at(month), Kind.OPEN, 0, month)
        first = last = self._calendar.date_of(instant_of(self._lives.opens_at(0)))
        for midnight in self._calendar.midnights[(first - self._calendar.first).days + 1 : -1]:
            self._push(midnight - 1, Kind.EVENING, 0, 0)
        while self._events:
            event = heapq.heappop(self._events)
            self._happen(event)
            if event.kind is Kind.EVENING:
                last = self._calendar.date_of(instant_of(event.at))
                if not self._cycles and event.at > self._lives.opens_at(self._months - 1):
                    break
        for worker in self._workers.values():
            self._tally.available.update(worker.time_by_day(first, last, self._calendar))
        return self._tally

    def _push(self, at: int, kind: Kind, patient: int, month: int, what: object = None) -> None:
        self._count += 1
        heapq.heappush(self._events, Event(at, kind, patient, month, self._count, what))

    def _happen(self, event: Event) -> None:
        match event.kind:
            case Kind.OPEN:
                self._open(event.month, event.at)
            case Kind.WAKE | Kind.TOLD:
                self._go_on(event)
            case Kind.FINISH:
                assert isinstance(event.what, Work)  # noqa: S101 - made by `_begin`
                self._finish(event.what, event.at)
            case Kind.READY:
                assert isinstance(event.what, StepState)  # noqa: S101 - made by `_look_again`
                self._queue(event, event.what)
            case Kind.LOOK:
                assert isinstance(event.what, Worker)  # noqa: S101 - made by `_look_later`
                event.what.looks_at = None
                if not self._begin_next(event.what, event.at):
                    self._look_later(event.what, event.at)
            case Kind.EVENING:
                self._count_waiting(event.at)
            case _ as never:
                assert_never(never)

    def _go_on(self, event: Event) -> None:
        """Let a cycle do what has fallen due, or something befall its patient."""
        cycle = self._cycles.get((event.patient, event.month))
        if cycle is None or cycle.life.is_over:
            return
        if event.kind is Kind.TOLD:
            cycle.life.tell(instant_of(event.at))
        elif cycle.wakes == event.at:
            cycle.life.let_time_pass(instant_of(event.at))
        else:
            return  # out of date: something happened since, and it wakes at another instant
        self._look_again(cycle, event.at)

    # --- cycles ---

    def _open(self, month: int, now: int) -> None:
        for patient, life in self._lives.of_month(month):
            cycle = self._cycles[patient, month] = Cycle(life, patient, month)
            for told in life.story:
                self._push(int(told.at.timestamp()), Kind.TOLD, patient, month)
            life.open()
            self._look_again(cycle, now)

    def _look_again(self, cycle: Cycle, now: int) -> None:
        """After anything happened to a cycle: see when it goes on, and what is planned on it."""
        life = cycle.life
        if life.is_over:
            if not cycle.working:
                self._end(cycle)
            return
        wakes = int(life.wakes_at().timestamp())
        if wakes != cycle.wakes:
            cycle.wakes = wakes
            self._push(wakes, Kind.WAKE, cycle.patient, cycle.month)
        for at, step in life.planned():
            ticket = ticket_of(step)
            if step.key not in cycle.working and ticket not in cycle.planned:
                cycle.planned.add(ticket)
                earliest = max(step.opened_at, step.not_before or step.opened_at)
                ready = max(now, int(max(earliest, at - life.work_on(step)).timestamp()))
                self._push(ready, Kind.READY, cycle.patient, cycle.month, step)

    def _end(self, cycle: Cycle) -> None:
        self._tally.months[cycle.month].add(cycle.life)
        self._lives.ended(cycle.patient, cycle.life)
        del self._cycles[cycle.patient, cycle.month]

    # --- people ---

    def _queue(self, event: Event, step: StepState) -> None:
        """Put work on its owner's list, and let somebody begin who has time."""
        cycle = self._cycles.get((event.patient, event.month))
        if cycle is None or not cycle.life.can_begin(step):
            if cycle is not None:
                cycle.planned.discard(ticket_of(step))
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
        if owner.person.is_absent(self._calendar.date_of(instant_of(now))):
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
            self._push(at, Kind.LOOK, 0, 0, worker)

    def _lists(
        self, worker: Worker, now: int, *, of_anybody: bool = False
    ) -> Iterator[tuple[RoleId, list[Waiting]]]:
        """Give the lists that a person works from: their own, and those of absent colleagues."""
        today = self._calendar.date_of(instant_of(now))
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
                cycle.planned.discard(ticket_of(top.planned))
            heapq.heappop(waiting)
        return False

    def _begin(
        self, worker: Worker, cycle: Cycle, step: StepState, spans: list[tuple[int, int]]
    ) -> None:
        worker.busy = True
        worker.spend(step.owner.role, spans)
        cycle.working.add(step.key)
        work = Work(worker, cycle, step, spans[0][0])
        seconds = sum(end - start for start, end in spans)
        self._tally.worked[worker.person.id] += seconds
        self._push(spans[-1][1], Kind.FINISH, cycle.patient, cycle.month, work)
        if self._watch is not None:
            person = worker.person.id
            self._watch(Laid(person, cycle.patient, cycle.month, step, tuple(spans)))

    def _finish(self, work: Work, now: int) -> None:
        cycle, step, worker = work.cycle, work.step, work.worker
        cycle.working.discard(step.key)
        cycle.planned.discard(ticket_of(step))
        at = instant_of(now)
        cycle.life.finish(
            step,
            at=at,
            began=instant_of(work.began),
            decided_at=at,
            by=worker.person.id,
            credential=self._teams.credentials[worker.person.id],
        )
        self._look_again(cycle, now)
        worker.busy = False
        if not self._begin_next(worker, now):
            self._look_later(worker, now)

    def _count_waiting(self, now: int) -> None:
        day = self._calendar.date_of(instant_of(now))
        for worker in self._workers.values():
            for role, waiting in worker.waiting.items():
                still = sum(
                    (cycle := self._cycles.get((one.patient, one.month))) is not None
                    and cycle.life.can_begin(one.planned)
                    for one in waiting
                )
                if still:
                    self._tally.waiting[role, day] += still
