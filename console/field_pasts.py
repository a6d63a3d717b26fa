"""What became of each field of a student's record, from the student's timeline."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from console.answers import FieldChanged, Happening

_PERSON, _PROFILE, _EARLIER = "person.", "profile.", "earlier_profiles"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One change of a field. `path`: the field's dotted path. `by`: a user; blank if eScholar changed it."""

    path: str
    at: datetime
    by: str
    lea: str
    before: JsonValue
    after: JsonValue


def field_changes(timeline: Iterable[Happening]) -> Sequence[FieldChange]:
    """The changes by field, each field's newest first. The first value of a field counts as a change."""
    changes = [one for event in timeline for one in _of(event)]
    order = {path: place for place, path in enumerate(sorted({one.path for one in changes}))}
    return sorted(changes, key=lambda one: (order[one.path], -one.at.timestamp()))


def _of(event: Happening) -> Iterator[FieldChange]:
    for one in event.changed:
        if _shown(one):
            yield FieldChange(one.field, event.at, event.by or "", event.by_lea or "", one.before, one.after)


def _shown(change: FieldChanged) -> bool:
    """Whether it is a field of the person or of a profile with a value before or after."""
    given = change.before not in (None, []) or change.after not in (None, [])
    return given and change.field.startswith((_PERSON, _PROFILE))
