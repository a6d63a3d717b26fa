"""The AsyncAPI documents match the catalog, and the official parser accepts them."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from jsonschema import Draft7Validator

from contracts import examples, schemas
from contracts.catalog import CATALOG, Kind
from contracts.envelope import Envelope, headers_of
from contracts.jurisdiction import StudentClaimed
from contracts.outcome import Outcome
from deploy.documents import documents
from services.chassis.answering.documents import asyncapi
from services.chassis.decoding.messages import RawMessage
from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.publishing.effects import Outgoings
from tests.architecture import asyncapi as parser
from tests.architecture.system import EACH_SERVICE, SERVICES
from tests.toolchains import NODE, need

Document = dict[str, Any]

NOON = datetime(2017, 9, 1, 17, tzinfo=UTC)
WHOLE = asyncapi(SERVICES.values())
DOCUMENTS = {"the whole system": WHOLE} | {name: asyncapi([service]) for name, service in SERVICES.items()}
EACH_DOCUMENT = pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)

TOLERATED = {
    "asyncapi-latest-version": "3.0.0 is read by more tools than 3.1.0, which adds nothing that is used here"
}

BROKEN = ("a channel is missing", "a type does not exist")


def broken() -> list[Document]:
    """Documents that the parser must reject."""
    without, strange = asyncapi([SERVICES["provision"]]), asyncapi([SERVICES["provision"]])
    del without["channels"]["provision.commands"]
    strange["components"]["schemas"]["AddService"]["type"] = "wish"
    return [without, strange]


@pytest.fixture(scope="module")
def verdicts() -> dict[str, parser.Verdict]:
    """The parser's verdict on every document, and on the broken ones."""
    need(*NODE)
    judged = parser.judge([*DOCUMENTS.values(), *broken()])
    return dict(zip([*DOCUMENTS, *BROKEN], judged, strict=True))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_official_parser_accepts(name: str, verdicts: dict[str, parser.Verdict]) -> None:
    """The parser accepts each service's document and the system's document without a warning."""
    objections = [found for found in verdicts[name].diagnostics if found["code"] not in TOLERATED]
    assert not objections, objections[:5]
    assert verdicts[name].accepted
    addresses = {channel["address"] for channel in DOCUMENTS[name]["channels"].values()}
    assert verdicts[name].channels == addresses


@pytest.mark.parametrize("name", BROKEN)
def test_the_official_parser_refuses(name: str, verdicts: dict[str, parser.Verdict]) -> None:
    """The parser rejects a document with a missing channel or an unknown type."""
    assert not verdicts[name].accepted
    assert any(found["severity"] == 0 for found in verdicts[name].diagnostics)


def test_the_whole_is_the_catalog() -> None:
    """The document of the whole system has every message of the catalog on its topic, and no other."""
    described = {
        (name, message) for name, channel in WHOLE["channels"].items() for message in channel["messages"]
    }
    assert described == {(entry.base_topic, entry.name) for entry in CATALOG}
    assert WHOLE["components"]["messages"].keys() == {entry.name for entry in CATALOG}


@EACH_SERVICE
def test_a_service_reads_and_writes_what_the_catalog_says(service: ServiceDefinition) -> None:
    """A service's document has each message that it consumes and each that it owns, once."""
    operations = DOCUMENTS[service.name]["operations"].values()
    read = [topic_and_name(ref) for op in operations if op["action"] == "receive" for ref in op["messages"]]
    written = [topic_and_name(ref) for op in operations if op["action"] == "send" for ref in op["messages"]]
    owned = [e for e in CATALOG if e.owner == service.name and e.kind is not Kind.COMMAND]
    assert sorted(read) == sorted((e.base_topic, e.name) for e in service.consumed)
    assert sorted(written) == sorted((e.base_topic, e.name) for e in owned)


def topic_and_name(reference: dict[str, str]) -> tuple[str, str]:
    """The message to which a reference in a channel leads."""
    _, _, topic, _, name = reference["$ref"].split("/")
    return topic, name


def test_who_reads_what_others_write() -> None:
    """In the whole system every event has one writer, its owner or the bridge, and a reader."""
    for entry in CATALOG:
        if entry.kind is Kind.EVENT:
            suffix = f".{entry.base_topic}"
            sending = [name for name in WHOLE["operations"] if name.endswith(f".send{suffix}")]
            receiving = [name for name in WHOLE["operations"] if name.endswith(f".receive{suffix}")]
            assert sending == ([f"{entry.owner}.send{suffix}"] if entry.owner in SERVICES else [])
            assert receiving


