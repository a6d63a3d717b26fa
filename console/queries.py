"""Every query that the console asks of a service. A test holds that the service's OpenAPI document has it."""

from typing import Any

from console import answers
from console.backend import Query
from contracts import catalog
from contracts.activities import Consent, SpedActivity
from contracts.calendars import Calendar
from contracts.evaluations import PartCTransition
from contracts.jurisdiction import SchoolDirectory
from contracts.provision import Provider, Service, Session

SEARCH = Query[answers.FoundStudents]("students", "/students/search", answers.FoundStudents, "POST")
STUDENT = Query[answers.StudentView]("students", "/students/{student_id}", answers.StudentView)
NAMES = Query[answers.StudentNames]("students", "/students/names", answers.StudentNames, "POST")
IDENTITY = Query[answers.IdentityView]("students", "/identities/{student_id}", answers.IdentityView)
CANDIDATES = Query[answers.Candidates]("students", "/identities/candidates", answers.Candidates, "POST")
IDENTITY_CHANGES = Query[answers.IdentityChanges]("students", "/identity-changes", answers.IdentityChanges)
LIKELY_PAIRS = Query[answers.LikelyPairs]("students", "/likely-duplicates", answers.LikelyPairs)

ATTACHMENTS = Query[tuple[answers.AttachmentView, ...]](
    "students", "/students/{student_id}/attachments", tuple[answers.AttachmentView, ...]
)
CONTENT = Query[None]("students", "/students/{student_id}/attachments/{attachment_id}/content", None)
UPLOAD = Query[answers.Uploaded](
    "students", "/students/{student_id}/attachments/{attachment_id}/content", answers.Uploaded, "PUT"
)

JURISDICTION = Query[answers.Jurisdiction](
    "jurisdiction", "/students/{student_id}/jurisdiction", answers.Jurisdiction
)
SCHOOLS = Query[SchoolDirectory]("jurisdiction", "/leas/{lea}/schools", SchoolDirectory)
TRANSFERS = Query[answers.Conversations](
    "jurisdiction", "/students/{student_id}/transfers", answers.Conversations
)
CLAIMS = Query[answers.ClaimPage]("jurisdiction", "/leas/{lea}/claims", answers.ClaimPage)
ESCALATED = Query[answers.ClaimPage]("jurisdiction", "/claims/escalated", answers.ClaimPage)

EVALUATIONS = Query[tuple[answers.DatedEvaluation, ...]](
    "ieps", "/students/{student_id}/evaluations", tuple[answers.DatedEvaluation, ...]
)
IEPS = Query[tuple[answers.ListedIEP, ...]](
    "ieps", "/students/{student_id}/ieps", tuple[answers.ListedIEP, ...]
)
ONE_IEP = Query[answers.IEPWithContents](
    "ieps", "/students/{student_id}/ieps/{iep_id}", answers.IEPWithContents
)
VALIDATION = Query[answers.Validation](
    "ieps", "/students/{student_id}/ieps/{iep_id}/validation", answers.Validation
)
PART_C = Query[tuple[PartCTransition, ...]](
    "ieps", "/students/{student_id}/part-c", tuple[PartCTransition, ...]
)
CONSENTS = Query[tuple[Consent, ...]]("ieps", "/students/{student_id}/consents", tuple[Consent, ...])
CALENDARS = Query[tuple[Calendar, ...]]("ieps", "/calendars", tuple[Calendar, ...])
CALENDAR = Query[Calendar]("ieps", "/calendars/{year}", Calendar)
MOVES = Query[answers.Moves]("ieps", "/calendars/{year}/moves", answers.Moves, "POST")
SPED_ACTIVITY = Query[tuple[SpedActivity, ...]](
    "ieps", "/students/{student_id}/sped-activity", tuple[SpedActivity, ...]
)

UNSUBMITTED = Query[answers.IEPPage]("ieps", "/leas/{lea}/ieps", answers.IEPPage)
DELETIONS = Query[answers.DeletionPage]("ieps", "/leas/{lea}/iep-deletions", answers.DeletionPage)
AGAINST_BIRTH_DATE = Query[answers.DisagreementPage](
    "ieps", "/leas/{lea}/against-birth-date", answers.DisagreementPage
)
CHANGES = Query[answers.Changes]("ieps", "/students/{student_id}/ieps/{iep_id}/changes", answers.Changes)

SERVICES = Query[tuple[Service, ...]]("provision", "/students/{student_id}/services", tuple[Service, ...])
SERVICE = Query[Service]("provision", "/students/{student_id}/services/{service_id}", Service)
DELIVERED = Query[answers.DeliveredServices](
    "provision", "/students/{student_id}/services/delivered", answers.DeliveredServices
)
SESSION = Query[Session]("provision", "/students/{student_id}/sessions/{session_id}", Session)
PROPOSED = Query[answers.ProposedServices](
    "provision", "/students/{student_id}/services/proposed", answers.ProposedServices
)
PROVIDERS = Query[answers.ProviderPage]("provision", "/leas/{lea}/providers", answers.ProviderPage)
PROVIDER = Query[Provider]("provision", "/leas/{lea}/providers/{provider_id}", Provider)
CASELOAD = Query[answers.CaseloadPage](
    "provision", "/leas/{lea}/providers/{provider_id}/caseload", answers.CaseloadPage
)
DELIVERED_CASELOAD = Query[answers.DeliveredCaseload](
    "provision", "/leas/{lea}/providers/{provider_id}/delivered", answers.DeliveredCaseload
)
REASSIGN = Query[answers.Reassignment]("provision", "/reassignments", answers.Reassignment, "POST")
REASSIGNMENT = Query[answers.Reassignment](
    "provision", "/reassignments/{reassignment_id}", answers.Reassignment
)
AWAITED = Query[answers.AwaitedPage]("provision", "/leas/{lea}/awaited", answers.AwaitedPage)
RELEASED = Query[answers.ReleasedPage]("provision", "/leas/{lea}/released", answers.ReleasedPage)

