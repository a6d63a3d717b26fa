"""The headers and contents of IEPs that a command or an event needs. The service loads only these.

So the number of a student's IEPs does not slow a command, unless the command needs every header. The checks
of an IEP's grounds and of its line need every header.
"""

from collections.abc import Iterator

from contracts.ieps import (
    IEP,
    AmendIEP,
    ApproveIEPDeletion,
    AssignIEP,
    DiscardIEP,
    DraftIEP,
    IEPContents,
    MakeIEPOfficial,
    RemoveIEPForm,
    RequestIEPDeletion,
    SaveIEPForms,
    SubmitIEP,
)
from contracts.jurisdiction import Spell
from contracts.message import EVERY, Record
from contracts.state_ids import StateId

Opened = Iterator[tuple[type[Record], object]]


def copied(command: DraftIEP) -> Opened:
    """The contents of the copied IEP, and every header: for an IEP of the same id or meeting."""
    yield IEP, EVERY
    if command.copies:
        yield IEPContents, command.copies


def header(command: DiscardIEP) -> Opened:
    """The IEP."""
    yield IEP, command.iep_id


def draft(command: SaveIEPForms | RemoveIEPForm) -> Opened:
    """The IEP and its contents."""
    yield IEP, command.iep_id
    yield IEPContents, command.iep_id


def contents_and_every_header(command: MakeIEPOfficial) -> Opened:
    """The contents of the IEP, and every header: for its grounds and its year."""
    yield IEP, EVERY
    yield IEPContents, command.iep_id


def every_header(
    message: SubmitIEP | RequestIEPDeletion | ApproveIEPDeletion | AssignIEP | Spell | StateId,
) -> Opened:
    """Every header: for the grounds of the IEP, its line, a former owner's copy, or the move to another State
    ID."""
    yield IEP, EVERY


def amended(command: AmendIEP) -> Opened:
    """The contents of the amended IEP, and every header: for its line."""
    yield IEP, EVERY
    yield IEPContents, command.amends
