"""The rules of students, by code. Codes are this project's own. No sentence says what identifies a person."""

from contracts.errors import Rule, by_code

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
STATE_ADDS_NOBODY = Rule(
    "STU-003", "The state office is not an LEA and adds no students.", "Add with the token of an LEA."
)
NOT_BORN_YET = Rule(
    "STU-004",
    "eScholar's birth date of this person is after today.",
    "Have the birth date corrected in eScholar, then add the student.",
)
NOT_ADDED = Rule(
    "STU-005",
    "Nobody has added this student to the special-education record.",
    "Find the person in eScholar by State ID and add the student first.",
)
NOT_CLAIMED = Rule(
    "STU-006",
    "No LEA has jurisdiction of the student.",
    "Claim jurisdiction first; what is known of the student can be saved after that.",
)
TOO_MANY_GUARDIANS = Rule(
    "STU-007",
    "{limit} parents and guardians are saved for this student, which is the most there can be.",
    "Replace one of them: send its guardian_id with the new details.",
)
SSN_SHAPED = Rule(
    "STU-008",
    "The field holds what looks like a Social Security number.",
    "Take the number out; Social Security numbers are kept nowhere in this record.",
)
LEA_UNKNOWN = Rule(
    "STU-009",
    "{lea} is no LEA of the state.",
    "Sign in for one of the state's LEAs, as the code list has them (contracts/codes/leas.csv).",
)

RULES = by_code(rule for rule in list(globals().values()) if isinstance(rule, Rule))
