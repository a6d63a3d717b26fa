"""What holds for every answer of the console: headers, no other site, no names outside, one verdict."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from console.backend import Answer, Query
from console.fields import Field, Kind
from console.forms import Form, NumberedCommand, body_of, numbered
from console.screens import SCREENS
from console.sign_ins import COOKIE
from console.words import FORMS
from contracts.catalog import commands
from contracts.provision import AddService, ServiceTerms
from deploy.local.postgres import plain
from tests.console.browser.cases import CASES
from tests.console.browser.test_cases import routes
from tests.console.children import OWN, PLANNED, PROVIDER, Children
from tests.console.people import EVERYBODY, Visitor, person
from tests.console.running import ConsoleSystem

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
]
SESSION = pytest.mark.asyncio(loop_scope="session")

POSTS = sorted(route.removeprefix("POST ") for route in routes() if route.startswith("POST "))
_ADDRESSES = {case.route: case.address for case in reversed(CASES) if case.act is None}
_SOME_ID = "8bca4144-71fa-5edb-a764-f2bc755c9e32"


def address_of(route: str, children: Children) -> str:
    """An address of a route, of a student who exists."""
    if route in _ADDRESSES:
        return _ADDRESSES[route].format(**children.facts()).partition("?")[0]
    return re.sub(r"\{[^}]+\}", _SOME_ID, route)


@SESSION
@pytest.mark.parametrize("route", POSTS)
async def test_no_other_site_can_send(
    route: str, visitors: dict[str, Visitor], children: Children, system: ConsoleSystem
) -> None:
    """A form of another site does nothing, though the browser sends the cookie with it."""
    path, one = address_of(route, children), visitors["writer"]
    for headers in (
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site", "origin": system.url},
        {"sec_fetch_site": "none"},
        {"sec_fetch_site": "", "origin": "http://127.0.0.1:1"},
        {"sec_fetch_site": "", "origin": "null"},
        {"sec_fetch_site": ""},
    ):
        answer = await one.post(path, {"text": "x"}, **headers)
        assert answer.status_code == 403, f"{headers}: {answer.status_code}"
        assert "CON-003" in answer.text


@SESSION
async def test_an_old_browser_may_send_by_its_origin(
    visitors: dict[str, Visitor], system: ConsoleSystem
) -> None:
    """A browser without `Sec-Fetch-Site` says its origin."""
    answer = await visitors["reader"].post(
        "/keyboard", {"shortcuts": "on"}, sec_fetch_site="", origin=system.url
    )
    assert answer.status_code == 303


@SESSION
async def test_every_answer_has_the_headers(visitors: dict[str, Visitor], children: Children) -> None:
    """Pages, parts, files, failures and redirects: none can be framed, sniffed, kept or scripted."""
    page = await visitors["reader"].get("/keyboard")
    files = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
    assert len(files) == 5
    others = ("/static/none.js", "/none", "/sign-in", "/health/live", "/parts/outcomes", "/help/JUR-004")
    answers = [
        page,
        *[await visitors["reader"].get(path) for path in (*files, *others)],
        await visitors["reader"].get(f"/students/{children.id('elsewhere')}"),
        await visitors["reader"].post("/keyboard", {}, sec_fetch_site="cross-site"),
    ]
    for answer in answers:
        headers = answer.headers
        parts = headers["content-security-policy"].split("; ")
        policy = dict(part.partition(" ")[::2] for part in parts)
        assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
        assert policy["require-trusted-types-for"] == "'script'"
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert "server" not in headers
        kept = answer.request.url.path in files
        assert ("immutable" in headers["cache-control"]) is kept
        assert (headers["cache-control"] == "no-store") is not kept


@SESSION
async def test_each_page_has_a_nonce_of_its_own(visitors: dict[str, Visitor]) -> None:
    """Injected markup cannot know the nonce of the page."""
    nonces = set()
    for _ in range(3):
        page = await visitors["reader"].get("/keyboard")
        (nonce,) = set(re.findall(r' nonce="([^"]+)"', page.text))
        assert f"'nonce-{nonce}'" in page.headers["content-security-policy"]
        nonces.add(nonce)
    assert len(nonces) == 3


@SESSION
@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics"])
async def test_probes_say_nothing_of_people(path: str, system: ConsoleSystem) -> None:
    """Probes and metrics need no sign-in, and name nobody."""
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(system.url + path)
    assert answer.status_code == 200
    assert not named_in(answer.text)


@SESSION
@pytest.mark.parametrize("route", sorted(case.route for case in CASES if case.state == "normal"))
async def test_nobody_sees_a_page_without_signing_in(
    route: str, system: ConsoleSystem, children: Children
) -> None:
    """A stranger is sent to the sign-in, from every screen but that of the signed-out."""
    if route == "/signed-out":
        pytest.skip("it is the page of those who are signed out")
    async with httpx.AsyncClient(trust_env=False) as http:
        for cookie in ("", "x" * 43):
            headers = {"cookie": f"{COOKIE}={cookie}"}
            answer = await http.get(system.url + address_of(route, children), headers=headers)
            assert answer.status_code == 303
            assert answer.headers["location"].startswith("/sign-in?to=")
            assert not answer.text


STRANGE = f"""
/students/abc /students/1 /students/%00 /students/../../etc/passwd /students/٣٣٣٣٣٣٣٣٣٣
/search/99999999999999999999 /search/9223372036854775808 /search/0 /search/-1 /search/x
/outcomes/x /outcomes/{_SOME_ID}
/parts/outcomes?n=x /parts/outcomes?n=-5&sent=x /parts/outcomes?n=99999999999&sent={_SOME_ID}
/due?days=x /due?days=-99999 /due?days=99999999999999999999 /due?kind=%00 /due?after=%00
/child-count?as_of=%00&lea=%00 /child-count/students?after=x&reason=x /child-count/students?lea=%FF
/help/%00 /help?code=%00 /static/%00 /static/../app.py /students/new?state_id=%00
/students/{{served}}/why?as_of=x /students/{{served}}/history?kind=x&after=x /students/{{served}}/ieps/x
/students/{{served}}?again=x&sent=x /students/{{served}}?again={_SOME_ID}
/students/{{served}}/ieps/{{served_iep_id}}/forms/XXX /students/{{served}}/ieps/{_SOME_ID}
/students/{{served}}/evaluations/{_SOME_ID} /students/{{served}}/ieps/{{served_iep_id}}/forms/IPL?area=%00
""".split()


@SESSION
@pytest.mark.parametrize("address", STRANGE)
async def test_no_address_meets_a_defect(
    address: str, visitors: dict[str, Visitor], children: Children
) -> None:
    """Whatever somebody writes into the address bar, it is no defect of the console."""
    answer = await visitors["auditor"].get(address.format(**children.facts()))
    assert answer.status_code < 500, answer.status_code


@SESSION
@pytest.mark.parametrize("route", POSTS)
async def test_no_form_meets_a_defect(route: str, visitors: dict[str, Visitor], children: Children) -> None:
    """Whatever a browser sends as a form, it is no defect of the console."""
    path = address_of(route, children)
    if route == "/sign-out":
        pytest.skip("it ends the sign-in, whatever was sent")
    about = {"student_id": students[0]} if (students := re.findall("[0-9]{10}", path)) else {}
    forms: list[Mapping[str, object]] = [{}, {"form": "x"}, {"text": "\0"}]
    for form in SCREENS.get(route, ()):
        named = {"form": form.key, "command_id": str(uuid4()), "student_id": "\0'\"<"}
        strange = {field.path: "\0\ufffe" + "x" * 3000 for field in form.fields}
        forms += [
            {"form": form.key},
            {"form": form.key, "command_id": "x"},
            named,
            named | {"command_id": str(uuid4())} | strange,
            named | {"command_id": str(uuid4()), "on_revision": "x", "form_code": "x", "add_row": "x"},
            {"form": form.key, "command_id": str(uuid4())} | about,
            {"form": form.key, "command_id": str(uuid4()), "on_revision": "²", "copy": "../x\0"} | about,
            {"form": form.key, "command_id": str(uuid4()), "on_revision": "9" * 5000} | about,
        ]
    for sent in forms:
        answer = await visitors["submitter"].post(path, sent)
        assert answer.status_code < 500, f"{sent}: {answer.status_code}"


@SESSION
async def test_a_search_too_many(visitors: dict[str, Visitor]) -> None:
    """After sixty searches in a minute the console says when to go on."""
    one = visitors["secure id"]
    answers = [await one.post("/find", {"text": "x"}) for _ in range(62)]
    assert answers[-1].status_code == 429
    assert "CON-004" in answers[-1].text
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60


NAMES = frozenset(name for planned in PLANNED.values() for name in (planned.first, planned.last))


def named_in(text: str) -> set[str]:
    """The students' names in a text."""
    return {name for name in NAMES if re.search(rf"\b{name}\b", text)}


