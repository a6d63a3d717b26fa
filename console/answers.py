"""The services' answers, as far as the console reads them.

A test holds that the services document each field. The contracts' own models read records:
spells, IEPs, services.
"""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, JsonValue

from console.words import FILE_KINDS
from contracts.attachments import MediaType
from contracts.deadlines import Due as DueDate
from contracts.errors import Finding, Severity
from contracts.evaluations import Evaluation
from contracts.facts import holding
from contracts.identity import Person
from contracts.ieps import IEP, IEPContents, IEPDeletion
from contracts.jurisdiction import Spell
from contracts.outcome import Status
from contracts.provision import AddService, Provider, Service, Session, TerminateService, TransferAnswer
from contracts.state_ids import SharedId, StateIdChange
from contracts.students import GuardianDetails, Profile

_MEGABYTE = 1024 * 1024


class Answered(BaseModel):
    """An answer, or a part of one. Fields that the console does not read are left out."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class GuardianView(Answered):
    """A parent or guardian."""

    guardian_id: str
    revision: int
    guardian: GuardianDetails


class RemovedGuardian(GuardianView):
    """A parent or guardian whom the LEA has removed."""

    removed_on: date
    removal_reason: str


class AttachmentView(Answered):
    """A file of the record. A deleted one has no file name."""

    attachment_id: str
    revision: int
    description: str
    file_name: str | None
    media_type: MediaType
    size: int
    sent_by: str
    kept_on: date
    deleted_on: date | None
    deleted_by: str | None
    deletion_reason: str | None

    @property
    def kind(self) -> str:
        """The kind of the file as a person calls it."""
        return FILE_KINDS[self.media_type]

    @property
    def shown_size(self) -> str:
        """The size in KB or MB."""
        if self.size < _MEGABYTE:
            return f"{max(1, round(self.size / 1024))} KB"
        return f"{self.size / _MEGABYTE:.1f} MB"


class Uploaded(Answered):
    """What a service received: the fields of the command that names the file."""

    sha256: str
    size: int
    media_type: str


class StudentView(Answered):
    """A student's record, with the profile that holds today and the guardians."""

    student_id: str
    revision: int
    person: Person
    identity_revision: int
    profile: Profile | None
    profiles: tuple[Profile, ...]
    lea: str | None
    open_services: bool
    guardians: tuple[GuardianView, ...]
    removed_guardians: tuple[RemovedGuardian, ...]
    merged_into: str | None = None

    @property
    def name(self) -> str:
        """The name as a list shows it: `Adamson, Zoe Marie`."""
        return listed_name(self.person)


class FoundStudent(Answered):
    """A line of a search's result. Of another LEA's student it has name and owner only."""

    student_id: str
    first_name: str | None
    middle_name: str | None
    last_name: str | None
    suffix: str | None
    formerly: tuple[str, ...] = ()
    lea: str | None
    birth_on: date | None = None
    sex: str | None = None
    grade: str | None = None
    school: str | None = None
    open_services: bool | None = None
    inactive: bool | None = None
    matched: str = ""

    @property
    def name(self) -> str:
        """The name as a list shows it."""
        return listed_name(self)


class FoundStudents(Answered):
    """A page of the matches, the best first."""

    students: tuple[FoundStudent, ...]
    more: bool = False
    next: str | None = None
    total: int = 0
    total_exceeded: bool = False
    instead: bool = False


class Candidate(Answered):
    """A person of eScholar, and how alike the person is to the one looked for."""

    student_id: str
    first_name: str | None
    middle_name: str | None
    last_name: str | None
    suffix: str | None
    birth_on: date
    sex: str | None
    likeness: int
    same: bool
    why: tuple[str, ...]
    added: bool
    lea: str | None

    @property
    def name(self) -> str:
        """The name as a list shows it."""
        return listed_name(self)


class Candidates(Answered):
    """The most alike persons."""

    candidates: tuple[Candidate, ...]
    more: bool = False


class LikelyPair(Answered):
    """A student and another State ID who may be one person."""

    student_id: str
    lea: str | None
    other_id: str
    other_lea: str | None


