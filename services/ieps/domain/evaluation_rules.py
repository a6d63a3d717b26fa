"""The rules of evaluations (EVA), by code. Codes are this project's own."""

from contracts.errors import Rule, Severity, by_code

_TRAINING = "LDOE, SER training, July 2020"

EVALUATION_KNOWN = Rule(
    "EVA-001",
    "The student already has an evaluation with the id {evaluation}.",
    "Choose a new evaluation_id for each evaluation.",
    fields=("evaluation_id",),
)
EVALUATION_OPEN = Rule(
    "EVA-002",
    "The student has an open initial evaluation, requested on {since}.",
    "Finish that evaluation first, up to the determination of eligibility (DetermineEligibility).",
)
EVALUATION_UNKNOWN = Rule(
    "EVA-003",
    "The student has no evaluation with this id.",
    "Look up the student's evaluations, and use the id of one.",
    fields=("evaluation_id",),
)
EVALUATION_OUT_OF_TURN = Rule(
    "EVA-004",
    "The evaluation's stage is {stage}, but this step needs the stage {needed}.",
    "Take the steps in order: RequestEvaluation, RecordParentDecision, CompleteEvaluation,"
    " DetermineEligibility.",
    _TRAINING,
    fields=("evaluation_id",),
)
OUT_OF_ORDER = Rule(
    "EVA-005", "{day} is before {earlier}, the date of {step}.", "Correct the date.", _TRAINING
)
PRIMARY_NOT_ONE = Rule(
    "EVA-006",
    "{count} exceptionalities are marked as primary, but exactly one must be.",
    "Mark one exceptionality as primary.",
    _TRAINING,
)
PRIMARY_NO_DISABILITY = Rule(
    "EVA-007",
    "{exceptionality} is primary, but the evaluation also found a disability.",
    "Make the disability the primary exceptionality.",
)
EXCEPTIONALITY_TWICE = Rule(
    "EVA-008", "The command lists {exceptionality} more than once.", "List each exceptionality once."
)
OUTSIDE_AGES = Rule(
    "EVA-009",
    "{exceptionality} is for ages {lowest} through {highest}, but on {day} the student is {age}.",
    "Choose the exceptionality that applies at this age.",
    "LAC 28:CI.705",
)
DEAF_AND_BLIND = Rule(
    "EVA-010",
    "The evaluation found deafness and visual impairment, and no other disability.",
    "If the student is deaf and blind, record {exceptionality} instead.",
    "LAC 28:CI.705.A.3",
    Severity.WARNING,
)

RULES = by_code(rule for rule in list(globals().values()) if isinstance(rule, Rule))
