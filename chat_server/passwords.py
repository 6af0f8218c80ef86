"""Agents' passwords: argon2, off the event loop, two at a time."""

from functools import cache

from anyio import CapacityLimiter, to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 200
AT_ONCE = 2
"""Each takes 64 MiB and a core while it is checked, so that many tries at once slow down only each other."""

_hasher = PasswordHasher()
_limiter: CapacityLimiter | None = None


def what_is_wrong(password: str, email: str) -> str | None:
    """Why this cannot be a password, or None."""
    if len(password) < SHORTEST:
        return f"a password has at least {SHORTEST} characters"
    if len(password) > LONGEST:
        return f"a password has at most {LONGEST} characters"
    if password.casefold() in (email.casefold(), email.partition("@")[0].casefold()) or len(set(password)) < 5:
        return "this password is too easy to guess"
    return None


def hash_now(password: str) -> str:
    """The hash to store. Takes a tenth of a second; for commands."""
    return _hasher.hash(password)


async def hash_password(password: str) -> str:
    """The hash to store."""
    return await to_thread.run_sync(_hasher.hash, password, limiter=_one_limiter())


async def is_right(password: str, stored: str | None) -> bool:
    """Whether a password fits the stored hash. Without one (no such account, or none of its own) it takes as long, and is wrong."""
    if len(password) > LONGEST:
        return False
    nobodys = await to_thread.run_sync(_made_up, limiter=_one_limiter())
    real = stored if stored and stored.startswith("$argon2") else None
    fits = await to_thread.run_sync(_verify, password, real or nobodys, limiter=_one_limiter())
    return fits and real is not None


def _verify(password: str, stored: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _made_up() -> str:
    return _hasher.hash("the password of an account that there is not")


def _one_limiter() -> CapacityLimiter:
    global _limiter
    if _limiter is None:
        _limiter = CapacityLimiter(AT_ONCE)
    return _limiter
