"""Starting the server and the worker."""

import typer

from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.keys import read_keys
from ccm_flow.adapters.processes.service_control import start_service_in_background
from ccm_flow.bootstrap import Settings, open_base
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.service import status_data
from ccm_flow.cli.work.setup import keep_schedules


def start(*, as_json: bool) -> None:
    """Start the service, once, and keep every clinic's nightly opening."""
    settings = Settings.from_environ()
    # Made here once: server and worker must not race for making the database or the key.
    base = open_base(settings)
    read_keys(settings.key_file)
    status = start_service_in_background(
        settings.server,
        lambda sentence: typer.echo(sentence, err=True),
        time_travel=settings.demo,
    )
    clinics = [base.record.clinic(clinic) for clinic in SqlClinicStore(base.engine).clinics()]
    if clinics:
        keep_schedules(base, clinics)
    if as_json:
        emit(status_data(settings.server, status, answers_now=True))
    else:
        say(f"CCM Flow runs in {settings.home}; the Temporal server is at {status.address}.")
