"""A small OpenID Connect provider on this machine, for tests of single sign-on."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey


@dataclass
class Provider:
    """Answers discovery, keys and the token endpoint; a test says what its tokens claim."""

    issuer: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    signing_key: RSAKey | None = None
    """Another key than the one that is published."""
    now: datetime | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    """What differs from a good token."""
    _asked: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def consent(self, address: str) -> tuple[str, str]:
        """Do what a person does at the provider; gives the code and the state."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self._asked)}"
        self._asked[code] = asked
        return code, asked["state"]

    def token(self, form: Mapping[str, str]) -> dict[str, str]:
        """Redeem a code, once, for who has the verifier of its challenge."""
        asked = self._asked.pop(form["code"])
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
        assert self.now is not None
        issued = int(self.now.timestamp())
        claims = {
            "iss": self.issuer,
            "aud": asked["client_id"],
            "sub": "subject-1",
            "nonce": asked["nonce"],
            "iat": issued,
            "exp": issued + 300,
            "email": "elm.maria",
            "email_verified": True,
            **self.claims,
        }
        key = self.signing_key or self.key
        return {
            "access_token": "x",
            "token_type": "Bearer",
            "id_token": jwt.encode({"alg": "RS256", "kid": "one"}, claims, key),
        }


@contextmanager
def running(provider: Provider) -> Iterator[Provider]:
    """Run a provider on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/jwks":
                self._say({"keys": [provider.key.as_dict(private=False)]})
            else:
                names = {"authorization_endpoint": "authorize", "token_endpoint": "token"}
                found = {name: f"{provider.issuer}/{path}" for name, path in names.items()}
                jwks = {"jwks_uri": f"{provider.issuer}/jwks"}
                self._say({"issuer": provider.issuer, **found, **jwks})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            try:
                self._say(provider.token(form))
            except (KeyError, AssertionError):
                self._say({"error": "invalid_grant"}, 400)

        def _say(self, what: Mapping[str, Any], status: int = 200) -> None:
            content = json.dumps(what).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        provider.issuer = f"http://127.0.0.1:{server.server_port}"
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
