"""OpenID Connect: discovery, the authorization code with PKCE, and the identity token."""

import json
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from ccm_flow.adapters.sign_on_settings import SignOnSettings
from ccm_flow.app.single_sign_on import Identity, ProviderError

_SECONDS: Final = 10
_ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")
"""Signatures by keys that the provider publishes; never one made with a shared secret."""
_LEEWAY: Final = 30
"""Seconds that the provider's clock may differ."""
_LONGEST: Final = timedelta(minutes=10)
"""An identity token that was issued longer ago is not of this sign-in."""


class SignOn:
    """Implements `ccm_flow.app.single_sign_on.Provider`."""

    def __init__(self, settings: SignOnSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._found: Mapping[str, Any] | None = None

    @property
    def issuer(self) -> str:
        """The provider's name."""
        return self._settings.issuer

    def address(self, state: str, nonce: str, code_verifier: str) -> str:
        """Give the address at which a person proves who they are."""
        with self._client() as client:
            address, _ = client.create_authorization_url(
                self._endpoint("authorization_endpoint"),
                state=state,
                nonce=nonce,
                code_verifier=code_verifier,
            )
        return str(address)

    def identity(self, code: str, nonce: str, code_verifier: str, now: datetime) -> Identity:
        """Redeem a code and check the identity token."""
        try:
            with self._client() as client:
                answer = client.fetch_token(
                    self._endpoint("token_endpoint"), code=code, code_verifier=code_verifier
                )
            keys = KeySet.import_key_set(_json(self._endpoint("jwks_uri")))
            claims = jwt.decode(answer["id_token"], keys, algorithms=_ALGORITHMS).claims
            self._check(claims, nonce, now)
        except (httpx.HTTPError, AuthlibBaseError, JoseError, ValueError, KeyError, TypeError):
            raise ProviderError("The identity provider's answer cannot be trusted.") from None
        return Identity(
            issuer=self.issuer,
            subject=str(claims["sub"]),
            email=str(claims.get("email") or ""),
            email_verified=claims.get("email_verified") is True,
        )

    def _check(self, claims: dict[str, Any], nonce: str, now: datetime) -> None:
        """Check who the token is from, for and about; raises `JoseError` or `ValueError`."""
        own = self._settings.client_id
        registry = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=_LEEWAY,
            iss={"essential": True, "values": [self.issuer, f"{self.issuer}/"]},
            aud={"essential": True, "value": own},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        registry.validate(claims)
        audience = claims["aud"]
        several = isinstance(audience, list) and len(audience) > 1
        if (several or "azp" in claims) and claims.get("azp") != own:
            raise ValueError("azp")
        if now.timestamp() - claims["iat"] > (_LONGEST.total_seconds() + _LEEWAY):
            raise ValueError("iat")

    def _client(self) -> OAuth2Client:
        return OAuth2Client(
            self._settings.client_id,
            self._settings.client_secret,
            scope="openid email profile",
            redirect_uri=self._settings.redirect_to,
            code_challenge_method="S256",
            timeout=_SECONDS,
        )

    def _endpoint(self, name: str) -> str:
        """
        Give one of the provider's addresses, as its discovery document says.

        Raises:
            ProviderError: the document cannot be had, or is another issuer's.
        """
        with self._lock:
            if self._found is None:
                try:
                    found = _json(f"{self.issuer}/.well-known/openid-configuration")
                    if str(found["issuer"]).rstrip("/") != self.issuer:
                        raise ValueError("issuer")
                except (httpx.HTTPError, ValueError, KeyError, TypeError):
                    raise ProviderError("The identity provider does not answer.") from None
                self._found = found
            address = str(self._found.get(name, ""))
        if not address.startswith(("https://", self.issuer)):
            raise ProviderError("The identity provider does not say where to go.")
        return address


def _json(address: str) -> Any:
    answer = httpx.get(address, timeout=_SECONDS)
    answer.raise_for_status()
    return json.loads(answer.content)
