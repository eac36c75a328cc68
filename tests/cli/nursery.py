"""
Makes each command a process of its own without paying for the imports each time.

One process imports everything and then forks for every command: what runs is the console entry,
with its own standard streams, environment and exit. `tests/cli` starts some commands from
scratch too, where the start itself is what is tested.
"""

import json
import os
import sys

from ccm_flow.cli.main import run
from ccm_flow.cli.work import (  # noqa: F401 - imported here so that no command has to
    billing,
    clinics,
    codes,
    cycles,
    fhir_export,
    handing_over,
    lines,
    looking,
    months,
    packets,
    patients,
    readiness,
    service,
    setup,
    starting,
    steps,
)


def main() -> None:
    """Take one command for each line of JSON and answer with its exit code."""
    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if child == 0:
            os.chdir(job["folder"])
            os.environ.clear()
            os.environ.update(job["environ"])
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            for number in (1, 2):
                os.dup2(os.open(job["streams"][number - 1], os.O_WRONLY), number)
            sys.argv = ["ccm", *job["arguments"]]
            run()
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
