"""What no longer agrees with the birth date after eScholar has corrected it.

The rules about ages were kept when the records were made. A correction of the birth date refuses nothing and
changes no record. It may break these rules afterwards, and a person then checks the record.
"""

from collections.abc import Iterator

from pydantic import Field

from contracts.dates import before_birth
from contracts.decision import Known
from contracts.errors import Finding, Severity
from contracts.evaluations import Evaluation
from contracts.facts import KnownStudent
from contracts.ieps import IEP, IEPStage
from contracts.message import Value
from services.ieps.domain.eligibility import outside_ages
from services.ieps.domain.grounds import not_of_age
from services.ieps.domain.lines import first_of, last_day
from services.ieps.domain.requirements.placement import of_other_age
from services.ieps.domain.stages import newest_determination

_CHECK = "Check the birth date in eScholar. If it is right: "


class Disagreement(Value):
    """A record that does not agree with the birth date: what is wrong with it, and what to do."""

    about: str = Field(description="The kind of the record: `evaluation` or `iep`.")
    record_id: str
    finding: Finding
    what_to_do: str


def disagreements(known: Known) -> Iterator[Disagreement]:
    """What of a student's evaluations and of the newest IEP does not agree with the birth date of now."""
    student = known.one(KnownStudent)
    if student is None:
        return
    newest = newest_determination(known)
    for evaluation in known.all(Evaluation):
        yield from _about_evaluation(evaluation, student, newest=evaluation is newest)
    if iep := _newest(known):
        yield from _about_iep(known, iep, student)


def _about_evaluation(
    evaluation: Evaluation, student: KnownStudent, *, newest: bool
) -> Iterator[Disagreement]:
    for finding in before_birth(evaluation.opened_on, student.birth_on, at="opened_on"):
        yield _of(evaluation, finding, "correct the dates of the evaluation (CorrectEvaluation).")
    if newest and evaluation.determined_on:
        found = outside_ages(evaluation.exceptionalities, student.birth_on, evaluation.determined_on)
        for finding in found:
            yield _of(evaluation, finding, "re-evaluate the student (BeginReevaluation).")


def _about_iep(known: Known, iep: IEP, student: KnownStudent) -> Iterator[Disagreement]:
    for finding in not_of_age(known, iep):
        yield _of(iep, finding, "ask to delete the IEP (RequestIEPDeletion), and draft another one.")
    if iep.environment:
        ends_on = last_day(first_of(known, iep))
        for finding in of_other_age(iep.environment, student.birth_on, iep.begin_on, ends_on):
            if finding.severity is Severity.ERROR:
                yield _of(iep, finding, "amend the IEP (AmendIEP).")


def _newest(known: Known) -> IEP | None:
    """The official or submitted IEP that begins last. A draft is judged when it is made official."""
    final = (iep for iep in known.all(IEP) if iep.stage in (IEPStage.OFFICIAL, IEPStage.SUBMITTED))
    return max(final, key=lambda iep: (iep.begin_on, iep.meeting_on, iep.amendment), default=None)


def _of(record: Evaluation | IEP, finding: Finding, remedy: str) -> Disagreement:
    return Disagreement(
        about=record.kind, record_id=record.record_id, finding=finding, what_to_do=f"{_CHECK}{remedy}"
    )
