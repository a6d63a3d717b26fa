"""AsyncAPI 3 documents from the catalog: one service's, or the whole system's."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from contracts import catalog, examples
from contracts.catalog import Entry, Kind
from contracts.envelope import CONTENT_TYPE, SCHEMA_URN, SENDER_EXAMPLE, SENDER_MEANS, SPEC_VERSION, Envelope
from contracts.message import Message
from services.chassis.answering.components import SCHEMAS, components
from services.chassis.hosting.definition import ServiceDefinition

Document = dict[str, Any]

_BINDING = "0.5.0"
_EXAMPLES = UUID("0b1f6f0e-6f53-4b0e-8a52-2f4c1f6d7a10")
_EXAMPLE_TIME = datetime(2017, 9, 1, 14, 30, tzinfo=UTC)
_ABOUT = (
    "Bodies are JSON. The metadata is in the headers, as CloudEvents in the binary form. The key of a message"
    " is its subject, so the messages about one subject keep their order within a topic. An event has the"
    " whole state of one record and its `revision`: keep the newest."
)
_HEADERS = {
    "ce_specversion": "Version of CloudEvents.",
    "ce_id": "Id of the message: a UUID. A command's outcome has the same id in `command_id`.",
    "ce_type": "Name of the message.",
    "ce_source": "The program that made the message.",
    "ce_subject": "The subject of the message; the same as its key.",
    "ce_time": "The time when the message was made: RFC 3339, UTC.",
    "ce_dataschema": "Names the schema of the body.",
    "content-type": "Media type of the body.",
}
_CONVERSATION = {
    "correlation": "Names the conversation. A message copies it from its cause.",
    "traceparent": "W3C Trace Context. A message copies its trace id from its cause.",
}
_MORE_HEADERS = {
    Kind.COMMAND: _CONVERSATION | {"token": "The sender's signed token: a JWT."},
    Kind.EVENT: _CONVERSATION
    | {
        "causation": "Id of the message that caused this one.",
        "ce_sequence": "Counts the owner's events about this subject, from 1. So a reader notices a gap.",
        "sender": SENDER_MEANS,
    },
    Kind.OUTCOME: _CONVERSATION | {"causation": "Id of the command.", "sender": SENDER_MEANS},
    Kind.HEARTBEAT: {},
    Kind.DEAD_LETTER: {},
}
_KEYS = {
    Kind.OUTCOME: "The subject of the command, as in the body's `subject`.",
    Kind.HEARTBEAT: "The service; followed by the heartbeat's number if the heartbeat names subjects.",
    Kind.DEAD_LETTER: "Topic and partition of the unreadable message.",
}
_TOKEN = {
    "type": "httpApiKey",
    "name": "token",
    "in": "header",
    "description": "A signed JWT in the header `token`. It must be valid when Kafka receives the command.",
}


def asyncapi(services: Iterable[ServiceDefinition], prefix: str = "") -> Document:
    """The document of these services: the messages that they receive and send."""
    described = tuple(services)
    document = _begun(described)
    for service in described:
        for entry in service.consumed:
            _operation(document, service, "receive", entry, prefix)
        for entry in catalog.CATALOG:
            if entry.owner == service.name and entry.kind is not Kind.COMMAND:
                _operation(document, service, "send", entry, prefix)
    document["components"]["schemas"] = _draft_07(components(_entries(document)))
    return document


def _begun(services: Sequence[ServiceDefinition]) -> Document:
    title = f"SER {services[0].name}" if len(services) == 1 else "SER"
    named = services[0].name if len(services) == 1 else "system"
    summaries = "\n".join(f"- **{service.name}**: {service.summary}" for service in services)
    return {
        "asyncapi": "3.0.0",
        "id": f"urn:ser:{named}",
        "info": {"title": title, "version": "1.0.0", "description": f"{summaries}\n\n{_ABOUT}"},
        "defaultContentType": CONTENT_TYPE,
        "servers": {"kafka": _server()},
        "channels": {},
        "operations": {},
        "components": {"messages": {}, "schemas": {}, "securitySchemes": {"token": _TOKEN}},
    }


def _server() -> Document:
    bootstrap = {
        "default": "127.0.0.1:9092",
        "description": "Address of any broker, as in the setting SER_KAFKA.",
    }
    return {
        "host": "{bootstrap}",
        "protocol": "kafka",
        "description": "Apache Kafka",
        "variables": {"bootstrap": bootstrap},
    }


def _operation(
    document: Document, service: ServiceDefinition, action: str, entry: Entry, prefix: str
) -> None:
    channel = _channel(document, entry, prefix)
    name = f"{service.name}.{action}.{channel}"
    if name not in document["operations"]:
        document["operations"][name] = _begin_operation(service, action, entry, prefix)
    reference = {"$ref": f"#/channels/{channel}/messages/{entry.name}"}
    document["operations"][name]["messages"].append(reference)


def _begin_operation(service: ServiceDefinition, action: str, entry: Entry, prefix: str) -> Document:
    does = "reads" if action == "receive" else "writes"
    operation: Document = {
        "action": action,
        "title": f"{service.name} {does} {entry.base_topic}",
        "summary": _TOPICS[entry.kind].format(owner=entry.owner, name=entry.name),
        "channel": {"$ref": f"#/channels/{entry.base_topic}"},
        "tags": _tags(entry),
        "messages": [],
    }
    if action == "receive":
        group = {"type": "string", "const": f"{prefix}ser.{service.name}"}
        operation["bindings"] = {"kafka": {"groupId": group, "bindingVersion": _BINDING}}
    if entry.kind is Kind.COMMAND:
        outcomes = f"#/channels/{entry.owner}.outcomes"
        operation["security"] = [{"$ref": "#/components/securitySchemes/token"}]
        operation["reply"] = {
            "channel": {"$ref": outcomes},
            "messages": [{"$ref": f"{outcomes}/messages/Outcome"}],
        }
    return operation


_TOPICS = {
    Kind.COMMAND: "Commands for {owner}: each gets one final outcome.",
    Kind.OUTCOME: "The outcomes of commands for {owner}.",
    Kind.HEARTBEAT: "The numbers of events that {owner} has published about each subject.",
    Kind.EVENT: "The event {name} of {owner}.",
    Kind.DEAD_LETTER: "Messages that {owner} cannot read, with place and reason.",
}


def _channel(document: Document, entry: Entry, prefix: str) -> str:
    name, address = entry.base_topic, entry.topic(prefix)
    channel = document["channels"].setdefault(
        name,
        {
            "address": address,
            "title": name,
            "description": _TOPICS[entry.kind].format(owner=entry.owner, name=entry.name),
            "servers": [{"$ref": "#/servers/kafka"}],
            "tags": _tags(entry),
            "messages": {},
            "bindings": {"kafka": {"topic": address, "bindingVersion": _BINDING}},
        },
    )
    channel["messages"][entry.name] = {"$ref": f"#/components/messages/{entry.name}"}
    document["components"]["messages"].setdefault(entry.name, _message(entry))
    return name


def _tags(entry: Entry) -> list[Document]:
    return [{"name": entry.kind.value}, {"name": entry.owner}]


def _message(entry: Entry) -> Document:
    key = _KEYS.get(entry.kind) or _key(entry)
    headers, body = _headers(entry), examples.example(entry.schema_id)
    message = {
        "name": entry.name,
        "title": entry.name,
        "summary": " ".join((entry.model.__doc__ or "").split()),
        "contentType": CONTENT_TYPE,
        "headers": headers,
        "payload": {"$ref": SCHEMAS + entry.name},
        "tags": [{"name": entry.kind.value}],
        "bindings": {"kafka": {"key": {"type": "string", "description": key}, "bindingVersion": _BINDING}},
        "examples": [_example(entry, headers, body)] if body else [],
    }
    if "correlation" in headers["properties"]:
        message["correlationId"] = {"location": "$message.header#/correlation"}
    return message


def _subject(entry: Entry, body: Document) -> str:
    if issubclass(entry.model, Message):
        return entry.model.subject_in(body) or ""
    return str(body.get("subject", ""))


def _key(entry: Entry) -> str:
    """The description of a message's key."""
    assert issubclass(entry.model, Message)
    named = ", ".join(f"`{name}`" for name in entry.model.subject_fields())
    return f"The subject, `{entry.model.subject_form}`, as in the body's {named}."


