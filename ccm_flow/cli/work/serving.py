"""Serving the web application beside the Temporal server and the worker."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.keys import read_keys
from ccm_flow.adapters.processes.event_loop import run_async
from ccm_flow.adapters.processes.server_program import ExternalServer, find_server
from ccm_flow.adapters.processes.service_control import service_status
from ccm_flow.adapters.processes.supervisor import Supervisor
from ccm_flow.adapters.temporal.time_travel import TimeTravel
from ccm_flow.bootstrap import Base, Settings, connect_client, desk, open_base
from ccm_flow.cli.work.console import say
from ccm_flow.cli.work.demo import new_demo_home, progress
from ccm_flow.cli.work.production import NotForPatientsError, check_accounts, check_settings
from ccm_flow.core.errors import CcmError
from ccm_flow.demo.run import Demo, DemoOptions
from ccm_flow.demo.sign_ins import make_sign_ins, shown_sign_ins
from ccm_flow.web.loopback import is_loopback
from ccm_flow.web.parts import WebSettings
from ccm_flow.web.serve import run_web

_FIRST_DAYS = 2
"""How far the demo's month is played before people take over."""


class DemoIsOpenError(CcmError):
    """The demo's sign-ins are printed for everybody to see."""

    exit_code = 2
    hint = "Serve it on 127.0.0.1, or set a clinic of your own up in another folder (CCM_HOME)."


class NotSecureError(CcmError):
    """Health data would travel unencrypted."""

    exit_code = 2
    hint = "Put a proxy that speaks https in front and say --https, or serve on 127.0.0.1."


class NoServerNamedError(CcmError):
    """Pages alone need a server that somebody else runs."""

    exit_code = 2
    hint = "Set TEMPORAL_ADDRESS to its host:port, or leave --web-only out."


def serve(*, host: str, port: int, https: bool, web_only: bool, patients: int) -> None:
    """Serve until Ctrl-C; a demo clinic is made where nothing is set up."""
    settings = Settings.from_environ()
    fresh = _is_fresh(settings)
    if web_only and not settings.server.address:
        raise NoServerNamedError("--web-only needs the address of a Temporal server.")
    if not is_loopback(host):
        _check_open(host, demo=fresh or settings.demo, https=https)
    against = check_settings(settings) if https else []
    if fresh and https:
        raise NotForPatientsError(
            [*against, "Nothing is set up here yet: begin with `ccm clinic FILE`."]
        )
    if fresh:
        settings = new_demo_home(settings)
    base = open_base(settings)
    if https:
        against += check_accounts(base)
    if against:
        raise NotForPatientsError(against)
    read_keys(settings.key_file)
    with _temporal(settings, web_only=web_only) as address:
        if fresh:
            _make_demo(base, address, patients)
        for line in shown_sign_ins(settings.home) if settings.demo else ():
            say(line)
        web = WebSettings(https, settings.demo, settings.trusted_proxies)
        run_async(run_web(base, address, web, host=host, port=port, say=say))


def _check_open(host: str, *, demo: bool, https: bool) -> None:
    if demo:
        raise DemoIsOpenError(f"The demo cannot be served on {host}.")
    if not https:
        raise NotSecureError(f"Serving on {host} needs https.")


def _is_fresh(settings: Settings) -> bool:
    default = settings.database_url == f"sqlite:///{settings.home / 'ccm.db'}"
    return default and not (settings.home / "ccm.db").exists()


@contextmanager
def _temporal(settings: Settings, *, web_only: bool) -> Iterator[str]:
    """Give the address of the Temporal server: the one that runs for this home, or a new one."""
    if web_only and settings.server.address:
        yield settings.server.address
        return
    running = service_status(settings.home)
    if running.running and running.address:
        yield running.address
        return
    server = find_server(settings.server, lambda line: typer.echo(line, err=True))
    if isinstance(server, ExternalServer) and settings.demo:
        raise DemoIsOpenError("The demo cannot run on a server that others use.")
    with Supervisor(settings.server, server, time_travel=settings.demo) as supervisor:
        yield supervisor.address


def _make_demo(base: Base, address: str, patients: int) -> None:
    say("Nothing is set up here yet, so the demo clinic is made. This takes about a minute.")
    options = DemoOptions(patients=patients, until=_FIRST_DAYS, into_the_morning=True)
    with progress() as tell:

        async def play() -> None:
            client = await connect_client(base.settings, address)
            await Demo(base, desk(base, client), TimeTravel(client), options, tell).run()

        run_async(play())
    make_sign_ins(base, SqlClinicStore(base.engine).clinics())
