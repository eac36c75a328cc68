"""
Says by its exit code whether the worker beside it is at work: `python -m workers.healthy`.

For the health checks of containers and service managers. The worker writes CCM_READY_FILE when
it is connected and touches it every twenty seconds from then on.
"""

import os
import sys
import time
from pathlib import Path
from typing import Final

LONGEST_SECONDS: Final = 120
"""A pulse that long ago means that the worker hangs; its rounds take seconds."""


def main() -> int:
    """Give 0 for a worker at work, 1 for one that is not there or hangs."""
    try:
        beat = Path(os.environ["CCM_READY_FILE"]).stat().st_mtime
    except (KeyError, OSError):
        return 1
    return int(time.time() - beat > LONGEST_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
