"""The rules of sped activities and consent (ACT), by code. Codes are this project's own."""

from contracts.errors import Rule, Severity, by_code

NOT_SERVED = Rule(
    "ACT-001",
    "The student is not in special education.",
    "Look up the student's entries and exits. The first submitted IEP is an entry (SubmitIEP).",
    fields=("student_id",),
)
EXIT_BEFORE_ENTRY = Rule(
    "ACT-002",
    "The exit on {day} is before the student entered special education on {entered_on}.",
    "Correct the date. If the entry is wrong, correct it first (CorrectSpedActivity).",
    fields=("exited_on", "revoked_on"),
)
KEPT_ELSEWHERE = Rule(
    "ACT-003",
    "The exit reason {reason} has a command of its own, {command}, which keeps more.",
    "Use {command} the next time.",
    severity=Severity.WARNING,
    fields=("exit_reason", "reason"),
)
ACTIVITY_UNKNOWN = Rule(
    "ACT-004",
    "The student has no sped activity with this id.",
    "Look up the student's entries and exits, and use the id of one.",
    fields=("activity_id",),
)
ACTIVITY_VOIDED = Rule(
    "ACT-005",
    "This sped activity is already voided.",
    "Nothing to do.",
    fields=("activity_id",),
)
NOTHING_CORRECTED = Rule(
    "ACT-006",
    "The command corrects nothing.",
    "Give a date or an exit reason that differs, or leave the sped activity as it is.",
    fields=("activity_id",),
)
NO_EXIT_YET = Rule(
    "ACT-007",
    "The student has not exited, so there is no exit to correct.",
    "Record the exit (ExitSpecialEducation).",
    fields=("exited_on",),
)
EXIT_OR_NONE = Rule(
    "ACT-008",
    "The command says that the student never left, and also corrects the exit.",
    "Do one of the two.",
    fields=("never_left",),
)
ACTIVITIES_OVERLAP = Rule(
    "ACT-009",
    "The student would be in special education twice: also {entered_on} through {exited_on}.",
    "Correct the dates, or correct the other sped activity first.",
    fields=("entered_on",),
)
ALREADY_SERVED = Rule(
    "ACT-010",
    "The student has been in special education since {entered_on}, so these are not the first services.",
    "Record that the parent revoked the consent (RevokeConsent).",
    fields=("refused_on",),
)
NO_SERVICES_OFFERED = Rule(
    "ACT-011",
    "No evaluation has found the student eligible, so there are no services to refuse.",
    "Record the determination first (DetermineEligibility).",
    fields=("refused_on",),
)
REFUSED_EARLY = Rule(
    "ACT-012",
    "The refusal on {day} is before the determination of eligibility on {determined_on}.",
    "Correct the date.",
    fields=("refused_on",),
)
NOTICE_EARLY = Rule(
    "ACT-013",
    "The notice on {day} is before the parent revoked the consent on {revoked_on}.",
    "Correct the date.",
    "34 CFR 300.300(b)(4)",
    fields=("notice_on",),
)
NO_NOTICE = Rule(
    "ACT-014",
    "The command gives no day of the LEA's written notice.",
    "Send the parent a written notice before the services end.",
    "34 CFR 300.300(b)(4)",
    Severity.WARNING,
    fields=("notice_on",),
)
CONSENT_KNOWN = Rule(
    "ACT-015",
    "The student already has a refusal or revocation with the id {consent}.",
    "Choose a new consent_id for each.",
    fields=("consent_id",),
)
BEGINS_NO_ENTRY = Rule(
    "ACT-016",
    "The IEP begins on {day}, before the student's exit on {exited_on}. So it is no entry.",
    "If the student has come back, draft an IEP that begins on or after {exited_on} (DraftIEP).",
    severity=Severity.WARNING,
    fields=("iep_id",),
)
REVOCATION_STAYS = Rule(
    "ACT-017",
    "The exit on {exited_on} was the parent's revocation of consent. The record keeps that revocation.",
    "If the parent revoked on another day, take the exit back (`never_left`), and record the revocation with"
    " that day (RevokeConsent).",
    severity=Severity.WARNING,
    fields=("activity_id",),
)
REFUSED_TWICE = Rule(
    "ACT-018",
    "The record already has a refusal of {day}, with the id {consent}.",
    "Check that this is not the same refusal under a second id.",
    severity=Severity.WARNING,
    fields=("consent_id",),
)

RULES = by_code(rule for rule in list(globals().values()) if isinstance(rule, Rule))
