"""The commands of an evaluation after the first: again, waived, given up, or begun anew under another id."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from random import Random
from typing import Any
from uuid import UUID, uuid5

from contracts.calendars import ExtensionKind
from contracts.evaluations import (
    AssignCoordinator,
    BeginReevaluation,
    CloseEvaluation,
    CloseReason,
    CompleteEvaluation,
    CorrectEvaluation,
    DelayReason,
    DetermineEligibility,
    EvaluationDate,
    EvaluationExceptionKind,
    Exceptionality,
    ExplainDelay,
    ExtendEvaluation,
    ParentDecision,
    RecordEvaluationException,
    RecordParentDecision,
    RecordPartCTransition,
    RecordTriennialWaiver,
    ReevaluationReason,
    RequestEvaluation,
)
from contracts.message import Command

Names = dict[str, Any]
Commands = Iterator[Command]


def evaluation_commands(student_id: str, evaluation_id: UUID, on: date, draw: Random) -> Sequence[Command]:
    """One story of a later evaluation, or of early intervention, all on one day."""
    story = draw.choice(_STORIES)
    return [*story({"student_id": student_id, "evaluation_id": evaluation_id}, on, draw)]


def _again(names: Names, on: date, draw: Random) -> Commands:
    yield BeginReevaluation(**names, reason=draw.choice(tuple(ReevaluationReason)), begun_on=on)
    yield AssignCoordinator(**names, coordinator_id="A-0207")
    yield ExtendEvaluation(
        **names, extension=ExtensionKind.PARENT_AGREED, business_days=draw.randrange(1, 20), approved_on=on
    )
    yield ExplainDelay(**names, reason=DelayReason.SCHEDULING)
    yield CompleteEvaluation(**names, report_disseminated_on=on)
    found = draw.choice(((), (Exceptionality(code="OHI", primary=True),)))
    yield DetermineEligibility(**names, determined_on=draw.choice((None, on)), exceptionalities=found)
    yield _corrected(names, EvaluationDate.REFERRED, on, draw)


def _waived(names: Names, on: date, draw: Random) -> Commands:
    yield RecordTriennialWaiver(**names, parent_signed_on=on)
    yield _corrected(names, EvaluationDate.PARENT_SIGNED, date(on.year, on.month, 1), draw)


def _given_up(names: Names, on: date, draw: Random) -> Commands:
    """Two people begin it, under two ids."""
    other = names | {"evaluation_id": uuid5(names["evaluation_id"], "begun by somebody else")}
    for each in (names, other):
        yield BeginReevaluation(**each, reason=ReevaluationReason.THREE_YEARS, begun_on=on)
    yield CloseEvaluation(**names, closed_on=on, reason=draw.choice(tuple(CloseReason)))


def _anew(names: Names, on: date, draw: Random) -> Commands:
    yield RequestEvaluation(**names, permission_requested_on=on)
    yield RecordParentDecision(**names, decision=ParentDecision.CONSENTED, decided_on=on)
    kind = draw.choice(tuple(EvaluationExceptionKind))
    yield RecordEvaluationException(**names, exception=kind, occurred_on=on)
    yield CloseEvaluation(**names, closed_on=on, reason=CloseReason.LEFT_LEA)


def _from_early_intervention(names: Names, on: date, draw: Random) -> Commands:
    for revision in (None, draw.choice((1, 2))):
        yield RecordPartCTransition(
            student_id=names["student_id"],
            served=True,
            continues_in_part_c=draw.random() < 0.5,
            on_revision=revision,
        )


def _corrected(names: Names, field: EvaluationDate, day: date, draw: Random) -> CorrectEvaluation:
    seen = draw.choice((None, None, 1))
    return CorrectEvaluation(**names, field=field, day=day, reason="Mistyped.", on_revision=seen)


_STORIES: Sequence[Callable[[Names, date, Random], Commands]] = (
    *(_again, _again, _waived, _given_up, _anew),
    _from_early_intervention,
)
