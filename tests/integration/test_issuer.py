"""People sign in at the development issuer: its process, and every step of the code flow."""

import base64
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from contracts.access import Actor
from deploy.issuer.app import application
from deploy.issuer.people import PEOPLE
from deploy.issuer.settings import IssuerSettings
from deploy.local.home import Home
from deploy.local.issuer import Issuer
from deploy.local.ports import free_port
from deploy.local.program import ProgramProcess
from services.chassis.decoding.tokens import Tokens
from services.chassis.hosting.settings import Settings
from tests.integration.signing_in import CONSOLE, FORM, RETURN_TO, SigningIn, answer_of, refresh


@dataclass
class Clock:
    """A clock that a test can advance."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        """Lets time pass."""
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime.now(UTC))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
async def http(home: Home, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    """The issuer's application with the test's clock."""
    async with browser(application(IssuerSettings(console=CONSOLE), Issuer(home), clock)) as client:
        yield client


@pytest.fixture
async def confidential(home: Home) -> AsyncIterator[httpx.AsyncClient]:
    """An issuer whose client has a secret."""
    settings = IssuerSettings(console=CONSOLE, client_secret=SecretStr("a secret: 100%"))
    async with browser(application(settings, Issuer(home))) as client:
        yield client


def browser(app: FastAPI) -> httpx.AsyncClient:
    """A browser on the issuer's application; it follows no redirect."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:18010")


def error_of(answer: httpx.Response) -> tuple[int, str]:
    """The status of an answer, and the word that says why."""
    return answer.status_code, answer.json()["error"]


def claims_of(token: str) -> dict[str, Any]:
    """What a token says, unverified."""
    return jwt.decode(token, options={"verify_signature": False})


def actor_of(token: str, home: Home) -> object:
    """The bearer of a token, as every service reads it."""
    settings = Settings(token_keys=str(Issuer(home).make_keys()), database=SecretStr("postgresql://"))
    return Tokens(settings).read(token, datetime.now(UTC))


async def test_a_person_signs_in_at_the_process(home: Home) -> None:
    """The issuer's own process signs a coordinator in, and the services trust the coordinator's token."""
    port = free_port()
    settings = {"SER_HOME": str(home.root), "SER_ISSUER_PORT": str(port), "SER_ISSUER_CONSOLE": CONSOLE}
    issuer = ProgramProcess(
        "issuer", "deploy.issuer.app", port, settings, home.log("issuer"), dies_with_parent=True
    )
    issuer.launch()
    try:
        issuer.wait()
        async with httpx.AsyncClient(base_url=issuer.url, trust_env=False) as http:
            known = (await http.get("/.well-known/openid-configuration")).json()
            signing_in = SigningIn(http)
            given = await signing_in.tokens()
            keys = jwt.PyJWKSet.from_dict((await http.get(known["jwks_uri"])).json())
    finally:
        issuer.stop()

    (key,) = keys.keys
    identity = jwt.decode(
        given["id_token"], key, algorithms=["EdDSA"], audience="ser-console", issuer=known["issuer"]
    )
    assert known["issuer"] == issuer.url
    assert (identity["nonce"], identity["sub"], identity["lea"]) == (
        signing_in.nonce,
        "district-coordinator-017",
        "017",
    )
    assert identity["name"] == "District coordinator"
    assert actor_of(given["access_token"], home) == Actor(
        sub="district-coordinator-017", lea="017", roles=frozenset(identity["roles"])
    )


async def test_the_issuer_says_where_everything_is(http: httpx.AsyncClient) -> None:
    """A client needs to know the issuer's address only: each other address is in its configuration."""
    known = (await http.get("/.well-known/openid-configuration")).json()

    for name, address in known.items():
        if name.endswith("_endpoint") or name == "jwks_uri":
            assert address.startswith(known["issuer"])
            assert (await http.get(address)).status_code != 404
    assert known["code_challenge_methods_supported"] == ["S256"]


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.sub)
async def test_each_of_the_people_can_sign_in(person: Any, http: httpx.AsyncClient, home: Home) -> None:
    """Each ready-made person gets a token with that person's LEA and roles, which the services trust."""
    given = await SigningIn(http).tokens(person.sub)

    assert actor_of(given["access_token"], home) == Actor(
        sub=person.sub, lea=person.lea, roles=frozenset(person.roles)
    )
    claims = claims_of(given["access_token"])
    assert claims["name"] == person.name
    assert claims["exp"] - claims["nbf"] == given["expires_in"] == 15 * 60


