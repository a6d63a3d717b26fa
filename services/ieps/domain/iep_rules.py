"""The rules of the steps of an IEP (IEP-001 to IEP-100), by code. Codes are this project's own."""

from contracts.errors import Rule, Severity, by_code

_TRAINING = "LDOE, SER training, July 2020"

NO_GUARDIAN = Rule(
    "IEP-002",
    "The student has no saved parent or guardian.",
    "Save a parent or guardian first (SaveGuardian). Evaluations and IEPs need one.",
    _TRAINING,
    fields=("student_id",),
)
IEP_KNOWN = Rule(
    "IEP-006",
    "The student already has an IEP with the id {iep}.",
    "Choose a new iep_id for each IEP and each amendment.",
    fields=("iep_id",),
)
IEP_UNKNOWN = Rule(
    "IEP-007",
    "The student has no IEP with this id.",
    "Look up the student's IEPs, and use the id of one.",
    fields=("iep_id",),
)
IEP_OUT_OF_TURN = Rule(
    "IEP-008",
    "The IEP's stage is {stage}, but this step needs the stage {needed}.",
    "Take the steps in order: DraftIEP, MakeIEPOfficial, SubmitIEP. Change a submitted IEP by an amendment"
    " (AmendIEP).",
    _TRAINING,
)
BEGINS_BEFORE_MEETING = Rule(
    "IEP-009",
    "The begin date {day} is before the team meeting on {meeting_on}.",
    "Choose a begin date on or after {meeting_on}.",
    fields=("begin_on",),
)
SIGNED_BEFORE_MEETING = Rule(
    "IEP-010",
    "The signature date {day} is before the team meeting on {meeting_on}.",
    "Correct the signature date. If the meeting date is wrong, draft a new IEP (DraftIEP).",
    fields=("signed_on",),
)
FORM_TWICE = Rule(
    "IEP-011", "The command has the form {form} more than once.", "Send each form once.", fields=("forms",)
)
AMENDS_NOTHING = Rule(
    "IEP-012",
    "The Amendments form belongs to an amendment, and this IEP is not an amendment.",
    "Leave the form out, or amend the submitted IEP (AmendIEP).",
    fields=("forms",),
)
FORM_ABSENT = Rule(
    "IEP-013",
    "The draft has no such form {form}.",
    "Check the form and the area, or do nothing.",
    fields=("form",),
)
AREA_UNNAMED = Rule(
    "IEP-014",
    "The command does not name the area of the instructional plan.",
    "Name the area of the instructional plan.",
    fields=("area",),
)
AMENDMENT_FORM_STAYS = Rule(
    "IEP-015",
    "An amendment must keep its Amendments form.",
    "To change the form, save it with new contents (SaveIEPForms).",
    _TRAINING,
    fields=("form",),
)
AMENDMENT_OPEN = Rule(
    "IEP-016",
    "The amendment {amendment} of this IEP is not submitted yet.",
    "Finish and submit that amendment first, or discard its draft (DiscardIEP).",
    fields=("amends",),
)
NOT_THE_NEWEST = Rule(
    "IEP-017",
    "This IEP has already been amended. Its newest amendment is {newest}.",
    "Amend {newest} instead.",
    fields=("amends",),
)
AMENDS_BACKWARDS = Rule(
    "IEP-018",
    "The begin date {day} is before {earlier}, when the amended IEP began.",
    "Choose a begin date on or after {earlier}.",
    fields=("begin_on",),
)
UNFINISHED_OF_ANOTHER = Rule(
    "IEP-020",
    "{lea} began this IEP and did not finish it. No other LEA finishes it in that LEA's name.",
    "Begin an IEP of your own with its forms (DraftIEP with `copies`).",
    fields=("iep_id",),
)
TWIN = Rule(
    "IEP-021",
    "The student has another IEP from the team meeting on {meeting_on}: {twin}.",
    "If both are the same IEP, discard one (DiscardIEP).",
    severity=Severity.WARNING,
    fields=("meeting_on",),
)
COPIES_DELETED = Rule(
    "IEP-022",
    "The IEP {copied} was deleted, so no other IEP begins with its forms.",
    "Copy another IEP, or leave `copies` out.",
    fields=("copies",),
)
PAST_ITS_YEAR = Rule(
    "IEP-023",
    "The amendment begins on {day}, but the year of the IEP ended on {last_day}.",
    "Hold the review meeting, and draft a review (DraftIEP).",
    "LAC 28:XCVII.111",
    Severity.WARNING,
    fields=("begin_on",),
)
DELETES_NOTHING = Rule(
    "IEP-024",
    "The IEP's stage is {stage}. Only an official or submitted IEP is deleted upon request.",
    "Discard a draft (DiscardIEP). A discarded or deleted IEP needs no step.",
    fields=("iep_id",),
)
DELETION_REQUESTED = Rule(
    "IEP-025",
    "{requested_by} has already requested the deletion of this IEP.",
    "Wait for the decision of a coordinator or the state.",
    fields=("iep_id",),
)
NO_DELETION_REQUESTED = Rule(
    "IEP-026",
    "Nobody has requested the deletion of this IEP, or the request is decided.",
    "See the LEA's open requests. To begin one, request the deletion (RequestIEPDeletion).",
    fields=("iep_id",),
)
SAME_PERSON = Rule(
    "IEP-027",
    "{requested_by} requested the deletion. Another person must approve it.",
    "Ask another coordinator, or the state, to approve it.",
    fields=("iep_id",),
)
AMENDMENT_STANDS = Rule(
    "IEP-028",
    "The amendment {amendment} of this IEP stands.",
    "Discard or delete the amendment first (DiscardIEP, RequestIEPDeletion).",
    fields=("iep_id",),
)
ENTRY_VOIDED = Rule(
    "IEP-029",
    "The student's entry into special education on {entered_on} rested on this IEP alone. SER voided it.",
    "If the student did enter, draft the right IEP (DraftIEP). Its submission is the entry.",
    severity=Severity.WARNING,
    fields=("iep_id",),
)
ENTRY_RESTS_ON_ANOTHER = Rule(
    "IEP-030",
    "The student's entry into special education rested on this IEP. It now rests on the IEP {iep}, and is on"
    " {entered_on}.",
    "If the student entered on another day, correct the entry (CorrectSpedActivity).",
    severity=Severity.WARNING,
    fields=("iep_id",),
)

RULES = by_code(rule for rule in list(globals().values()) if isinstance(rule, Rule))
