"""Validators of other languages accept the schemas of `make documents`."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from contracts import examples, schemas
from deploy.documents import write
from tests.toolchains import JAVA, NODE, maven_jars, need, npm_packages, run

HERE = Path(__file__).parent
WRONG = {
    "AddStudent.v1.unknown-field.json": {**examples.example("AddStudent.v1"), "shoe_size": 38},
    "DraftIEP.v1.no-such-form.json": {**examples.example("DraftIEP.v1"), "forms": [{"form": "XYZ"}]},
    "StudentClaimed.v1.no-day.json": {**examples.example("StudentClaimed.v1"), "begin_on": "soon"},
    "AddService.v1.no-such-code.json": {"student_id": "1000000001", "terms": {"service_code": "XYZ"}},
}


@dataclass(frozen=True)
class Verdict:
    """A validator's verdict on a schema: why it does not compile it, and the examples it accepts."""

    schema: str
    problem: str | None
    accepted: list[str]
    refused: list[str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of `make documents`, and a few wrong bodies."""
    written = tmp_path_factory.mktemp("documents")
    write(written)
    for name, body in WRONG.items():
        (written / "examples" / name).write_text(json.dumps(body))
    return written


def ajv(folder: Path) -> list[Verdict]:
    """Ajv in its strict mode, which is its default, with the official formats."""
    need(*NODE)
    npm_packages(HERE / "javascript")
    return _verdicts(run(["node", "validate.mjs", str(folder)], HERE / "javascript"))


def networknt(folder: Path) -> list[Verdict]:
    """networknt's json-schema-validator for Java."""
    need(*JAVA)
    maven_jars(HERE / "java")
    return _verdicts(run(["java", "-cp", "target/dependency/*", "Validate.java", str(folder)], HERE / "java"))


def python(folder: Path) -> list[Verdict]:
    """jsonschema for Python."""
    return [_judged(path, folder / "examples") for path in sorted((folder / "schemas").iterdir())]


def _judged(path: Path, bodies: Path) -> Verdict:
    schema = json.loads(path.read_text())
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    fits = {
        body.name: validator.is_valid(json.loads(body.read_text())) for body in bodies.glob(f"{path.stem}.*")
    }
    return Verdict(path.stem, None, [n for n in fits if fits[n]], [n for n in fits if not fits[n]])


def _verdicts(lines: str) -> list[Verdict]:
    return [Verdict(**json.loads(line)) for line in lines.splitlines()]


@pytest.mark.parametrize("validator", [ajv, networknt, python], ids=lambda validator: validator.__name__)
def test_validators_take_schemas_and_examples(
    validator: Callable[[Path], list[Verdict]], folder: Path
) -> None:
    """Other languages' validators compile every schema, accept every example and refuse wrong bodies."""
    verdicts = validator(folder)
    assert {verdict.schema: verdict.problem for verdict in verdicts} == dict.fromkeys(schemas.ENTRIES)
    accepted = {name for verdict in verdicts for name in verdict.accepted}
    assert accepted == {path.name for path in examples.FOLDER.glob("*.json")}
    assert {name for verdict in verdicts for name in verdict.refused} == WRONG.keys()


def test_the_folder_holds_schemas_alone(folder: Path) -> None:
    """The folder of schemas has JSON Schemas and no other file."""
    assert {path.stem for path in (folder / "schemas").iterdir()} == schemas.ENTRIES.keys()
    for path in (folder / "schemas").iterdir():
        assert json.loads(path.read_text())["$id"] == f"urn:ser:schema:{path.stem}"


def test_every_code_list_is_in_the_folder(folder: Path) -> None:
    """Each field with codes names its code list, and the folder has the list with labels."""
    named = {name for path in (folder / "schemas").iterdir() for name in _lists(json.loads(path.read_text()))}
    assert named
    assert named <= {path.stem for path in (folder / "codes").iterdir()}


def _lists(node: object) -> set[str]:
    found: set[str] = set()
    if isinstance(node, dict):
        if str(node.get("$comment", "")).startswith("code list "):
            found.add(node["$comment"].removeprefix("code list "))
        node = list(node.values())
    return found.union(*map(_lists, node)) if isinstance(node, list) else found


def test_what_is_gone_from_the_contracts_is_gone_from_the_folder(tmp_path: Path) -> None:
    """Writing the folder again removes the schema of a message that no longer exists."""
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "Forgotten.v1.json").write_text("{}")
    write(tmp_path)
    assert not (tmp_path / "schemas" / "Forgotten.v1.json").exists()
