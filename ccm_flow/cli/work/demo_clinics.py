"""Running the demo of a vendor's clinics, and its report beside the ledger."""

from typing import Any

import typer

from ccm_flow.adapters.keys import read_keys
from ccm_flow.adapters.processes.event_loop import run_async
from ccm_flow.adapters.processes.server_program import ExternalServer, find_server
from ccm_flow.adapters.processes.supervisor import Supervisor
from ccm_flow.adapters.temporal.time_travel import TimeTravel
from ccm_flow.app.scorecard_text import share_text
from ccm_flow.bootstrap import Settings, connect_client, desk, open_base
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.demo import DemoNeedsItsOwnServerError, new_demo_home, progress
from ccm_flow.cli.work.tables import LATE, Listing
from ccm_flow.cli.work.words import BadWordError
from ccm_flow.core.scorecard import Count
from ccm_flow.demo.many import ClinicPlayed, ManyClinics, ManyOptions, ManyResult

_PATIENTS = 3
_MOST_PATIENTS = 20
_PROBLEMS = 1


def demo(
    clinics: int, *, patients: int | None, seed: int, until: str | None, as_json: bool
) -> None:
    """Play a vendor's clinics and show its report; exit code 1 when it does not balance."""
    if until is not None:
        raise BadWordError("--until goes with one clinic.", "Leave it out, or --clinics.")
    size = _PATIENTS if patients is None else patients
    if size > _MOST_PATIENTS:
        raise BadWordError(f"{size} patients are too many.", f"At most {_MOST_PATIENTS} a clinic.")
    options = ManyOptions(clinics, size, seed)
    settings = new_demo_home(Settings.from_environ())
    server = find_server(settings.server, lambda sentence: typer.echo(sentence, err=True))
    if isinstance(server, ExternalServer):
        raise DemoNeedsItsOwnServerError("The demo cannot run on a server that others use.")
    base = open_base(settings)
    read_keys(settings.key_file)
    with Supervisor(settings.server, server, time_travel=True) as running, progress() as tell:

        async def play() -> ManyResult:
            client = await connect_client(settings, running.address)
            travel = TimeTravel(client)
            return await ManyClinics(base, desk(base, client), travel, options, tell).run()

        result = run_async(play())
    if as_json:
        emit(_data(result))
    else:
        _show(result)
        say(f"\nAll of it is in {base.settings.home}. Look around with `ccm clinics`,")
        say("`ccm scorecard CLINIC`, `ccm alert list --clinic CLINIC --all`.")
    if not result.balances:
        raise typer.Exit(_PROBLEMS)


def _show(result: ManyResult) -> None:
    say(f"CareBridge Services, {result.month}: {len(result.clinics)} clinics")
    say()
    numbers = ["Months", "Ready", "Minutes", "Moved", "Alerts", "Late"]
    table = Listing("Clinic", "Model", *numbers, "On time", keep=["Clinic"], numbers=numbers)
    for one in result.clinics:
        card = one.card
        table.add(
            card.name,
            " to ".join(model.value.replace("_", "-") for model in one.models),
            card.count(Count.PATIENTS),
            card.count(Count.READY),
            card.minutes,
            one.moved,
            card.count(Count.ALERTS),
            card.count(Count.LATE_ALERTS),
            share_text(card.on_time_percent),
        )
    table.print()
    say()
    kept = ["On time", "Late", "Missed"]
    parties = Listing("Deadlines at", "Of", *kept, "Ledger", keep=["Ledger"], numbers=kept)
    for one in result.clinics:
        agrees = "differs" if one.balance.differences else "agrees"
        for party in one.card.parties:
            tally = party.tally
            parties.add(
                one.card.name,
                party.name,
                tally.on_time,
                tally.late,
                tally.missed,
                agrees,
                style=LATE if one.balance.differences else "",
            )
    parties.print()
    say()
    for one in result.clinics:
        for said in one.balance.differences:
            say(f"{one.card.name} does not balance: {said}.")
    if result.balances:
        say("Every clinic's report agrees with what was counted from its ledger's lines alone;")
        say("minutes are summed from the entries of time, which are no part of the flow.")


def _data(result: ManyResult) -> dict[str, Any]:
    return {
        "month": result.month,
        "played_until": result.played_until,
        "balances": result.balances,
        "clinics": [_clinic(one) for one in result.clinics],
    }


def _clinic(one: ClinicPlayed) -> dict[str, Any]:
    card = one.card
    return {
        "clinic": one.clinic,
        "name": card.name,
        "models": one.models,
        "left": one.left,
        "moved": one.moved,
        "patients_moved": one.patients_moved,
        "months": card.count(Count.PATIENTS),
        "ready": card.count(Count.READY),
        "on_time_percent": card.on_time_percent,
        "minutes": card.minutes,
        "alerts": card.count(Count.ALERTS),
        "late_alerts": card.count(Count.LATE_ALERTS),
        "parties": [
            {
                "organization": party.organization,
                "on_time": party.tally.on_time,
                "late": party.tally.late,
                "missed": party.tally.missed,
            }
            for party in card.parties
        ],
        "ledger": {
            "months": one.balance.ledger.months,
            "ended": one.balance.ledger.ended,
            "ready": one.balance.ledger.ready,
            "entered_minutes": one.balance.entered_minutes,
            "parties": [
                {
                    "organization": party,
                    "on_time": tally.on_time,
                    "late": tally.late,
                    "missed": tally.missed,
                }
                for party, tally in sorted(
                    one.balance.ledger.parties.items(), key=lambda pair: str(pair[0])
                )
            ],
        },
        "differences": one.balance.differences,
    }
