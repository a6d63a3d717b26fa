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
    "The student has an open evaluation since {since}.",
    "Finish that evaluation first, or close it (CloseEvaluation).",
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
    " DetermineEligibility. A re-evaluation: BeginReevaluation, CompleteEvaluation, DetermineEligibility.",
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
NOT_EVALUATED = Rule(
    "EVA-011",
    "The student has no initial evaluation with a determination.",
    "Request the initial evaluation (RequestEvaluation), or finish it (DetermineEligibility).",
    _TRAINING,
)
WAIVER_DOUBTFUL = Rule(
    "EVA-012",
    "The newest determination found {exceptionality}. A student with it may still need a re-evaluation.",
    "Check that the data about the student suffice. If not, begin a re-evaluation (BeginReevaluation).",
    "LAC 28:CI.1101.C.1",
    Severity.WARNING,
)
EVALUATION_TWIN = Rule(
    "EVA-013",
    "The evaluation {evaluation} is of the same type and has the same day, {day}.",
    "Check that this is not the same evaluation under a second id. If it is, close this one"
    " (CloseEvaluation).",
    severity=Severity.WARNING,
    fields=("evaluation_id",),
)
DETERMINED_WHEN = Rule(
    "EVA-014",
    "The day of the determination is missing. Only a re-evaluation may leave it out.",
    "Fill in the day of the determination.",
    _TRAINING,
    fields=("determined_on",),
)
LATE_UNEXPLAINED = Rule(
    "EVA-015",
    "The report was disseminated on {day}, after the due date {due}.",
    "Record why it was late (ExplainDelay).",
    "LAC 28:XLIII.302.C",
    Severity.WARNING,
    fields=("report_disseminated_on",),
)
EXTENSION_UNCLEAR = Rule(
    "EVA-016",
    "An extension names either a number of business days or the new due date.",
    "Fill in one of `business_days` and `until`.",
    fields=("business_days",),
)
EXTENDS_NOTHING = Rule(
    "EVA-017",
    "{day} is not after the due date, {due}.",
    "Choose a later day.",
    fields=("until",),
)
EXTENDED_LATE = Rule(
    "EVA-018",
    "The extension was approved on {day}, after the due date {due}.",
    "Correct the day if it is wrong. Approve an extension on or before the due date.",
    severity=Severity.WARNING,
    fields=("approved_on",),
)
NO_DUE_DATE = Rule(
    "EVA-019",
    "The evaluation has no due date: the LEA could not evaluate the student, who was not produced.",
    "Complete the evaluation when the student can be evaluated (CompleteEvaluation).",
    "LAC 28:XLIII.302.D",
    fields=("evaluation_id",),
)
DELAY_UNEXPLAINED = Rule(
    "EVA-020",
    "The reason is `other`, but the explanation is blank.",
    "Explain the delay in a sentence.",
    fields=("explanation",),
)
NOT_LATE = Rule(
    "EVA-021",
    "The evaluation is not late.",
    "Nothing to do.",
    severity=Severity.WARNING,
    fields=("evaluation_id",),
)
ONLY_ELSEWHERE = Rule(
    "EVA-022",
    "The field is only for a student who enrolled in another LEA.",
    "Leave the field blank, or correct the exception.",
    "LAC 28:XLIII.302.E",
    fields=("agreed_due_on", "sufficient_progress"),
)
NOTHING_AGREED = Rule(
    "EVA-023",
    "The parent and the new LEA have agreed on no day, so the due date stays {due}.",
    "When they agree, record the exception again with the day (RecordEvaluationException).",
    "LAC 28:XLIII.302.E",
    Severity.WARNING,
    fields=("agreed_due_on",),
)
NOTHING_TO_CORRECT = Rule(
    "EVA-024", "The evaluation already has the day {day} there.", "Send no command.", fields=("day",)
)
DATE_OF_NO_STEP = Rule(
    "EVA-025",
    "The evaluation has no date `{field}` to correct.",
    "Choose a date that the evaluation has, or record the step that has this date.",
    fields=("field",),
)
NOT_SERVED = Rule(
    "EVA-026",
    "The field says that early intervention served the child, but `served` is false.",
    "Correct one of the two.",
    fields=("eligible_for_part_c_on", "continues_in_part_c"),
)
TOO_OLD_FOR_PART_C = Rule(
    "EVA-027",
    "{day} is not before the third birthday, {birthday}. Early intervention ends there.",
    "Correct the date.",
    fields=("eligible_for_part_c_on",),
)
EVALUATED_RECENTLY = Rule(
    "EVA-028",
    "The student was evaluated on {evaluated_on}, less than a year before {day}.",
    "Make sure that the parent and the LEA agree to evaluate the student more than once a year.",
    severity=Severity.WARNING,
    fields=("begun_on",),
)
EXTENSION_OUT_OF_SEASON = Rule(
    "EVA-029",
    "The state's calendar allows the extension “{kind}” to evaluations that begin {windows}."
    " This one began on {day}.",
    "Choose another kind of extension, or correct the day on which the evaluation began (CorrectEvaluation).",
    severity=Severity.WARNING,
    fields=("extension",),
)
EXTENDED_TOO_LONG = Rule(
    "EVA-030",
    "For the extension “{kind}” the state's calendar allows at most {most} ({source}).",
    "Extend the evaluation by less.",
    severity=Severity.WARNING,
    fields=("business_days", "until"),
)
PARENT_NOT_ASKED = Rule(
    "EVA-031",
    "The state's calendar asks for the parent's agreement to the extension “{kind}” ({source}).",
    "Record the extension with the day on which the parent agreed.",
    severity=Severity.WARNING,
    fields=("parent_agreed_on",),
)
DETAIL_OF_OTHER = Rule(
    "EVA-032",
    "{detail} is no detail of {exceptionality}.",
    "Choose a detail of this exceptionality, or leave it out.",
    fields=("exceptionalities",),
)
DETAIL_TWICE = Rule(
    "EVA-033",
    "{exceptionality} has the detail {detail} more than once.",
    "Name each detail once.",
    fields=("exceptionalities",),
)
AGREED_DAY_STAYS = Rule(
    "EVA-034",
    "The parent and the new LEA agreed on the due date {due}. The extension does not move it.",
    "If they agree on a later day, record the exception again with that day (RecordEvaluationException).",
    "LAC 28:XLIII.302.E",
    Severity.WARNING,
    fields=("evaluation_id",),
)
NOT_EVALUATED_BEFORE = Rule(
    "EVA-035",
    "The re-evaluation has no due date: the record has no evaluation or waiver before {day}.",
    "Look up the student's evaluations. Correct a date if one is wrong (CorrectEvaluation).",
    fields=("evaluation_id",),
)
TOO_MANY_ON_ONE = Rule(
    "EVA-036",
    "The evaluation already has {count} {what}. That is the most.",
    "Close this evaluation (CloseEvaluation), or record no more of them.",
    fields=("evaluation_id",),
)
WAIVED_LATE = Rule(
    "EVA-037",
    "The parent signed on {day}, after the re-evaluation was due on {due}.",
    "Check the date. A waiver stands in place of a re-evaluation, which is due every three years.",
    "LAC 28:CI.1101.C",
    Severity.WARNING,
    fields=("parent_signed_on",),
)
WAIVES_NOTHING = Rule(
    "EVA-038",
    "The newest determination, of {day}, found no exceptionality. So no re-evaluation is due.",
    "Check that the waiver is of this student. If the student may be eligible now, request an evaluation"
    " (RequestEvaluation).",
    severity=Severity.WARNING,
)
CORRECTED_PAST_ANOTHER = Rule(
    "EVA-039",
    "The evaluation's clock now starts on {day}, after the day {earlier} of an extension or exception.",
    "Check both days.",
    severity=Severity.WARNING,
    fields=("day",),
)
RECORDED_TWICE = Rule(
    "EVA-040",
    "The evaluation already has “{kind}” of {day}.",
    "Check that this is not the same extension or exception under a second command.",
    severity=Severity.WARNING,
    fields=("approved_on", "occurred_on"),
)

RULES = by_code(rule for rule in list(globals().values()) if isinstance(rule, Rule))
