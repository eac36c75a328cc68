"""Simulating months of a program: pod by pod, with a limited team or without."""

from collections.abc import Iterable

from ccm_flow.rehearsal.life import play_unbounded
from ccm_flow.rehearsal.pod import Lives, Pod, Question, Teams
from ccm_flow.rehearsal.queues import play_pod
from ccm_flow.rehearsal.tally import Tally, merged


def run_pod(pod: Pod) -> Tally:
    """Simulate one pod; what comes out depends on the pod alone."""
    return _play_freely(pod) if pod.question.staff is None else play_pod(pod)


def simulate(question: Question) -> Tally:
    """Simulate all pods, one after the other."""
    return merged(map(run_pod, question.pods()), len(question.months))


def fold(results: Iterable[Tally], question: Question) -> Tally:
    """Add up what pods came to, in their order, keeping none of them."""
    return merged(results, len(question.months))


def _play_freely(pod: Pod) -> Tally:
    """Simulate patients whose staff always have time: they meet nobody."""
    question = pod.question
    teams = Teams(question.plan, None, question.assumptions)
    lives = Lives(pod, teams)
    tally = Tally.empty(len(question.months))
    for month, counted in enumerate(tally.months):
        for patient, life in lives.of_month(month):
            play_unbounded(life, teams.credentials)
            counted.add(life)
            lives.ended(patient, life)
            for one in life.pieces:
                tally.worked[one.step.owner.person] += int(one.takes.total_seconds())
    return tally