@SESSION
async def test_names_stay_in_the_services(
    visitors: dict[str, Visitor], children: Children, system: ConsoleSystem
) -> None:
    """No log and no table of the console holds a name that somebody saw, searched for or typed (P12)."""
    one = visitors["coordinator"]
    page = f"/students/{children.id('served')}"
    planned = PLANNED["served"]
    assert planned.last in (await one.get(page)).text
    answer = await one.post("/find", {"text": f"{planned.first} {planned.last}"})
    assert planned.last in (await one.get(answer.headers["location"])).text
    assert not named_in(answer.headers["location"])
    form = {"form": "SaveGuardian", "command_id": str(uuid4()), "guardian_id": str(uuid4())}
    typed = {"student_id": children.id("served"), "guardian.first_name": planned.first}
    await one.post(page + "/guardians", form | typed | {"guardian.last_name": planned.last})
    await one.post(page + "/guardians", form | typed | {"command_id": str(uuid4()), "guardian.phone": "x"})
    for log in system.logs():
        assert not named_in(log.read_text(errors="replace")), log.name
    for table, text in (await tables(system)).items():
        assert not named_in(text), table


async def tables(system: ConsoleSystem) -> dict[str, str]:
    """Every row of every table of the console, as text; bytes as they are."""
    connection = await asyncpg.connect(plain(system.database_url()))
    try:
        names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        found = {}
        for (name,) in names:
            rows = await connection.fetch(f'SELECT * FROM "{name}"')
            values = (value for row in rows for value in row.values())
            found[name] = "\n".join(
                value.decode("latin-1") if isinstance(value, bytes) else str(value) for value in values
            )
        return found
    finally:
        await connection.close()


