"""Every query that the console asks of a service. A test holds that the service's OpenAPI document has it."""

from console import answers
from console.backend import Query
from contracts.ieps import IEP, Evaluation, SpedActivity
from contracts.jurisdiction import SchoolDirectory
from contracts.provision import Service

SEARCH = Query[answers.FoundStudents]("students", "/students/search", answers.FoundStudents, "POST")
STUDENT = Query[answers.StudentView]("students", "/students/{student_id}", answers.StudentView)
IDENTITY = Query[answers.IdentityView]("students", "/identities/{student_id}", answers.IdentityView)

JURISDICTION = Query[answers.Jurisdiction](
    "jurisdiction", "/students/{student_id}/jurisdiction", answers.Jurisdiction
)
SCHOOLS = Query[SchoolDirectory]("jurisdiction", "/leas/{lea}/schools", SchoolDirectory)
CLAIMS = Query[answers.ClaimPage]("jurisdiction", "/leas/{lea}/claims", answers.ClaimPage)

EVALUATIONS = Query[tuple[Evaluation, ...]](
    "ieps", "/students/{student_id}/evaluations", tuple[Evaluation, ...]
)
IEPS = Query[tuple[IEP, ...]]("ieps", "/students/{student_id}/ieps", tuple[IEP, ...])
ONE_IEP = Query[answers.IEPWithContents](
    "ieps", "/students/{student_id}/ieps/{iep_id}", answers.IEPWithContents
)
VALIDATION = Query[answers.Validation](
    "ieps", "/students/{student_id}/ieps/{iep_id}/validation", answers.Validation
)
SPED_ACTIVITY = Query[tuple[SpedActivity, ...]](
    "ieps", "/students/{student_id}/sped-activity", tuple[SpedActivity, ...]
)

SERVICES = Query[tuple[Service, ...]]("provision", "/students/{student_id}/services", tuple[Service, ...])
AWAITED = Query[answers.AwaitedPage]("provision", "/leas/{lea}/awaited", answers.AwaitedPage)
RELEASED = Query[answers.ReleasedPage]("provision", "/leas/{lea}/released", answers.ReleasedPage)
