"""The rules of students, by code. Codes are this project's own. No sentence names or identifies a person."""

from contracts.errors import Rule, Severity, by_code

IDENTITY_UNKNOWN = Rule(
    "STU-001",
    "eScholar has not sent a person with this State ID.",
    "Check the State ID in eScholar. If eScholar has just assigned it, wait until eScholar sends it.",
    fields=("student_id",),
)
ALREADY_ADDED = Rule(
    "STU-002",
    "This student is already in the special-education record.",
    "Do not add the student again. Open the student's record, or claim jurisdiction (ClaimJurisdiction).",
    fields=("student_id",),
)
NOT_BORN_YET = Rule(
    "STU-004",
    "The birth date that eScholar has for this student is in the future.",
    "Correct the birth date in eScholar, then add the student.",
    fields=("student_id",),
)
TOO_MANY_GUARDIANS = Rule(
    "STU-007",
    "The student already has {limit} parents and guardians, the most that SER keeps.",
    "Remove one of them (RemoveGuardian), or replace one: send SaveGuardian with that guardian_id.",
    fields=("guardian_id",),
)
IDENTITY_UNREADABLE = Rule(
    "STU-010",
    "eScholar has sent a person with this State ID, but SER cannot read the message: {reason}.",
    "Correct the field in eScholar. The message is among SER's dead letters.",
    fields=("student_id",),
)
CORRECTION_UNREADABLE = Rule(
    "STU-011",
    "eScholar has sent a newer message about this State ID, but SER cannot read it: {reason}.",
    "Correct the field in eScholar. SER corrects the student when eScholar sends the next message.",
    severity=Severity.WARNING,
    fields=("student_id",),
)
LIKELY_DUPLICATE = Rule(
    "STU-012",
    "eScholar has a person with the same name, birth date and sex under the State ID {other}.",
    "Compare both in eScholar. If they are one person, tell your Secure ID manager.",
    severity=Severity.WARNING,
    fields=("student_id",),
)
LIKELY_DUPLICATE_ELSEWHERE = Rule(
    "STU-013",
    "A student of another LEA has the same name, birth date and sex under another State ID.",
    "Ask your Secure ID manager, who sees both State IDs among the likely duplicates.",
    severity=Severity.WARNING,
    fields=("student_id",),
)
UNKNOWN_GUARDIAN = Rule(
    "STU-015",
    "The student has no parent or guardian with this guardian_id.",
    "Take the guardian_id from the student's record.",
    fields=("guardian_id",),
)
GUARDIAN_REMOVED = Rule(
    "STU-016",
    "The LEA removed this parent or guardian on {day}.",
    "To add the person again, send SaveGuardian with a new guardian_id.",
    fields=("guardian_id",),
)
LAST_GUARDIAN = Rule(
    "STU-014",
    "This is the student's only parent or guardian. Evaluations, IEPs and services need one.",
    "Save another one first (SaveGuardian), or replace this one's details.",
    fields=("guardian_id",),
)
TOO_MANY_PROFILES = Rule(
    "STU-020",
    "The student already has {limit} profiles, the most that SER keeps.",
    "Replace one of them: send SaveProfile with that profile's effective_on and the new values.",
)

RULES = by_code(rule for rule in list(globals().values()) if isinstance(rule, Rule))
