"""Signs a person in at the development issuer, as a browser and the console do together."""

import html
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from deploy.issuer.codes import challenge_of

CONSOLE = "http://127.0.0.1:18000"
RETURN_TO = f"{CONSOLE}/signed-in"

Form = Sequence[tuple[str, str]]


@dataclass
class SigningIn:
    """One attempt of the client `ser-console` to sign somebody in. Each has secrets of its own."""

    http: httpx.AsyncClient
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    state: str = field(default_factory=secrets.token_urlsafe)
    nonce: str = field(default_factory=secrets.token_urlsafe)

    def parameters(self, **changes: str) -> dict[str, str]:
        """The parameters of the authorization request. A change to a blank leaves one out."""
        asked = {
            "response_type": "code",
            "client_id": "ser-console",
            "redirect_uri": RETURN_TO,
            "scope": "openid profile",
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": challenge_of(self.verifier),
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in (asked | changes).items() if value}

    async def ask(self, **changes: str) -> httpx.Response:
        """Opens the page that asks who to be."""
        return await self.http.get("/authorize", params=self.parameters(**changes))

    async def choose(self, *choice: tuple[str, str], **changes: str) -> httpx.Response:
        """Opens the page and sends its form with this choice."""
        page = await self.ask(**changes)
        assert page.status_code == 200, page.text
        asked = re.search(r'name="request" value="([^"]*)"', page.text)
        assert asked is not None
        return await self.send([("request", html.unescape(asked[1])), *choice])

    async def send(self, form: Form) -> httpx.Response:
        """Sends the form."""
        return await self.http.post("/choose", content=urlencode(form), headers=FORM)

    async def code(self, person: str = "district-coordinator-017", **changes: str) -> str:
        """The code with which a ready-made person returns to the console."""
        returned = await self.choose(("person", person), **changes)
        assert returned.status_code == 303, returned.text
        return answer_of(returned)["code"]

    async def exchange(self, code: str, /, **changes: str) -> httpx.Response:
        """The console exchanges the code for tokens."""
        given = {
            "grant_type": "authorization_code",
            "client_id": "ser-console",
            "code": code,
            "redirect_uri": RETURN_TO,
            "code_verifier": self.verifier,
        }
        return await token(self.http, **(given | changes))

    async def tokens(self, person: str = "district-coordinator-017") -> dict[str, Any]:
        """The tokens of a ready-made person."""
        answer = await self.exchange(await self.code(person))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def token(http: httpx.AsyncClient, **parameters: str) -> httpx.Response:
    """Asks for tokens; blank parameters are left out."""
    return await http.post("/token", data={name: value for name, value in parameters.items() if value})


async def refresh(http: httpx.AsyncClient, refresh_token: str) -> httpx.Response:
    """Asks for new tokens."""
    return await token(http, grant_type="refresh_token", client_id="ser-console", refresh_token=refresh_token)


def answer_of(redirect: httpx.Response) -> dict[str, str]:
    """The parameters with which a person is sent to another address."""
    return dict(parse_qsl(urlsplit(redirect.headers["location"]).query))
