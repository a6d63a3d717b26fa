"""The differences between two IEPs, as people say them."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from console.answers import Change
from console.words import form_name, label_of
from contracts.codes import SERVICES

_STEP = re.compile(r"(?P<name>\w+)(?:\[(?P<key>[^\]]*)\])?")


def form_of(change: Change) -> str:
    """The form that differs; an instructional plan with its area."""
    return form_name(change.form, change.area)


def field_of(change: Change) -> str:
    """The field: `services[OTH].minutes_per_session` is *Occupational therapy, minutes per session*."""
    if change.field is None:
        return "The whole form"
    said = ", ".join(_said(change.field))
    return said[:1].upper() + said[1:]


def _said(path: str) -> Iterator[str]:
    for number, step in enumerate(path.split(".")):
        if (found := _STEP.fullmatch(step)) is None:
            yield step
        elif found["key"] is None:
            label = label_of(found["name"])
            yield label[:1].lower() + label[1:] if number else label
        elif found["name"] == "services":
            code, _, place = found["key"].partition(" ")
            yield f"{SERVICES.label(code)}{' ' if place else ''}{place}"
        else:
            yield f"{label_of(found['name'])} {found['key']}"


def in_one_text(changes: Iterable[Change]) -> str:
    """All differences as a text: a sentence for each form.

    `Program and services: Occupational therapy, minutes per session 60 → 30.`
    """
    by_form = groupby(changes, key=form_of)
    return " ".join(f"{form}: {'; '.join(map(_in_words, found))}." for form, found in by_form)


def _in_words(change: Change) -> str:
    before, after = change.before_words, change.after_words
    if change.field is None:
        return "new" if change.before is None else "taken out"
    if before is None:
        return f"{field_of(change)}: {after}, which is new" if after else f"{field_of(change)} is new"
    if after is None:
        return f"{field_of(change)}: {before}, which is taken out"
    return f"{field_of(change)} {before} → {after}"