class LikelyPairs(Answered):
    """A page of pairs, and whether there are more."""

    pairs: tuple[LikelyPair, ...]
    more: bool = False


class StudentName(Answered):
    """Who a student is, in one line."""

    student_id: str
    last_name: str | None
    first_name: str | None
    middle_name: str | None
    suffix: str | None
    lea: str | None
    birth_on: date | None = None
    grade: str | None = None

    @property
    def name(self) -> str:
        """The name as a list shows it."""
        return listed_name(self)


class StudentNames(Answered):
    """The students whom the person may see."""

    students: tuple[StudentName, ...]


class IdentityView(Answered):
    """The person with a State ID, as in eScholar."""

    student_id: str
    person: Person
    identity_revision: int
    added: bool
    lea: str | None
    unread: str | None = None
    merged_into: str | None = None
    retired: bool = False
    change: StateIdChange | None = None
    splits: tuple[SharedId, ...] = ()


class ToAssign(Answered):
    """A record that a secure ID manager may assign to another person."""

    command: str
    record_id: str
    what: str
    lea: str | None = None
    begin_on: date | None = None
    end_on: date | None = None


class IdentityChange(Answered):
    """What became of a State ID, since when, and whose the students are now."""

    kind: str
    student_id: str
    other_id: str | None
    at: datetime
    lea: str | None
    other_lea: str | None
    retired: bool = False
    reason: str | None = None
    proposed_by: str | None = None

    @property
    def what(self) -> str:
        """What became of it, or would, as the rest of a sentence about the State ID."""
        alone = "nobody bears it" if self.retired else "its student bears it again"
        return {
            "merged": f"was merged into {self.other_id}",
            "separated": f"was separated from {self.other_id}",
            "retired": "was retired in eScholar: nobody bears it",
            "split": f"was split: one of two persons bears {self.other_id}",
            "circle": f"leads to {self.other_id}, and from there back to itself",
            "waiting": f"if approved, its student bears {self.other_id}"
            if self.other_id
            else f"if approved, {alone}",
        }.get(self.kind, self.kind)


class IdentityChanges(Answered):
    """A page of what became of State IDs, newest first."""

    changes: tuple[IdentityChange, ...]
    next: str | None = None


class Jurisdiction(Answered):
    """The owner of a student, and the spells, newest first."""

    student_id: str
    owner: str | None
    spells: tuple[Spell, ...]

    def spell_of(self, lea: str, day: date) -> Spell | None:
        """The LEA's spell that runs on a day, or that is to come; None if it has none."""
        return holding([one for one in self.spells if one.lea == lea and not one.over_by(day)], day)


class View(Answered):
    """That somebody looked at a part of a record, or was turned away."""

    at: datetime
    viewer: str
    scope: str
    roles: tuple[str, ...]
    what: str
    seen: bool


class Views(Answered):
    """The latest looks at one service's part of a record."""

    service: str
    views: tuple[View, ...]
    next: str | None


class DescribedRule(Answered):
    """One rule of a service, with {facts} in braces."""

    code: str
    severity: str
    message: str
    solution: str
    source: str
    fields: tuple[str, ...]


class BlockingService(Answered):
    """A service that was open when a claim was answered."""

    service_code: str
    begin_on: date


class Step(Answered):
    """A state of a claim, and since when."""

    state: str
    at: datetime
    lea: str | None
    person: str | None
    text: str | None
    findings: tuple[Finding, ...]
    open_services: tuple[BlockingService, ...]
    open_count: int


class Conversation(Answered):
    """A claim on a student, and what followed."""

    claim_id: str
    state: str
    from_lea: str | None
    to_lea: str
    begin_on: date
    school: str | None
    answer_due_on: date | None
    answered_on: date | None
    escalated_on: date | None
    standing: bool
    steps: tuple[Step, ...]


class Conversations(Answered):
    """The claims on a student, the latest first."""

    transfers: tuple[Conversation, ...]
    next: str | None


class DatedEvaluation(Evaluation):
    """An evaluation with its due date and why it is that day.

    `consent_due`: by when the LEA asks for the parent's consent.
    """

    due_on: date | None
    due: DueDate | None
    consent_due: DueDate | None


