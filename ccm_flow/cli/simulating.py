"""simulate, capacity."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from pathlib import Path
from typing import Annotated

import typer

from ccm_flow.cli.options import Clinic, Json

Seed = Annotated[
    int, typer.Option("--seed", help="Another number makes other months; the same, the same ones.")
]
StaffOption = Annotated[
    Path | None,
    typer.Option(
        "--staff",
        metavar="FILE",
        help="A staff file, or in_house, managed, hybrid; without it nobody's time is limited.",
    ),
]
BehaviourOption = Annotated[
    Path | None,
    typer.Option(
        "--behaviour", metavar="FILE", help="What differs from the shipped rules/behaviour."
    ),
]


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("simulate")(simulate)
    app.command("capacity")(capacity)


def simulate(
    file: Annotated[Path, typer.Argument(metavar="PLAYBOOK", help="A playbook's YAML file.")],
    *,
    patients: Annotated[int, typer.Option("--patients", help="How many.")] = 300,
    months: Annotated[int, typer.Option("--months", help="How many, 1 to 36.")] = 3,
    seed: Seed = 1,
    staff: StaffOption = None,
    behaviour: BehaviourOption = None,
    compare: Annotated[
        bool,
        typer.Option("--compare", help="Lay in-house, managed and hybrid teams side by side."),
    ] = False,
    joining: Annotated[
        int, typer.Option("--joining", help="Patients who join with each further month.")
    ] = 0,
    month: Annotated[
        str | None,
        typer.Option("--month", metavar="MONTH", help="The first; next month when left out."),
    ] = None,
    clinic: Clinic = None,
    processes: Annotated[
        int, typer.Option("--processes", min=1, max=64, help="Processors to use; same result.")
    ] = 1,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page of it too.")
    ] = None,
    json: Json = False,
) -> None:
    """
    Play months of a playbook with made-up patients, before anybody works by it.

    The engine that runs real months plays them. With --staff, people have only the time their
    file gives them: work waits, deadlines pass and ladders fire.

    Example: ccm simulate playbooks/ccm_monthly.yaml --patients 300 --months 6 --staff in_house
    """
    from ccm_flow.cli.work import simulating as work

    asked = work.Asked(file, patients, months, seed, staff, behaviour, joining, month, clinic)
    if compare:
        work.compare(asked, processes=processes, html=html, as_json=json)
    else:
        work.simulate(asked, processes=processes, html=html, as_json=json)


def capacity(
    clinic: Clinic = None,
    *,
    months: Annotated[int, typer.Option("--months", help="How many ahead, 1 to 12.", max=12)] = 3,
    month: Annotated[
        str | None,
        typer.Option("--month", metavar="MONTH", help="The first; next month when left out."),
    ] = None,
    staff: Annotated[
        Path | None,
        typer.Option(
            "--staff",
            metavar="FILE",
            help="A staff file, or in_house, managed, hybrid; the clinic's staff with the "
            "playbook's protected time when left out.",
        ),
    ] = None,
    behaviour: BehaviourOption = None,
    patients: Annotated[
        int | None, typer.Option("--patients", help="What if there were so many?", min=1)
    ] = None,
    joining: Annotated[
        int | None,
        typer.Option("--joining", help="Patients who join with each month; else from the funnel."),
    ] = None,
    staff_add: Annotated[
        list[str] | None,
        typer.Option("--staff-add", metavar="ROLE=N", help="What if there were so many more?"),
    ] = None,
    minutes: Annotated[
        list[str] | None,
        typer.Option("--minutes", metavar="STEP=MINUTES", help="What if a step took so long?"),
    ] = None,
    largest: Annotated[
        bool, typer.Option("--largest", help="Search for the most patients the team can carry.")
    ] = False,
    processes: Annotated[
        int, typer.Option("--processes", min=1, max=64, help="Processors for the search.")
    ] = 1,
    seed: Seed = 1,
    json: Json = False,
) -> None:
    """
    Hold the months ahead against the time that is kept for them.

    From the published playbook, the patients enrolled and those on the way: minutes by role, the
    first day that ends with something due and not done, what is billed for it, and everything that
    was assumed.

    Exit code 1 when a role falls short.

    Example: ccm capacity --months 3 --staff staff.yaml --staff-add coordinator=1
    """
    from ccm_flow.cli.work import capacity as work

    asked = work.AskedCapacity(
        clinic=clinic,
        months=months,
        month=month,
        staff=staff,
        behaviour=behaviour,
        patients=patients,
        joining=joining,
        added=tuple(staff_add or ()),
        minutes=tuple(minutes or ()),
        seed=seed,
    )
    work.capacity(asked, largest=largest, processes=processes, as_json=json)