def _headers(entry: Entry) -> Document:
    constant = {
        "ce_specversion": SPEC_VERSION,
        "ce_type": entry.name,
        "ce_dataschema": SCHEMA_URN + entry.schema_id,
        "content-type": CONTENT_TYPE,
    }
    described: Document = {
        name: {"type": "string", "description": text}
        for name, text in (_HEADERS | _MORE_HEADERS[entry.kind]).items()
    }
    for name, value in constant.items():
        described[name]["const"] = value
    required = ["ce_id", "ce_type", *(["token"] if entry.kind is Kind.COMMAND else [])]
    return {"type": "object", "properties": described, "required": required}


def _example(entry: Entry, headers: Document, body: Document) -> Document:
    """An example of the message with its headers."""
    envelope = Envelope(
        id=str(uuid5(_EXAMPLES, entry.schema_id)),
        type=entry.name,
        source="/upstream" if entry.kind is Kind.COMMAND else f"/ser/{entry.owner}",
        subject=_subject(entry, body),
        time=_EXAMPLE_TIME,
        schema=entry.schema_id,
        correlation=str(uuid5(_EXAMPLES, "conversation")),
        causation=str(uuid5(_EXAMPLES, "cause")),
        traceparent=f"00-{uuid5(_EXAMPLES, 'trace').hex}-{uuid5(_EXAMPLES, 'span').hex[:16]}-01",
        token="(a signed JWT)",
        sequence=1,
        sender=SENDER_EXAMPLE,
    )
    shown = {name: value.decode() for name, value in envelope.headers() if name in headers["properties"]}
    return {"name": entry.name, "headers": shown, "payload": body}


def _entries(document: Document) -> list[Entry]:
    """One catalog entry for each message of the document."""
    named = document["components"]["messages"]
    return list({entry.name: entry for entry in catalog.CATALOG if entry.name in named}.values())


def _draft_07(node: Any) -> Any:
    """A schema in JSON Schema draft 07, which AsyncAPI uses."""
    match node:
        case {"prefixItems": items, **rest}:
            return _draft_07(rest) | {"items": _draft_07(items)}
        case dict():
            return {key: _draft_07(value) for key, value in node.items()}
        case list():
            return [_draft_07(item) for item in node]
        case _:
            return node
