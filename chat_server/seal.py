"""Secrets as the store keeps them: encrypted where the settings name a key, else as they are."""

from functools import cached_property

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

SEALED = "fernet:"


class Seal:
    """Closes and opens secrets. Raises ValueError for what is no key."""

    def __init__(self, keys: str | None) -> None:
        self._keys = tuple(key.strip() for key in (keys or "").split(",") if key.strip())
        _ = self._fernet

    @cached_property
    def _fernet(self) -> MultiFernet | None:
        try:
            return MultiFernet([Fernet(key) for key in self._keys]) if self._keys else None
        except ValueError as wrong:
            raise ValueError("a key is 32 bytes in URL-safe base64") from wrong

    def close(self, secret: str) -> str:
        """What is stored."""
        return SEALED + self._fernet.encrypt(secret.encode()).decode() if self._fernet else secret

    def open(self, stored: str) -> str | None:
        """The secret; None when the key that closed it is not here."""
        if not stored.startswith(SEALED):
            return stored
        try:
            return self._fernet.decrypt(stored.removeprefix(SEALED)).decode() if self._fernet else None
        except InvalidToken:
            return None
