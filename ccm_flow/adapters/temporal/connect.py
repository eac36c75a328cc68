"""Connecting to a Temporal server with the project's own data converter."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from temporalio.client import Client, Interceptor
from temporalio.converter import DataConverter
from temporalio.runtime import Runtime
from temporalio.service import RPCError

from ccm_flow.app.flow import FlowUnavailableError


async def connect(
    address: str,
    namespace: str,
    converter: DataConverter,
    *,
    patience: timedelta,
    interceptors: Sequence[Interceptor] = (),
    runtime: Runtime | None = None,
) -> Client:
    """
    Connect, trying again for a while: a server that has just started needs a moment.

    Raises:
        FlowUnavailableError: it did not answer within `patience`.
    """
    loop = asyncio.get_running_loop()
    give_up = loop.time() + patience.total_seconds()
    while True:
        try:
            return await Client.connect(
                address,
                namespace=namespace,
                data_converter=converter,
                interceptors=interceptors,
                runtime=runtime,
            )
        except (RuntimeError, RPCError) as error:
            if loop.time() >= give_up:
                raise FlowUnavailableError(address) from error
            await asyncio.sleep(0.2)
