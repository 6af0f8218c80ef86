"""An OpenID Connect provider for tests. It asks nobody anything: whoever comes has signed in as `claims` says."""

import asyncio
import base64
import hashlib
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "options-chat", "a secret/of: ours"


class FakeProvider:
    """What it says can be changed: `claims` come over those that are right, None takes one away."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
        self.published = self.key
        self.issuer = ""
        self._asked: dict[str, dict[str, str]] = {}

    @property
    def settings(self) -> dict[str, str]:
        return {"oidc_issuer": self.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}

    async def metadata(self, _: web.Request) -> web.Response:
        pages = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys", "end_session_endpoint": "/end"}
        return web.json_response({"issuer": self.issuer} | {name: self.issuer + path for name, path in pages.items()})

    async def keys(self, _: web.Request) -> web.Response:
        return web.json_response({"keys": [self.published.as_dict(private=False)]})

    async def authorize(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        assert (asked["response_type"], asked["client_id"], asked["code_challenge_method"]) == ("code", CLIENT, "S256")
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(8)
        self._asked[code] = asked
        raise web.HTTPFound(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        asked = self._asked.pop(str(form["code"]), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(str(form["code_verifier"]).encode()).digest()).rstrip(b"=").decode()
        known = "Basic " + base64.b64encode(f"{CLIENT}:a%20secret%2Fof%3A%20ours".encode()).decode()
        if request.headers.get("Authorization") != known:
            return web.json_response({"error": "invalid_client"}, status=401)
        if asked is None or challenge != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response({"token_type": "Bearer", "access_token": "none", "id_token": self._id_token(asked["nonce"])})

    async def end(self, request: web.Request) -> web.Response:
        return web.Response(text="Signed out of the organisation")

    def _id_token(self, nonce: str) -> str:
        at = int(time.time())
        right = {"iss": self.issuer, "aud": CLIENT, "sub": "1", "nonce": nonce, "iat": at, "exp": at + 300, "email": "asha@example.org"}
        claims = {name: value for name, value in (right | self.claims).items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)


@asynccontextmanager
async def running_provider() -> AsyncIterator[FakeProvider]:
    """Start it on a free port."""
    fake = FakeProvider()
    app = web.Application()
    app.add_routes([
        web.get("/.well-known/openid-configuration", fake.metadata), web.get("/keys", fake.keys), web.get("/authorize", fake.authorize),
        web.post("/token", fake.token), web.get("/end", fake.end),
    ])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fake.issuer = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield fake
    finally:
        await asyncio.shield(runner.cleanup())
