"""Encryption of what the console keeps: tokens, typed forms, search texts."""

import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr


class Sealer:
    """Encrypts JSON values with the newest key, and reads them with every key."""

    def __init__(self, keys: SecretStr) -> None:
        named = [key.strip() for key in keys.get_secret_value().split(",") if key.strip()]
        self._fernet = MultiFernet([Fernet(key) for key in named])

    def seal(self, value: Any) -> bytes:
        """The encrypted value."""
        return self._fernet.encrypt(json.dumps(value).encode())

    def open(self, sealed: bytes | str, seconds: int | None = None) -> Any | None:
        """The value; None if no key fits, if it was changed, or if it is older than `seconds`."""
        try:
            return json.loads(self._fernet.decrypt(sealed, ttl=seconds))
        except (InvalidToken, ValueError):
            return None
