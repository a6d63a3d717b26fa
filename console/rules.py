"""The console's own rules, about pages, forms and sign-ins. The services have all other rules."""

from contracts.errors import Rule, Severity, by_code

PART_AWAY = Rule(
    "CON-001",
    "The service {service} does not answer, so this part cannot be shown now.",
    "Everything else on the page is right. Open the page again in a minute.",
)
SIGN_IN_ENDED = Rule(
    "CON-002",
    "Your sign-in has ended, so the form was not sent. Nothing that you typed is lost.",
    "Sign in in a new tab, come back to this tab, and send the form again.",
)
OTHER_SITE = Rule(
    "CON-003",
    "The request came from another site, so the console did nothing.",
    "Open the console's own page and send the form there.",
)
TOO_MANY = Rule(
    "CON-004",
    "You have asked for more than {limit} of these pages in a minute.",
    "Wait {seconds} seconds, then go on.",
)
DAY_UNCLEAR = Rule(
    "CON-005",
    "The date cannot be read.",
    "Write the date as 10/1/2026, with month, day and year. t is today, t-1 is yesterday.",
)
NO_PAGE = Rule(
    "CON-006", "There is no page at this address.", "Go to the work list, or find the student by name."
)
ROLE_NEEDED = Rule(
    "CON-007",
    "This needs the role {role}.",
    "Your LEA's security coordinator gives the role.",
)
NOT_SENT = Rule(
    "CON-008",
    "The service {service} could not be reached, so it is not certain that your form arrived.",
    "Send the form again as it is. If it has arrived, nothing happens twice.",
)
DEFECT = Rule(
    "CON-009",
    "A defect of the console stopped this page.",
    "Tell the operator of the system at what time. What you sent before is safe.",
)
ISSUER_AWAY = Rule(
    "CON-010",
    "Signing in does not work now, because the issuer of sign-ins does not answer.",
    "Try again in a minute.",
)
SIGN_IN_FAILED = Rule(
    "CON-011",
    "The issuer's answer does not belong to a sign-in that began here ({why}).",
    "Sign in again.",
)
NO_ROLE = Rule(
    "CON-012",
    "Your sign-in names no LEA or no role that SER knows.",
    "Your LEA's security coordinator gives roles.",
)
NUMBER_UNCLEAR = Rule("CON-013", "The number cannot be read.", "Write the number with digits only.")
STALE_SEARCH = Rule(
    "CON-014", "The console no longer has this search.", "Search again.", severity=Severity.WARNING
)

NOTHING_CHOSEN = Rule("CON-015", "Nothing is chosen.", "Tick at least one line.")

FORM_UNREADABLE = Rule(
    "CON-016",
    "The console cannot read the form: it is too large, or its text is not UTF-8. The form was not sent.",
    "Go back in the browser, where you find what you typed. Shorten it and send it again.",
)
DATABASE_AWAY = Rule(
    "CON-017",
    "The console's own database does not answer now. The services' records are safe.",
    "Try again in a minute.",
)
CROWDED = Rule(
    "CON-018",
    "More people ask for pages now than the console can answer at once.",
    "Wait {seconds} seconds, then load the page again. Forms that are sent now are taken.",
)

NOTHING_CHANGED = Rule(
    "CON-019",
    "The calendar would stay as it is.",
    "Add a day, tick one that the new version leaves out, or change another field.",
)

RULES = by_code(rule for rule in tuple(globals().values()) if isinstance(rule, Rule))
