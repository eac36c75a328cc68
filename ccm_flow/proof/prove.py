"""`prove`: shows that a playbook holds what it should, or how it does not."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from ccm_flow.core.engine import MonthPlan
from ccm_flow.core.ids import OutcomeId, StepId
from ccm_flow.core.plan import READINESS, Disposition, Plan, PlanStep, PlaybookKind
from ccm_flow.proof.evidence import Evidence, Sight
from ccm_flow.proof.explore import Count, Explorer
from ccm_flow.proof.findings import Bounds, Finding, Found, Proof, StoryLine
from ccm_flow.proof.sentences import Sentences
from ccm_flow.proof.setting import Setting
from ccm_flow.proof.story import tell
from ccm_flow.proof.threads import Thread, covers, endless, narrower, threads
from ccm_flow.proof.ways import atoms

GOOD_END = {
    PlaybookKind.MONTHLY: Disposition.READY,
    PlaybookKind.ENROLLMENT: Disposition.ENROLLED,
    PlaybookKind.EPISODE: Disposition.READY,
}


def prove(
    plan: Plan,
    setting: Setting,
    bounds: Bounds | None = None,
    goes_on: Callable[[], bool] = lambda: True,
) -> Proof:
    """
    Explore what can happen in a month, on the engine that runs it.

    Every thread of work is taken through each combination of outcomes, of deadlines met and
    missed, and of what the record may say; see `threads` for what is combined with what. Each
    finding comes with the shortest course that shows it. Stops early, and says so, as soon as
    `goes_on` says no: for callers who have not all day.
    """
    search = _Search(plan, setting, Count(bounds or Bounds(), goes_on))
    with _nothing_to_collect():
        search.run()
    count, evidence = search.count, search.evidence
    return Proof(
        playbook=plan.playbook,
        version=plan.version,
        month=setting.month,
        found=tuple(_Judge(plan, setting, evidence).judge(complete=not count.stopped)),
        states=count.states,
        transitions=evidence.calls,
        threads=search.threads,
        narrowed=search.narrowed,
        endings=dict(evidence.endings),
        bounds=count.bounds,
        stopped=count.stopped,
        rounds_cut=count.rounds_cut,
    )


@contextmanager
def _nothing_to_collect() -> Iterator[None]:
    """
    Keep Python from looking for circles of values meanwhile.

    An exploration makes none, but so many values that the looking takes a tenth of its time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Search:
    """Explores all threads of a plan."""

    def __init__(self, plan: Plan, setting: Setting, count: Count) -> None:
        self._plan, self._setting = plan, setting
        self.count = count
        self.evidence = Evidence(MonthPlan.of(setting.start(plan, {})))
        self.threads = self.narrowed = 0
        self._met: set[Thread] = set()
        self._explored: list[Thread] = []
        """Those of them that were not cut into narrower ones."""

    def run(self) -> None:
        """Explore the month's ordinary course, then everything else."""
        self._explore(Thread(READINESS, frozenset()))
        ordinary = frozenset(self.evidence.opened)
        for thread in (*threads(self._plan, ordinary), *endless(self._plan)):
            self._explore(thread)

    def _explore(self, thread: Thread) -> None:
        """Explore a thread; when too much meets in it, explore narrower ones in its place."""
        known = thread in self._met or any(covers(other, thread) for other in self._explored)
        if self.count.stopped or known:
            return
        self._met.add(thread)
        self.evidence.unusual = thread.pause
        bounds = self.count.bounds
        parts = narrower(self._plan, thread, bounds.thread_steps)
        if not parts or len(thread.late) <= bounds.thread_steps:
            self.threads += 1
            watch = self.evidence.watch
            explorer = Explorer(self._plan, self._setting, thread, count=self.count, watch=watch)
            if explorer.explore(bounds.thread_states if parts else None):
                self._explored.append(thread)
                return
            if explorer.first_rounds_done:
                self._explored.append(replace(thread, rounds=1))
        self.narrowed += bool(parts)
        for part in parts:
            self._explore(part)


class _Judge:
    """Turns evidence into findings."""

    def __init__(self, plan: Plan, setting: Setting, evidence: Evidence) -> None:
        self._plan, self._setting, self._evidence = plan, setting, evidence
        self._sentences = Sentences(plan, setting)

    def judge(self, *, complete: bool) -> list[Found]:
        """Give the findings, the gravest first; what never happens is known only at the end."""
        found = [
            self._found(finding, step, None, sight)
            for (finding, step), sight in self._evidence.wrong.items()
        ]
        if complete:
            found += [*self._never_opened(), *self._outcomes_never(), *self._never_well()]
        order = list(Finding)
        steps = [None, *(step.id for step in self._plan.steps)]
        found.sort(key=lambda one: (order.index(one.finding), steps.index(one.step)))
        return found

    def _found(
        self, finding: Finding, step: StepId | None, outcome: OutcomeId | None, sight: Sight | None
    ) -> Found:
        sentence, hint = self._sentences.of(finding, step, outcome, sight)
        return Found(finding, step, outcome, sentence, hint, self._story(sight))

    def _story(self, sight: Sight | None) -> tuple[StoryLine, ...]:
        return () if sight is None else tell(self._plan, self._setting, sight.course)

    def _never_opened(self) -> Iterator[Found]:
        for step in self._plan.steps:
            if step.id in self._evidence.opened:
                continue
            sight = self._evidence.skipped.get(step.id)
            if step.fixes is not None:
                yield self._found(Finding.NEVER_FIXES, step.id, None, sight)
            elif sight is not None:
                yield self._found(Finding.NEVER_OPENS, step.id, None, sight)
            elif not self._waits_for_unopened(step):
                yield self._found(Finding.WAITS_IN_VAIN, step.id, None, None)

    def _waits_for_unopened(self, step: PlanStep) -> bool:
        """Tell whether the step only shares the fate of another that is reported already."""
        asked = {StepId(atom[1]) for atom in atoms(step.after)} - {READINESS}
        senders = {
            each.id for each in self._plan.steps for out in each.outcomes if out.go == step.id
        }
        sources = (asked | senders) - {step.id}
        return bool(sources) and not sources & self._evidence.opened

    def _outcomes_never(self) -> Iterator[Found]:
        for step in self._plan.steps:
            if step.id not in self._evidence.opened:
                continue
            for outcome in step.outcomes:
                if (step.id, outcome.id) not in self._evidence.outcomes:
                    sight = self._evidence.refusals.get((step.id, outcome.id))
                    yield self._found(Finding.OUTCOME_NEVER, step.id, outcome.id, sight)

    def _never_well(self) -> Iterator[Found]:
        if GOOD_END[self._plan.kind] not in self._evidence.endings:
            yield self._found(Finding.NEVER_ENDS_WELL, None, None, None)
