"""The states of a batch, and the verdicts of its rows."""

from enum import StrEnum


class BatchState(StrEnum):
    """Where a batch stands. `done`, `refused` and `checked` are final.

    `waiting`: the sender's token expired. `refused`: nothing was sent. `checked`: it was to be read only.
    """

    RECEIVED = "received"
    READING = "reading"
    SENDING = "sending"
    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    CHECKED = "checked"


class Verdict(StrEnum):
    """What became of a row. A row that can be sent has none until its last command has its outcome.

    `already`: it was accepted before, alike in everything. `repeated`: an earlier row of the file says the
    same. `unread`: it cannot be read. `skipped`: it hangs on a row that was not accepted. `held`: a service
    holds its command.
    """

    ACCEPTED = "accepted"
    ALREADY = "already"
    REFUSED = "refused"
    UNREAD = "unread"
    REPEATED = "repeated"
    SKIPPED = "skipped"
    HELD = "held"


TO_CORRECT = (Verdict.REFUSED, Verdict.UNREAD, Verdict.SKIPPED)
"""The verdicts of rows that the sender corrects or sends again."""
