"""Signing in and out at the issuer, and what happens to a form when the sign-in ends under it."""

import hashlib
import re
import time
from collections.abc import AsyncIterator
from datetime import datetime
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from cryptography.fernet import Fernet
from sqlalchemy.ext.asyncio import create_async_engine

from console.rates import Rate
from console.sealing import Sealer
from console.settings import Settings
from console.sign_ins import COOKIE, SignIns
from console.signing_in import BEGUN
from deploy.local.postgres import plain
from tests.console.children import Children
from tests.console.people import SUBJECTS, Visitor, hidden_inputs, visitor
from tests.console.running import ConsoleSystem

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    pytest.mark.asyncio(loop_scope="session"),
]

_SEATS = iter(range(40, 250))


@pytest_asyncio.fixture(loop_scope="session")
async def stranger(system: ConsoleSystem) -> AsyncIterator[Visitor]:
    """Somebody at an address of its own, who is not signed in."""
    async with visitor(system.url, next(_SEATS)) as one:
        yield one


async def test_a_person_comes_back_to_the_page(stranger: Visitor) -> None:
    """Whoever opens a page first signs in, and is then on that page."""
    answer = await stranger.get("/keyboard?x=1")
    assert answer.status_code == 303
    to = answer.headers["location"]
    assert to == "/sign-in?to=%2Fkeyboard%3Fx%3D1"
    address = (await stranger.get(to)).headers["location"]
    back = await stranger.get(await stranger.choose(address, SUBJECTS["reader"]))
    assert (back.status_code, back.headers["location"]) == (303, "/keyboard?x=1")
    assert (await stranger.get("/keyboard")).status_code == 200


async def test_cookies_are_out_of_reach(stranger: Visitor) -> None:
    """The cookies are for this host, for https, for no script; nothing else of the person is in them."""
    first = await stranger.get("/sign-in")
    (begun,) = first.headers.get_list("set-cookie")
    last = await stranger.sign_in("reader")
    named = {header.split("=")[0]: header for header in last.headers.get_list("set-cookie")}
    assert named.keys() == {BEGUN, COOKIE}
    for header in (begun, *named.values()):
        flags = {part.strip().lower() for part in header.split(";")[1:]}
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= flags
        assert not [flag for flag in flags if flag.startswith("domain")]
    assert "Max-Age=600" in begun
    assert "Max-Age" not in named[COOKIE]
    assert len(stranger.cookie) >= 43


async def test_signing_in_again_has_a_new_cookie(stranger: Visitor) -> None:
    """A cookie from before the sign-in is worth nothing after it."""
    await stranger.sign_in("reader")
    before = stranger.cookie
    await stranger.sign_in("reader")
    assert stranger.cookie != before
    stranger.cookies[COOKIE] = before
    assert (await stranger.get("/keyboard")).status_code == 303


async def test_a_code_signs_in_once(stranger: Visitor) -> None:
    """Whoever sends a code a second time is not signed in."""
    address = await stranger.choose(await stranger.begin(), SUBJECTS["reader"])
    begun = stranger.cookies[BEGUN]
    assert (await stranger.get(address)).status_code == 303
    del stranger.cookies[COOKIE]
    stranger.cookies[BEGUN] = begun
    answer = await stranger.get(address)
    assert answer.status_code == 400
    assert "CON-011" in answer.text
    assert COOKIE not in stranger.cookies


@pytest.mark.parametrize(
    "wrong", ["state", "no state", "no cookie", "changed cookie", "old cookie", "refused", "no code"]
)
async def test_a_sign_in_that_did_not_begin_here_fails(
    stranger: Visitor, wrong: str, system: ConsoleSystem
) -> None:
    """A code with another state, or without the cookie of its beginning, signs nobody in."""
    address = await stranger.choose(await stranger.begin(), SUBJECTS["reader"])
    match wrong:
        case "state":
            address = re.sub(r"state=[^&]+", "state=other", address)
        case "no state":
            address = re.sub(r"&?state=[^&]+", "", address)
        case "no cookie":
            del stranger.cookies[BEGUN]
        case "changed cookie":
            stranger.cookies[BEGUN] = stranger.cookies[BEGUN][:-6] + "AAAAA="
        case "old cookie":
            keys = Fernet(system.console_settings()["SER_CONSOLE_KEYS"])
            kept = keys.decrypt(stranger.cookies[BEGUN])
            stranger.cookies[BEGUN] = keys.encrypt_at_time(kept, int(time.time()) - 601).decode()
        case "refused":
            state = parse_qs(urlsplit(address).query)["state"][0]
            address = f"/signed-in?error=access_denied&state={state}"
        case "no code":
            address = re.sub(r"code=[^&]+", "code=", address)
    answer = await stranger.get(address)
    assert answer.status_code == 400
    assert "CON-011" in answer.text
    assert COOKIE not in stranger.cookies


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "http://[::1"]
)
async def test_a_sign_in_leads_to_no_other_site(stranger: Visitor, to: str) -> None:
    """`to` is an address of the console, or it is the work list."""
    answer = await stranger.sign_in("reader", to)
    assert answer.headers["location"] == "/"


