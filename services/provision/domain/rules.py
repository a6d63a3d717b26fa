"""The rules of provision, by code. Codes are this project's own."""

from datetime import timedelta

from contracts.errors import Rule, by_code

FURTHEST_AHEAD = timedelta(days=366)

NOT_ADDED = Rule(
    "PRO-001",
    "Nobody has added this student to the special-education record.",
    "Find the person in eScholar by State ID, add the student and claim jurisdiction; then add the service.",
)
NOT_CLAIMED = Rule(
    "PRO-002", "No LEA has jurisdiction of the student.", "Claim jurisdiction first, then add the service."
)
IEP_NOT_SUBMITTED = Rule(
    "PRO-003",
    "The student has no submitted IEP {iep}.",
    "Submit the IEP first, then add its services; or correct the IEP id.",
)
HANDED_OVER = Rule(
    "PRO-004",
    "The student is passing from {owner} to {heir}, and {owner} can add services no more.",
    "Leave the service to {heir}.",
)
NOT_YET_HEIR = Rule(
    "PRO-005",
    "The student is passing from {owner} to {heir}; the jurisdiction of {heir} has not been recorded yet.",
    "See whether the claim of {heir} was accepted, then add the service again.",
)
ID_USED = Rule(
    "PRO-006",
    "A service of this student bears the id {service} already.",
    "Give each service an id of its own.",
)
BEFORE_BIRTH = Rule("PRO-007", "{day} is before the student was born.", "Correct the begin date.")
BEFORE_JURISDICTION = Rule(
    "PRO-008",
    "{day} is before {since}, when the jurisdiction of {owner} began.",
    "Choose a begin date on or after {since}.",
)
TOO_FAR_AHEAD = Rule("PRO-009", "{day} is more than a year after today.", "Correct the date.")
SSN_SHAPED = Rule(
    "PRO-010",
    "The field looks like a Social Security number.",
    "Use the LEA's own number for staff, never a Social Security number nor a made-up one.",
)
UNKNOWN_SERVICE = Rule(
    "PRO-011", "The student has no service {service}.", "Look up the service's id in the student's services."
)
ALREADY_TERMINATED = Rule(
    "PRO-012",
    "The service was terminated on {day} already.",
    "Nothing to terminate. A service that is needed again is added anew.",
)
ENDS_BEFORE_BEGIN = Rule(
    "PRO-013",
    "{day} is before {since}, when the service began.",
    "Choose an end date on or after {since}.",
)

RULES = by_code(rule for rule in list(globals().values()) if isinstance(rule, Rule))
