"""What an import brings to light about patients in the program: deaths, stays."""

from dataclasses import dataclass

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.happening_store import SqlHappenings
from ccm_flow.adapters.db.views_happenings import suggestions_of
from ccm_flow.app.care import ClinicView
from ccm_flow.app.deaths import tell_imported_deaths
from ccm_flow.app.flow import FlowUnavailableError
from ccm_flow.app.happenings import Happening
from ccm_flow.app.view_text import clinic_time
from ccm_flow.app.views_patient import Suggestion
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.console import say
from ccm_flow.cli.work.context import ServerAwayError, zone_of
from ccm_flow.cli.work.happened import act_on
from ccm_flow.cli.work.looking import suggestion_text
from ccm_flow.core.ids import ClinicId


@dataclass(frozen=True)
class FoundDeath:
    """A death that ended an enrollment."""

    told: Happening
    date_known: bool
    led_to: tuple[str, ...]
    """Empty as long as the server is away: the worker carries it out then."""


@dataclass(frozen=True)
class Aftermath:
    """What was found after an import."""

    deaths: tuple[FoundDeath, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()


def look_outside(base: Base, clinic: ClinicView, source: str) -> Aftermath:
    """Act on new deaths, with the import named as their source, and list what to look into."""
    now = base.clock.now()
    found = tell_imported_deaths(SqlHappenings(base.engine), clinic.clinic, source, now)
    deaths = [FoundDeath(one.told, one.date_known, _act(base, one.told)) for one in found]
    return Aftermath(tuple(deaths), _suggestions(base, clinic.clinic))


def _act(base: Base, told: Happening) -> tuple[str, ...]:
    try:
        return act_on(base, told).said
    except (ServerAwayError, FlowUnavailableError):
        return ()


def _suggestions(base: Base, clinic: ClinicId) -> tuple[Suggestion, ...]:
    with reading(base.engine) as session:
        return suggestions_of(session, clinic, now=base.clock.now())


def show_aftermath(after: Aftermath, clinic: ClinicView) -> None:
    """Say what was found."""
    zone = zone_of(clinic)
    for death in after.deaths:
        when = clinic_time(death.told.at, zone) if death.date_known else "at a date not given"
        led_to = " ".join(death.led_to) or (
            "The enrollment has ended; running months end when the server is back."
        )
        say(f"Died {when}: patient {death.told.patient[:8]}. {led_to}")
    if after.suggestions:
        say("\nTo look into:")
    for suggestion in after.suggestions:
        say(f"  {suggestion_text(suggestion, zone)}")
