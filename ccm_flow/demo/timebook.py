"""When simulated work was done: nobody does two things at once, and no patient is in two calls."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta


class Timebook:
    """Lays work one after the other, each as late as it can have been done."""

    def __init__(self) -> None:
        self._busy: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)

    def lay(self, who: Sequence[str], ends: datetime, takes: timedelta) -> datetime:
        """Give the start of work that ended at `ends` or before, and that keeps `who` busy."""
        busy = sorted((span for one in who for span in self._busy[one]), reverse=True)
        end = ends
        for start, stop in busy:
            if start < end and end - takes < stop:
                end = start
        for one in who:
            self._busy[one].append((end - takes, end))
        return end - takes
