"""A school system sends batch files: verdicts come back, rows are mended and sent again, intake is killed."""

import asyncio
import csv
import io
import zipfile
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer

from contracts import examples
from contracts.access import Role
from contracts.catalog import entry_of
from contracts.envelope import Envelope
from contracts.identity import IdentityAssigned
from deploy.local.postgres import plain
from intake.guide import example
from intake.record_types import RECORD_TYPES
from tests.console.running import ConsoleSystem
from tests.integration.running import until

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    pytest.mark.asyncio(loop_scope="session"),
]

LEA = "026"
"""An LEA of no other test: what the others look for stays as it is."""

SITE, MISREAD_SITE = "026004", "26004"
STUDENTS = [str(number) for number in range(2900000001, 2900000009)]
MISREAD, REFUSED = STUDENTS[2], STUDENTS[5]
"""The school site of one has lost its zero; the parents of the other decided before they were asked."""

FILES = (
    "students",
    "claims",
    "guardians",
    "evaluations",
    "exceptionalities",
    "ieps",
    "iep_plans",
    "iep_services",
)
MORE_FORMS = {
    **{"ESY_screened_on": "2017-08-14", "ESY_eligible": "N"},
    **{"LRE_environment": "RC80", "LRE_percent_in_regular_class": "90", "LRE_at_home_school": "Y"},
    "LRE_justification": "Speech is practised in a quiet room, twice a week.",
    **{"SIG_parent_signed_on": "2017-08-14", "SIG_lea_signed_on": "2017-08-14", "SIG_parent_consents": "Y"},
    "submit": "Y",
}
"""Columns of `ieps` that an IEP needs to become official."""

_OF_EXAMPLES = "1000000001"
_SECONDS = 240

Rows = list[list[str]]


class Sender:
    """An LEA's own system at intake's door."""

    def __init__(self, system: ConsoleSystem, lea: str = LEA, *roles: Role) -> None:
        token = system.local.issuer.token(lea, roles or (Role.WRITER, Role.IEP_SUBMITTER), "a.clerk")
        self.http = httpx.AsyncClient(
            base_url=system.intake.url, headers={"Authorization": f"Bearer {token}"}, timeout=30
        )

    async def send(self, content: bytes, name: str = "night.zip", **options: Any) -> httpx.Response:
        """Send a file."""
        return await self.http.post("/batches", params={"name": name, **options}, content=content)

    async def batch(self, batch_id: str) -> dict[str, Any]:
        """What intake says about a batch."""
        found: dict[str, Any] = (await self.http.get(f"/batches/{batch_id}")).json()
        return found

    async def when(
        self, batch_id: str, enough: Callable[[dict[str, Any]], bool], what: str
    ) -> dict[str, Any]:
        """The batch as soon as it is so far."""

        async def look() -> dict[str, Any] | None:
            try:
                found = await self.batch(batch_id)
            except httpx.TransportError:
                return None
            return found if enough(found) else None

        return await until(look, what, _SECONDS)

    async def done(self, batch_id: str) -> dict[str, Any]:
        """The batch when every row has its verdict."""
        return await self.when(batch_id, lambda batch: batch["state"] == "done", "the batch is done")

    async def verdicts(self, batch_id: str) -> list[dict[str, str]]:
        """The lines of the table of verdicts."""
        text = (await self.http.get(f"/batches/{batch_id}/verdicts.csv")).content.decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text)))


@pytest_asyncio.fixture(loop_scope="session")
async def sender(system: ConsoleSystem) -> AsyncIterator[Sender]:
    """The system of the LEA."""
    system.repair()
    sender = Sender(system)
    yield sender
    await sender.http.aclose()


def tables() -> dict[str, Rows]:
    """The example of each file, with its row for every student."""
    found: dict[str, Rows] = {}
    for name in FILES:
        header, example_row = csv.reader(io.StringIO(example(RECORD_TYPES[name])))
        found[name] = [header, *(_of(student, example_row) for student in STUDENTS)]
    for rows in found.values():
        own_keys(rows)
    for row in found["ieps"]:
        row.extend(list(MORE_FORMS if row[0] == "student_id" else MORE_FORMS.values()))
    return found


def _of(student: str, row: list[str]) -> list[str]:
    of_test = {_OF_EXAMPLES: student, "017042": SITE}
    return [of_test.get(cell, cell) for cell in row]