WORK = Query[answers.Work]("reporting", "/leas/{lea}/work", answers.Work)
DUE = Query[answers.DuePage]("reporting", "/leas/{lea}/due", answers.DuePage)
STUDENT_DUE = Query[answers.StudentDue]("reporting", "/students/{student_id}/due", answers.StudentDue)
TIMELINE = Query[answers.Timeline]("reporting", "/students/{student_id}/timeline", answers.Timeline)
WHY = Query[answers.Explanation]("reporting", "/child-count/students/{student_id}", answers.Explanation)
CHILD_COUNT = Query[answers.ChildCount]("reporting", "/child-count", answers.ChildCount)
COUNT_TABLES = Query[tuple[answers.AgeGroupTable, ...]](
    "reporting", "/child-count/table", tuple[answers.AgeGroupTable, ...]
)
REFUSAL_CAUSES = Query[answers.Causes]("reporting", "/refusals/causes", answers.Causes)
COUNTED = Query[answers.PlacedStudents]("reporting", "/child-count/students", answers.PlacedStudents)

TO_ASSIGN = {
    name: Query[tuple[answers.ToAssign, ...]](
        name, "/students/{student_id}/to-assign", tuple[answers.ToAssign, ...]
    )
    for name in ("students", "jurisdiction", "ieps", "provision")
}
"""A student's records that may be another person's: each service answers for its own."""

VIEWS = {
    name: Query[answers.Views](name, "/students/{student_id}/views", answers.Views)
    for name in catalog.SERVICES
}
"""Who looked at a student's record: each service answers for its part."""

RULES = {
    name: Query[tuple[answers.DescribedRule, ...]](name, "/rules", tuple[answers.DescribedRule, ...])
    for name in catalog.SERVICES
}
HELD = {name: Query[answers.HeldPage](name, "/held", answers.HeldPage) for name in catalog.SERVICES}
READY = {
    name: Query[answers.Health](name, "/health/ready", answers.Health, also=(503,))
    for name in catalog.SERVICES
}
"""Whether a service is ready. One that is not says why, with status 503."""

REPORTS = Query[tuple[answers.ReportDescribed, ...]](
    "reporting", "/reports", tuple[answers.ReportDescribed, ...]
)
REPORT = Query[answers.ReportDescribed]("reporting", "/reports/{report}", answers.ReportDescribed)
ASK_REPORT = Query[answers.Run]("reporting", "/reports/{report}/runs", answers.Run, "POST")
RUNS = Query[tuple[answers.Run, ...]]("reporting", "/reports/runs", tuple[answers.Run, ...])
RUN = Query[answers.RunWithTables]("reporting", "/reports/runs/{run_id}", answers.RunWithTables)
RUN_ROWS = Query[answers.ReportRows]("reporting", "/reports/runs/{run_id}/rows", answers.ReportRows)
RUN_FILE = Query[None]("reporting", "/reports/runs/{run_id}/file", None)
SAVE_RUN = Query[answers.Run]("reporting", "/reports/runs/{run_id}/save", answers.Run, "POST")
CANCEL_RUN = Query[answers.Run]("reporting", "/reports/runs/{run_id}/cancel", answers.Run, "POST")
RUN_AGAIN = Query[answers.Run]("reporting", "/reports/runs/{run_id}/again", answers.Run, "POST")
DELETE_RUN = Query[None]("reporting", "/reports/runs/{run_id}", None, "DELETE")
LOADED_TABLES = Query[tuple[answers.TableVersion, ...]](
    "reporting", "/tables", tuple[answers.TableVersion, ...]
)
LOAD_TABLE = Query[answers.LoadedTable]("reporting", "/tables/{table}", answers.LoadedTable, "POST")
VERDICTS = Query[answers.Verdicts]("reporting", "/students/{student_id}/reports", answers.Verdicts)

DUTIES = Query[answers.DutyCalendar]("reporting", "/duties/{school_year}", answers.DutyCalendar)
DUTIES_AHEAD = Query[answers.DutiesAhead]("reporting", "/duties", answers.DutiesAhead)
DUTIES_FEED = Query[None]("reporting", "/duties.ics", None)

FACTS = Query[tuple[answers.FactDescribed, ...]]("reporting", "/facts", tuple[answers.FactDescribed, ...])

FEDERAL_FILES = Query[tuple[answers.KnownFile, ...]](
    "reporting", "/federal-files", tuple[answers.KnownFile, ...]
)
_FEDERAL = "/federal-files/{file}/{year}/{level}"
FEDERAL_FILE = Query[answers.FederalFile]("reporting", _FEDERAL, answers.FederalFile, slow=True)
FEDERAL_TEXT = Query[None]("reporting", f"{_FEDERAL}/text", None)
CERTIFICATIONS = Query[tuple[answers.Certification, ...]](
    "reporting", f"{_FEDERAL}/certifications", tuple[answers.Certification, ...]
)
CERTIFY = Query[answers.Certification](
    "reporting", f"{_FEDERAL}/certifications", answers.Certification, "POST", slow=True
)
CERTIFIED_TEXT = Query[None]("reporting", f"{_FEDERAL}/certifications/{{version}}/text", None)

EVERY: tuple[Query[Any], ...] = (
    *(value for value in tuple(globals().values()) if isinstance(value, Query)),
    *TO_ASSIGN.values(),
    *VIEWS.values(),
    *RULES.values(),
    *HELD.values(),
    *READY.values(),
)
"""Every query. A test compares each with its service's OpenAPI document."""
