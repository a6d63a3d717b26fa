"""Who is signed in: the issuer's ready-made people, by what the tests call them."""

import asyncio
import html
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http.cookies import SimpleCookie
from urllib.parse import urlencode

import httpx

from console.sign_ins import COOKIE
from console.signing_in import BEGUN
from deploy.issuer.people import PEOPLE, Person

SUBJECTS: Mapping[str, str] = {
    "coordinator": "district-coordinator-017",
    "writer": "teacher-017",
    "submitter": "data-clerk-017",
    "reader": "principal-017",
    "secure id": "secure-id-manager-017",
    "state": "state-office-LA",
    "auditor": "auditor-LA",
    "other LEA": "district-coordinator-009",
}
"""The people of the tests, and their user names at the issuer."""

EVERYBODY = tuple(SUBJECTS)

_UNANSWERED = re.compile(r'<dd>Sent</dd>|aria-label="[^"]*: Sent"')


def person(name: str) -> Person:
    """One of the issuer's people."""
    return next(one for one in PEOPLE if one.sub == SUBJECTS[name])


def cookie_of(answer: httpx.Response, name: str) -> str | None:
    """The value of a cookie that an answer sets; blank if it deletes the cookie, None if it says nothing."""
    for header in answer.headers.get_list("set-cookie"):
        found = SimpleCookie(header)
        if name in found:
            return found[name].value
    return None


class Visitor:
    """Somebody's browser as far as HTTP goes. It keeps cookies itself, since theirs are for https only.

    `seat` is the last part of its address on the loopback: sign-ins are counted by address.
    """

    def __init__(self, console: str, seat: int = 1) -> None:
        self.console = console
        self.cookies: dict[str, str] = {}
        transport = httpx.AsyncHTTPTransport(local_address=f"127.0.0.{seat}")
        self._http = httpx.AsyncClient(transport=transport, trust_env=False, timeout=30)

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """Opens an address of the console, or any other."""
        return await self._send("GET", path, headers)

    async def post(
        self, path: str, form: Mapping[str, object] | None = None, **headers: str
    ) -> httpx.Response:
        """Sends a form, as a page of the console does unless `headers` say otherwise."""
        own = {"sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded"}
        return await self._send("POST", path, own | headers, urlencode(form or {}, doseq=True))

    async def send_bytes(self, path: str, kind: str, content: str) -> httpx.Response:
        """Sends a form of any content type."""
        return await self._send(
            "POST", path, {"sec-fetch-site": "same-origin", "content-type": kind}, content
        )

    async def begin(self, to: str = "/") -> str:
        """Begins to sign in. Returns the issuer's address."""
        answer = await self.get("/sign-in?" + urlencode({"to": to}))
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def choose(self, address: str, subject: str) -> str:
        """Says at the issuer who one is. Returns the console's address with the code."""
        page = await self.get(address)
        found = re.search(r'name="request" value="([^"]*)"', page.text)
        assert found, page.text
        chosen = {"request": html.unescape(found[1]), "person": subject}
        answer = await self.post(httpx.URL(address).join("/choose").__str__(), chosen)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def sign_in(self, name: str, to: str = "/") -> httpx.Response:
        """Signs one of the people in. Returns the console's last answer."""
        answer = await self.get(await self.choose(await self.begin(to), SUBJECTS[name]))
        assert answer.status_code == 303, answer.text
        return answer

    async def settled(self, path: str) -> httpx.Response:
        """Opens an address as soon as SER has answered every command that its page shows.

        Raises TimeoutError after half a minute.
        """
        async with asyncio.timeout(30):
            while True:
                page = await self.get(path)
                if not _UNANSWERED.search(page.text):
                    return page
                await asyncio.sleep(0.1)

    @property
    def cookie(self) -> str:
        """The sign-in's cookie."""
        return self.cookies[COOKIE]

    async def _send(
        self, method: str, path: str, headers: Mapping[str, str], content: str = ""
    ) -> httpx.Response:
        url = path if path.startswith("http") else self.console + path
        sent = dict(headers)
        if url.startswith(self.console) and self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        named = {name.replace("_", "-"): value for name, value in sent.items()}
        answer = await self._http.request(method, url, headers=named, content=content)
        for name in (COOKIE, BEGUN, "ser-shortcuts"):
            if (value := cookie_of(answer, name)) is not None:
                self.cookies[name] = value
                if not value:
                    del self.cookies[name]
        return answer


def hidden_inputs(answer: httpx.Response) -> dict[str, str]:
    """The hidden inputs of a page, by name."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', answer.text)
    return {html.unescape(name): html.unescape(value) for name, value in found}


@asynccontextmanager
async def visitor(console: str, seat: int = 1) -> AsyncIterator[Visitor]:
    """Inside: somebody who is not signed in."""
    one = Visitor(console, seat)
    try:
        yield one
    finally:
        await one.aclose()
