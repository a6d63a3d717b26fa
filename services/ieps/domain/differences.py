"""The differences between the forms of two IEPs, field by field."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Self

from pydantic import Field, JsonValue

from contracts.codes import ENVIRONMENTS, SERVICES, CodeList
from contracts.forms import Form, FormCode, InstructionalPlan, PlannedService
from contracts.message import Value
from services.ieps.domain.contents import Forms
from services.ieps.domain.forms import by_key

_NAMES_THE_FORM = {"form", "area"}
_CODES: Mapping[str, CodeList] = {"environment": ENVIRONMENTS, "service_code": SERVICES}
_ROWS = {
    "services": "service_code",
    "special_factors": "factor",
    "goals": "domain",
    "assessments": "assessment",
    "agencies": "agency",
    "breaks": "break_began_on",
}
"""Lists of rows, and the field of a row that names it."""

_Named = Mapping[str, Value]


class Change(Value):
    """One difference. A form, or a row of one, that one of the two IEPs lacks is one difference."""

    form: FormCode
    area: str | None = Field(description="The area of an instructional plan.")
    field: str | None = Field(
        description="The field, as `environment` or `services[OTH].sessions`; blank: the whole form."
    )
    before: JsonValue = Field(description="The value in the earlier IEP; blank if it has none.")
    after: JsonValue = Field(description="The value in the later IEP; blank if it has none.")
    before_words: str | None = Field(description="`before` as people read it, codes with their labels.")
    after_words: str | None = Field(description="`after` as people read it, codes with their labels.")

    @classmethod
    def of(cls, form: Form, field: str | None, before: object, after: object) -> Self:
        """The difference in a field of the form."""
        return cls(
            form=FormCode(form.form),
            area=form.area if isinstance(form, InstructionalPlan) else None,
            field=field,
            before=_json(before),
            after=_json(after),
            before_words=_words(before, field),
            after_words=_words(after, field),
        )


def differences(before: Forms, after: Forms) -> Iterator[Change]:
    """The differences from one IEP's forms to another's, in the order of the forms."""
    old, new = by_key(before), by_key(after)
    for key in sorted(old.keys() | new.keys()):
        yield from _of_form(old.get(key), new.get(key))


def _of_form(old: Form | None, new: Form | None) -> Iterator[Change]:
    match old, new:
        case (None, form) | (form, None) if form is not None:
            yield Change.of(form, None, old, new)
        case _ if old is not None and new is not None:
            yield from (Change.of(new, *found) for found in _of_fields(old, new))


def _of_fields(old: Value, new: Value) -> Iterator[tuple[str, Any, Any]]:
    for name in type(new).model_fields:
        before, after = getattr(old, name), getattr(new, name)
        if name in _NAMES_THE_FORM or before == after:
            continue
        if _are_rows(before) or _are_rows(after):
            yield from _of_rows(name, _by_name(before, _ROWS[name]), _by_name(after, _ROWS[name]))
        else:
            yield name, before, after


def _of_rows(field: str, before: _Named, after: _Named) -> Iterator[tuple[str, Any, Any]]:
    """A row is compared with the row of its name. A row that one of the two lacks is one difference."""
    for name in dict.fromkeys((*before, *after)):
        match before.get(name), after.get(name):
            case Value() as earlier, Value() as later:
                for inner, *values in _of_fields(earlier, later):
                    yield f"{field}[{name}].{inner}", *values
            case earlier, later:
                yield f"{field}[{name}]", earlier, later


def _by_name(rows: Iterable[Value], named: str) -> _Named:
    """The rows by the field that names them. The second one of a name is `SPE 2`."""
    times: Counter[str] = Counter()
    found = {}
    for row in rows:
        name = str(getattr(row, named))
        times[name] += 1
        while (place := f"{name} {times[name]}" if times[name] > 1 else name) in found:
            times[name] += 1
        found[place] = row
    return found


def _are_rows(value: object) -> bool:
    return isinstance(value, tuple) and any(isinstance(one, Value) for one in value)


def _json(value: object) -> Any:
    match value:
        case Value():
            fields = value.model_dump(mode="json")
            return {name: fields[name] for name in fields if name not in _NAMES_THE_FORM}
        case date():
            return value.isoformat()
        case tuple():
            return list(value) or None
        case _:
            return value


def _words(value: object, field: str | None) -> str | None:
    match value:
        case None | ():
            return None
        case PlannedService():
            return _planned(value)
        case Value():
            return _row(value) if field else None
        case bool():
            return "yes" if value else "no"
        case tuple():
            return "; ".join(map(str, value))
        case str() if field is not None and field in _CODES:
            return _CODES[field].label(value)
        case _:
            return str(value)


def _planned(service: PlannedService) -> str:
    """A planned service: what, how much, since when and until when, where and how."""
    times = "1 session" if service.sessions == 1 else f"{service.sessions} sessions"
    much = f"{times} of {service.minutes_per_session} minutes per {service.frequency}"
    through = f" through {service.end_on}" if service.end_on else ""
    how = f"setting {service.setting}, {service.delivery}"
    summer = ", extended school year" if service.extended_school_year else ""
    label = SERVICES.label(service.service_code)
    return f"{label}, {much} from {service.begin_on}{through}, {how}{summer}"


def _row(row: Value) -> str:
    """A row of any other list, with the fields that say something."""
    said = ((name, getattr(row, name)) for name in type(row).model_fields)
    return "; ".join(_part(name, value) for name, value in said if value not in (None, (), False))


def _part(name: str, value: object) -> str:
    if value is True:
        return name.replace("_", " ")
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
