"""The organisation's OpenID Connect provider: where to send a browser, and what its answer is worth.

Code flow with PKCE, state and nonce. An ID token counts only with a signature by a key of the provider's own list, the
right issuer, audience and nonce, and before its end.
"""

import asyncio
import base64
import hashlib
import json
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
import structlog
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from chat_server.errors import Problem
from chat_server.settings import Settings

log = structlog.get_logger(__name__)

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
"""Signatures by a key that the provider alone has; never `none`, never a shared secret."""
LEEWAY_S = 60
ANSWER_WITHIN_S = 10.0
KNOWN_FOR_S = 3600.0
ASK_AGAIN_AFTER_S = 30.0
"""A key that is unknown is asked for at most this often."""
LONGEST_ANSWER = 1_000_000
Claims = Mapping[str, Any]


class Refused(Exception):
    """The provider's answer is not worth a sign-in; the message says why, for the log."""


class Provider:
    """One provider, as the settings name it."""

    def __init__(self, issuer: str, client_id: str, client_secret: str | None, scopes: str) -> None:
        self._issuer, self._client_id, self._secret, self._scopes = issuer, client_id, client_secret, scopes
        self._known: dict[str, tuple[float, dict[str, Any]]] = {}

    async def address(self, back: str, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes to sign in. Raises Problem `unavailable`."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code", "client_id": self._client_id, "redirect_uri": back, "scope": self._scopes,
            "state": state, "nonce": nonce, "code_challenge": challenge, "code_challenge_method": "S256",
        }
        return _with_query((await self._metadata())["authorization_endpoint"], asked)

    async def sign_out_address(self, back: str) -> str | None:
        """Where the browser goes to sign out, if the provider has such a page and answers."""
        try:
            page = (await self._metadata()).get("end_session_endpoint")
        except Problem:
            return None
        return _with_query(page, {"client_id": self._client_id, "post_logout_redirect_uri": back}) if page else None

    async def claims(self, code: str, back: str, nonce: str, verifier: str, at: datetime) -> Claims:
        """Who has signed in, for a code. Raises Refused, and Problem `unavailable`."""
        token = await self._id_token(code, back, verifier)
        try:
            claims = (await self._decoded(token)).claims
            jwt.JWTClaimsRegistry(
                now=int(at.timestamp()), leeway=LEEWAY_S, exp={"essential": True}, iat={"essential": True}, sub={"essential": True},
                iss={"essential": True, "value": self._issuer}, aud={"essential": True, "value": self._client_id},
                nonce={"essential": True, "value": nonce},
            ).validate(claims)
        except (JoseError, ValueError) as wrong:
            raise Refused(str(wrong)) from wrong
        if claims.get("azp", self._client_id) != self._client_id:
            raise Refused("the token is for another party")
        return claims

    # ------------------------------------------------------------------ how it is done

    async def _decoded(self, token: str) -> jwt.Token:
        try:
            return jwt.decode(token, await self._keys(KNOWN_FOR_S), algorithms=ALGORITHMS)
        except InvalidKeyIdError:
            return jwt.decode(token, await self._keys(ASK_AGAIN_AFTER_S), algorithms=ALGORITHMS)

    async def _keys(self, known_for_s: float) -> KeySet:
        found = await self._get((await self._metadata())["jwks_uri"], known_for_s)
        keys = [key for key in found.get("keys", ()) if key.get("use", "sig") == "sig" and key.get("kty") != "oct"]
        return KeySet.import_key_set({"keys": keys})

    async def _metadata(self) -> dict[str, Any]:
        found = await self._get(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration", KNOWN_FOR_S)
        needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if found.get("issuer") != self._issuer or not all(isinstance(found.get(name), str) for name in needed):
            log.error("oidc_issuer_says_something_else", issuer=str(found.get("issuer")))
            raise _unavailable()
        return found

    async def _get(self, address: str, known_for_s: float) -> dict[str, Any]:
        at, known = self._known.get(address, (0.0, None))
        if known is None or time.monotonic() - at > known_for_s:
            status, known = await _ask("GET", address)
            if status != 200:
                log.error("oidc_unavailable", address=address, status=status)
                raise _unavailable()
            self._known[address] = (time.monotonic(), known)
        return known

    async def _id_token(self, code: str, back: str, verifier: str) -> str:
        metadata = await self._metadata()
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        ways = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        headers = {}
        if self._secret and "client_secret_basic" in ways:
            pair = f"{quote(self._client_id, safe='')}:{quote(self._secret, safe='')}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            form |= {"client_id": self._client_id} | ({"client_secret": self._secret} if self._secret else {})
        status, said = await _ask("POST", metadata["token_endpoint"], data=form, headers=headers)
        if status >= 500:
            raise _unavailable()
        if status != 200 or not isinstance(said.get("id_token"), str):
            raise Refused(f"no token for this code: {status} {said.get('error', '')}")
        return said["id_token"]


def provider_of(settings: Settings) -> Provider | None:
    """The provider of the settings, if they name one."""
    if not settings.oidc_issuer or not settings.oidc_client_id:
        return None
    return Provider(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret, settings.oidc_scopes)


async def _ask(method: str, address: str, **more: Any) -> tuple[int, dict[str, Any]]:
    """The status and what was said. Raises Problem `unavailable`."""
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S), aiohttp.ClientSession() as session:
            async with session.request(method, address, allow_redirects=False, **more) as answer:
                body = await answer.content.read(LONGEST_ANSWER)
                while not answer.content.at_eof() and len(body) < LONGEST_ANSWER:
                    body += await answer.content.read(LONGEST_ANSWER)
        said = json.loads(body)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as lost:
        log.error("oidc_unavailable", host=urlsplit(address).hostname, error=type(lost).__name__)
        raise _unavailable() from lost
    return answer.status, said if isinstance(said, dict) else {}


def _unavailable() -> Problem:
    return Problem("unavailable", "your organisation's sign-in cannot be reached; try again, or sign in with your password")


def _with_query(address: str, asked: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"
