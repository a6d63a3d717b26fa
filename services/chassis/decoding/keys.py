"""The public keys of the issuer of tokens: a JSON Web Key Set (RFC 7517), from a file or an address."""

import asyncio
import json
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

log = structlog.get_logger()

ALGORITHMS = ("EdDSA", "ES256", "RS256")
REREAD_SECONDS = 10.0
"""A key set is read again for an unknown key at most once in so many seconds."""
FOLLOW_SECONDS = 300.0
_FETCH_SECONDS = 3.0
_LARGEST = 1_000_000
_SHORTEST_RSA_BITS = 2048


class KeysUnreadable(Exception):
    """The key set cannot be read, or holds no key that is used here."""


class Keys:
    """The keys by their ids (`kid`). `version` counts the key sets that were read and differed."""

    def __init__(self, source: str, reread_seconds: float = REREAD_SECONDS) -> None:
        self._source = source
        self._reread_seconds = reread_seconds
        self._turn = threading.Lock()
        self._text = _text(source)
        self._keys = _keys(self._text)
        self._read_at = time.monotonic()
        self.version = 1

    def find(self, kid: str | None) -> jwt.PyJWK | None:
        """The key with that id. A set of one key needs no ids."""
        keys = self._keys
        if kid in keys:
            return keys[kid]
        only = next(iter(keys.values())) if len(keys) == 1 else None
        return only if only and (kid is None or only.key_id is None) else None

    def reread(self) -> bool:
        """Read the key set again, unless that was done a moment ago; whether it was read.

        If the source does not answer, the keys stay as they are. This call may block for seconds.
        """
        with self._turn:
            if time.monotonic() - self._read_at < self._reread_seconds:
                return False
            try:
                self._take(_text(self._source))
            except KeysUnreadable as failure:
                log.warning("key set cannot be read again", source=self._source, reason=str(failure))
                return False
            finally:
                self._read_at = time.monotonic()
            return True

    async def follow(self) -> None:
        """Read the key set again every five minutes, so that a key that was taken out of it is forgotten."""
        while True:
            await asyncio.sleep(FOLLOW_SECONDS)
            await asyncio.to_thread(self.reread)

    def _take(self, text: str) -> None:
        if text != self._text:
            self._keys, self._text = _keys(text), text
            self.version += 1
            log.info("key set was read again", source=self._source, keys=len(self._keys))


def _text(source: str) -> str:
    try:
        if source.startswith(("https://", "http://")):
            with urllib.request.urlopen(source, timeout=_FETCH_SECONDS) as answer:
                return str(answer.read(_LARGEST).decode())
        return Path(source).read_text(encoding="utf-8")
    except (OSError, ValueError) as failure:
        raise KeysUnreadable(f"{type(failure).__name__}: {failure}") from failure


def _keys(text: str) -> dict[str | None, jwt.PyJWK]:
    try:
        described = json.loads(text)["keys"]
    except (ValueError, KeyError, TypeError) as failure:
        raise KeysUnreadable("it is no JSON Web Key Set") from failure
    keys = [key for one in described if isinstance(one, dict) and (key := _key(one)) is not None]
    if not keys:
        raise KeysUnreadable(f"it has no key for {', '.join(ALGORITHMS)}")
    return {key.key_id: key for key in keys}


def _key(described: dict[str, Any]) -> jwt.PyJWK | None:
    """The key, if SER can verify tokens with it. A set may hold keys for other purposes."""
    if described.get("use", "sig") != "sig":
        return None
    try:
        key = jwt.PyJWK(described)
    except jwt.PyJWTError:
        return None
    short = isinstance(key.key, RSAPublicKey | RSAPrivateKey) and key.key.key_size < _SHORTEST_RSA_BITS
    return key if key.algorithm_name in ALGORITHMS and not short else None
