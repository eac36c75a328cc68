"""Listing whose time is over, and removing a patient's data."""

import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from ccm_flow.adapters.db.retention_store import SqlRetention
from ccm_flow.adapters.db.views_find import find_patient
from ccm_flow.app import retention
from ccm_flow.app.retention import Removal, RemovalSignatureError
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_clinic, choose_person, open_set_up, zone_of
from ccm_flow.cli.work.tables import Listing
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId, PersonId
from ccm_flow.core.plain_data import plain
from ccm_flow.core.retention import LEAST_YEARS, USUAL_YEARS


class RetentionYearsError(CcmError):
    """The setting is no number of years that will do."""

    exit_code = 2
    hint = f"Set CCM_RETENTION_YEARS to {LEAST_YEARS} or more, or leave it out ({USUAL_YEARS})."


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed."""

    patient: str
    because: str
    sign: str | None
    by: str | None
    on_request: bool


def list_due(clinic: str | None, *, as_json: bool) -> None:
    """List the patients whose time is over."""
    base, years = open_set_up(), _years()
    view = choose_clinic(base, clinic)
    today = base.clock.now().astimezone(zone_of(view)).date()
    found = retention.due(SqlRetention(base.engine), view.clinic, today, years)
    if as_json:
        emit({"clinic": view.clinic, "years": years, "due": [plain(one) for one in found]})
        return
    if not found:
        say(f"Nobody's time is over at {view.name}: {years} years are kept.")
        return
    table = Listing("Patient", "Last thing kept", "Kept until", keep=["Patient"])
    for one in found:
        table.add(one.patient[:8], str(one.last_on), str(one.kept_until))
    table.print()


def apply(asked: Asked, *, as_json: bool) -> None:
    """Show what would be removed, or remove it."""
    base, years = open_set_up(), _years()
    ref = find_patient(base.engine, asked.patient)
    view, store = base.record.clinic(ref.clinic), SqlRetention(base.engine)
    today = base.clock.now().astimezone(zone_of(view)).date()
    retention.check_may_remove(
        store, ref.clinic, ref.patient, today, years=years, on_request=asked.on_request
    )
    if asked.sign is None:
        counts = store.preview(ref.patient)
        _show(counts, "would be removed or emptied. Sign to do it.", removed=False, as_json=as_json)
        return
    removal = Removal(
        id=uuid.uuid4().hex,
        clinic=ref.clinic,
        patient=ref.patient,
        because=asked.because.strip(),
        on_request=asked.on_request,
        signed_name=asked.sign.strip(),
        by=_signer(base, asked, view.clinic),
        at=base.clock.now(),
    )
    counts = retention.remove(store, removal)
    _show(counts, "removed or emptied, for good.", removed=True, as_json=as_json)


def _signer(base: Base, asked: Asked, clinic: ClinicId) -> PersonId:
    if asked.by is None:
        raise RemovalSignatureError("Say who signs.")
    return choose_person(base, clinic, asked.by).person


def _show(counts: Mapping[str, int], what: str, *, removed: bool, as_json: bool) -> None:
    if as_json:
        emit({"removed": removed, "rows": dict(counts)})
        return
    table = Listing("Rows of", "Number", numbers=["Number"])
    for name, count in sorted(counts.items()):
        table.add(name.replace("_", " "), count)
    table.print()
    total = sum(counts.values())
    say(f"{total:,} row{'' if total == 1 else 's'} {what}")


def _years() -> int:
    text = os.environ.get("CCM_RETENTION_YEARS") or str(USUAL_YEARS)
    if not text.isdecimal() or int(text) < LEAST_YEARS:
        raise RetentionYearsError(f"CCM_RETENTION_YEARS is '{text}'.")
    return int(text)
