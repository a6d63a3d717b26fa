"""AsyncAPI 3 documents from the catalog: one service's, or the whole system's."""

from collections.abc import Iterable
from typing import Any

from contracts import catalog
from contracts.catalog import Entry, Kind
from services.chassis.service import Service

_HEADERS = {
    "ce_specversion": "CloudEvents version, `1.0`",
    "ce_id": "Id of the message (a UUID); for a command, the id under which its outcome is known",
    "ce_type": "Name of the message",
    "ce_source": "Who sent it",
    "ce_subject": "State ID of the student",
    "ce_time": "When it was caused (RFC 3339, UTC)",
    "ce_dataschema": "Names the schema of the body",
    "correlation": "Names the conversation; handed on from cause to effect",
}
_EVENT_HEADERS = {
    "ce_sequence": "Counts the owner's events about this student from 1",
    "causation": "Id of the message that caused this one",
}
_COMMAND_HEADERS = {"token": "The sender's signed token (JWT, EdDSA)"}


def asyncapi(services: Iterable[Service], prefix: str = "") -> dict[str, Any]:
    """The document of the given services: what they receive and what they send."""
    document: dict[str, Any] = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "SER",
            "version": "1.0.0",
            "description": "Commands, outcomes and events of the special-education record.",
        },
        "defaultContentType": "application/json",
        "channels": {},
        "operations": {},
        "components": {"messages": {}, "schemas": {}},
    }
    for service in services:
        for entry in service.heard:
            _operation(document, service.name, "receive", entry, prefix)
        for entry in catalog.CATALOG:
            if entry.owner == service.name and entry.kind is not Kind.COMMAND:
                _operation(document, service.name, "send", entry, prefix)
    return document


def _operation(document: dict[str, Any], service: str, action: str, entry: Entry, prefix: str) -> None:
    channel = _channel(document, entry, prefix)
    name = f"{service}.{action}.{channel}"
    operation = document["operations"].setdefault(
        name, {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "messages": []}
    )
    operation["messages"].append({"$ref": f"#/channels/{channel}/messages/{entry.name}"})


def _channel(document: dict[str, Any], entry: Entry, prefix: str) -> str:
    name = entry.base_topic
    channel = document["channels"].setdefault(name, {"address": entry.topic(prefix), "messages": {}})
    channel["messages"][entry.name] = {"$ref": f"#/components/messages/{entry.name}"}
    if entry.name not in document["components"]["messages"]:
        document["components"]["messages"][entry.name] = _message(document, entry)
    return name


def _message(document: dict[str, Any], entry: Entry) -> dict[str, Any]:
    schema = entry.model.model_json_schema(ref_template="#/components/schemas/{model}")
    document["components"]["schemas"].update(schema.pop("$defs", {}))
    document["components"]["schemas"][entry.name] = schema
    return {
        "name": entry.name,
        "title": entry.name,
        "summary": " ".join((entry.model.__doc__ or "").split()),
        "contentType": "application/json",
        "headers": _headers(entry.kind),
        "payload": {"$ref": f"#/components/schemas/{entry.name}"},
        "bindings": {"kafka": {"key": {"type": "string", "description": "State ID of the student"}}},
    }


def _headers(kind: Kind) -> dict[str, Any]:
    more = {Kind.COMMAND: _COMMAND_HEADERS, Kind.EVENT: _EVENT_HEADERS}.get(kind, {})
    described = {name: {"type": "string", "description": text} for name, text in (_HEADERS | more).items()}
    required = ["ce_id", "ce_type", *(["token"] if kind is Kind.COMMAND else [])]
    return {"type": "object", "properties": described, "required": required}
