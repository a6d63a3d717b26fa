"""The writes of a batch while it is decided: working copies of its subjects, and the effects so far."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from contracts.decision import Known
from contracts.message import Event, Record
from services.chassis.deciding.batch import Loaded, RecordRow, Writes
from services.chassis.deciding.subject import Subject
from services.chassis.deciding.terms import Terms
from services.chassis.decoding.messages import ReceivedCommand, ReceivedEvent


class Draft:
    """The effects of a batch while it is decided. Nothing that was loaded is changed.

    `bytes`: of the events so far, roughly: a letter counts as one.
    """

    def __init__(self, loaded: Loaded, terms: Terms, now: datetime) -> None:
        self.loaded = loaded
        self.terms = terms
        self.now = now
        self.writes = Writes()
        self.bytes = 0
        self._subjects: dict[str, Subject] = {}
        self._ids = dict(loaded.taken)

    def finish(self) -> Writes:
        """Everything the batch changes."""
        touched = ((name, subject) for name, subject in self._subjects.items() if subject.touched)
        self.writes.advances = [subject.advance(name) for name, subject in touched]
        self.writes.unannounced = [
            (name, subject.sequence)
            for name, subject in self._subjects.items()
            if subject.sequence != self.loaded.aggregates[name].sequence
        ]
        return self.writes

    def subject(self, name: str) -> Subject:
        """The working copy of one of the batch's subjects."""
        subject = self._subjects.get(name)
        if subject is None:
            subject = self._subjects[name] = Subject(self.loaded.aggregates[name])
        return subject

    def sequence(self, name: str) -> int:
        """The number of the last event about the subject; 0 for a command that names no loaded subject."""
        return self.subject(name).sequence if name in self.loaded.aggregates else 0

    def revision(self, name: str) -> int:
        """The number of writes of a subject when the batch was loaded."""
        if name in self.loaded.aggregates:
            return self.loaded.aggregates[name].revision
        return self.loaded.others[name].revision

    def other(self, name: str) -> Known:
        """The records of another subject that a decision reads."""
        if name in self.loaded.aggregates:
            return self.subject(name).known
        return self.loaded.others[name].known

    def has_another(self, new_id: str, subject: str) -> bool:
        """Whether a record of another subject has the id."""
        return self._ids.get(new_id, subject) != subject

    def read(self, names: Iterable[str]) -> None:
        """Notice at the save if another process has changed one of these subjects since the load."""
        for name in names:
            self.subject(name).touched = True

    def learn(
        self, cause: ReceivedCommand | ReceivedEvent, records: Sequence[Record], bodies: Sequence[str]
    ) -> None:
        """Keep the new records of a message; publish those that are events."""
        self.subject(cause.subject).touched = True
        for number, (record, body) in enumerate(zip(records, bodies, strict=True)):
            subject = self.subject(record.subject)
            row = RecordRow.of(record, body, cause.sender, cause.raw.at)
            if subject.known.departed(record.kind, row.record_id):
                self.writes.returned.add(row.key)
            subject.known.learn(record, row.record_id)
            self.writes.records[row.key] = row
            if isinstance(record, Event):
                if row.record_id and not row.departed:
                    self._ids[row.record_id] = record.subject
                subject.sequence += 1
                event = self.terms.out.event(
                    record, body, cause.envelope, cause.raw.at, number, subject.sequence, cause.sender
                )
                self.writes.outbox.append(event)
                self.bytes += len(body)
