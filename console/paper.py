"""What a filled form says, in words: for reading and for paper."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from console.fields import Field, Kind
from console.forms import FilledForm


@dataclass(frozen=True, slots=True)
class Line:
    """One field that somebody filled in.

    `words`: what it says; blank for a list. `items`: a list of words. `heads` and `rows`: a list of rows as a
    table, without the columns in which no row says anything.
    """

    label: str
    words: str = ""
    items: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def lines_of(form: FilledForm, without: Sequence[str] = ()) -> tuple[Line, ...]:
    """The fields that say something, in the form's order; none for a blank form. `without`: paths."""
    return tuple(line for one in form.fields if one.path not in without for line in _lines(form, one))


def _lines(form: FilledForm, one: Field) -> Iterator[Line]:
    if one.columns:
        yield from _table(form, one)
    elif words := _words(form, one):
        listed = one.kind in (Kind.LINES, Kind.SEVERAL)
        yield Line(one.label, items=tuple(words.split("\n"))) if listed else Line(one.label, words)


def _table(form: FilledForm, one: Field) -> Iterator[Line]:
    said = [[_words(form, column) for column in row] for row in form.rows(one)]
    kept = [number for number, _ in enumerate(one.columns) if any(row[number] for row in said)]
    if kept:
        yield Line(
            one.label,
            heads=tuple(one.columns[number].label for number in kept),
            rows=tuple(tuple(row[number] for number in kept) for row in said if any(row)),
        )


def _words(form: FilledForm, one: Field) -> str:
    """What somebody filled in: no default of a blank field. A box that is not ticked says nothing."""
    value = form.values.get(one.path, "").strip()
    if one.kind in (Kind.TICK, Kind.ONE_ROW):
        return "Yes" if value == "yes" else ""
    if one.kind is Kind.YES_NO:
        return value.capitalize()
    labels = {option.value: option.label for option in form.options.get(one.path, one.options)}
    if one.kind is Kind.SEVERAL:
        return "\n".join(labels.get(each, each) for each in value.split("\n"))
    return labels.get(value, value)
