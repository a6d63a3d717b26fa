"""Ownership of a student. Only the owner writes. Former owners may still read."""

from collections.abc import Iterator
from datetime import date

from contracts.codes import LEAS
from contracts.decision import Ask, Known
from contracts.errors import NOT_ADDED, NOT_CLAIMED, NOT_OWNER, Finding
from contracts.facts import owner
from contracts.message import Command
from contracts.students import Student


def of_another_lea(known: Known, ask: Ask[Command]) -> Iterator[Finding]:
    """The finding that another LEA owns the student. No finding while no owner is known."""
    lea = owner(known, ask.on)
    if lea is not None and lea != ask.actor.lea:
        yield NOT_OWNER.broken(owner=LEAS.label(lea))


def student_missing(known: Known, day: date) -> Finding | None:
    """What a command of the owner waits for: the student, then an owner on the day."""
    if known.one(Student) is None:
        return NOT_ADDED.broken(at="student_id")
    return NOT_CLAIMED.broken(at="student_id") if owner(known, day) is None else None