def own_keys(rows: Rows) -> None:
    """Put the LEA's own keys in place of the examples' UUIDs."""
    for place, column in enumerate(rows[0]):
        if column.endswith("_id") and len(rows[1][place]) == 36:
            for row in rows[1:]:
                row[place] = f"{column[:3]}-{row[0]}"


def change(rows: Rows, student: str, column: str, value: str) -> None:
    """Change a cell of a student's row."""
    place, of = rows[0].index(column), rows[0].index("student_id")
    for row in rows[1:]:
        if row[of] == student:
            row[place] = value


def packed(files: Mapping[str, Rows]) -> bytes:
    """A ZIP of tables."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, rows in files.items():
            text = io.StringIO()
            csv.writer(text).writerows(rows)
            archive.writestr(f"{name.removesuffix('.csv')}.csv", text.getvalue())
    return whole.getvalue()


def unpacked(content: bytes) -> dict[str, Rows]:
    """The tables of a ZIP."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {
            name: list(csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
            for name in archive.namelist()
        }


async def assign(system: ConsoleSystem) -> None:
    """Say in eScholar's place who has the State IDs."""
    entry = entry_of(IdentityAssigned)
    producer = AIOKafkaProducer(bootstrap_servers=system.local.kafka.bootstrap, acks="all")
    await producer.start()
    try:
        for place, student in enumerate(STUDENTS):
            body = examples.example(entry.schema_id) or {}
            body = {**body, "student_id": student, "aliases": []}
            body["person"] = {**body["person"], "first_name": f"Child{chr(65 + place)}"}
            event = IdentityAssigned.model_validate(body)
            envelope = Envelope(
                *(str(uuid4()), entry.name, "/test", student, datetime.now(UTC), entry.schema_id)
            )
            await producer.send_and_wait(
                entry.topic(),
                key=student.encode(),
                value=event.model_dump_json().encode(),
                headers=envelope.headers(),
            )
    finally:
        await producer.stop()


async def test_a_batch_is_sent_killed_mended_and_sent_again(system: ConsoleSystem, sender: Sender) -> None:
    """Intake dies while it sends: every row gets its verdict all the same, and each effect is there once. The
    rows that were not accepted come back; mended and sent again, they are accepted."""
    await assign(system)
    files = tables()
    change(files["claims"], MISREAD, "school", MISREAD_SITE)
    change(files["evaluations"], REFUSED, "decided_on", "2017-04-01")

    content = packed(files)
    first = await sender.send(content)
    assert first.status_code == 202, first.text
    batch_id = first.json()["batch_id"]
    await sender.when(batch_id, lambda batch: batch["verdicts"]["accepted"] > 0, "a first verdict")
    system.kill("intake")
    system.repair()
    batch = await sender.done(batch_id)

    lines = await sender.verdicts(batch_id)
    assert sum(batch["verdicts"].values()) == batch["read"] == len(FILES) * len(STUDENTS)
    wrong = {(one["student_id"], one["file"], one["code"]) for one in lines if one["severity"] == "error"}
    assert wrong == {
        (MISREAD, "claims.csv", "BAT-101"),
        (REFUSED, "evaluations.csv", "EVA-005"),
        (REFUSED, "ieps.csv", "IEP-142"),
    }
    assert {one["because_file"] for one in lines if one["verdict"] == "skipped"} == {
        *("claims.csv", "evaluations.csv", "ieps.csv")
    }
    left = batch["read"] - batch["verdicts"]["accepted"]
    await once(system, sender)

    again = await sender.send(content, "another name.zip")
    assert (again.status_code, again.json()["batch_id"]) == (200, batch_id)

    rows = unpacked((await sender.http.get(f"/batches/{batch_id}/to_correct.zip")).content)
    change(rows["claims.csv"], MISREAD, "school", SITE)
    change(rows["evaluations.csv"], REFUSED, "decided_on", "2017-04-24")
    mended = await sender.done((await sender.send(packed(rows))).json()["batch_id"])
    assert mended["verdicts"]["accepted"] == mended["read"] == left, mended

    change(files["claims"], MISREAD, "school", SITE)
    change(files["evaluations"], REFUSED, "decided_on", "2017-04-24")
    night = await sender.done((await sender.send(packed(files))).json()["batch_id"])
    assert night["verdicts"]["already"] == night["read"]
    await changed(system, sender, files["students"])
    await gone(system, sender, batch_id)


