"""Checks the records that a decider or a reaction returns, before the service saves them."""

from collections.abc import Mapping, Sequence

from contracts.decision import Known
from contracts.message import Event, Record


class Defect(Exception):
    """A decider or a reaction returned impossible records: the code is wrong, not the message."""


def written(records: Sequence[Record], about: Mapping[str, Known]) -> Sequence[str]:
    """The records as JSON. `about`: what is known of each subject about which the message is decided.

    Defect: a record is of another subject, or not newer than the known one.
    """
    _check(records, about)
    return [record.model_dump_json() for record in records]


def _check(records: Sequence[Record], about: Mapping[str, Known]) -> None:
    newest: dict[tuple[str, str, str], int] = {}
    for record in records:
        subject, kind, record_id = key = (record.subject, record.kind, record.record_id)
        if subject not in about:
            raise Defect("a record of another subject")
        if record.revision <= newest.get(key, about[subject].revision(kind, record_id)):
            raise Defect("a record that is not newer than what is known")
        newest[key] = record.revision


def check_remembered(event: Event, records: Sequence[Record]) -> None:
    """Defect: the reaction keeps no record by which the service can recognize the event again."""
    key = (event.kind, event.record_id, event.revision)
    if not any((record.kind, record.record_id, record.revision) == key for record in records):
        raise Defect("a reaction that does not remember its event")


def longer(body: str, limit: int) -> bool:
    """Whether a body is longer than this number of bytes. A letter takes one to four."""
    return len(body) > limit // 4 and len(body.encode()) > limit