ASKED = sorted(
    {
        (form.command.__name__, path, form.key)
        for path, forms in SCREENS.items()
        for form in forms
        if not form.has_file
    }
)
"""The forms without a file."""


@SESSION
@pytest.mark.usefixtures("rested")
@pytest.mark.parametrize(("command", "path", "key"), ASKED, ids=[f"{key} {path}" for _, path, key in ASKED])
async def test_the_console_decides_nothing(
    command: str, path: str, key: str, visitors: dict[str, Visitor], children: Children, system: ConsoleSystem
) -> None:
    """Everybody gets the verdict that the service itself gives: the same word, the same codes."""
    form = next(one for one in SCREENS[path] if one.key == key)

    async def both(name: str) -> tuple[Verdict, Verdict]:
        typed, service = typed_into(form, children, name), Direct(system, name)
        command = await command_of(form, typed, service)
        page = await visitors[name].post(judged_address(path, typed), typed)
        shown = await on_the_page(visitors[name], page)
        return shown, await at_service(service, command, again=shown[0] == "Done")

    found = {name: await both(name) for name in EVERYBODY}  # one after the other: some of them are Done
    assert not {name: verdicts for name, verdicts in found.items() if differ(*verdicts)}
    refused = {name for name, (_, verdict) in found.items() if any("ACC-" in one for one in verdict[1] or ())}
    assert refused >= {"reader", "auditor"}, "nobody without the role may do this"


_FILE = '--X\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nWords\r\n--X--\r\n'


