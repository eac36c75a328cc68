"""Simulates pods on several processors; what comes out is the same on one."""

import gc
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
    spawn = get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=spawn, initializer=_leave_alone) as pool:
        while batch := list(islice(waiting, processes * _AHEAD)):
            yield from pool.map(run_pod, batch)


def _leave_alone() -> None:
    """Keep what is loaded by now out of the collector's rounds: it stays as long as we do."""
    gc.freeze()