class MovedOfLea(Answered):
    """How many due dates of an LEA's students a change of a calendar moves."""

    lea: str
    moves: int


class Moved(Answered):
    """A due date that a change of a calendar moves."""

    student_id: str
    kind: str
    from_on: date
    to_on: date


class Moves(Answered):
    """What a change of a calendar moves: in all, by LEA, and the first students."""

    moves: int
    leas: tuple[MovedOfLea, ...]
    students: tuple[Moved, ...]


class ListedIEP(IEP):
    """The header of an IEP with what a list shows of it."""

    light: str | None
    changed_by: str | None
    changed_at: datetime | None
    deletion: IEPDeletion | None


class IEPPage(Answered):
    """A page of the IEPs that are not submitted."""

    ieps: tuple[ListedIEP, ...]
    next: str | None


class Disagreement(Answered):
    """A record that does not agree with the birth date of its student, and what to do."""

    student_id: str
    about: str
    record_id: str
    finding: Finding
    what_to_do: str


class DisagreementPage(Answered):
    """Records that do not agree with a birth date."""

    records: tuple[Disagreement, ...]
    next: str | None


class DeletionPage(Answered):
    """A page of the open requests to delete IEPs."""

    deletions: tuple[IEPDeletion, ...]
    next: str | None


class Change(Answered):
    """One difference between two IEPs. A blank `field` is a whole form."""

    form: str
    area: str | None
    field: str | None
    before: JsonValue
    after: JsonValue
    before_words: str | None
    after_words: str | None


class Changes(Answered):
    """The differences from an earlier IEP."""

    against: str | None
    changes: tuple[Change, ...]


class Due(Answered):
    """Something that an LEA must do for a student by a day."""

    student_id: str
    kind: str
    due_on: date
    days_left: int
    clock: str
    counted_from: date
    record_id: str
    stage: str | None
    why: DueDate


class DuePage(Answered):
    """A page of what is due, by due date."""

    as_of: date
    due: tuple[Due, ...]
    next: str | None


class StudentDue(Answered):
    """What is due for one student, by due date."""

    as_of: date
    due: tuple[Due, ...]


class DueCount(Answered):
    """How many students have something of one kind to be done."""

    kind: str
    overdue: int
    within_7_days: int
    within_30_days: int


class Work(Answered):
    """The work of an LEA in numbers."""

    as_of: date
    due: tuple[DueCount, ...]
    drafts: int
    official: int


class FieldChanged(Answered):
    """A field before and after."""

    field: str
    before: JsonValue
    after: JsonValue


class Happening(Answered):
    """One event about a student, as a sentence."""

    at: datetime
    service: str
    event: str
    kind: str
    sentence: str
    by_lea: str | None
    by: str | None
    command_id: str | None
    changed: tuple[FieldChanged, ...]


class Timeline(Answered):
    """What happened to one student, newest first."""

    timeline: tuple[Happening, ...]
    next: str | None


class Reason(Answered):
    """Why a student is not counted."""

    reason: str
    code: str
    severity: str
    message: str
    solution: str


class Source(Answered):
    """The event from which reporting has a fact."""

    service: str
    event: str
    at: datetime
    sender: str | None


class Link(Answered):
    """One fact of the chain by which a student is counted."""

    step: str
    satisfied: bool
    on: date | None
    words: str | None
    record_id: str | None
    source: Source | None
    missing: Reason | None


class Flaw(Answered):
    """Something to mend in the record of a counted student."""

    code: str
    message: str
    solution: str


class CellOf(Answered):
    """A cell of the child count."""

    age_group: str
    disability: str | None
    environment: str | None
    breakdown: str
    value: str | None


class Explanation(Answered):
    """Whether the child count of a day counts a student, and why."""

    as_of: date
    to_come: bool
    school_year: str
    lea: str | None
    counted: bool
    not_counted: Reason | None
    to_mend: tuple[Flaw, ...]
    cells: tuple[CellOf, ...]
    chain: tuple[Link, ...]


