"""Attachments over HTTP: uploads, the list, downloads, and the sweep."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import insert, text

from contracts.access import Role
from contracts.attachments import (
    LARGEST_ATTACHMENT,
    AddAttachment,
    DeleteAttachment,
    MediaType,
    ReplaceAttachment,
)
from contracts.jurisdiction import JurisdictionEnded
from contracts.message import Command, Record
from services.chassis.keeping.statements import found as rows_of
from services.chassis.keeping.tables import held
from services.students.app import SERVICE
from services.students.attachments.receiving import PREFIX
from services.students.attachments.settings import AttachmentSettings
from services.students.attachments.sweeping import remove_leftovers, sweep
from services.students.domain.attachments import Upload
from tests.integration.querying import ServiceQueries, codes, service_queries
from tests.unit.scenario import STUDENT, actor, id_named, new_records
from tests.unit.students.events import (
    EBR,
    JEFFERSON,
    OCTOBER,
    added,
    assigned,
    claimed,
    decide,
    records_after,
)
from tests.unit.students.files import EXECUTABLE, KEPT, PDF, WITH_MACROS
from tests.unit.students.scanner import scanner

CADDO = "009"
LIST = f"/students/{STUDENT}/attachments"
PLAN = id_named("plan")
CONTENT = f"{LIST}/{PLAN}/content"
OTHER = KEPT[MediaType.PNG]


@pytest_asyncio.fixture
async def queries(
    database: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ServiceQueries]:
    """The service's database with a student of East Baton Rouge, and a store of attachments."""
    monkeypatch.setenv("SER_ATTACHMENTS_STORE", (tmp_path / "store").as_uri())
    async with service_queries(SERVICE, database("students"), tmp_path) as made:
        await made.keep(*student())
        yield made


def student() -> list[Record]:
    """A student whom East Baton Rouge added and claimed."""
    return records_after(assigned(), claimed(), after=[added()])


def kept_files(tmp_path: Path) -> list[str]:
    """The names of the files in the store."""
    return sorted(path.name for path in (tmp_path / "store").rglob("*") if path.is_file())


async def uploaded(queries: ServiceQueries, content: bytes = PDF, under: str = "plan") -> dict[str, Any]:
    """The answer to an upload by East Baton Rouge."""
    answer = await queries.put(f"{LIST}/{id_named(under)}/content", content)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def add(upload: dict[str, Any]) -> AddAttachment:
    """The command that names an upload."""
    return AddAttachment(**upload, description="Healthcare plan", file_name="Zoë's plan; v2.pdf")


def replaced_by(upload: dict[str, Any]) -> ReplaceAttachment:
    """The command that replaces the file by an upload."""
    return ReplaceAttachment(**upload, file_name="signed.png")


async def sought(queries: ServiceQueries, command: Command) -> Sequence[Record]:
    """The uploads that the service finds for a decision about the command."""
    async with queries.engine.connect() as database:
        rows = await rows_of(database, SERVICE.seeks[AddAttachment], [command.subject])
    return [Upload.model_validate_json(row[2]) for row in rows]


DELETE = DeleteAttachment(student_id=STUDENT, attachment_id=PLAN, reason="Belongs to a sibling")


async def done(queries: ServiceQueries, history: list[Record], command: Command) -> list[Record]:
    """The records after a command, which the database has from now on. It found the uploads in its store."""
    found = await sought(queries, command)
    records = list(new_records(decide([*history, *found], command)))
    await queries.keep(*records, by="017/a.coordinator")
    return [*history, *records]


async def test_a_file_is_uploaded_added_listed_and_opened(queries: ServiceQueries, tmp_path: Path) -> None:
    """The owner uploads a file and adds it. Then the list shows it, and everyone who sees the student can
    save it."""
    upload = await uploaded(queries)
    sha256 = hashlib.sha256(PDF).hexdigest()
    assert upload == {
        "student_id": STUDENT,
        "attachment_id": str(PLAN),
        "sha256": sha256,
        "size": len(PDF),
        "media_type": "application/pdf",
    }
    assert (await queries.get(LIST, EBR)).json() == []
    await done(queries, student(), add(upload))
    (listed,) = (await queries.get(LIST, EBR)).json()
    assert (listed["description"], listed["file_name"]) == ("Healthcare plan", "Zoë's plan; v2.pdf")
    assert (listed["sent_by"], listed["lea"], listed["deleted_on"]) == ("017/a.coordinator", EBR, None)
    answer = await queries.get(CONTENT, EBR)
    assert (answer.status_code, answer.content) == (200, PDF)
    assert answer.headers["content-type"] == "application/pdf"
    saved_as = "Zo%C3%AB%27s%20plan%3B%20v2.pdf"
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{saved_as}"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-length"] == str(len(PDF))
    assert kept_files(tmp_path) == [sha256]


