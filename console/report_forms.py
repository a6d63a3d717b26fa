"""The form of a report's question, from the JSON Schema of its parameters."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from console import days, rules, words
from console.fields import Option
from contracts import codes
from contracts.dates import ZONE
from contracts.errors import FIELD_INVALID, Finding

_KINDS = {"date": "day", "date-time": "instant", "integer": "number", "boolean": "tick"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a report. `kind`: day, instant, number, tick, choice or text."""

    name: str
    label: str
    hint: str
    kind: str
    value: str = ""
    options: tuple[Option, ...] = ()


def parameters_of(schema: Mapping[str, Any], *, everywhere: bool) -> Sequence[Parameter]:
    """The parameters in their order. Only the state and auditors choose an LEA."""
    return [
        _parameter(name, found) for name, found in schema["properties"].items() if everywhere or name != "lea"
    ]


def _parameter(name: str, found: Mapping[str, Any]) -> Parameter:
    kind, values = "text", list[str]()
    for shape in (found, *found.get("anyOf", ())):
        kind = _KINDS.get(shape.get("format") or shape.get("type", ""), kind)
        values = shape.get("enum", values)
    default = found.get("default")
    return Parameter(
        name,
        found.get("title") or name,
        found.get("description", ""),
        "choice" if values else kind,
        "yes" if default is True else "" if default in (None, False) else str(default),
        tuple(Option(str(value), str(value)) for value in values),
    )


def typed_in(parameters: Sequence[Parameter], typed: Mapping[str, Sequence[str]]) -> Sequence[Parameter]:
    """The parameters with what somebody typed."""
    return [
        Parameter(
            one.name,
            one.label,
            one.hint,
            one.kind,
            next(iter(typed.get(one.name, ())), "").strip(),
            one.options,
        )
        for one in parameters
    ]


def body_of(parameters: Sequence[Parameter], today: date) -> dict[str, Any] | tuple[Finding, ...]:
    """The question as the service reads it, or what cannot be read. A blank parameter is left out."""
    body: dict[str, Any] = {}
    findings: list[Finding] = []
    for one in parameters:
        if one.value:
            try:
                body[one.name] = _read(one, today)
            except ValueError:
                findings.append(_unreadable(one))
    return tuple(findings) or body


def _read(one: Parameter, today: date) -> Any:
    match one.kind:
        case "day":
            return _day(one.value, today).isoformat()
        case "instant":
            return _instant(one.value, today).isoformat()
        case "number":
            return int(one.value)
        case "tick":
            return one.value == "yes"
        case _:
            return one.value


def _day(typed: str, today: date) -> date:
    day = days.read_day(typed, today)
    if day is None:
        raise ValueError(typed)
    return day


def _instant(typed: str, today: date) -> datetime:
    """An instant in ISO form, or a day: its end, by the state's clocks."""
    try:
        instant = datetime.fromisoformat(typed)
    except ValueError:
        instant = datetime.combine(_day(typed, today), datetime.max.time().replace(microsecond=0))
    zone = ZoneInfo(ZONE)
    return instant if instant.tzinfo else instant.replace(tzinfo=zone)


def _unreadable(one: Parameter) -> Finding:
    if one.kind == "day":
        return rules.DAY_UNCLEAR.broken(at=one.name)
    return FIELD_INVALID.broken(at=one.name, problem=f"`{one.value[:40]}` cannot be read", where="the hint")


_LABELS: Mapping[str, Callable[[str], str]] = {
    "lea": codes.LEAS.label,
    "disability": lambda code: words.DISABILITIES.get(code, code),
    "environment": codes.ENVIRONMENTS.label,
    "primary": codes.EXCEPTIONALITIES.label,
    "new_primary": codes.EXCEPTIONALITIES.label,
}


def cell(value: Any, kind: str, name: str) -> str:
    """A value of a report's table, as people read it. `name`: of the column."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case _ if name in _LABELS:
            return _LABELS[name](str(value))
        case _:
            return days.shown(str(value)) if kind == "day" else str(value)