async def test_signing_out_ends_everything(stranger: Visitor, system: ConsoleSystem) -> None:
    """The cookie, the sign-in and what the browser keeps are gone; the issuer hears of it, too."""
    await stranger.sign_in("reader")
    cookie = stranger.cookie
    answer = await stranger.post("/sign-out")
    assert answer.status_code == 303
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert answer.headers["location"].startswith(f"http://127.0.0.1:{system.ports['issuer']}/")
    assert COOKIE not in stranger.cookies
    stranger.cookies[COOKIE] = cookie
    assert (await stranger.get("/")).status_code == 303


async def test_signing_out_needs_a_form_of_the_console(stranger: Visitor) -> None:
    """No other site can sign somebody out."""
    await stranger.sign_in("reader")
    answer = await stranger.post("/sign-out", sec_fetch_site="cross-site")
    assert answer.status_code == 403
    assert (await stranger.get("/keyboard")).status_code == 200


async def test_an_ended_sign_in_gives_the_form_back(
    stranger: Visitor, system: ConsoleSystem, children: Children
) -> None:
    """Nothing typed is lost: the person signs in again and sends the same form, which happens once."""
    await stranger.sign_in("writer")
    page, guardian, command_id = f"/students/{children.id('guarded')}/guardians", str(uuid4()), str(uuid4())
    form = {
        "form": "SaveGuardian",
        "command_id": command_id,
        "student_id": children.id("guarded"),
        "guardian_id": guardian,
        "guardian.first_name": 'Odette <&> "Ô"',
        "guardian.last_name": "Fontenot",
    }
    await end_sign_in(system, stranger.cookie)
    back = await stranger.post(page, form)
    assert back.status_code == 401
    assert "CON-002" in back.text
    again = hidden_inputs(back)
    assert again == form
    await stranger.sign_in("writer")
    for _ in range(2):
        sent = await stranger.post(page, again)
        assert sent.status_code == 303, sent.text
    shown = await stranger.get(sent.headers["location"])
    assert "Save guardian: Done" in shown.text
    assert shown.text.count(f"/guardians/{guardian}") == 1


async def test_a_part_of_a_page_just_ends(stranger: Visitor) -> None:
    """A panel that asks by itself gets no page to sign in, so it cannot appear inside another page."""
    answer = await stranger.get("/parts/outcomes", hx_request="true")
    assert (answer.status_code, answer.text) == (401, "")


async def test_too_many_sign_ins(stranger: Visitor) -> None:
    """After so many sign-ins in a minute from one address the console says when to go on."""
    _, most = Rate.SIGN_IN.value
    answers = [await stranger.get("/sign-in") for _ in range(most + 1)]
    assert [answer.status_code for answer in answers] == [303] * most + [429]
    assert int(answers[-1].headers["retry-after"]) <= 60
    assert "CON-004" in answers[-1].text


async def test_a_stranger_cannot_name_another_address(stranger: Visitor) -> None:
    """Only a proxy that the settings name may say where a request comes from."""
    _, most = Rate.SIGN_IN.value
    answers = [await stranger.get("/sign-in", x_forwarded_for=f"10.0.0.{n}") for n in range(most + 1)]
    assert answers[-1].status_code == 429


async def test_people_behind_a_proxy_are_counted_by_their_own_addresses(system: ConsoleSystem) -> None:
    """A named proxy says where each request comes from, so one LEA cannot use up the limit of another."""
    _, most = Rate.SIGN_IN.value
    async with visitor(system.url) as proxy:
        for _ in range(most):
            assert (await proxy.get("/sign-in", x_forwarded_for="10.0.1.1")).status_code == 303
        assert (await proxy.get("/sign-in", x_forwarded_for="10.0.1.1")).status_code == 429
        assert (await proxy.get("/sign-in", x_forwarded_for="10.0.1.2")).status_code == 303


async def test_the_issuer_may_be_away(stranger: Visitor, system: ConsoleSystem) -> None:
    """The console says so; whoever is signed in goes on."""
    await stranger.sign_in("reader")
    begun = await stranger.begin()
    address = await stranger.choose(begun, SUBJECTS["reader"])
    system.kill("issuer")
    try:
        answer = await stranger.get(address)
        assert answer.status_code == 503
        assert "CON-010" in answer.text
        assert (await stranger.get("/keyboard")).status_code == 200
    finally:
        system.repair()


