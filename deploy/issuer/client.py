"""The client that signs people in: its addresses, and how it proves itself."""

import base64
import binascii
import hmac
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import unquote_plus

from deploy.issuer.parameters import Parameters
from deploy.issuer.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Client:
    """The console as a client. `url`: its address. Blank `secret`: PKCE alone protects it."""

    id: str
    secret: str = field(repr=False)
    url: str

    @property
    def redirect_uri(self) -> str:
        """Where the client receives a person who has signed in."""
        return f"{self.url}/signed-in"

    @property
    def signed_out_uri(self) -> str:
        """Where the client receives a person who has signed out."""
        return f"{self.url}/signed-out"

    def authenticate(self, authorization: str | None, parameters: Parameters) -> None:
        """Checks the credentials of a request: HTTP Basic, or `client_id` and `client_secret` in the body.

        Refusal: they are not this client's.
        """
        if authorization and "client_secret" in parameters:
            raise Refusal("invalid_request", "Send the client's secret in one way only.")
        given = _basic(authorization) if authorization else _of_body(parameters)
        if given is None or not _same(given, (self.id, self.secret)):
            raise Refusal(
                "invalid_client", "The client is unknown, or its secret is wrong.", HTTPStatus.UNAUTHORIZED
            )


def _of_body(parameters: Parameters) -> tuple[str, str]:
    return parameters.get("client_id", ""), parameters.get("client_secret", "")


def _basic(authorization: str) -> tuple[str, str] | None:
    """The id and the secret of an `Authorization` header, each form-encoded (RFC 6749, 2.3.1)."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return unquote_plus(name), unquote_plus(secret)


def _same(given: tuple[str, str], own: tuple[str, str]) -> bool:
    return all(
        hmac.compare_digest(one.encode(), other.encode()) for one, other in zip(given, own, strict=True)
    )