async def test_somebody_else_can_sign_in(http: httpx.AsyncClient, home: Home) -> None:
    """A developer who needs other roles types a name and chooses an LEA and roles."""
    signing_in = SigningIn(http)
    returned = await signing_in.choose(
        ("name", "Speech  Pathologist"), ("lea", "036"), ("role", "writer"), ("role", "auditor")
    )

    given = (await signing_in.exchange(answer_of(returned)["code"])).json()

    expected = Actor(sub="speech-pathologist-036", lea="036", roles=frozenset({"writer", "auditor"}))
    assert actor_of(given["access_token"], home) == expected
    assert claims_of(given["id_token"])["name"] == "Speech Pathologist"


async def test_the_person_returns_with_the_state_of_the_console(http: httpx.AsyncClient) -> None:
    """The console recognizes its own attempt by `state`, and the issuer by `iss`."""
    signing_in = SigningIn(http)

    returned = await signing_in.choose(("person", "teacher-017"))

    assert returned.headers["location"].startswith(f"{RETURN_TO}?code=")
    answer = answer_of(returned)
    assert (answer["state"], answer["iss"]) == (signing_in.state, "http://127.0.0.1:18010")


async def test_what_was_typed_is_shown_again(http: httpx.AsyncClient) -> None:
    """A form with problems comes back with everything typed, and each problem leads to its field."""
    signing_in = SigningIn(http)

    page = await signing_in.choose(("name", '"><b>'), ("lea", "XXX"))

    assert page.status_code == 422
    assert re.findall(r'<a href="#(\w+)">([^<]*)</a>', page.text) == [
        ("lea", "Choose an LEA."),
        ("role", "Choose at least one role."),
    ]
    assert "<title>Error:" in page.text
    assert 'value="&#34;&gt;&lt;b&gt;"' in page.text
    again = re.search(r'name="request" value="([^"]*)"', page.text)
    assert again is not None
    assert signing_in.state in again[1]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ],
    ids=str,
)
async def test_a_request_that_cannot_be_granted(
    change: dict[str, str], error: str, http: httpx.AsyncClient
) -> None:
    """The console is told what is wrong with its request; nobody is asked who to be."""
    signing_in = SigningIn(http)

    refused = await signing_in.ask(**change)

    assert refused.headers["location"].startswith(f"{RETURN_TO}?error=")
    answer = answer_of(refused)
    assert (answer["error"], answer["state"]) == (error, signing_in.state)


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "another"},
        {"redirect_uri": f"{RETURN_TO}/"},
        {"redirect_uri": "http://127.0.0.1:18000.example/signed-in"},
        {"redirect_uri": ""},
    ],
    ids=str,
)
async def test_nobody_is_sent_to_an_unknown_address(change: dict[str, str], http: httpx.AsyncClient) -> None:
    """An unknown client or redirect address gets a page and no redirect, whatever the form says."""
    signing_in = SigningIn(http)
    asked = str(httpx.QueryParams(signing_in.parameters(**change)))

    for refused in (
        await signing_in.ask(**change),
        await signing_in.send([("request", asked), ("person", "teacher-017")]),
    ):
        assert refused.status_code == 400
        assert "location" not in refused.headers


async def test_a_parameter_comes_once(http: httpx.AsyncClient) -> None:
    """A request with the same parameter twice is refused: two readers could take different ones."""
    refused = await http.get("/authorize?client_id=ser-console&client_id=ser-console")

    assert error_of(refused) == (400, "invalid_request")


async def test_a_code_works_once(http: httpx.AsyncClient) -> None:
    """A second use of a code is refused, and ends what the first one began: one of the two is a thief."""
    signing_in = SigningIn(http)
    code = await signing_in.code()
    first = (await signing_in.exchange(code)).json()

    assert error_of(await signing_in.exchange(code)) == (400, "invalid_grant")
    assert error_of(await refresh(http, first["refresh_token"])) == (400, "invalid_grant")


@pytest.mark.parametrize(
    "change",
    [
        {"code_verifier": "x" * 43},
        {"code_verifier": "é" * 43},
        {"redirect_uri": CONSOLE},
        {"code": "unknown"},
    ],
    ids=str,
)
async def test_a_code_of_somebody_else(change: dict[str, str], http: httpx.AsyncClient) -> None:
    """A code is worth nothing without the verifier and the redirect address of the attempt it belongs to."""
    signing_in = SigningIn(http)

    refused = await signing_in.exchange(await signing_in.code(), **change)

    assert error_of(refused) == (400, "invalid_grant")
    assert refused.headers["cache-control"] == "no-store"