async def test_a_sign_in_goes_on_while_the_issuer_is_away(stranger: Visitor, system: ConsoleSystem) -> None:
    """An access token that ends soon serves until its end if the issuer gives no new one."""
    await stranger.sign_in("reader")
    await let_token_end(system, stranger.cookie, seconds=30)
    system.kill("issuer")
    try:
        assert (await stranger.get("/keyboard")).status_code == 200
        await let_token_end(system, stranger.cookie, seconds=-1)
        page = await stranger.get("/keyboard")
        back = await stranger.post("/keyboard", {"shortcuts": "on"})
    finally:
        system.repair()
    assert (page.status_code, back.status_code) == (503, 503)
    assert "CON-010" in page.text
    assert hidden_inputs(back) == {"shortcuts": "on"}


async def test_the_database_may_be_away(stranger: Visitor, system: ConsoleSystem) -> None:
    """The console says so, and gives a form back with everything typed."""
    await stranger.sign_in("reader")
    form = {"text": "Fontenot <&>", "first": "Odette"}
    system.kill("postgres")
    try:
        page = await stranger.get("/keyboard")
        back = await stranger.post("/find?x=1", form)
    finally:
        system.repair()
    assert (page.status_code, back.status_code) == (503, 503)
    assert "CON-017" in page.text
    assert hidden_inputs(back) == form
    assert 'action="/find?x=1"' in back.text
    assert (await stranger.get("/keyboard")).status_code == 200


async def let_token_end(system: ConsoleSystem, cookie: str, *, seconds: int) -> None:
    """Lets the access token of a sign-in end in so many seconds."""
    connection = await asyncpg.connect(plain(system.database_url()))
    try:
        row = hashlib.sha256(cookie.encode()).digest()
        change = "UPDATE sign_ins SET token_expires_at = now() + $2 * interval '1 second' WHERE id = $1"
        assert await connection.execute(change, row, seconds) == "UPDATE 1"
    finally:
        await connection.close()


async def test_an_open_page_keeps_nobody_signed_in(stranger: Visitor, system: ConsoleSystem) -> None:
    """A page that waits for an outcome asks by itself, which is no sign that its reader is there."""
    await stranger.sign_in("reader")
    before = await let_idle(system, stranger.cookie, minutes=59)
    assert (await stranger.get("/parts/outcomes", hx_request="true")).status_code == 200
    assert await seen_at(system, stranger.cookie) == before
    assert (await stranger.get("/keyboard")).status_code == 200
    assert await seen_at(system, stranger.cookie) > before


async def test_old_work_is_forgotten(system: ConsoleSystem) -> None:
    """After seven days the console no longer knows which students a person opened."""
    connection = await asyncpg.connect(plain(system.database_url()))
    engine = create_async_engine(system.database_url())
    settings = Settings.model_validate(
        {
            name.removeprefix("SER_CONSOLE_").lower(): value
            for name, value in system.console_settings().items()
        }
    )
    try:
        await connection.execute(
            "INSERT INTO opened (person, student_id, at) VALUES ('017/x', '1', now() - interval '8 days'),"
            " ('017/x', '2', now() - interval '6 days')"
        )
        await SignIns(engine, Sealer(settings.keys), settings).forget_old()
        left = await connection.fetch("SELECT student_id FROM opened WHERE person = '017/x'")
    finally:
        await connection.close()
        await engine.dispose()
    assert [row["student_id"] for row in left] == ["2"]


async def let_idle(system: ConsoleSystem, cookie: str, *, minutes: int) -> datetime:
    """Lets so many minutes go by since the last page. Returns when that page was."""
    connection = await asyncpg.connect(plain(system.database_url()))
    try:
        row = hashlib.sha256(cookie.encode()).digest()
        change = "UPDATE sign_ins SET seen_at = now() - $2 * interval '1 minute' WHERE id = $1"
        assert await connection.execute(change, row, minutes) == "UPDATE 1"
    finally:
        await connection.close()
    return await seen_at(system, cookie)


async def seen_at(system: ConsoleSystem, cookie: str) -> datetime:
    """When the person last opened something."""
    connection = await asyncpg.connect(plain(system.database_url()))
    try:
        row = hashlib.sha256(cookie.encode()).digest()
        found = await connection.fetchval("SELECT seen_at FROM sign_ins WHERE id = $1", row)
    finally:
        await connection.close()
    assert isinstance(found, datetime)
    return found


async def end_sign_in(system: ConsoleSystem, cookie: str) -> None:
    """What an hour without a page does to a sign-in."""
    connection = await asyncpg.connect(plain(system.database_url()))
    try:
        row = hashlib.sha256(cookie.encode()).digest()
        assert await connection.execute("DELETE FROM sign_ins WHERE id = $1", row) == "DELETE 1"
    finally:
        await connection.close()
