"""Extending an evaluation: a later due date, which somebody approved."""

from collections.abc import Iterator, Sequence
from datetime import date

from contracts.calendars import Extension, ExtensionRule
from contracts.counting import Calendars, Clock
from contracts.decision import Ask, Decision, Known, Refused, verdict
from contracts.errors import Finding
from contracts.evaluations import Evaluation, EvaluationExtended, ExtendEvaluation
from services.ieps.domain import evaluation_rules as rules
from services.ieps.domain.calendars import calendars_around
from services.ieps.domain.stages import (
    CLOCK_RUNS,
    agreed_due_on,
    due_on,
    in_order,
    no_due_date,
    out_of_turn,
    too_many,
)
from services.ieps.domain.standing import Standing, standing


def extend(known: Known, ask: Ask[ExtendEvaluation]) -> Decision:
    """Extend an evaluation whose clock runs. Extensions add up in the order of their recording."""
    command = ask.command
    stands = standing(
        known, ask, dates=("until",), done=("approved_on", "parent_agreed_on"), also=_unclear(command)
    )
    if not isinstance(stands, Standing):
        return stands
    evaluation = known.get(Evaluation, command.evaluation_id)
    if evaluation is None or evaluation.stage not in CLOCK_RUNS:
        return Refused((*stands.found, out_of_turn(evaluation, *CLOCK_RUNS)))
    calendars = calendars_around(known, command.approved_on)
    due = due_on(evaluation, known.all(Evaluation), calendars)
    of_kind = _rules(evaluation, command, calendars)
    rule = _allowing(evaluation, of_kind)
    broken = (
        *stands.found,
        *too_many(evaluation.extensions, "extensions"),
        *_twin(evaluation, command),
        *_early(evaluation, command),
        *_unfit(evaluation, due, command),
        *_moves_nothing(evaluation),
        *(_against(rule, command, due, calendars) if rule else _out_of_season(evaluation, command, of_kind)),
    )
    return verdict(broken, [_extended(evaluation, ask, rule)])


def _unclear(command: ExtendEvaluation) -> Iterator[Finding]:
    if (command.business_days is None) is (command.until is None):
        yield rules.EXTENSION_UNCLEAR.broken(at="business_days")


def _twin(evaluation: Evaluation, command: ExtendEvaluation) -> Iterator[Finding]:
    """The warning that an extension of the kind was approved on the same day."""
    same = (one for one in evaluation.extensions if one.approved_on == command.approved_on)
    if any(one.kind is command.extension for one in same):
        yield rules.RECORDED_TWICE.broken(at="approved_on", kind=command.extension, day=command.approved_on)


def _early(evaluation: Evaluation, command: ExtendEvaluation) -> Iterator[Finding]:
    approved_on, decided_on = command.approved_on, evaluation.decided_on
    yield from in_order("approved_on", approved_on, decided_on, "the parent's decision")
    yield from in_order("approved_on", approved_on, evaluation.begun_on, "the re-evaluation's begin")
    if command.parent_agreed_on:
        yield from in_order(
            "parent_agreed_on", command.parent_agreed_on, _started_on(evaluation), "the begin of the clock"
        )


def _unfit(evaluation: Evaluation, due: date | None, command: ExtendEvaluation) -> Iterator[Finding]:
    if due is None:
        yield no_due_date(evaluation)
        return
    if command.until and command.until <= due:
        yield rules.EXTENDS_NOTHING.broken(at="until", day=command.until, due=due)
    if command.approved_on > due:
        yield rules.EXTENDED_LATE.broken(at="approved_on", day=command.approved_on, due=due)


def _moves_nothing(evaluation: Evaluation) -> Iterator[Finding]:
    """The warning that an agreed day is the due date, which no extension moves."""
    if agreed_on := agreed_due_on(evaluation):
        yield rules.AGREED_DAY_STAYS.broken(at="evaluation_id", due=agreed_on)


def _rules(
    evaluation: Evaluation, command: ExtendEvaluation, calendars: Calendars
) -> Sequence[ExtensionRule]:
    """The rules of the kind in the calendar of the year in which the clock started."""
    calendar = calendars.of(_started_on(evaluation).year)
    published = calendar.extension_rules if calendar else ()
    return [rule for rule in published if _is_for(rule, evaluation, command)]


def _started_on(evaluation: Evaluation) -> date:
    """The clock of a re-evaluation starts for these rules on the day it begins."""
    return evaluation.decided_on or evaluation.opened_on


def _allowing(evaluation: Evaluation, of_kind: Sequence[ExtensionRule]) -> ExtensionRule | None:
    """The rule in whose window the clock started. Windows of one kind do not overlap."""
    started_on = _started_on(evaluation)
    return next((one for one in of_kind if one.window_begin <= started_on <= one.window_end), None)


def _out_of_season(
    evaluation: Evaluation, command: ExtendEvaluation, of_kind: Sequence[ExtensionRule]
) -> Iterator[Finding]:
    """The clock started in no window of a rule. A calendar without rules of the kind says nothing."""
    if of_kind:
        windows = " or ".join(f"from {one.window_begin} through {one.window_end}" for one in of_kind)
        yield rules.EXTENSION_OUT_OF_SEASON.broken(
            at="extension", kind=command.extension, day=_started_on(evaluation), windows=windows
        )


def _is_for(rule: ExtensionRule, evaluation: Evaluation, command: ExtendEvaluation) -> bool:
    return rule.kind is command.extension and str(evaluation.evaluation_type) in map(str, rule.applies_to)


def _against(
    rule: ExtensionRule, command: ExtendEvaluation, due: date | None, calendars: Calendars
) -> Iterator[Finding]:
    """The extension is longer than the rule allows, or the parent's agreement is missing."""
    at = "until" if command.until else "business_days"
    for most in _exceeded(rule, command, due, calendars) if due else ():
        yield rules.EXTENDED_TOO_LONG.broken(at=at, kind=command.extension, most=most, source=rule.source)
    if rule.parent_approval and command.parent_agreed_on is None:
        yield rules.PARENT_NOT_ASKED.broken(at="parent_agreed_on", kind=command.extension, source=rule.source)


def _exceeded(
    rule: ExtensionRule, command: ExtendEvaluation, due: date, calendars: Calendars
) -> Iterator[str]:
    """The limits of the rule that the new due date exceeds. Each holds for both ways to extend."""
    most = rule.most_business_days or rule.business_days
    extended_to = command.until or calendars.day_after(due, command.business_days or 0, Clock.BUSINESS_DAYS)
    if most and extended_to > calendars.day_after(due, most, Clock.BUSINESS_DAYS):
        yield f"{most} business days"
    if rule.until and extended_to > rule.until:
        yield f"an extension until {rule.until}"


def _extended(
    evaluation: Evaluation, ask: Ask[ExtendEvaluation], rule: ExtensionRule | None
) -> EvaluationExtended:
    command = ask.command
    extension = Extension(
        kind=command.extension,
        business_days=command.business_days,
        until=command.until,
        approved_on=command.approved_on,
        parent_agreed_on=command.parent_agreed_on,
        allowed_by=rule.source if rule else None,
    )
    return EvaluationExtended.of(
        evaluation, lea=ask.actor.lea, extensions=(*evaluation.extensions, extension)
    )
