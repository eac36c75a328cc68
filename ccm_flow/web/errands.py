"""
Work that takes longer than a page may: done beside the pages, one piece for each person.

An errand and its result live in memory. What has to outlast a restart is kept by the work itself.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId, PersonId

AT_ONCE: Final = 2
"""Errands of all people together: each fills a processor."""
_KEPT: Final = 100
_LOG = logging.getLogger("ccm_flow.web")


class BusyErrandError(CcmError):
    """The person's last errand is not done yet, or other people's fill the machine."""

    exit_code = 4
    hint = "Try again in a moment. Nothing you chose is lost."


class BrokenErrandError(CcmError):
    """The program failed at it."""

    exit_code = 4
    hint = "It is written down. Try again."

    def __init__(self) -> None:
        super().__init__("Something went wrong inside the program.")


@dataclass
class Errand:
    """One piece of work."""

    id: str
    person: PersonId
    clinic: ClinicId
    about: str
    """What it is about, such as a draft's id: it is found only with it."""
    begun_at: datetime
    typed: Mapping[str, str] = field(default_factory=dict)
    """What was asked for, to be shown again."""
    result: object | None = None
    problem: CcmError | None = None
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def runs(self) -> bool:
        """Tell whether it is still being done."""
        return not self.done.is_set()


class Errands:
    """Every errand of the application, the newest hundred."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Errand] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, errand: Errand, work: Callable[[], object]) -> None:
        """
        Do something in a thread; asked for a second time with the same id, nothing happens.

        Raises:
            BusyErrandError: the person's last one runs, or too many others do.
        """
        with self._lock:
            if errand.id in self._known:
                return
            running = [one for one in self._known.values() if one.runs]
            if any(one.person == errand.person for one in running):
                raise BusyErrandError("What you asked for before is still being worked out.")
            if len(running) >= AT_ONCE:
                raise BusyErrandError("Others are having something worked out just now.")
            self._known[errand.id] = errand
            self._forget()
        threading.Thread(target=_do, args=(errand, work), name="errand", daemon=True).start()

    def find(self, errand: str, clinic: ClinicId, about: str) -> Errand | None:
        """Give a clinic's errand; None when it is not known (any more)."""
        found = self._known.get(errand)
        if found is None or (found.clinic, found.about) != (clinic, about):
            return None
        return found

    def about(self, clinic: ClinicId, about: str) -> list[Errand]:
        """Give what was asked for about one thing, the newest first."""
        with self._lock:
            known = list(self._known.values())
        return [one for one in reversed(known) if (one.clinic, one.about) == (clinic, about)]

    def _forget(self) -> None:
        for id_ in [id_ for id_, one in self._known.items() if not one.runs][:-_KEPT]:
            del self._known[id_]


def _do(errand: Errand, work: Callable[[], object]) -> None:
    try:
        errand.result = work()
    except CcmError as problem:
        errand.problem = problem
    except Exception as error:  # noqa: BLE001 - a thread has nobody else to tell
        _LOG.exception("%s in an errand", type(error).__name__)
        errand.problem = BrokenErrandError()
    finally:
        errand.done.set()
