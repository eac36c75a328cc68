"""Asking a Temporal server whether it answers, and how long it keeps finished work."""

# ruff: noqa: PLC0415 - Temporal's library is slow to load, and asking is rare

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from temporalio.client import Client

_PATIENCE = timedelta(seconds=5)


async def answers(address: str, namespace: str, keep_finished: timedelta | None = None) -> bool:
    """
    Say whether the server at `address` serves `namespace` now.

    With `keep_finished`, also have it keep the history of finished workflows at least that long.
    """
    from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
    from temporalio.client import Client
    from temporalio.service import RPCError

    try:
        client = await Client.connect(address, namespace=namespace)
        described = await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=namespace), timeout=_PATIENCE
        )
        kept = described.config.workflow_execution_retention_ttl.ToTimedelta()
        if keep_finished is not None and kept < keep_finished:
            await _keep(client, keep_finished)
    except (RPCError, RuntimeError):  # the client says "cannot connect" with a RuntimeError
        return False
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