@SESSION
@pytest.mark.usefixtures("rested")
@pytest.mark.parametrize("command", ["AddAttachment", "ReplaceAttachment"])
async def test_the_console_decides_nothing_about_files(
    command: str, visitors: dict[str, Visitor], children: Children, system: ConsoleSystem
) -> None:
    """Whoever may not upload a file is told so by the service, and the page repeats it."""
    facts = children.facts()
    student_id, attachment_id = facts["reported"], facts["reported_attachment_id"]
    address = f"/students/{student_id}/attachments"
    page = address if command == "AddAttachment" else f"{address}/{attachment_id}"
    for name in EVERYBODY:
        values = {
            "form": command,
            "command_id": str(uuid4()),
            "student_id": student_id,
            "attachment_id": str(uuid4()) if command == "AddAttachment" else attachment_id,
            "description": "Words",
        }
        parts = (f'name="{name}"\r\n\r\n{value}\r\n' for name, value in values.items())
        form = "".join(f"--X\r\nContent-Disposition: form-data; {part}" for part in parts) + _FILE
        shown = await visitors[name].send_bytes(page, "multipart/form-data; boundary=X", form)
        path = f"{address}/{values['attachment_id']}/content"
        said = await Direct(system, name).upload("students", path, b"Words")
        if said.is_success:
            assert shown.status_code == 303, (name, _codes(shown.text))
        elif shown.status_code == 422:
            assert _codes(shown.text) == {finding["code"] for finding in said.json()["findings"]}
        else:
            assert (shown.status_code, name) == (403, "other LEA")


def judged_address(path: str, typed: Mapping[str, Sequence[str]]) -> str:
    """The address of the screen that shows the form."""
    one = typed["student_id"][0]
    named = {
        "code": typed["form_code"][0],
        "one": one,
        "other": (typed.get("into") or typed.get("to") or [one])[0],
    }
    named["claim_id"] = typed.get("spell_id", [one])[0]
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: named.get(found[1]) or typed[found[1]][0], path)


def differ(page: "Verdict", service: "Verdict") -> bool:
    """Whether the page says another verdict than the service."""
    return page[0] != service[0] or page[1] not in (None, service[1])


Verdict = tuple[str, frozenset[str] | None]
"""Done, Waiting or Refused, and the codes; None if the page does not show them."""

_WORDS = {"accepted": "Done", "held": "Waiting", "refused": "Refused"}


def typed_into(form: Form, children: Children, name: str) -> dict[str, list[str]]:
    """A form in which each field has a value, about a student whose records can change no more.

    Each person has a calendar year of its own, since a calendar that says nothing new is no change.
    """
    year = str(2160 + EVERYBODY.index(name))
    facts = children.facts() | {
        "judged_year": year,
        "judged_consent_id": str(uuid4()),
        "judged_entry_id": str(uuid4()),
        "judged_session_id": str(uuid4()),
        "judged_recorded_on": "2020-10-01",
        "judged_lea": OWN,
        "judged_spell_id": children.facts()["judged_claim_id"],
        "judged_into": children.unknown,
        "judged_to": children.unknown,
        "judged_with_id": children.unknown,
        "judged_provider_id": PROVIDER,
        "judged_terms.service_code": "SPE",
        "judged_terms.begin_on": "2020-10-01",
    }
    typed = {field.path: [_value(field)] for field in form.fields if field.kind is not Kind.ROWS}
    given = {
        name: [facts[f"judged_{'iep_id' if name == 'amends' else name}"]]
        for name in form.given
        if name != "student_id"
    }
    code = form.key.removeprefix("Save")
    return (
        typed
        | given
        | {
            "form": [form.key],
            "command_id": [str(uuid4())],
            "student_id": [children.id("judged")],
            "service_id": [facts["judged_service_id"]],
            "evaluation_id": [facts["judged_evaluation_id"]],
            "copies": [facts["judged_iep_id"]],
            "add": [_service_of(facts)],
            "records": [f"AssignService.{facts['judged_service_id']}"],
            "sessions.0.service_id": [facts["judged_service_id"]],
            "sessions.0.given_on": ["10/1/2020"],
            "sessions.0.minutes": ["30"],
            "sessions.0.provider_id": [PROVIDER],
            "form_code": [code if code in FORMS else "ACC"],
        }
    )


