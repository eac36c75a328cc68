"""Running the application on a port until it is told to stop."""

import gc
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import uvicorn
from uvicorn.config import LOGGING_CONFIG

from ccm_flow.adapters.db.account_store import SqlAccounts
from ccm_flow.adapters.mail import SmtpPost
from ccm_flow.adapters.secrets import Argon2Secrets
from ccm_flow.adapters.shipped import shipped
from ccm_flow.adapters.single_sign_on import SignOn
from ccm_flow.adapters.telemetry.logs import set_up_logs
from ccm_flow.adapters.telemetry.wiring import metrics_of, tracer_of
from ccm_flow.adapters.templates import load_templates
from ccm_flow.app.sign_in import Door
from ccm_flow.bootstrap import Base, SystemClock, connect_client
from ccm_flow.core.errors import CcmError
from ccm_flow.web.app import build
from ccm_flow.web.parts import Parts, WebSettings

if TYPE_CHECKING:
    from temporalio.client import Client

_STOP_SECONDS: Final = 5
"""How long pages that are open for live news may keep a stop waiting."""
_TRIES: Final = 20


class NoPortError(CcmError):
    """No port is free to listen on."""

    exit_code = 2
    hint = "Name another one with --port."

    def __init__(self, host: str, port: int) -> None:
        super().__init__(f"Neither port {port} nor the next ones are free on {host}.")


def make_parts(base: Base, address: str, settings: WebSettings) -> Parts:
    """Put together what the pages work with; Temporal is connected to on first use."""

    async def connect() -> "Client":
        return await connect_client(base.settings, address)

    accounts, outer = SqlAccounts(base.engine), base.settings
    return Parts(
        base=base,
        accounts=accounts,
        door=Door(accounts, Argon2Secrets()),
        settings=settings,
        wall=SystemClock(),
        templates=load_templates(shipped("templates")),
        connect=connect,
        public_url=outer.public_url,
        post=SmtpPost(outer.mail) if outer.mail else None,
        sign_on=SignOn(outer.sign_on) if outer.sign_on else None,
        metrics=metrics_of(outer.telemetry, base.engine, base.clock),
        tracer=tracer_of(outer.telemetry),
    )


async def run_web(
    base: Base,
    address: str,
    settings: WebSettings,
    *,
    host: str,
    port: int,
    say: Callable[[str], None],
) -> None:
    """
    Serve until Ctrl-C or SIGTERM.

    Raises:
        NoPortError: neither the port nor one of the next is free.
    """
    set_up_logs(as_json=base.settings.telemetry.json_logs)
    listener = _listen(host, port)
    app = build(make_parts(base, address, settings))
    config = uvicorn.Config(
        app,
        log_level="warning",
        log_config=None if base.settings.telemetry.json_logs else LOGGING_CONFIG,
        access_log=False,  # paths hold ids; who looked at what is in the access log
        server_header=False,
        timeout_graceful_shutdown=_STOP_SECONDS,
        proxy_headers=settings.secure,
        forwarded_allow_ips=settings.trusted_proxies,
    )
    # What is loaded by now stays, so that collections need not look through it again and again.
    gc.collect()
    gc.freeze()
    shown = f"[{host}]" if ":" in host else host
    say(f"CCM Flow is at http://{shown}:{listener.getsockname()[1]}/  Ctrl-C stops it.")
    await uvicorn.Server(config).serve(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for number in range(port, port + _TRIES) if port else (0,):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, number))
        except OSError:
            listener.close()
            continue
        return listener
    raise NoPortError(host, port)
