"""The committed schemas match today's models."""

import json
import shutil
from pathlib import Path
from typing import ClassVar

import pytest
from jsonschema import Draft202012Validator

from contracts import schemas
from contracts.catalog import Entry, Kind
from contracts.generate import generate
from contracts.jurisdiction import Spell
from contracts.message import Event
from contracts.schemas import ENTRIES, FOLDER

REPAIR = "run `python -m contracts.generate` and commit what it writes"


@pytest.mark.parametrize("schema_id", ENTRIES)
def test_committed_schema_is_todays(schema_id: str) -> None:
    """The committed schema of each message is that of its model."""
    path = FOLDER / f"{schema_id}.json"
    written = path.read_text(encoding="utf-8") if path.exists() else None
    assert written == schemas.text(schemas.generated(ENTRIES[schema_id])), f"{path} is not today's: {REPAIR}"


def test_no_stray_schemas() -> None:
    """Every committed schema belongs to a message of the catalog."""
    assert not schemas.strays(), f"of no message in the catalog: {REPAIR}"


@pytest.mark.parametrize("schema_id", ENTRIES)
def test_schema_is_json_schema(schema_id: str) -> None:
    """Every schema is valid JSON Schema, and has the name that is in the messages' headers."""
    schema = schemas.generated(ENTRIES[schema_id])
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:ser:schema:{schema_id}"


@pytest.mark.parametrize("schema_id", ENTRIES)
def test_commands_are_closed_and_the_rest_is_open(schema_id: str) -> None:
    """A command refuses fields it does not know, at every depth; whoever reads anything else ignores them.

    What somebody typed is never dropped in silence: services are upgraded before those who send to them.
    Events, outcomes and identities have many readers, which are not upgraded all at once: those ignore what
    they do not know yet.
    """
    schema = schemas.generated(ENTRIES[schema_id])
    objects = [part for part in (schema, *schema.get("$defs", {}).values()) if part["type"] == "object"]
    closed = {part["title"] for part in objects if part.get("additionalProperties") is False}
    is_command = ENTRIES[schema_id].kind is Kind.COMMAND
    assert closed == ({part["title"] for part in objects} if is_command else set())


class StudentClaimed(Spell, Event):
    """An LEA took the student into its jurisdiction; who decided it is required from now on."""

    decided_by: str


class StudentMoved(Spell, Event):
    """The student moved away."""

    version: ClassVar[int] = 2


def test_generator_writes_what_is_new(tmp_path: Path) -> None:
    """One call of the generator writes the schema of a new message, and the second call changes nothing."""
    entries = {"StudentMoved.v2": Entry(StudentMoved, "jurisdiction", Kind.EVENT, "StudentMoved.v2")}
    assert generate(tmp_path, entries) == []
    written = (tmp_path / "StudentMoved.v2.json").read_text()
    assert json.loads(written)["$id"] == "urn:ser:schema:StudentMoved.v2"
    (tmp_path / "StudentMoved.v2.json").touch()
    assert generate(tmp_path, ENTRIES | entries)[0].startswith("StudentMoved.v2.json belongs to no message")
    assert (tmp_path / "StudentMoved.v2.json").read_text() == written


def test_generator_refuses_what_breaks(tmp_path: Path) -> None:
    """The generator refuses a change that would break running programs, and says why."""
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    changed = Entry(StudentClaimed, "jurisdiction", Kind.EVENT, "StudentClaimed")
    (problem,) = generate(tmp_path, ENTRIES | {"StudentClaimed.v1": changed})
    assert "new code and an old message: decided_by is required" in problem
    assert "cut version 2" in problem
    assert "decided_by" not in (tmp_path / "StudentClaimed.v1.json").read_text()


def test_generator_keeps_quiet_about_what_is_right(tmp_path: Path) -> None:
    """The generator changes nothing in an up-to-date tree."""
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    before = {path.name: path.read_bytes() for path in tmp_path.glob("*.json")}
    assert generate(tmp_path) == []
    assert {path.name: path.read_bytes() for path in tmp_path.glob("*.json")} == before
