"""
The application's own files: read once, sent packed, kept by browsers for as long as they fit.

A page names a file with the sum of its content (`/static/app.css?v=3f9a...`), so a browser may
keep it for ever: a changed file has another address.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers, QueryParams
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

PREFIX: Final = "/static/"
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "no-cache"
_WORTH_PACKING: Final = 1_000
"""Bytes; below this, packing spares nothing."""


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    packed: bytes | None
    type: str
    sum: str


class OwnFiles:
    """An ASGI application that serves the files of one folder."""

    def __init__(self, folder: Path) -> None:
        self._files = {path.name: _read(path) for path in folder.iterdir() if path.is_file()}

    def address(self, name: str) -> str:
        """Give the address of a file; raises `KeyError` when there is none."""
        return f"{PREFIX}{name}?v={self._files[name].sum}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a file, packed for browsers that unpack."""
        await self._answer(scope)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response:
        file = self._files.get(str(scope["path"]).rpartition("/")[2])
        if file is None:
            return PlainTextResponse("There is no such file.", 404)
        if scope["method"] not in {"GET", "HEAD"}:
            return PlainTextResponse("Files can only be read.", 405)
        asked, query = Headers(scope=scope), QueryParams(scope["query_string"])
        headers = {
            "cache-control": _FOR_EVER if query.get("v") == file.sum else _ASK_AGAIN,
            "etag": f'"{file.sum}"',
            "vary": "accept-encoding",
        }
        if headers["etag"] in asked.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if file.packed is not None and "gzip" in asked.get("accept-encoding", ""):
            headers["content-encoding"] = "gzip"
            return Response(file.packed, headers=headers, media_type=file.type)
        return Response(file.content, headers=headers, media_type=file.type)


def _read(path: Path) -> _File:
    content = path.read_bytes()
    packed = gzip.compress(content, mtime=0) if len(content) > _WORTH_PACKING else None
    kind = mimetypes.guess_type(path.name)[0] or "text/plain"
    return _File(content, packed, kind, hashlib.sha256(content).hexdigest()[:16])
