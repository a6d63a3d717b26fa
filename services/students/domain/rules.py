"""The rules of students, by code. Codes are this project's own. No sentence says what identifies a person."""

from contracts.errors import Rule, Severity, by_code

IDENTITY_UNKNOWN = Rule(
    "STU-001",
    "eScholar has not said who bears this State ID.",
    "Check the State ID in eScholar. If it was given a moment ago, try again when eScholar has sent it.",
)
ALREADY_ADDED = Rule(
    "STU-002",
    "This student is in the special-education record already.",
    "Nothing to add. Open the student, or claim jurisdiction.",
)
NOT_BORN_YET = Rule(
    "STU-004",
    "eScholar's birth date of this person is after today.",
    "Have the birth date corrected in eScholar, then add the student.",
)
TOO_MANY_GUARDIANS = Rule(
    "STU-007",
    "{limit} parents and guardians are saved for this student, which is the most there can be.",
    "Replace one of them: send its guardian_id with the new details.",
)
IDENTITY_UNREADABLE = Rule(
    "STU-010",
    "eScholar has sent who bears this State ID, but the message cannot be read: {reason}.",
    "Have the field corrected in eScholar. The message is among the dead letters of this system.",
)
CORRECTION_UNREADABLE = Rule(
    "STU-011",
    "eScholar has sent a newer message about this State ID, which cannot be read: {reason}.",
    "Have the field corrected in eScholar. The student is corrected when the next message is read.",
    severity=Severity.WARNING,
)
TOO_MANY_PROFILES = Rule(
    "STU-020",
    "{limit} profiles are kept for this student, which is the most there can be.",
    "Replace one of them: send the day from which it holds (effective_on) with the new profile.",
)

RULES = by_code(rule for rule in list(globals().values()) if isinstance(rule, Rule))