async def once(system: ConsoleSystem, sender: Sender) -> None:
    """Each accepted student has one IEP, and each command was decided once."""
    for student in (STUDENTS[0], STUDENTS[-1]):
        url = f"{system.urls['ieps']}/students/{student}/ieps"
        ieps = (await sender.http.get(url)).json()
        assert len(ieps) == 1, ieps
        names = [
            one["command"]
            for service in ("students", "jurisdiction", "ieps")
            for one in (
                await sender.http.get(f"{system.urls[service]}/commands", params={"subject": student})
            ).json()["commands"]
        ]
        assert len(names) == len(set(names)) >= len(FILES), names


async def changed(system: ConsoleSystem, sender: Sender, students: Rows) -> None:
    """A profile that is another one is saved; a column that the file lacks stays as the record has it."""
    lacking = students[0].index("home_language")
    rows = [[cell for place, cell in enumerate(row) if place != lacking] for row in students]
    change(rows, STUDENTS[0], "grade", "04")
    for verdict in ("accepted", "already"):
        rows[0][rows[0].index("medicaid")] = "medicaid" if verdict == "accepted" else "Medicaid"
        batch = await sender.done((await sender.send(packed({"students": rows}))).json()["batch_id"])
        assert batch["verdicts"][verdict] == (1 if verdict == "accepted" else len(STUDENTS)), batch
    student = (await sender.http.get(f"{system.urls['students']}/students/{STUDENTS[0]}")).json()
    assert (student["profile"]["grade"], student["profile"]["home_language"]) == ("04", "English")


async def gone(system: ConsoleSystem, sender: Sender, batch_id: str) -> None:
    """After 14 days the rows are no longer there as they were sent; the verdicts are."""
    database = await asyncpg.connect(plain(system.local.database_url("intake")))
    await database.execute(
        "UPDATE batches SET received_at = received_at - interval '15 days' WHERE batch_id = $1", batch_id
    )
    await database.close()

    async def look() -> httpx.Response | None:
        answer = await sender.http.get(f"/batches/{batch_id}/to_correct.zip")
        return answer if answer.status_code == 410 else None

    assert (await until(look, "the rows are gone")).json()["findings"][0]["code"] == "BAT-023"
    assert await sender.verdicts(batch_id)


async def test_a_row_without_the_row_that_it_belongs_to(sender: Sender) -> None:
    """A plan whose IEP is in no row of the batch is not sent, and says so."""
    rows = tables()["iep_plans"][:2]
    answer = await sender.send(packed({"iep_plans": rows}))
    batch = await sender.done(answer.json()["batch_id"])
    assert batch["verdicts"]["unread"] == 1
    page = (await sender.http.get(f"/batches/{batch['batch_id']}/rows", params={"verdict": "unread"})).json()
    assert [one["findings"][0]["code"] for one in page["rows"]] == ["BAT-021"]
    nothing = await sender.http.get(f"/batches/{batch['batch_id']}/to_correct/claims.csv")
    assert nothing.json()["findings"][0]["code"] == "BAT-024"


async def test_a_batch_is_checked_or_refused(system: ConsoleSystem, sender: Sender) -> None:
    """A batch that is to be checked is read and not sent. One with an unknown column is refused. Only the
    LEA's own users see them, and only its writers send."""
    claims = tables()["claims"]
    checked = (await sender.send(packed({"claims": claims}), check=True)).json()
    checked = await sender.when(
        checked["batch_id"], lambda batch: batch["state"] == "checked", "it is checked"
    )
    assert checked["left"] == len(STUDENTS)
    odd = [[*claims[0], "disability"], [*claims[1], "SLI"]]
    refused = (await sender.send(packed({"claims": odd}))).json()
    refused = await sender.when(
        refused["batch_id"], lambda batch: batch["state"] == "refused", "it is refused"
    )
    assert refused["files"][0]["findings"][0]["code"] == "BAT-006"
    listed = (await sender.http.get("/batches", params={"limit": 2})).json()
    assert [one["batch_id"] for one in listed["batches"]] == [refused["batch_id"], checked["batch_id"]]

    other = Sender(system, "009")
    assert (await other.http.get(f"/batches/{refused['batch_id']}")).json()["findings"][0][
        "code"
    ] == "BAT-022"
    reader = Sender(system, LEA, Role.READER)
    assert (await reader.send(b"student_id", "claims.csv")).status_code == 403
    auditor = Sender(system, "LA", Role.AUDITOR)
    assert (await auditor.http.get(f"/batches/{refused['batch_id']}/to_correct.zip")).status_code == 403
    await asyncio.gather(*(one.http.aclose() for one in (other, reader, auditor)))
