"""Making a set-up ready for this version of the program, once, before anything else starts."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from ccm_flow.adapters.db.engine import open_database
from ccm_flow.adapters.db.migrate import current, newest
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.keys import read_keys
from ccm_flow.adapters.processes.event_loop import run_async
from ccm_flow.adapters.processes.health import make_namespace
from ccm_flow.bootstrap import Settings, open_base
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.setup import keep_schedules
from ccm_flow.core.ids import ClinicId

PATIENCE: Final = timedelta(seconds=90)
"""A server that has just been given its tables takes that long to begin."""


def prepare(*, as_json: bool) -> None:
    """Bring the database up to date, make key and namespace, keep the nightly openings."""
    settings = Settings.from_environ()
    before = _revision(settings)
    base = open_base(replace(settings, prepared=False))
    read_keys(settings.key_file)
    address, namespace = settings.server.address, settings.server.namespace
    new = address is not None and run_async(
        make_namespace(address, namespace, settings.server.environ, patience=PATIENCE)
    )
    clinics = [base.record.clinic(ClinicId(one)) for one in SqlClinicStore(base.engine).clinics()]
    if clinics and address:
        keep_schedules(base, clinics)
    if as_json:
        emit(
            {
                "revision_before": before,
                "revision": newest(),
                "key_file": str(settings.key_file),
                "namespace": namespace if address else None,
                "namespace_is_new": new,
                "clinics": [one.clinic for one in clinics],
            }
        )
        return
    say(_database_line(before))
    if address:
        say(f"The namespace '{namespace}' on {address} {'is new' if new else 'is there'}.")


def _revision(settings: Settings) -> str | None:
    engine = open_database(settings.database_url)
    try:
        return current(engine)
    finally:
        engine.dispose()


def _database_line(before: str | None) -> str:
    now = newest()
    if before == now:
        return f"The database is at revision {now} already."
    return f"The database is at revision {now}; it was {f'at {before}' if before else 'empty'}."