def _service_of(facts: Mapping[str, str]) -> str:
    """A row of *Services from the IEP*: a service that begins before its IEP."""
    terms = ServiceTerms(service_code="SPE", begin_on=date(2020, 10, 1), sessions=1, minutes_per_session=30)
    names = {name: facts[f"judged_{name}"] for name in ("service_id", "iep_id")}
    return AddService(student_id=facts["judged"], terms=terms, **names).model_dump_json()


_VALUES = {
    "school": "017002",
    "phone": "225-555-0100",
    "provider_id": "T1",
    "teacher_of_record": "T1",
    "start_time": "09:30",
}
"""Texts of fields that take no words."""


def _value(field: Field) -> str:
    match field.kind:
        case Kind.DAY:
            return "10/1/2020"
        case Kind.NUMBER:
            return "30"
        case _ if field.options:
            return field.options[0].value
        case Kind.TICK | Kind.YES_NO:
            return "yes"
        case _:
            return _VALUES.get(field.path.rpartition(".")[2], "Words")


async def on_the_page(one: Visitor, page: httpx.Response) -> Verdict:
    """The verdict as the page says it."""
    assert page.status_code in (303, 403, 404, 422), page.status_code
    if page.status_code in (403, 404):  # the page itself is not for this person
        return "Refused", None
    if page.status_code == 422:
        return "Refused", _codes(page.text)
    shown = await one.settled(page.headers["location"])
    word = re.search(r'aria-label="[^"]*: (Done|Waiting|Refused)"', shown.text)
    assert word, shown.text
    return word[1], _codes(shown.text) if word[1] == "Refused" else frozenset()


def _codes(text: str) -> frozenset[str]:
    main = text.partition("<main")[2].partition("<h1")[0]
    return frozenset(re.findall(r"/help/([A-Z]{3}-[0-9]{3})", main))


async def command_of(form: Form, typed: Mapping[str, Sequence[str]], service: "Direct") -> NumberedCommand:
    """The first command that the form asks for, as the console sends it."""
    body = body_of(form, typed, Direct.today)
    assert isinstance(body, dict), body
    commands = await form.build(service, body, typed) if form.build else [(form.command, body)]
    return numbered(UUID(typed["command_id"][0]), commands, form.each)[0]


async def at_service(service: "Direct", one: NumberedCommand, *, again: bool) -> Verdict:
    """The verdict of the service on the same command, sent without the console.

    `again`: it is the very command that the console sent, which SER does once. Otherwise it has its own id.
    """
    said = (await service.send(one, one.command_id if again else uuid4())).json()
    word = _WORDS.get(said.get("status"), "Refused")
    codes = frozenset(finding["code"] for finding in said.get("findings", ()))
    return word, codes if word == "Refused" else frozenset()


class Direct:
    """A person who uses the services without the console."""

    today = date(2020, 10, 1)

    def __init__(self, system: ConsoleSystem, name: str) -> None:
        who = person(name)
        token = system.local.issuer.token(who.lea, who.roles, who.sub)
        self._urls, self._headers = system.urls, {"Authorization": f"Bearer {token}"}

    async def ask(self, query: Query[Any], **path: Any) -> Answer[Any]:
        """The answer to a query."""
        answer = await self._request(query.method, query.service, query.address(**path))
        given = query.read(answer.content) if answer.is_success else None
        return Answer(answer.status_code, given)

    async def upload(self, service: str, path: str, content: bytes) -> httpx.Response:
        """The answer to an upload."""
        return await self._request("PUT", service, path, content=content)

    async def send(self, one: NumberedCommand, command_id: UUID) -> httpx.Response:
        """The outcome of a command."""
        service = commands()[one.command].owner
        headers = {"Command-Id": str(command_id), "Prefer": "wait=10"}
        return await self._request(
            "POST", service, f"/commands/{one.command}", json=one.body, headers=headers
        )

    async def _request(
        self, method: str, service: str, path: str, *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        # Nothing is encrypted on the loopback. To read the certificates takes longer than the request.
        async with httpx.AsyncClient(trust_env=False, timeout=20, verify=False) as http:
            return await http.request(
                method, self._urls[service] + path, headers={**self._headers, **(headers or {})}, **more
            )