class NotCounted(Answered):
    """The students not counted for one reason."""

    reason: str
    code: str
    severity: str
    message: str
    solution: str
    students: int


class ToMend(Answered):
    """The counted students with one thing to mend."""

    code: str
    message: str
    solution: str
    students: int


class Reconciliation(Answered):
    """All considered students, counted or not."""

    considered: int
    counted: int
    not_counted: tuple[NotCounted, ...]
    to_mend: tuple[ToMend, ...]


class ChildCount(Answered):
    """The child count of a day in numbers."""

    as_of: date
    to_come: bool
    school_year: str
    lea: str | None
    complete: bool
    events: int
    reconciliation: Reconciliation


class TableRow(Answered):
    """A disability: its total, and its children by environment. Blank: all disabilities."""

    disability: str | None
    total: int
    children: tuple[int, ...]


class AgeGroupTable(Answered):
    """Disability by environment for an age group."""

    age_group: str
    environments: tuple[str, ...]
    labels: tuple[str, ...]
    rows: tuple[TableRow, ...]


class PlacedStudent(Answered):
    """A student's place in the child count."""

    student_id: str
    lea: str | None
    reason: str
    code: str | None
    years: int | None
    age_group: str | None
    disability: str | None
    environment: str | None


class PlacedStudents(Answered):
    """A page of students by State ID."""

    students: tuple[PlacedStudent, ...]
    next: str | None


class Health(Answered):
    """Whether a service makes progress."""

    status: str
    reasons: tuple[str, ...]


def listed_name(person: Person | FoundStudent | Candidate | StudentName) -> str:
    """A person's name as a list shows it: `Adamson Jr, Zoe Marie`."""
    last = " ".join(one for one in (person.last_name, person.suffix) if one)
    first = " ".join(one for one in (person.first_name, person.middle_name) if one)
    return ", ".join(one for one in (last, first) if one)


class Result(Answered):
    """The validation of one form; a blank `form` is the IEP as a whole."""

    form: str | None = None
    area: str | None = None
    light: str
    findings: tuple[Finding, ...] = ()


class Validation(Answered):
    """The validation of an IEP: green, yellow or red for each form."""

    iep_id: str
    light: str
    results: tuple[Result, ...]


class IEPWithContents(IEP):
    """An IEP's header, and its contents."""

    contents: IEPContents
    deletion: IEPDeletion | None
    changed_by: str | None
    changed_at: datetime | None


class HeldMessage(Answered):
    """A message that a service holds, and why."""

    subject: str
    id: str
    name: str
    kind: str
    since: datetime
    sender: str | None
    finding: Finding
    until: datetime | None
    operator_needed: bool


class Cause(Answered):
    """A rule that refused commands of one name and one LEA."""

    lea: str | None
    command: str
    code: str
    commands: int
    students: int
    first_at: datetime
    last_at: datetime
    command_id: str
    message: str
    solution: str


class Causes(Answered):
    """A page of causes."""

    causes: tuple[Cause, ...]
    next: int | None


class HeldPage(Answered):
    """A page of held messages."""

    held: tuple[HeldMessage, ...]
    next: str | None


class Claim(Answered):
    """A claim on another LEA's student, and how long its owner has for the answer."""

    student_id: str
    claim_id: str
    state: str
    from_lea: str
    to_lea: str
    findings: tuple[Finding, ...]
    answered_on: date | None
    answer_due_on: date | None
    escalated_on: date | None


class ClaimPage(Answered):
    """A page of claims that are requested or refused."""

    claims: tuple[Claim, ...]
    next: str | None


class Awaited(Answered):
    """A student whom other LEAs wait for, and the services to terminate first."""

    student_id: str
    claims: tuple[TransferAnswer, ...]
    open_services: tuple[Service, ...]


class ProposedServices(Answered):
    """What an IEP means for the recorded services: those to add, those to end, those that agree with it."""

    to_add: tuple[AddService, ...]
    to_end: tuple[TerminateService, ...]
    agreeing: tuple[Service, ...]


class ProviderPage(Answered):
    """A page of an LEA's providers."""

    providers: tuple[Provider, ...]
    next: str | None


