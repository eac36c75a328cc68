"""Running asynchronous code to its end from a short-lived program."""

import asyncio
import sys
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")

_SETTLE_SECONDS = 0.05
_BRIDGE = "temporalio.bridge.temporal_sdk_bridge"


def run_async(main: Awaitable[T]) -> T:
    """
    Run `main` to its end and give its result, or raise what it raises.

    A Python process that ends right after a Temporal call may abort, because a native
    thread still wants the interpreter. So when the Temporal library is loaded, the event
    loop lives 50 ms longer. Not for use inside a running event loop.
    """
    return asyncio.run(_settled(main))


async def _settled(main: Awaitable[T]) -> T:
    try:
        return await main
    finally:
        if _BRIDGE in sys.modules:
            await asyncio.sleep(_SETTLE_SECONDS)
