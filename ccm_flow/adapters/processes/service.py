"""
CCM Flow in the background: the server and the worker, watched over until told to stop.

Started by `start_service_in_background`, or by a service manager of the system:

    python -m ccm_flow.adapters.processes.service --home /var/lib/ccm
"""

import argparse
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ccm_flow.adapters.processes.companion import WORKER, Companion
from ccm_flow.adapters.processes.server_program import (
    ExternalServer,
    ServerProgram,
    find_server,
)
from ccm_flow.adapters.processes.settings import ServerSettings
from ccm_flow.adapters.processes.supervisor import Supervisor
from ccm_flow.core.errors import CcmError

_MODULE = "ccm_flow.adapters.processes.service"


def command_line(
    home: Path,
    *,
    companions: Sequence[Companion] = (WORKER,),
    time_travel: bool = False,
) -> list[str]:
    """Give the command that runs this service; the inverse of what `main` reads."""
    command = [sys.executable, "-m", _MODULE, "--home", str(home)]
    for companion in companions:
        command += ["--companion", json.dumps([companion.name, *companion.command])]
    return [*command, "--time-travel"] if time_travel else command


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run the service until SIGTERM or Ctrl-C; give the exit code."""
    options = _options(arguments)
    settings = replace(ServerSettings.from_environ(environ), home=options.home.absolute())
    # A request to stop while the server is being built must end the build too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        server = find_server(settings, _say)
        supervisor = Supervisor(
            settings, server, companions=_companions(options), time_travel=options.time_travel
        )
        _say(f"Starting in {settings.home} with {_described(server)}")
        supervisor.run_until_stopped()
    except CcmError as problem:
        _say(f"{problem}\n{problem.hint}".strip())
        return problem.exit_code
    except KeyboardInterrupt:
        pass
    _say("Stopped")
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ccm service", description="Run CCM Flow.")
    parser.add_argument("--home", type=Path, required=True, help="folder of the set-up")
    parser.add_argument("--time-travel", action="store_true", help="let workflows skip time")
    parser.add_argument(
        "--companion",
        action="append",
        type=json.loads,
        metavar='["NAME", "PROGRAM", "ARGUMENT"]',
        help="a program to run beside the server; the worker when absent",
    )
    return parser.parse_args(arguments)


def _companions(options: argparse.Namespace) -> Sequence[Companion]:
    if options.companion is None:
        return (WORKER,)
    return tuple(Companion(name, tuple(command)) for name, *command in options.companion)


def _described(server: ServerProgram | ExternalServer) -> str:
    if isinstance(server, ExternalServer):
        return f"the Temporal server at {server.address}"
    return f"the Temporal server {server.path.name}"


def _say(sentence: str) -> None:
    print(sentence, flush=True)  # noqa: T201 - the log of a background program


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
