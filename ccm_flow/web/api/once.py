"""
Counting a request once, however often it is sent.

The `Idempotency-Key` header becomes, with the token's id in front, the id of the click that the
use cases take; what was answered is kept and given again. A request that broke off, for example
because the Temporal server was away, is taken up again under the same click.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

from fastapi import Header, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from ccm_flow.app.api_tokens import ABANDONED, Answered, key_hash
from ccm_flow.app.flow import FlowUnavailableError
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClickId
from ccm_flow.web.api.caller import Caller, tokens_of
from ccm_flow.web.api.problems import answer_of, is_final

_ANSWER_SECONDS: Final = 60
"""A worker answers within a second; longer than this it is away."""

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=200,
        description="Yours to choose, new for each new request, the same to repeat one.",
        examples=["5f0c7a4e-visit-2026-12-07"],
    ),
]


async def once(
    request: Request,
    caller: Caller,
    key: str,
    work: Callable[[ClickId], Awaitable[BaseModel]],
    *,
    status: int = 200,
) -> Response:
    """
    Do a request's work once; a repetition gets the same answer.

    Raises:
        OtherRequestError: the key stands for another request.
        StillWorkingError: the same request is being worked on.
        FlowUnavailableError: the Temporal server is away; send it again.
    """
    store, short = tokens_of(request), key_hash(key)
    asked = await _hash_of(request)
    before = await run_in_threadpool(
        store.begin, caller.token.id, short, asked, caller.parts.wall.now(), ABANDONED
    )
    if before is not None:
        return JSONResponse(before.body, before.status, headers={"idempotency-replayed": "true"})
    answer: Answered | None = None
    try:
        answer = await _answer(work, ClickId(f"api:{caller.token.id}:{short}"), status)
    finally:
        await run_in_threadpool(store.finish, caller.token.id, short, answer)
    return JSONResponse(answer.body, answer.status)


async def _answer(
    work: Callable[[ClickId], Awaitable[BaseModel]], click: ClickId, status: int
) -> Answered:
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            done = await work(click)
    except TimeoutError:
        raise FlowUnavailableError("no worker answered") from None
    except CcmError as refused:
        if not is_final(refused):
            raise
        return Answered(*answer_of(refused))
    body: dict[str, Any] = done.model_dump(mode="json")
    return Answered(status, body)


async def _hash_of(request: Request) -> str:
    body = await request.body()
    text = f"{request.method} {request.url.path}\n".encode()
    return hashlib.sha256(text + body).hexdigest()
