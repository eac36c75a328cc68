"""eligible, funnel, consent, rationale, practitioner."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from pathlib import Path
from typing import Annotated

import typer

from ccm_flow.cli.options import ClickId, Clinic, Json, Patient

_By = Annotated[
    str | None,
    typer.Option(
        "--by", metavar="PERSON", envvar="CCM_PERSON", help="Who does it; needed to record."
    ),
]
_Because = Annotated[
    str | None,
    typer.Option("--because", metavar="TEXT", help="The reason, as others will read it."),
]


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("eligible")(eligible)
    app.command("funnel")(funnel)
    app.command("consent")(consent)
    app.command("rationale")(rationale)
    app.command("practitioner")(practitioner)


def eligible(
    clinic: Clinic = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="As of a day; today when left out.")
    ] = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write the list as a CSV file.")
    ] = None,
    json: Json = False,
) -> None:
    """
    List who may be offered the program, and why the others may not.

    One row for each living patient: the eligible first, those with more conditions and a later
    visit before the others. Nothing is changed and nobody is enrolled.

    Example: ccm eligible --csv eligible.csv
    """
    from ccm_flow.cli.work import eligible as work

    work.eligible(clinic, on, csv, as_json=json)


def funnel(clinic: Clinic = None, json: Json = False) -> None:
    """
    Show how far everybody is on the way into the program.

    With who has the open step and until when, the late ones first, how many go on from each
    stage to the next, and how many days that takes.

    Example: ccm funnel
    """
    from ccm_flow.cli.work import funnel as work

    work.funnel(clinic, as_json=json)


def consent(
    patient: Patient,
    *,
    accept: Annotated[
        bool, typer.Option("--accept", help="Record that the patient agreed.")
    ] = False,
    revoke: Annotated[
        bool, typer.Option("--revoke", help="Record that the patient takes consent back.")
    ] = False,
    mode: Annotated[
        str, typer.Option("--mode", metavar="MODE", help="How: verbal or written.")
    ] = "verbal",
    statements: Annotated[
        str | None,
        typer.Option("--statements", metavar="WHICH", help="What was read: all, or the names."),
    ] = None,
    signature: Annotated[
        str,
        typer.Option(
            "--signature", metavar="TEXT", help="Where the form is kept, or the patient's words."
        ),
    ] = "",
    because: _Because = None,
    by: _By = None,
    click: ClickId = None,
    json: Json = False,
) -> None:
    """
    Show what a patient agreed to, or record it.

    A consent that is taken back ends with the calendar month, and the enrollment with it.

    Example: ccm consent 7f3a --accept --mode verbal --statements all --by maria
    """
    from ccm_flow.cli.work import consent as work

    given = work.Given(mode, statements, signature, because, click)
    work.consent(patient, given, by, accept=accept, revoke=revoke, as_json=json)


def rationale(
    patient: Patient,
    because: _Because = None,
    tier: Annotated[
        str, typer.Option("--tier", metavar="TIER", help="standard or high.")
    ] = "standard",
    by: _By = None,
    json: Json = False,
) -> None:
    """
    Show or record why the conditions put a patient at significant risk.

    Only a practitioner can record it. Earlier statements stay; the latest counts.

    Example: ccm rationale 7f3a --because "Two admissions for heart failure" --tier high --by pat
    """
    from ccm_flow.cli.work import rationale as work

    work.rationale(patient, because, tier, by, as_json=json)


def practitioner(
    patient: Patient,
    to: Annotated[str, typer.Option("--to", metavar="PERSON", help="Who bills from now on.")],
    because: Annotated[
        str, typer.Option("--because", metavar="TEXT", help="The reason, as others will read it.")
    ],
    by: Annotated[
        str,
        typer.Option("--by", metavar="PERSON", envvar="CCM_PERSON", help="Who does it."),
    ],
    json: Json = False,
) -> None:
    """
    Let another practitioner bill for a patient.

    The consent covers this month; from the next one on a new consent is needed.

    Example: ccm practitioner 7f3a --to sam --because "Dr. Roy leaves" --by lee
    """
    from ccm_flow.cli.work import rationale as work

    work.practitioner(patient, to, because, by, as_json=json)
