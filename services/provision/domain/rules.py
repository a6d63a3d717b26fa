"""The rules of provision, by code. Codes are this project's own."""

from contracts.errors import Rule, by_code

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
BEFORE_JURISDICTION = Rule(
    "PRO-008",
    "{day} is before {since}, when the jurisdiction of {owner} began.",
    "Choose a begin date on or after {since}.",
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

PROVIDER_UNKNOWN = Rule(
    "PRO-014",
    "{lea} has no provider {provider}.",
    "Register the provider first (RegisterProvider), or correct the provider's number.",
)
PROVIDER_NOT_ACTIVE = Rule(
    "PRO-015",
    "Provider {provider} does not work for the LEA on {day}: only from {since} through {through}.",
    "Choose another provider, or correct the begin date or the provider's days.",
)
PROVIDER_OF_ANOTHER = Rule(
    "PRO-016",
    "The provider would be registered for {lea}, and the token is for another LEA.",
    "Register providers with a token of their own LEA.",
)
PROVIDER_LEAVES_EARLY = Rule(
    "PRO-017", "{day} is before {since}, the provider's first day.", "Choose a last day on or after {since}."
)

RULES = by_code(rule for rule in list(globals().values()) if isinstance(rule, Rule))