class OnCaseload(Answered):
    """A student to whom a provider gives services."""

    student_id: str
    services: tuple[Service, ...]


class CaseloadPage(Answered):
    """A page of a provider's students."""

    students: tuple[OnCaseload, ...]
    next: str | None


class Missed(Answered):
    """Sessions that did not take place, for one reason."""

    because: str
    sessions: int
    minutes: int


class Delivered(Answered):
    """What was prescribed, delivered and missed."""

    prescribed_minutes: int
    delivered_minutes: int
    delivered_sessions: int
    missed: tuple[Missed, ...]


class DeliveredMonth(Delivered):
    """A month, or the part of it within the period. `month`: 2018-03."""

    month: str

    @property
    def first(self) -> date:
        """The first day of the month."""
        return date.fromisoformat(f"{self.month}-01")


class DeliveredService(Delivered):
    """A service within a period, by month."""

    service_id: str
    service_code: str
    lea: str
    begin_on: date
    end_on: date | None
    months: tuple[DeliveredMonth, ...]


class DeliveredServices(Answered):
    """A student's services in a period, and their sessions."""

    since: date
    through: date
    provisional: bool
    services: tuple[DeliveredService, ...]
    sessions: tuple[Session, ...]


class DeliveredToStudent(Answered):
    """A student on a caseload, with the services in a period."""

    student_id: str
    services: tuple[DeliveredService, ...]


class DeliveredCaseload(Answered):
    """A page of a provider's students in a period."""

    since: date
    through: date
    provisional: bool
    students: tuple[DeliveredToStudent, ...]
    next: str | None


class ReassignedService(Answered):
    """What became of one service of a reassignment. `status` None: it is not decided yet."""

    student_id: str
    service_id: str
    service_code: str
    status: Status | None
    findings: tuple[Finding, ...]

    @property
    def state(self) -> str:
        """One of three words: Waiting, Done, Refused."""
        return {Status.ACCEPTED: "Done", Status.REFUSED: "Refused"}.get(self.status or Status.HELD, "Waiting")


class Reassignment(Answered):
    """Services that pass to another provider: what was asked, how far it is, and the verdicts."""

    reassignment_id: str
    from_provider_id: str
    provider_id: str
    from_on: date
    sent_by: str
    sent_at: datetime
    services: int
    accepted: int
    refused: int
    waiting: int
    verdicts: tuple[ReassignedService, ...]
    next: int | None


class AwaitedPage(Answered):
    """A page of the students whom other LEAs wait for."""

    students: tuple[Awaited, ...]
    next: str | None


class ReleasedPage(Answered):
    """A page of the claims that the LEA can make again now."""

    claims: tuple[TransferAnswer, ...]
    next: str | None


class TableVersion(Answered):
    """A version of a table that the state office has loaded."""

    name: str
    school_year: str
    lines: int
    loaded_by: str
    at: datetime


class LoadedTable(Answered):
    """A table that was just loaded."""

    name: str


class RowReason(Answered):
    """Why a report leaves a student or case out."""

    code: str
    severity: str
    message: str
    solution: str


class ColumnDescribed(Answered):
    """A column of a report. `where`: the values of the rows behind its numbers."""

    name: str
    label: str
    kind: str


class ReportDescribed(Answered):
    """A report: what it answers, its parameters, and its reasons."""

    name: str
    title: str
    answers: str
    version: int
    students: bool
    state_only: bool
    parameters: dict[str, JsonValue]
    columns: tuple[ColumnDescribed, ...]
    reasons: tuple[DescribedRule, ...]


class Run(Answered):
    """A run of a report: what was asked, and how far it is."""

    run_id: str
    report: str
    title: str
    version: int
    parameters: dict[str, JsonValue]
    lea: str | None
    as_of: date
    known_at: datetime
    asked_by: str
    asked_at: datetime
    state: str
    done: int
    total: int | None
    finished_at: datetime | None
    kept_until: datetime | None
    calendars: dict[str, int]
    complete: bool | None
    read_through: datetime | None
    events: int | None
    sha256: str | None

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state not in ("waiting", "running")

    @property
    def progress(self) -> str:
        """How far it is, in words: `31,000 of 84,473 students`."""
        return f"{self.done:,} of {self.total:,} students" if self.total else self.state


