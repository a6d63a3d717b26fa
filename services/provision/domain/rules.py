"""The rules of provision, by code. Codes are this project's own."""

from contracts.errors import Rule, Severity, by_code

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
    "A terminated service stays as it is. If the student needs it again, add a new one (AddService).",
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
    "Register the provider first (RegisterProvider), or correct the number.",
    fields=("terms.provider_id", "terms.teacher_of_record", "provider_id", "from_provider_id"),
)
PROVIDER_NOT_ACTIVE = Rule(
    "PRO-015",
    "Provider {provider} does not work for the LEA on {day}, but from {since} until {through}.",
    "Choose another provider, or correct the date. RegisterProvider corrects the provider's days.",
    fields=("terms.provider_id", "terms.teacher_of_record", "provider_id"),
)
PROVIDER_OF_ANOTHER = Rule(
    "PRO-016",
    "The provider belongs to {lea}, but the token belongs to another LEA.",
    "Send it with a token of {lea}.",
    fields=("lea",),
)
PROVIDER_LEAVES_EARLY = Rule(
    "PRO-017",
    "The last day {day} is before {since}, the provider's first day.",
    "Choose a last day on or after {since}.",
    fields=("active_through",),
)
BEFORE_IEP = Rule(
    "PRO-018",
    "The begin date {day} is before {since}, when the IEP begins.",
    "Choose a begin date on or after {since}, or the iep_id of the IEP that was in effect on {day}.",
    fields=("terms.begin_on",),
)
AFTER_IEP = Rule(
    "PRO-019",
    "The begin date {day} is after {last_day}, the last day of the IEP's year.",
    "Check the begin date. If the team has reviewed the IEP, add the service under the new IEP.",
    severity=Severity.WARNING,
    fields=("terms.begin_on",),
)
TWIN = Rule(
    "PRO-020",
    "The student already has this service from {day} on, under the id {service}.",
    "If the LEA recorded one service twice, terminate one of the two with the reason ERROR.",
    severity=Severity.WARNING,
    fields=("terms.service_code",),
)
GIVEN_BEFORE_BEGIN = Rule(
    "PRO-021",
    "The day {day} of the session is before {since}, when the service began.",
    "Choose a day on or after {since}.",
    fields=("given_on",),
)
GIVEN_AFTER_END = Rule(
    "PRO-022",
    "The day {day} of the session is after {until}, the last day of the service.",
    "Choose a day on or before {until}.",
    fields=("given_on",),
)
ENDS_BEFORE_FIRST_SESSION = Rule(
    "PRO-023",
    "The end date {day} is before {given}, the day of the first session.",
    "Choose an end date on or after {given}, or correct the day of the first session (RecordFirstSession).",
    fields=("end_on",),
)
IEP_DELETED = Rule(
    "PRO-024",
    "The IEP {iep} was deleted.",
    "Choose an IEP that is in effect. If the student has none, draft one (DraftIEP).",
    fields=("iep_id",),
)
NO_IEP = Rule(
    "PRO-025",
    "The student has no submitted IEP.",
    "Submit the student's IEP first (SubmitIEP).",
    fields=("student_id",),
)
PLAN_NOT_HERE = Rule(
    "PRO-026",
    "The planned services of the IEP {iep} have not arrived yet.",
    "Ask again in a minute.",
    fields=("iep",),
)

