"""Who is measured beside SER does the same work."""

from datetime import date

from benchmarks.rivals.deciding import decided, said
from benchmarks.students import arrivals
from contracts.decision import Known
from contracts.outcome import Status


def test_same_students_each_time() -> None:
    """Everybody who is compared is asked to add the same students, by the same commands."""
    assert arrivals(20) == arrivals(20)
    assert arrivals(20)[:10] == arrivals(10)


def test_student_whom_escholar_knows() -> None:
    """A student whom eScholar has announced is added: one event, and the command is accepted."""
    (one,) = arrivals(1)
    decision = decided(Known([one.identity]), one.command, one.command_id, date(2017, 9, 1))
    (added,), outcome = said(decision, one.command, one.command_id)
    assert (added.subject, outcome.status) == (one.command.student_id, Status.ACCEPTED)


def test_student_whom_nobody_knows() -> None:
    """A student whom eScholar has not announced is not added; a rival does not wait and says no."""
    (one,) = arrivals(1)
    decision = decided(Known(), one.command, one.command_id, date(2017, 9, 1))
    events, outcome = said(decision, one.command, one.command_id)
    assert (events, outcome.status) == ([], Status.REFUSED)
