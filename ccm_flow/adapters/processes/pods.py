"""Simulates pods on several processors; what comes out is the same on one."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context

from ccm_flow.rehearsal.pod import Pod
from ccm_flow.rehearsal.simulate import run_pod
from ccm_flow.rehearsal.tally import Tally

_AHEAD = 4
"""Pods handed out for each process at a time, so that memory stays the same however many."""


def run_pods(pods: Iterable[Pod], processes: int) -> Iterator[Tally]:
    """Simulate pods on so many processes and give the results in the order of the pods."""
    if processes <= 1:
        yield from map(run_pod, pods)
        return
    waiting = iter(pods)
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        while batch := list(islice(waiting, processes * _AHEAD)):
            yield from pool.map(run_pod, batch)
