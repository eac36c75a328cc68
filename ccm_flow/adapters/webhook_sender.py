"""Sends messages to other systems, and to nothing that only this network reaches."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, Self
from urllib.parse import urlsplit

import httpx

from ccm_flow.app.webhooks import BadEndpointError, Message, Outcome
from ccm_flow.core.webhooks import is_public, sign

_SECONDS: Final = 10
_LONGEST_URL: Final = 1000
Resolve = Callable[[str, int], Awaitable[list[str]]]


async def _resolve(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[4][0]) for address in found]


def check_url(url: str, *, private: bool) -> str:
    """
    Read an endpoint's address; with `private`, plain http and inner addresses are fine.

    Raises:
        BadEndpointError: nothing may be sent there.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it checks it
        httpx.URL(url)
    except (ValueError, httpx.InvalidURL):
        raise BadEndpointError("This is not an address.") from None
    schemes = {"https", "http"} if private else {"https"}
    if parts.scheme not in schemes or not parts.hostname or len(url) > _LONGEST_URL:
        raise BadEndpointError("This is not an address that messages can be sent to.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise BadEndpointError("An address holds no user name, password or fragment.")
    if not private and (parts.hostname == "localhost" or _is_inner(parts.hostname)):
        raise BadEndpointError("This address is only reached from inside the network.")
    return url


def _is_inner(host: str) -> bool:
    """Tell whether a host is written as an address that is not on the open internet."""
    looks_like_one = ":" in host or host.replace(".", "").isdecimal()
    return looks_like_one and not is_public(host)


class HttpSender:
    """
    Implements `ccm_flow.app.webhooks.Sender`.

    The name is looked up here, every address is checked, and the connection goes to the address
    that was checked. Redirects are not followed, proxies of the environment not used, and
    nothing of the answer but its status is read.
    """

    def __init__(self, *, private: bool, resolve: Resolve = _resolve) -> None:
        self._private = private
        self._resolve = resolve
        self._client = httpx.AsyncClient(timeout=_SECONDS, follow_redirects=False, trust_env=False)

    async def __aenter__(self) -> Self:
        """Give itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close its connections."""
        await self._client.aclose()

    async def send(self, message: Message, now: datetime) -> Outcome:
        """Send a message once; whatever goes wrong is the outcome."""
        try:
            async with asyncio.timeout(_SECONDS):
                return await self._post(message, now)
        except BadEndpointError as refused:
            return Outcome(False, str(refused))
        except TimeoutError:
            return Outcome(False, f"No answer within {_SECONDS} seconds.")
        except (httpx.HTTPError, OSError, ValueError) as error:
            return Outcome(False, f"It cannot be reached ({type(error).__name__}).")

    async def _post(self, message: Message, now: datetime) -> Outcome:
        url = httpx.URL(check_url(message.url, private=self._private))
        address = await self._address(url)
        body = message.body.encode()
        headers = {
            **sign(message.secret, message.event_id, now, body),
            "content-type": "application/json",
            "user-agent": "ccm-flow",
            "host": url.netloc.decode(),
        }
        request = self._client.build_request(
            "POST",
            url.copy_with(host=address),
            content=body,
            headers=headers,
            extensions={"sni_hostname": url.host},
        )
        answer = await self._client.send(request, stream=True)
        await answer.aclose()
        return Outcome(answer.is_success, f"Answered {answer.status_code}.")

    async def _address(self, url: httpx.URL) -> str:
        found = await self._resolve(url.host, url.port or (443 if url.scheme == "https" else 80))
        if not found:
            raise BadEndpointError("Its name stands for no address.")
        if not self._private and not all(is_public(address) for address in found):
            raise BadEndpointError("Its name leads to an address inside the network.")
        return found[0]
