"""Asking a Temporal server whether it answers, and giving it the namespace to work in."""

# ruff: noqa: PLC0415 - Temporal's library is slow to load, and asking is rare

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ccm_flow.core.errors import CcmError

if TYPE_CHECKING:
    from temporalio.client import Client

_PATIENCE = timedelta(seconds=5)
KEEP_FINISHED: Final = timedelta(days=365)
"""The server's own choice is one day; a closed month is asked about until its claim is settled."""


class NoNamespaceError(CcmError):
    """The namespace is not on the Temporal server and cannot be made from here."""

    exit_code = 3

    def __init__(self, namespace: str, address: str, why: str) -> None:
        super().__init__(
            f"The namespace '{namespace}' cannot be made on {address}: {why}.",
            "Make it there by its own means, with a retention of a year, then go on.",
        )


async def answers(
    address: str,
    namespace: str,
    keep_finished: timedelta | None = None,
    *,
    environ: Mapping[str, str] | None = None,
) -> bool:
    """
    Say whether the server at `address` serves `namespace` now.

    With `keep_finished`, also have it keep the history of finished workflows at least that long.
    `environ` holds the settings of TLS and key, if any.
    """
    from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
    from temporalio.client import Client
    from temporalio.service import RPCError

    from ccm_flow.adapters.temporal.connect import access

    proof = access(environ or {})
    try:
        client = await Client.connect(address, namespace=namespace, **proof)
        described = await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=namespace), timeout=_PATIENCE
        )
        kept = described.config.workflow_execution_retention_ttl.ToTimedelta()
        if keep_finished is not None and kept < keep_finished:
            await _keep(client, keep_finished)
    except (RPCError, RuntimeError):  # the client says "cannot connect" with a RuntimeError
        return False
    return True


async def make_namespace(
    address: str, namespace: str, environ: Mapping[str, str], *, patience: timedelta
) -> bool:
    """
    Have the server serve the namespace, making it when it is missing; say whether it is new.

    Raises:
        NoNamespaceError: the server does not let us, or does not answer within `patience`.
    """
    loop = asyncio.get_running_loop()
    give_up, made = loop.time() + patience.total_seconds(), False
    while not await answers(address, namespace, environ=environ):
        if loop.time() >= give_up:
            raise NoNamespaceError(namespace, address, "the server does not answer")
        made = await _register(address, namespace, environ) or made
        await asyncio.sleep(0.5)
    return made


async def _register(address: str, namespace: str, environ: Mapping[str, str]) -> bool:
    """Ask for a new namespace; False when the server is not there yet, or has it."""
    from google.protobuf.duration_pb2 import Duration
    from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
    from temporalio.client import Client
    from temporalio.service import RPCError, RPCStatusCode

    from ccm_flow.adapters.temporal.connect import access

    kept = Duration()
    kept.FromTimedelta(KEEP_FINISHED)
    wanted = RegisterNamespaceRequest(namespace=namespace, workflow_execution_retention_period=kept)
    later = {
        RPCStatusCode.ALREADY_EXISTS,  # programs see a new one some seconds later
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.UNAVAILABLE,
    }
    try:
        client = await Client.connect(address, namespace=namespace, **access(environ))
        await client.workflow_service.register_namespace(wanted, timeout=_PATIENCE)
    except RuntimeError:  # the client says "cannot connect" so
        return False
    except RPCError as error:
        if error.status in later:
            return False
        why = error.status.name.lower().replace("_", " ")
        raise NoNamespaceError(namespace, address, why) from error
    return True


async def _keep(client: "Client", how_long: timedelta) -> None:
    from google.protobuf.duration_pb2 import Duration
    from temporalio.api.namespace.v1 import NamespaceConfig
    from temporalio.api.workflowservice.v1 import UpdateNamespaceRequest

    ttl = Duration()
    ttl.FromTimedelta(how_long)
    await client.workflow_service.update_namespace(
        UpdateNamespaceRequest(
            namespace=client.namespace,
            config=NamespaceConfig(workflow_execution_retention_ttl=ttl),
        ),
        timeout=_PATIENCE,
    )
