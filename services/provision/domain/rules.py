"""The rules of provision, by code. Codes are this project's own."""

from contracts.errors import Rule, by_code

IEP_NOT_SUBMITTED = Rule(
    "PRO-003",
    "The student has no submitted IEP with the id {iep}.",
    "Submit the IEP first (SubmitIEP), or correct the iep_id.",
    fields=("iep_id",),
)
LEAVING_OWNER = Rule(
    "PRO-004",
    "The student is transferring from {owner} to {next_owner}. {owner} can no longer add services.",
    "Ask {next_owner} to add the service.",
)
NEXT_OWNER_PENDING = Rule(
    "PRO-005",
    "The student is transferring from {owner} to {next_owner}. {next_owner} has no jurisdiction yet.",
    "Check whether SER has accepted the claim of {next_owner}.",
)
ID_USED = Rule(
    "PRO-006",
    "The student already has a service with the id {service}.",
    "Choose a new service_id for each service.",
    fields=("service_id",),
)
BEFORE_JURISDICTION = Rule(
    "PRO-008",
    "The begin date {day} is before {since}, when the jurisdiction of {owner} began.",
    "Choose a begin date on or after {since}.",
    fields=("terms.begin_on",),
)
UNKNOWN_SERVICE = Rule(
    "PRO-011",
    "The student has no service with the id {service}.",
    "Look up the student's services, and use the id of one.",
    fields=("service_id",),
)
ALREADY_TERMINATED = Rule(
    "PRO-012",
    "The service was already terminated on {day}.",
    "Do not terminate it again. If the student needs the service again, add a new one (AddService).",
    fields=("service_id",),
)
ENDS_BEFORE_BEGIN = Rule(
    "PRO-013",
    "The end date {day} is before {since}, when the service began.",
    "Choose an end date on or after {since}.",
    fields=("end_on",),
)

PROVIDER_UNKNOWN = Rule(
    "PRO-014",
    "{lea} has no provider with the number {provider}.",
    "Register the provider first (RegisterProvider), or correct the provider_id.",
    fields=("terms.provider_id",),
)
PROVIDER_NOT_ACTIVE = Rule(
    "PRO-015",
    "Provider {provider} does not work for the LEA on {day}, but from {since} until {through}.",
    "Choose another provider, or correct the begin date. RegisterProvider corrects the provider's days.",
    fields=("terms.provider_id",),
)
PROVIDER_OF_ANOTHER = Rule(
    "PRO-016",
    "The command registers a provider of {lea}, but the token belongs to another LEA.",
    "Send the command with a token of {lea}.",
    fields=("lea",),
)
PROVIDER_LEAVES_EARLY = Rule(
    "PRO-017",
    "The last day {day} is before {since}, the provider's first day.",
    "Choose a last day on or after {since}.",
    fields=("active_through",),
)

RULES = by_code(rule for rule in list(globals().values()) if isinstance(rule, Rule))