async def test_a_failed_attempt_uses_the_code_up(http: httpx.AsyncClient) -> None:
    """Nobody can try several verifiers."""
    signing_in = SigningIn(http)
    code = await signing_in.code()
    await signing_in.exchange(code, code_verifier="x" * 43)

    assert error_of(await signing_in.exchange(code)) == (400, "invalid_grant")


async def test_a_code_expires(http: httpx.AsyncClient, clock: Clock) -> None:
    """A code holds for less than 60 seconds."""
    early, late = SigningIn(http), SigningIn(http)
    codes = await early.code(), await late.code()

    clock.advance(seconds=59)
    assert (await early.exchange(codes[0])).status_code == 200
    clock.advance(seconds=1)
    assert error_of(await late.exchange(codes[1])) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"code": ""}, "invalid_request"),
        ({"code_verifier": ""}, "invalid_request"),
        ({"redirect_uri": ""}, "invalid_request"),
    ],
    ids=str,
)
async def test_a_wrong_exchange(change: dict[str, str], error: str, http: httpx.AsyncClient) -> None:
    """A request for tokens that lacks something is refused with the word of RFC 6749."""
    signing_in = SigningIn(http)

    assert error_of(await signing_in.exchange(await signing_in.code(), **change)) == (400, error)


async def test_an_unknown_client_gets_no_tokens(http: httpx.AsyncClient) -> None:
    """A code is exchanged by the client that asked for it only; an unknown one does not use it up."""
    signing_in = SigningIn(http)
    code = await signing_in.code()

    for unknown in ({"client_id": "another"}, {"client_id": ""}, {"client_secret": "guessed"}):
        assert error_of(await signing_in.exchange(code, **unknown)) == (401, "invalid_client")
    assert (await signing_in.exchange(code)).status_code == 200


async def test_a_client_proves_itself_with_its_secret(confidential: httpx.AsyncClient) -> None:
    """A client that has a secret sends it in the body or as HTTP Basic, and not in both."""
    signing_in = SigningIn(confidential)
    secret = "a secret: 100%"
    basic = base64.b64encode(b"ser-console:a+secret%3A+100%25").decode()

    assert error_of(await signing_in.exchange(await signing_in.code())) == (401, "invalid_client")
    assert (await signing_in.exchange(await signing_in.code(), client_secret=secret)).status_code == 200
    for authorization, body, status in (
        (f"Basic {basic}", {}, 200),
        (f"Basic {basic}", {"client_secret": secret}, 400),
        ("Basic ???", {}, 401),
        ("Bearer x", {}, 401),
    ):
        confidential.headers["authorization"] = authorization
        answer = await signing_in.exchange(await signing_in.code(), client_id="", **body)
        assert answer.status_code == status
        assert ("www-authenticate" in answer.headers) == (status != 200)


async def test_refresh_tokens_rotate(http: httpx.AsyncClient, clock: Clock, home: Home) -> None:
    """Each refresh token gets new tokens once; the new ID token is the same person's."""
    first = await SigningIn(http).tokens()
    clock.advance(minutes=10)

    second = (await refresh(http, first["refresh_token"])).json()

    assert second["refresh_token"] != first["refresh_token"]
    before, after = claims_of(first["access_token"]), claims_of(second["access_token"])
    assert after["exp"] - before["exp"] == 600
    assert (after["sub"], after["lea"], after["roles"]) == (before["sub"], before["lea"], before["roles"])
    identity = claims_of(second["id_token"])
    assert identity["auth_time"] == claims_of(first["id_token"])["auth_time"]
    assert identity["sid"] == claims_of(first["id_token"])["sid"]


async def test_a_refresh_token_used_twice_ends_the_sign_in(http: httpx.AsyncClient) -> None:
    """If an old refresh token comes again, somebody has copied it: the newest one holds no longer either."""
    first = await SigningIn(http).tokens()
    second = (await refresh(http, first["refresh_token"])).json()

    assert error_of(await refresh(http, first["refresh_token"])) == (400, "invalid_grant")
    assert error_of(await refresh(http, second["refresh_token"])) == (400, "invalid_grant")