async def test_every_look_is_logged(queries: ServiceQueries) -> None:
    """SER logs each look at the list and each download, refused ones too."""
    await done(queries, student(), add(await uploaded(queries)))
    for lea in (EBR, CADDO):
        await queries.get(LIST, lea)
        await queries.get(CONTENT, lea)
    assert await queries.access_log() == [
        (lea, STUDENT, what, lea == EBR)
        for lea in (EBR, CADDO)
        for what in ("attachments", f"attachment {PLAN}")
    ]


async def test_only_who_sees_the_student_opens_a_file(queries: ServiceQueries) -> None:
    """Another LEA sees neither list nor file. The state and auditors see both."""
    await done(queries, student(), add(await uploaded(queries)))
    for path in (LIST, CONTENT):
        refused = await queries.get(path, CADDO)
        assert (refused.status_code, codes(refused)) == (403, ["ACC-005"])
        for lea, role in (("LA", Role.STATE), (CADDO, Role.AUDITOR)):
            assert (await queries.get(path, lea, role)).status_code == 200


async def test_only_the_owners_writers_upload(queries: ServiceQueries, tmp_path: Path) -> None:
    """The service reads nothing of an upload of anybody else."""
    for lea, role, code in ((EBR, Role.READER, "ACC-004"), (CADDO, Role.WRITER, "ACC-005")):
        answer = await queries.put(CONTENT, PDF, lea, role)
        assert (answer.status_code, codes(answer)) == (403, [code])
    unknown = await queries.put(CONTENT.replace(STUDENT, "1000000999"), PDF)
    assert (unknown.status_code, codes(unknown)) == (404, ["REC-001"])
    assert kept_files(tmp_path) == []


async def test_an_upload_again_is_harmless(queries: ServiceQueries, tmp_path: Path) -> None:
    """The same bytes uploaded again, also at the same time, are one file."""
    first, second = await asyncio.gather(uploaded(queries), uploaded(queries))
    assert first == second
    await done(queries, student(), add(first))
    await uploaded(queries)
    assert (await queries.get(CONTENT, EBR)).content == PDF
    assert len(kept_files(tmp_path)) == 1


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "STU-057"),
        (EXECUTABLE, 422, "STU-059"),
        (WITH_MACROS["vba project"], 422, "STU-060"),
        (b"a" * (LARGEST_ATTACHMENT + 1), 413, "STU-058"),
    ],
)
async def test_files_that_ser_does_not_keep(
    content: bytes, status: int, code: str, queries: ServiceQueries, tmp_path: Path
) -> None:
    """The service refuses an empty file, a program, a document with macros and a large file, each with a
    solution. It keeps nothing of it."""
    answer = await queries.put(CONTENT, content)
    assert (answer.status_code, codes(answer)) == (status, [code])
    assert answer.json()["findings"][0]["solution"]
    assert kept_files(tmp_path) == []


