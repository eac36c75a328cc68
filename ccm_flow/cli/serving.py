"""serve: the web application."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("serve")(serve)


def serve(
    port: Annotated[
        int, typer.Option(help="The port; another free one is taken when it is in use.")
    ] = 8080,
    host: Annotated[
        str, typer.Option(help="The address to listen on; other machines reach only what you name.")
    ] = "127.0.0.1",
    https: Annotated[
        bool,
        typer.Option("--https", help="It is reached through https: cookies are sent only there."),
    ] = False,
    web_only: Annotated[
        bool,
        typer.Option("--web-only", help="Pages alone; workers run as processes of their own."),
    ] = False,
    patients: Annotated[
        int, typer.Option(help="How many patients the demo clinic begins with.")
    ] = 24,
) -> None:
    """
    Serve the web application, with the Temporal server and the worker.

    Where nothing is set up yet, the demo clinic is made first and its sign-ins are printed.
    Ctrl-C stops everything.

    Example: ccm serve
    """
    from ccm_flow.cli.work import serving as work

    work.serve(host=host, port=port, https=https, web_only=web_only, patients=patients)
