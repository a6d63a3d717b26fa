"""The differences between the forms of two IEPs, field by field."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Self

from pydantic import Field, JsonValue

from contracts.codes import ENVIRONMENTS, SERVICES, CodeList
from contracts.forms import Form, FormCode, InstructionalPlan, PlannedService, ProgramServices
from contracts.message import Value
from services.ieps.domain.contents import Forms
from services.ieps.domain.forms import by_key

_NAMES_THE_FORM = {"form", "area"}
_CODES: Mapping[str, CodeList] = {"environment": ENVIRONMENTS, "service_code": SERVICES}


class Change(Value):
    """One difference. A whole form or a whole service that one of the two IEPs lacks is one difference."""

    form: FormCode
    area: str | None = Field(description="The area of an instructional plan.")
    field: str | None = Field(
        description="The field, as `environment` or `services[OTH].minutes_per_week`; blank: the whole form."
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
        case ProgramServices(), ProgramServices():
            yield from _of_services(old, new)
        case (None, form) | (form, None) if form is not None:
            yield Change.of(form, None, old, new)
        case _ if old is not None and new is not None:
            yield from (Change.of(new, *found) for found in _of_fields(old, new))


def _of_services(old: ProgramServices, new: ProgramServices) -> Iterator[Change]:
    before, after = _by_code(old), _by_code(new)
    for name in dict.fromkeys((*before, *after)):
        match before.get(name), after.get(name):
            case PlannedService() as earlier, PlannedService() as later:
                for field, *values in _of_fields(earlier, later):
                    yield Change.of(new, f"services[{name}].{field}", *values)
            case earlier, later:
                yield Change.of(new, f"services[{name}]", earlier, later)


def _by_code(form: ProgramServices) -> Mapping[str, PlannedService]:
    """The services by code. The second one of a code is `SPE 2`."""
    times: Counter[str] = Counter()
    found = {}
    for service in form.services:
        times[service.service_code] += 1
        place = times[service.service_code]
        found[service.service_code if place == 1 else f"{service.service_code} {place}"] = service
    return found


def _of_fields(old: Value, new: Value) -> Iterator[tuple[str, Any, Any]]:
    for name in type(new).model_fields:
        before, after = getattr(old, name), getattr(new, name)
        if name not in _NAMES_THE_FORM and before != after:
            yield name, before, after


def _json(value: object) -> Any:
    match value:
        case Value():
            fields = value.model_dump(mode="json")
            return {name: fields[name] for name in fields if name not in _NAMES_THE_FORM}
        case date():
            return value.isoformat()
        case tuple():
            return list(value)
        case _:
            return value


def _words(value: object, field: str | None) -> str | None:
    match value:
        case PlannedService():
            label = SERVICES.label(value.service_code)
            return f"{label}, {value.minutes_per_week} minutes a week from {value.begin_on}"
        case None | Value():
            return None
        case bool():
            return "yes" if value else "no"
        case tuple():
            return "; ".join(map(str, value))
        case str() if field is not None and field in _CODES:
            return _CODES[field].label(value)
        case _:
            return str(value)
