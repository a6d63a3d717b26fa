"""Which headers and contents of IEPs a command or an event needs: those alone are loaded.

A command costs the same however many IEPs the student has had, unless it needs every header. The grounds and
the line of an IEP are judged by all of them.
"""

from collections.abc import Iterator

from contracts.ieps import (
    IEP,
    AmendIEP,
    DraftIEP,
    IEPContents,
    MakeIEPOfficial,
    RemoveIEPForm,
    SaveIEPForms,
    SubmitIEP,
)
from contracts.jurisdiction import Spell
from contracts.message import EVERY, Record

Opened = Iterator[tuple[type[Record], object]]


def its_id(command: DraftIEP) -> Opened:
    """The IEP that bears the id already, if there is one."""
    yield IEP, command.iep_id


def draft(command: SaveIEPForms | RemoveIEPForm) -> Opened:
    """The IEP and its contents."""
    yield IEP, command.iep_id
    yield IEPContents, command.iep_id


def contents_and_every_header(command: MakeIEPOfficial) -> Opened:
    """The contents of the IEP; the headers, for its grounds and its year."""
    yield IEP, EVERY
    yield IEPContents, command.iep_id


def every_header(message: SubmitIEP | Spell) -> Opened:
    """The headers: for the grounds of the IEP, or for the LEA that the student leaves."""
    yield IEP, EVERY


def amended(command: AmendIEP) -> Opened:
    """The contents of what is amended; the headers, for its line."""
    yield IEP, EVERY
    yield IEPContents, command.amends
