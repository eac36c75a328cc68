"""Options that several commands share, so that they read the same everywhere."""

from typing import Annotated

import typer

Clinic = Annotated[
    str | None,
    typer.Option(
        "--clinic", metavar="ID", help="Which clinic; may be left out when there is only one."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print data instead of text.")]
By = Annotated[
    str,
    typer.Option(
        "--by",
        metavar="PERSON",
        envvar="CCM_PERSON",
        help="Who does it: a person's id from the clinic's file.",
    ),
]
Because = Annotated[
    str, typer.Option("--because", metavar="TEXT", help="The reason, as others will read it.")
]
ClickId = Annotated[
    str | None,
    typer.Option(
        "--click",
        metavar="ID",
        help="Send an earlier command again, by the id it printed; it counts once.",
    ),
]
Fields = Annotated[
    list[str] | None,
    typer.Option(
        "--field",
        metavar="NAME=VALUE",
        help="One field of the step's note; may be given several times.",
    ),
]
Step = Annotated[
    str, typer.Argument(metavar="STEP", help="The step, as `ccm queue` names it: 7f3a.outreach.")
]
Patient = Annotated[
    str,
    typer.Argument(
        metavar="PATIENT",
        help="The start of the enrollment's or the patient's id, or the record number.",
    ),
]
