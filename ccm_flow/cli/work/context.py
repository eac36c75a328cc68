"""What a command works with: the set-up, a clinic, a person, the running cycles."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.db.views import StaffMember, staff_of
from ccm_flow.adapters.processes.event_loop import run_async
from ccm_flow.app.act import Desk
from ccm_flow.app.care import ClinicView
from ccm_flow.bootstrap import Base, Settings, connect_client, desk, open_base
from ccm_flow.cli.work.service import SERVER_AWAY, server_address
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.month import Month

T = TypeVar("T")

CONNECT_SECONDS: Final = 10
"""A server that runs answers at once; longer than this it is away."""


class NoSetUpError(CcmError):
    """Nothing was ever set up where the command looks."""

    exit_code = 4
    hint = (
        "Go to the folder of your set-up, name its state in CCM_HOME, or begin here with "
        "`ccm clinic FILE`."
    )


class WhichClinicError(CcmError):
    """There are several clinics, or none, and none was named."""

    exit_code = 2

    def __init__(self, clinics: Sequence[str]) -> None:
        if clinics:
            listed = ", ".join(clinics)
            super().__init__(f"There are {len(clinics)} clinics.", f"Say --clinic: {listed}.")
        else:
            super().__init__("There is no clinic yet.", "Set one up with `ccm clinic FILE`.")


class ServerAwayError(CcmError):
    """A command needs the Temporal server."""

    exit_code = SERVER_AWAY
    hint = "Start it with `ccm start`, then send the command again. Nothing was recorded."


class NoSuchPersonError(CcmError):
    """Nobody on the clinic's staff is called that."""

    exit_code = 4

    def __init__(self, text: str, clinic: str, staff: Sequence[StaffMember]) -> None:
        known = ", ".join(short(person.person, clinic) for person in staff)
        super().__init__(f"Nobody at '{clinic}' is called '{text}'.", f"The staff: {known}.")


def open_set_up(*, begin: bool = False) -> Base:
    """
    Open the set-up here.

    Raises:
        NoSetUpError: there is none; with `begin` it is made instead.
    """
    settings = Settings.from_environ()
    default = settings.database_url == f"sqlite:///{settings.home / 'ccm.db'}"
    if not begin and default and not (settings.home / "ccm.db").exists():
        raise NoSetUpError(f"Nothing is set up in {settings.home}.")
    return open_base(settings)


def choose_clinic(base: Base, wanted: str | None) -> ClinicView:
    """
    Give the clinic that was named, or the only one.

    Raises:
        WhichClinicError: none was named and there is not exactly one.
        NoSuchClinicError: there is no such clinic.
    """
    if wanted is None:
        known = SqlClinicStore(base.engine).clinics()
        if len(known) != 1:
            raise WhichClinicError(known)
        wanted = known[0]
    return base.record.clinic(ClinicId(wanted))


def choose_person(base: Base, clinic: ClinicId, text: str) -> StaffMember:
    """
    Give the person that was named, with or without the clinic or the vendor in front.

    Raises:
        NoSuchPersonError: nobody on the staff is called that.
    """
    staff = staff_of(base.engine, clinic)
    typed = text.strip().lower()
    exact = [person for person in staff if person.person in (typed, f"{clinic}.{typed}")]
    vendors = [person for person in staff if person.person.partition(".")[2] == typed]
    found = exact or vendors
    if len(found) != 1:
        raise NoSuchPersonError(text, clinic, found or staff)
    return found[0]


def short(person: str, clinic: str) -> str:
    """Give a person's id the way people type it."""
    return person.removeprefix(f"{clinic}.")


def zone_of(clinic: ClinicView) -> ZoneInfo:
    """Give a clinic's time zone."""
    return clinic_zone(clinic.hours.time_zone)


def month_at(clinic: ClinicView, now: datetime) -> Month:
    """Give the month that is running at a clinic."""
    return Month.of(now.astimezone(zone_of(clinic)).date())


def with_desk(base: Base, work: Callable[[Desk], Awaitable[T]]) -> T:
    """
    Do something that needs the running cycles.

    Raises:
        ServerAwayError: the Temporal server does not run or does not answer.
    """
    address = server_address(base.settings.server)
    if address is None:
        raise ServerAwayError("The Temporal server is not running.")

    async def connected() -> T:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                client = await connect_client(base.settings, address)
        except TimeoutError:
            raise ServerAwayError(f"The Temporal server at {address} does not answer.") from None
        return await work(desk(base, client))

    return run_async(connected())