async def test_an_infected_file(
    queries: ServiceQueries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service refuses a file with a virus, and takes no file while the scanner does not answer."""
    monkeypatch.setenv("SER_ATTACHMENTS_CLAMD", f"unix:{tmp_path}/clamd")
    async with scanner(tmp_path / "clamd", b"stream: Eicar-Test-Signature FOUND\0"):
        infected = await queries.put(CONTENT, PDF)
    assert (infected.status_code, codes(infected)) == (422, ["STU-061"])
    assert infected.json()["findings"][0]["facts"] == {"virus": "Eicar-Test-Signature"}
    away = await queries.put(CONTENT, PDF)
    assert (away.status_code, codes(away)) == (503, ["STU-062"])
    assert kept_files(tmp_path) == []
    async with scanner(tmp_path / "other", b"stream: OK\0"):
        monkeypatch.setenv("SER_ATTACHMENTS_CLAMD", f"unix:{tmp_path}/other")
        await uploaded(queries)


async def test_a_store_that_is_away(
    queries: ServiceQueries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the store does not answer, no command can name the bytes."""
    (tmp_path / "a file").write_text("no directory")
    monkeypatch.setenv("SER_ATTACHMENTS_STORE", (tmp_path / "a file" / "store").as_uri())
    answer = await queries.put(CONTENT, PDF)
    assert (answer.status_code, codes(answer)) == (503, ["STU-063"])
    assert await sought(queries, add_of(PDF)) == []


async def test_the_largest_file(queries: ServiceQueries) -> None:
    """A file of exactly 25 MB is kept."""
    upload = await uploaded(queries, b"a" * LARGEST_ATTACHMENT)
    assert upload["size"] == LARGEST_ATTACHMENT == 25 * 1024 * 1024


async def test_an_interrupted_upload_leaves_nothing(queries: ServiceQueries, tmp_path: Path) -> None:
    """If the sender goes away in the middle, nobody sees anything, and no command can name the bytes."""

    async def cut() -> AsyncIterator[bytes]:
        yield PDF[:100]
        raise httpx.ReadError("the sender is gone")

    with pytest.raises(httpx.ReadError):
        await queries.put(CONTENT, cut())
    assert await sought(queries, add_of(PDF)) == []
    assert kept_files(tmp_path) == []


def add_of(content: bytes) -> AddAttachment:
    """The command that names these bytes."""
    upload = Upload(
        student_id=STUDENT,
        revision=1,
        attachment_id=PLAN,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        media_type=MediaType.PDF,
    )
    return add(upload.model_dump(exclude={"revision"}))


async def test_a_deleted_file_is_gone_for_every_reader(queries: ServiceQueries) -> None:
    """The list keeps who deleted the file, when and why. Nobody can open it, at once."""
    history = await done(queries, student(), add(await uploaded(queries)))
    await done(queries, history, DELETE)
    (listed,) = (await queries.get(LIST, EBR)).json()
    assert (listed["deleted_by"], listed["deletion_reason"]) == ("017/a.coordinator", "Belongs to a sibling")
    assert listed["deleted_on"]
    assert (listed["file_name"], listed["sha256"]) == (None, None)
    for lea, role in ((EBR, Role.READER), ("LA", Role.STATE)):
        answer = await queries.get(CONTENT, lea, role)
        assert (answer.status_code, codes(answer)) == (410, ["STU-051"])


async def test_an_unknown_attachment(queries: ServiceQueries) -> None:
    """An upload that no command has named is no attachment."""
    await uploaded(queries)
    answer = await queries.get(CONTENT, EBR)
    assert (answer.status_code, codes(answer)) == (404, ["STU-050"])


async def test_bytes_that_are_gone(queries: ServiceQueries, tmp_path: Path) -> None:
    """If the store does not have the bytes, the answer says so with status 503 and no bytes."""
    await done(queries, student(), add(await uploaded(queries)))
    for path in (tmp_path / "store").rglob("*"):
        if path.is_file():
            path.unlink()
    answer = await queries.get(CONTENT, EBR)
    assert (answer.status_code, codes(answer)) == (503, ["STU-063"])


async def test_the_old_lea_opens_the_file_of_its_last_day(queries: ServiceQueries, tmp_path: Path) -> None:
    """A former owner opens the file as it was when the student left, until the new owner deletes it."""
    history = await done(queries, student(), add(await uploaded(queries)))
    left = JurisdictionEnded.of(claimed(), end_on=OCTOBER - timedelta(days=1))
    new = claimed(JEFFERSON, OCTOBER, "the second claim")
    moved = records_after(left, new, after=history)
    await queries.keep(*moved[len(history) :])
    upload = (await queries.put(CONTENT, OTHER, JEFFERSON)).json()
    replaced = await done_by(queries, moved, replaced_by(upload), JEFFERSON)
    assert (await queries.get(CONTENT, JEFFERSON)).content == OTHER
    assert (await queries.get(CONTENT, EBR)).content == PDF
    await swept(queries)
    assert (await queries.get(CONTENT, EBR)).content == PDF
    await done_by(queries, replaced, DELETE, JEFFERSON)
    for lea in (EBR, JEFFERSON):
        assert codes(await queries.get(CONTENT, lea)) == ["STU-051"]
    await swept(queries)
    assert kept_files(tmp_path) == []


async def done_by(queries: ServiceQueries, history: list[Record], command: Command, lea: str) -> list[Record]:
    """As `done`, by the writer of an LEA that has the student from October on."""
    found = await sought(queries, command)
    records = list(new_records(decide([*history, *found], command, by=actor(lea), on=OCTOBER)))
    await queries.keep(*records)
    return [*history, *records]


async def swept(queries: ServiceQueries, *, grace_hours: float = 24, aged: bool = True) -> int:
    """The number of files that two sweeps remove. `aged`: every upload began two days ago."""
    if aged:
        async with queries.engine.begin() as database:
            await database.execute(text("UPDATE uploads SET begun_at = begun_at - INTERVAL '2 days'"))
    settings = AttachmentSettings(grace_hours=grace_hours)
    return sum([await sweep(queries.engine, settings, settle_seconds=0) for _ in range(2)])


async def test_the_sweep_removes_uploads_that_nobody_named(queries: ServiceQueries, tmp_path: Path) -> None:
    """After the grace period the sweep removes an upload, and its command is refused. Until then it stays."""
    await uploaded(queries)
    assert await swept(queries, aged=False) == 0
    assert len(kept_files(tmp_path)) == 1
    assert await swept(queries) == 1
    assert kept_files(tmp_path) == []
    assert await sought(queries, add_of(PDF)) == []


async def test_the_sweep_keeps_what_a_record_names(queries: ServiceQueries, tmp_path: Path) -> None:
    """A file of the record stays for ever. A replaced and a deleted one go."""
    history = await done(queries, student(), add(await uploaded(queries)))
    assert await swept(queries) == 0
    history = await done(queries, history, replaced_by(await uploaded(queries, OTHER)))
    assert await swept(queries) == 1
    assert kept_files(tmp_path) == [hashlib.sha256(OTHER).hexdigest()]
    await done(queries, history, DELETE)
    assert await swept(queries) == 1
    assert kept_files(tmp_path) == []


async def test_the_same_bytes_of_two_attachments(queries: ServiceQueries, tmp_path: Path) -> None:
    """Bytes stay while one attachment has them, also if another one with the same bytes is deleted."""
    await uploaded(queries, under="a copy")
    await done(queries, student(), add(await uploaded(queries)))
    assert await swept(queries) == 0
    assert len(kept_files(tmp_path)) == 1
    assert (await queries.get(CONTENT, EBR)).content == PDF


async def test_the_sweep_keeps_what_a_held_command_may_name(queries: ServiceQueries, tmp_path: Path) -> None:
    """While the service holds a message of the student, no upload of the student goes."""
    await uploaded(queries)
    row = {"subject": STUDENT, "position": 1, "topic": "students.commands", "partition": 0, "offset": 0}
    about = {"headers": "[]", "received_at": datetime.now(UTC), "reason": "REC-002", "finding": {}}
    named = {
        "command": True,
        "message_id": str(PLAN),
        "name": "AddAttachment",
        "looks_at": [],
        "seen": 0,
        "scope": EBR,
        "sender": EBR,
    }
    async with queries.engine.begin() as database:
        await database.execute(insert(held).values(row | about | named | {"scope": EBR, "sender": EBR}))
    assert await swept(queries) == 0
    async with queries.engine.begin() as database:
        await database.execute(held.delete())
    assert await swept(queries) == 1
    assert kept_files(tmp_path) == []


async def test_a_decision_that_overtakes_the_sweep(queries: ServiceQueries, tmp_path: Path) -> None:
    """A decision found the upload just before the sweep gave it up. Its record is saved afterwards, and the
    next sweep keeps the bytes."""
    command = add(await uploaded(queries))
    found: Sequence[Record] = await sought(queries, command)
    async with queries.engine.begin() as database:
        await database.execute(text("UPDATE uploads SET begun_at = begun_at - INTERVAL '2 days'"))
    assert await sweep(queries.engine, AttachmentSettings()) == 0
    assert await sought(queries, command) == []
    await queries.keep(*new_records(decide([*student(), *found], command)))
    assert await sweep(queries.engine, AttachmentSettings(), settle_seconds=0) == 0
    assert (await queries.get(CONTENT, EBR)).content == PDF
    assert len(await sought(queries, command)) == 1


async def test_an_upload_comes_back(queries: ServiceQueries) -> None:
    """An upload that the sweep removed can be uploaded and added again."""
    await uploaded(queries)
    assert await swept(queries) == 1
    await done(queries, student(), add(await uploaded(queries)))
    assert (await queries.get(CONTENT, EBR)).content == PDF


def test_what_a_killed_process_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that was killed during an upload left a file. The sweep removes it when it is an hour old."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for name in ("old", "new"):
        folder = tmp_path / f"{PREFIX}{name}"
        folder.mkdir()
        (folder / "file").write_bytes(PDF)
    os.utime(tmp_path / f"{PREFIX}old", (0, 0))
    remove_leftovers()
    assert [path.name for path in tmp_path.iterdir()] == [f"{PREFIX}new"]
