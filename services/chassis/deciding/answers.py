"""The outcomes that a batch gives to commands."""

from collections.abc import Sequence

from contracts.decision import Settled
from contracts.errors import Finding, Severity
from contracts.outcome import Outcome, Status
from services.chassis.deciding.batch import EarlierOutcome, LedgerEntry
from services.chassis.deciding.draft import Draft
from services.chassis.decoding.messages import ReceivedCommand, ReceivedEvent


class Answers:
    """Gives outcomes: into the ledger, and onto their topic."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._terms = draft.terms
        self._given = dict(draft.loaded.given)

    def earlier(self, command_id: str) -> EarlierOutcome | None:
        """The command's outcome from before, or from this batch."""
        return self._given.get(command_id)

    def is_answered(self, item: ReceivedCommand | ReceivedEvent) -> bool:
        """Whether another process has given the command's final outcome meanwhile."""
        given = self._given.get(item.id) if isinstance(item, ReceivedCommand) else None
        return given is not None and given.status.final

    def answer(self, command: ReceivedCommand, status: Status, findings: Sequence[Finding]) -> None:
        """Answer a command."""
        name, command_id, sequence = command.name, command.command_id, self._draft.sequence(command.subject)
        outcome = Outcome.given(command.subject, name, command_id, status, tuple(findings), sequence)
        body = outcome.model_dump_json()
        self._given[command.id] = EarlierOutcome(command.fingerprint, status)
        self._draft.writes.ledger[command.id] = LedgerEntry(
            command.id,
            command.subject,
            command.actor.scope if command.actor else "",
            command.fingerprint,
            status,
            body,
            command.raw.at,
            command.sender or "",
            command.id in self._draft.loaded.given,
        )
        out = self._terms.out.outcome(
            outcome, command.id, body, command.envelope, command.raw.at, command.sender
        )
        self._draft.writes.outbox.append(out)

    def settle(self, event: ReceivedEvent, settled: Settled) -> None:
        """Give the final outcome of a held command that an event has decided."""
        refused = any(finding.severity is Severity.ERROR for finding in settled.findings)
        status = Status.REFUSED if refused else Status.ACCEPTED
        subject = settled.subject or event.subject
        name, sequence = settled.command.__name__, self._draft.sequence(subject)
        outcome = Outcome.given(subject, name, settled.command_id, status, settled.findings, sequence)
        key, body = str(settled.command_id), outcome.model_dump_json()
        begun = LedgerEntry(key, subject, "", "", status, body, event.raw.at, follows=True)
        self._draft.writes.ledger[key] = self._draft.writes.ledger.get(key, begun)._replace(
            status=status, body=body
        )
        out = self._terms.out.outcome(outcome, key, body, event.envelope, event.raw.at, event.sender)
        self._draft.writes.outbox.append(out)


def as_warning(finding: Finding) -> Finding:
    """The finding as a warning of a held command: it may go away."""
    return finding.model_copy(update={"severity": Severity.WARNING})