NOT_CERTIFIED = Rule(
    "PRO-027",
    "By the directory of {lea}, provider {provider} is not certified for the service {service}.",
    "Choose a provider who is certified for it. RegisterProvider corrects the directory.",
    severity=Severity.WARNING,
    fields=("terms.provider_id", "provider_id"),
)
OTHER_SERVICE = Rule(
    "PRO-028",
    "The command has the service {service} from {day} on; the record has {recorded} from {since} on.",
    "Keep the service code and the begin date. For another service terminate this one (TerminateService), and"
    " add the other (AddService).",
    fields=("terms.service_code", "terms.begin_on"),
)
TERMS_TOO_EARLY = Rule(
    "PRO-029",
    "The new terms begin on {day}, before {since}, when the present terms began.",
    "Choose {since} to correct the present terms, or a later day.",
    fields=("effective_on", "from_on"),
)
SAME_TERMS = Rule(
    "PRO-030",
    "The service has these terms already, since {since}.",
    "Send no command, or change one of the terms.",
    fields=("terms",),
)
SAME_PROVIDER = Rule(
    "PRO-031",
    "Provider {provider} is the old and the new provider.",
    "Choose another provider, or send nothing.",
    fields=("provider_id",),
)
OTHER_PROVIDER = Rule(
    "PRO-032",
    "The service is given by {recorded} now, not by provider {provider}.",
    "Look at the service. Leave it out if it has the right provider already.",
    fields=("from_provider_id",),
)
NOTHING_TO_REASSIGN = Rule(
    "PRO-033",
    "Provider {provider} gives no open service.",
    "Check the number of the provider who leaves.",
    fields=("from_provider_id",),
)
NOT_THEIR_SERVICE = Rule(
    "PRO-034",
    "{lea} gives no service with the id {service}.",
    "Choose the services from the caseload of the provider who leaves.",
    fields=("service_ids",),
)
REASSIGNMENT_UNKNOWN = Rule(
    "PRO-035",
    "There is no reassignment with the id {reassignment}.",
    "Use the id under which the reassignment was sent.",
    fields=("reassignment_id",),
)
SESSION_ID_USED = Rule(
    "PRO-036",
    "The student already has a session with the id {session}.",
    "Choose a new session_id for each session. CorrectSession corrects a recorded one.",
    fields=("session_id",),
)
UNKNOWN_SESSION = Rule(
    "PRO-037",
    "The student has no session with the id {session}.",
    "Look up the student's sessions, and use the id of one that is not removed.",
    fields=("session_id",),
)
OTHER_SESSION = Rule(
    "PRO-038",
    "The session is recorded for {day}, and its service cannot change.",
    "Name the service and the day as they are recorded. For another service remove the session"
    " (RemoveSession), and record it anew (RecordSession).",
    fields=("recorded_on",),
)
MISSED_WITHOUT_REASON = Rule(
    "PRO-039",
    "The session was missed, and the reason is lacking.",
    "Say why it was missed.",
    fields=("missed_because",),
)
NOT_MISSED = Rule(
    "PRO-040",
    "The session is {kind}, and has a reason why it was missed.",
    "Leave the reason out, or say that the session was missed.",
    fields=("missed_because",),
)
SESSION_TWIN = Rule(
    "PRO-041",
    "The service already has a session on {day} at that time, or at a time that is not recorded: {session}.",
    "If one session was entered twice, remove one of the two (RemoveSession). Otherwise record when each"
    " began.",
    severity=Severity.WARNING,
    fields=("given_on",),
)

IEP_NOT_ASSIGNED = Rule(
    "PRO-052",
    "The IEP of the service is not yet one of {to}.",
    "If it is that person's, assign the IEP, too (AssignIEP).",
    severity=Severity.WARNING,
    fields=("service_id",),
)
SESSIONS_AFTER_END = Rule(
    "PRO-053",
    "The service has sessions through {day}, after its last day {until}.",
    "If a session has the wrong day, correct it (CorrectSession), or remove it (RemoveSession).",
    severity=Severity.WARNING,
    fields=("end_on",),
)
SESSIONS_AFTER_LEAVING = Rule(
    "PRO-054",
    "Provider {provider} gave sessions through {day}, after the last day {through}.",
    "Correct the last day (RegisterProvider), or the sessions (CorrectSession).",
    severity=Severity.WARNING,
    fields=("active_through",),
)
SERVICES_NAME_PROVIDER = Rule(
    "PRO-055",
    "Provider {provider} works for the LEA until {through}, and gives open services: {count}.",
    "Give them to another provider from the day after (POST /reassignments).",
    severity=Severity.WARNING,
    fields=("active_through",),
)
AFTER_JURISDICTION = Rule(
    "PRO-050",
    "The begin date {day} is after {until}, the last day of the jurisdiction of {owner}.",
    "Choose a begin date through {until}. From then on another LEA owns the student.",
    fields=("terms.begin_on",),
)
ENDS_WITH_JURISDICTION = Rule(
    "PRO-051",
    "The service ends on {until}, the last day of the jurisdiction of {owner}: another LEA has"
    " claimed the student.",
    "Nothing to do.",
    severity=Severity.WARNING,
    fields=("terms.begin_on",),
)

RULES = by_code(rule for rule in list(globals().values()) if isinstance(rule, Rule))