def test_prefix() -> None:
    """With a topic prefix the addresses and consumer groups have it. Message names stay the same."""
    document = asyncapi(SERVICES.values(), "trial.")
    assert document["channels"].keys() == WHOLE["channels"].keys()
    assert {c["address"] for c in document["channels"].values()} == {e.topic("trial.") for e in CATALOG}
    reads = document["operations"]["ieps.receive.StudentAdded"]
    assert reads["bindings"]["kafka"]["groupId"]["const"] == "trial.ser.ieps"


@EACH_DOCUMENT
def test_every_reference_leads_somewhere(document: Document) -> None:
    """Every reference in a document leads to a part of it."""
    assert not [reference for reference in references(document) if not leads(document, reference)]


def references(node: Any) -> set[str]:
    """All references of a document."""
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*map(references, node.values()))
    return set().union(*map(references, node)) if isinstance(node, list) else set()


def leads(document: Any, reference: str) -> bool:
    """Whether a reference leads to a part of the document."""
    for step in reference.removeprefix("#/").split("/"):
        if step not in document:
            return False
        document = document[step]
    return True


@EACH_DOCUMENT
def test_every_message_is_shown(document: Document) -> None:
    """Each message shows the committed example with headers, and both fit their schemas."""
    schema_ids = {entry.name: entry.schema_id for entry in CATALOG}
    for name, message in document["components"]["messages"].items():
        (shown,) = message["examples"]
        assert shown["payload"] == examples.example(schema_ids[name])
        judged(document, message["payload"]).validate(shown["payload"])
        judged(document, message["headers"]).validate(shown["headers"])


def judged(document: Document, schema: Document) -> Draft7Validator:
    """Checks a value with the document's own schemas."""
    return Draft7Validator({"allOf": [schema], "components": document["components"]})


@pytest.mark.parametrize("schema_id", schemas.ENTRIES)
def test_payloads_are_the_committed_schemas(schema_id: str) -> None:
    """The document's schemas reject a body that the committed schemas reject."""
    entry = schemas.ENTRIES[schema_id]
    schema = schemas.generated(entry)
    described = WHOLE["components"]["schemas"][entry.name]
    assert described["properties"].keys() == schema["properties"].keys()
    assert described["required"] == schema["required"]
    assert described.get("additionalProperties") == schema.get("additionalProperties")


@pytest.mark.parametrize("entry", schemas.ENTRIES.values(), ids=lambda entry: entry.name)
def test_headers_are_the_envelopes(entry: Any) -> None:
    """The described headers are those of the envelope."""
    described = WHOLE["components"]["messages"][entry.name]["headers"]["properties"]
    sent = WHOLE["components"]["messages"][entry.name]["examples"][0]["headers"]
    assert sent.keys() == described.keys()


def test_headers_are_those_of_real_messages() -> None:
    """An event, an outcome and a dead letter of a service have the described headers."""
    cause = Envelope(
        id="8bca4144-71fa-5edb-a764-f2bc755c9e32",
        type="ClaimJurisdiction",
        source="/upstream",
        subject="1000000001",
        time=NOON,
        schema="ClaimJurisdiction.v1",
        traceparent=f"00-{'a' * 32}-{'b' * 16}-01",
    )
    out = Outgoings(SERVICES["jurisdiction"], "")
    event = StudentClaimed.model_validate(examples.example("StudentClaimed.v1"))
    outcome = Outcome.model_validate(examples.example("Outcome.v1"))
    raw = RawMessage("jurisdiction.commands", 0, 7, None, b"?", (), NOON)
    sent = {
        "StudentClaimed": out.event(event, "", cause, NOON, 0, 1, "017/m.landry"),
        "Outcome": out.outcome(outcome, str(outcome.command_id), "", cause, NOON, "017/m.landry"),
        "DeadLetter": out.dead_letter(raw, "not JSON"),
    }
    for name, message in sent.items():
        described = WHOLE["components"]["messages"][name]["headers"]["properties"]
        assert {header for header, _ in headers_of(json.loads(message.headers))} == described.keys(), name


def test_documents_of_the_whole_system() -> None:
    """`make documents` writes two documents for each service and one for the system."""
    written = documents(tuple(SERVICES.values()))
    of_each = {f"{name}.{kind}.json" for name in SERVICES for kind in ("asyncapi", "openapi")}
    assert written.keys() == {"asyncapi.json"} | of_each
    assert written["asyncapi.json"] == WHOLE


def test_commands_have_a_reply() -> None:
    """The document of a command names the topic of its outcome, and says that it needs a token."""
    for name, service in SERVICES.items():
        if service.commands:
            operation = WHOLE["operations"][f"{name}.receive.{name}.commands"]
            assert operation["reply"]["channel"]["$ref"] == f"#/channels/{name}.outcomes"
            assert operation["security"]