class RowShown(Answered):
    """A row of a table of a report."""

    values: tuple[JsonValue, ...]


class TableShown(Answered):
    """A table of a report."""

    name: str
    title: str
    columns: tuple[ColumnDescribed, ...]
    rows: tuple[RowShown, ...]
    chart: str | None


class DutyDescribed(Answered):
    """What is to be done in a school year. `due_on`: blank if SER does not know the day."""

    title: str
    whose: str
    due_on: date | None
    official: bool
    source: str
    do: str
    where: str


class DutyCalendar(Answered):
    """The duties of a school year. `findings`: those whose day SER does not know."""

    duties: tuple[DutyDescribed, ...]
    findings: tuple[Finding, ...]


class DutiesAhead(Answered):
    """The duties of the next weeks. `findings`: a school year among them that has no calendar."""

    duties: tuple[DutyDescribed, ...]
    findings: tuple[Finding, ...]


class RunWithTables(Run):
    """A run with its tables, and the columns of its rows of students."""

    tables: tuple[TableShown, ...]
    columns: tuple[ColumnDescribed, ...]


class ReportRow(Answered):
    """What a report says of one student or case."""

    student_id: str
    verdict: str
    reason: RowReason | None
    values: dict[str, JsonValue]


class ReportRows(Answered):
    """A page of rows of a run."""

    rows: tuple[ReportRow, ...]
    next: str | None
    number: int


class Verdict(Answered):
    """What one report says of a student."""

    report: str
    title: str
    rows: tuple[ReportRow, ...]


class Verdicts(Answered):
    """What every report says of a student."""

    as_of: date
    reports: tuple[Verdict, ...]


class KnownFile(Answered):
    """A federal file: its levels, and the school years whose layout SER has."""

    file: str
    title: str
    levels: tuple[str, ...]
    years: tuple[str, ...]


class CheckFound(Answered):
    """A check of a federal file: what holds if it finds nothing, and what it found."""

    check: str
    holds: str
    found: int
    findings: tuple[Finding, ...]

    @property
    def stops(self) -> bool:
        """Whether it found an error. SER then gives no file out."""
        return any(one.severity is Severity.ERROR for one in self.findings)


class LeftOutStudents(Answered):
    """Students whom a federal file leaves out, by reason."""

    code: str
    severity: str
    message: str
    solution: str
    children: int


class BesideLastYear(Answered):
    """A subtotal or total of a unit, last year and now. `values` is blank in a total."""

    unit: str
    set: str
    values: tuple[str, ...]
    before: int
    now: int
    remarkable: bool


class FederalFile(Answered):
    """A federal file as it is now, and what its checks found. `given`: SER gives it out."""

    file: str
    title: str
    school_year: str
    level: str
    lea: str | None
    as_of: date
    known_at: datetime
    complete: bool
    events: int
    name: str
    rows: int
    children: int
    digest: str
    given: bool
    checks: tuple[CheckFound, ...]
    not_counted: tuple[LeftOutStudents, ...]
    not_at_level: tuple[LeftOutStudents, ...]
    last_year: str | None
    last_year_certified: bool
    comparison: tuple[BesideLastYear, ...]

    @property
    def remarkable(self) -> list[BesideLastYear]:
        """What changed so much that the state explains it when it certifies."""
        return [one for one in self.comparison if one.remarkable]

    @property
    def totals(self) -> list[BesideLastYear]:
        """The total of each unit that has students in one of the two years."""
        return [one for one in self.comparison if not one.values and (one.before or one.now)]


class Certification(Answered):
    """A version of a federal file that the state certified."""

    version: int
    name: str
    as_of: date
    rows: int
    students: int
    sha256: str
    warnings: tuple[str, ...]
    comment: str | None
    certified_by: str
    certified_at: datetime


class FactDescribed(Answered):
    """A named fact: what every report means by it."""

    name: str
    title: str
    means: str
    source: str