async def test_a_sign_in_ends_after_twelve_hours(http: httpx.AsyncClient, clock: Clock) -> None:
    """However often tokens are refreshed, a person signs in again after twelve hours."""
    given = await SigningIn(http).tokens()
    clock.advance(hours=11, minutes=59)
    given = (await refresh(http, given["refresh_token"])).json()
    clock.advance(minutes=1)

    assert error_of(await refresh(http, given["refresh_token"])) == (400, "invalid_grant")


async def test_a_revoked_refresh_token_gets_nothing(http: httpx.AsyncClient) -> None:
    """The console revokes a refresh token at sign-out. An unknown token is no error (RFC 7009)."""
    given = await SigningIn(http).tokens()

    for revoked in (given["refresh_token"], given["refresh_token"], "unknown"):
        answer = await http.post("/revoke", data={"token": revoked, "client_id": "ser-console"})
        assert answer.status_code == 200

    assert error_of(await refresh(http, given["refresh_token"])) == (400, "invalid_grant")
    assert error_of(await http.post("/revoke", data={"token": "x"})) == (401, "invalid_client")
    assert error_of(await http.post("/revoke", data={"client_id": "ser-console"})) == (400, "invalid_request")


async def test_signing_out_returns_to_the_console(http: httpx.AsyncClient, clock: Clock) -> None:
    """Signing out ends the refresh token, even if the ID token has expired, and leads back to the console."""
    given = await SigningIn(http).tokens()
    clock.advance(hours=1)
    hint = {"id_token_hint": given["id_token"], "post_logout_redirect_uri": f"{CONSOLE}/signed-out"}

    ended = await http.get("/end-session", params=hint | {"state": "bye"})

    assert ended.headers["location"] == f"{CONSOLE}/signed-out?state=bye"
    assert error_of(await refresh(http, given["refresh_token"])) == (400, "invalid_grant")


@pytest.mark.parametrize(
    "asked",
    [
        {"post_logout_redirect_uri": "http://elsewhere.example/", "client_id": "ser-console"},
        {"post_logout_redirect_uri": f"{CONSOLE}/signed-out"},
        {"post_logout_redirect_uri": f"{CONSOLE}/signed-out", "id_token_hint": "forged"},
    ],
    ids=str,
)
async def test_signing_out_leads_nowhere_else(asked: dict[str, str], http: httpx.AsyncClient) -> None:
    """Without a known client and address one sees a page that says that one is signed out."""
    for ended in (await http.get("/end-session", params=asked), await http.post("/end-session", data=asked)):
        assert ended.status_code == 200
        assert "location" not in ended.headers


async def test_a_service_refuses_an_id_token(http: httpx.AsyncClient, home: Home) -> None:
    """The ID token is for the console: a service that gets it in place of the access token refuses it."""
    given = await SigningIn(http).tokens()

    assert not isinstance(actor_of(given["id_token"], home), Actor)


async def test_an_access_token_ends_no_session(http: httpx.AsyncClient) -> None:
    """An access token is no ID token, although the same key signed it."""
    given = await SigningIn(http).tokens()
    await http.get("/end-session", params={"id_token_hint": given["access_token"]})

    assert (await refresh(http, given["refresh_token"])).status_code == 200


async def test_the_issuer_answers_loopback_names_only(http: httpx.AsyncClient) -> None:
    """A site that lets its own name point at this machine reaches nothing."""
    for host, status in {
        "localhost:18010": 200,
        "[::1]:18010": 200,
        "127.0.0.1": 200,
        "rebound.example:18010": 421,
        "127.0.0.1.example": 421,
        "": 421,
    }.items():
        assert (await http.get("/health/live", headers={"host": host})).status_code == status


async def test_the_pages_are_strict(http: httpx.AsyncClient) -> None:
    """A page runs no script, no other site frames it, and its form leads to the console only."""
    for page in (await SigningIn(http).ask(), await http.get("/end-session"), await http.get("/authorize")):
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert f"form-action 'self' {CONSOLE}" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script-src" not in policy
        assert "<script" not in page.text
        assert "style=" not in page.text
        assert page.headers["cache-control"] == "no-store"
        assert page.text.count("<h1>") == 1
        assert '<html lang="en">' in page.text


async def test_a_body_is_a_form(http: httpx.AsyncClient) -> None:
    """A body of another kind, or an endless one, is refused before it is read to its end."""
    other = await http.post("/token", json={"grant_type": "refresh_token"})
    large = await http.post("/token", content=b"a=" + b"b" * 30_000, headers=FORM)

    assert error_of(other) == error_of(large) == (400, "invalid_request")
