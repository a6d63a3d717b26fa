"""The services' answers, as far as the console reads them.

A test holds that the services document each field. The contracts' own models read records:
spells, IEPs, services.
"""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from contracts.errors import Finding
from contracts.identity import Person
from contracts.ieps import IEP, IEPContents
from contracts.jurisdiction import Spell, Transfer
from contracts.provision import Service, TransferAnswer
from contracts.students import GuardianDetails, Profile


class Answered(BaseModel):
    """An answer, or a part of one. Fields that the console does not read are left out."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class GuardianView(Answered):
    """A parent or guardian."""

    guardian_id: str
    revision: int
    guardian: GuardianDetails


class StudentView(Answered):
    """A student's record, with the profile that holds today and the guardians."""

    student_id: str
    revision: int
    person: Person
    identity_revision: int
    profile: Profile | None
    profiles: tuple[Profile, ...]
    added_by: str
    lea: str | None
    open_services: bool
    guardians: tuple[GuardianView, ...]

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
    open_services: bool | None = None

    @property
    def name(self) -> str:
        """The name as a list shows it."""
        return listed_name(self)


class FoundStudents(Answered):
    """The best matches of a search."""

    students: tuple[FoundStudent, ...]
    more: bool = False
    instead: bool = False


class IdentityView(Answered):
    """The person with a State ID, as in eScholar."""

    student_id: str
    person: Person
    identity_revision: int
    added: bool
    lea: str | None
    unread: str | None = None


class Jurisdiction(Answered):
    """The owner of a student, and the spells, newest first."""

    student_id: str
    owner: str | None
    spells: tuple[Spell, ...]

    @property
    def open_spell(self) -> Spell | None:
        """The spell that has not ended; None if nobody owns the student, or another LEA does."""
        return next((spell for spell in self.spells if spell.end_on is None), None)


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
    more: bool = False


class RuleView(Answered):
    """One rule of a service."""

    code: str
    severity: str
    message: str
    solution: str
    source: str


def listed_name(person: Person | FoundStudent) -> str:
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


class HeldPage(Answered):
    """A page of held messages."""

    held: tuple[HeldMessage, ...]
    next: str | None


class ClaimPage(Answered):
    """A page of an LEA's claims that are requested or refused."""

    claims: tuple[Transfer, ...]
    next: str | None


class Awaited(Answered):
    """A student whom other LEAs wait for, and the services to terminate first."""

    student_id: str
    claims: tuple[TransferAnswer, ...]
    open_services: tuple[Service, ...]


class AwaitedPage(Answered):
    """A page of the students whom other LEAs wait for."""

    students: tuple[Awaited, ...]
    next: str | None


class ReleasedPage(Answered):
    """A page of the claims that the LEA can make again now."""

    claims: tuple[TransferAnswer, ...]
    next: str | None
