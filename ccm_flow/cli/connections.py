"""token create, list, revoke; webhook add, list, log, resend, remove."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from typing import Annotated

import typer

from ccm_flow.cli.options import By, Clinic, Json

_TOKENS = """
Give other programs access to the API, for one clinic and one person.

Example: ccm token create "Lab interface" --scopes write:happenings --by maria
"""
_WEBHOOKS = """
Tell other systems what happens at a clinic.

Example: ccm webhook add https://example.org/hooks --events step.opened,patient.ready
"""
TokenId = Annotated[
    str, typer.Argument(metavar="TOKEN", help="The start of the token's id, never its secret.")
]
EndpointId = Annotated[
    str, typer.Argument(metavar="ENDPOINT", help="The start of the endpoint's id.")
]


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    tokens = typer.Typer(help=_TOKENS, no_args_is_help=True)
    tokens.command("create")(create)
    tokens.command("list")(list_tokens)
    tokens.command("revoke")(revoke)
    app.add_typer(tokens, name="token")
    hooks = typer.Typer(help=_WEBHOOKS, no_args_is_help=True)
    hooks.command("add")(add)
    hooks.command("list")(list_endpoints)
    hooks.command("log")(log)
    hooks.command("resend")(resend)
    hooks.command("remove")(remove)
    app.add_typer(hooks, name="webhook")


def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the token is for.")],
    *,
    scopes: Annotated[
        str,
        typer.Option("--scopes", metavar="LIST", help="What it may do: read:work,write:work."),
    ],
    by: By,
    days: Annotated[int, typer.Option("--days", help="How long it works.")] = 90,
    signs: Annotated[
        bool, typer.Option("--signs", help="For a sender that signs instead of carrying it.")
    ] = False,
    clinic: Clinic = None,
    json: Json = False,
) -> None:
    """
    Make a token and print it, for the only time.

    It acts for the person named with --by and never beyond them; for practitioners there is none.

    Example: ccm token create "Lab interface" --scopes write:happenings --by maria
    """
    from ccm_flow.cli.work import connections as work

    work.create(
        work.Wanted(name=name, scopes=scopes, by=by, days=days, signs=signs), clinic, as_json=json
    )


def list_tokens(clinic: Clinic = None, json: Json = False) -> None:
    """
    List a clinic's tokens: whose they are, what they may do, when they were last used.

    Example: ccm token list
    """
    from ccm_flow.cli.work import connections as work

    work.list_tokens(clinic, as_json=json)


def revoke(token: TokenId, clinic: Clinic = None, json: Json = False) -> None:
    """
    End a token at once, for good.

    Example: ccm token revoke 3fa29c01
    """
    from ccm_flow.cli.work import connections as work

    work.revoke(token, clinic, as_json=json)


def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="Where to send what happens.")],
    *,
    events: Annotated[
        str, typer.Option("--events", metavar="LIST", help="What to tell: step.opened, or all.")
    ] = "all",
    clinic: Clinic = None,
    json: Json = False,
) -> None:
    """
    Tell another system what happens from now on; prints the signing secret, for the only time.

    Example: ccm webhook add https://example.org/hooks --events step.opened,patient.ready
    """
    from ccm_flow.cli.work import connections as work

    work.add(url, events, clinic, as_json=json)


def list_endpoints(clinic: Clinic = None, json: Json = False) -> None:
    """
    List where a clinic's events are sent, and how many messages wait.

    Example: ccm webhook list
    """
    from ccm_flow.cli.work import connections as work

    work.list_endpoints(clinic, as_json=json)


def log(
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many.")] = 50,
    clinic: Clinic = None,
    json: Json = False,
) -> None:
    """
    List the newest messages and what became of them.

    Example: ccm webhook log --limit 20
    """
    from ccm_flow.cli.work import connections as work

    work.log(limit, clinic, as_json=json)


def resend(
    endpoint: EndpointId,
    message: Annotated[str, typer.Argument(metavar="MESSAGE", help="As `ccm webhook log` says.")],
    clinic: Clinic = None,
    json: Json = False,
) -> None:
    """
    Send a message once more, under the same id.

    Example: ccm webhook resend 3fa29c01 812.step.opened
    """
    from ccm_flow.cli.work import connections as work

    work.resend(endpoint, message, clinic, as_json=json)


def remove(endpoint: EndpointId, clinic: Clinic = None, json: Json = False) -> None:
    """
    Send nothing more to an endpoint; what waits is not sent.

    Example: ccm webhook remove 3fa29c01
    """
    from ccm_flow.cli.work import connections as work

    work.remove(endpoint, clinic, as_json=json)
