"""The messages of `provision`: a student's services, providers, and whether services block a transfer."""

from datetime import date, timedelta
from typing import ClassVar

from pydantic import Field

from contracts.codes import ServiceCode, TerminationReasonCode
from contracts.message import Command, Event, Movable, OfProvider, OfStudent, Record, Value
from contracts.revisions import Replaces
from contracts.state_ids import Assignment
from contracts.terms import Delivery, Frequency, Setting
from contracts.types import (
    Choice,
    ClaimId,
    ClockTime,
    Day,
    IEPId,
    LeaCode,
    OrBlank,
    ReassignmentId,
    ServiceId,
    SessionId,
    ShortText,
    StaffId,
)


class ServiceTerms(Value):
    """The service's sessions: how many, how long, how often, where, and by which provider."""

    service_code: ServiceCode
    begin_on: Day
    sessions: int = Field(ge=1, le=99, description="Sessions per `frequency`.")
    frequency: OrBlank[Frequency] = Frequency.WEEK
    minutes_per_session: int = Field(ge=1, le=600)
    setting: OrBlank[Setting] = Setting.GENERAL
    delivery: OrBlank[Delivery] = Delivery.DIRECT
    recipient: OrBlank[ShortText] = "student"
    provider_id: OrBlank[StaffId | None] = None
    teacher_of_record: OrBlank[StaffId | None] = None
    extended_school_year: bool = False


class ProviderType(Choice):
    """What a provider is. The codes are this project's own."""

    TEACHER = "special education teacher"
    PARAPROFESSIONAL = "paraprofessional"
    SPEECH = "speech-language pathologist"
    OCCUPATIONAL = "occupational therapist"
    PHYSICAL = "physical therapist"
    PSYCHOLOGIST = "school psychologist"
    COUNSELOR = "counselor"
    SOCIAL_WORKER = "social worker"
    NURSE = "school nurse"
    INTERPRETER = "interpreter"
    OTHER = "other"


class RegisterProvider(OfProvider, Replaces):
    """Enter a provider in the LEA's directory, or replace what the directory says of one."""

    provider_type: ProviderType
    active_from: Day
    active_through: OrBlank[Day | None] = None
    certified_for: tuple[ServiceCode, ...] = Field(
        default=(), description="The services that the provider is certified to give; blank: not recorded."
    )


class Provider(OfProvider, Record):
    """Somebody who provides services for an LEA. The record holds the LEA's own number, and no name."""

    kind: ClassVar[str] = "provider"

    provider_type: ProviderType
    active_from: Day
    active_through: Day | None = None
    certified_for: tuple[ServiceCode, ...] = ()

    def active_on(self, day: date) -> bool:
        """Whether the provider works for the LEA on a day."""
        return self.active_from <= day and (self.active_through is None or day <= self.active_through)

    def lacks(self, service: ServiceCode) -> bool:
        """Whether the directory says for which services the provider is certified, and this one is not among
        them."""
        return bool(self.certified_for) and service not in self.certified_for


class ProviderRegistered(Provider, Event):
    """An LEA entered a provider in its directory, or replaced what the directory said."""


class AddService(OfStudent, Command):
    """Record a service of the IEP, special transportation included; one record a service."""

    creates: ClassVar[str] = "service_id"

    service_id: ServiceId
    iep_id: IEPId
    terms: ServiceTerms


class ChangeServiceTerms(OfStudent, Replaces):
    """Give a service on other terms from a day on. The terms before that day stay in the record.

    The service code and the begin date stay: another service is a record of its own.
    """

    service_id: ServiceId
    terms: ServiceTerms
    effective_on: Day = Field(description="The first day of the new terms.")


class ReassignProvider(OfStudent, Command):
    """Give an open service to another provider from a day on. The other terms stay.

    The record keeps which provider gave the service before that day. `POST /reassignments` of provision sends
    one such command for each service of a provider.
    """

    service_id: ServiceId
    provider_id: StaffId
    from_on: Day = Field(description="The first day of the new provider.")
    reassignment_id: ReassignmentId = Field(
        description="Names the reassignment: one decision of the LEA, often about many services."
    )
    from_provider_id: OrBlank[StaffId | None] = Field(
        default=None,
        description="The provider whom the sender replaces. If another one gives the service now, the command"
        " is refused (PRO-032). Blank: the present provider does not matter.",
    )


class TerminateService(OfStudent, Command):
    """End a service, with the last day on which it is given and the reason."""

    service_id: ServiceId
    end_on: Day
    reason: TerminationReasonCode


class AssignService(OfStudent, Assignment):
    """Say that a service is one of the person with another State ID. Its sessions go along."""

    service_id: ServiceId


class RecordFirstSession(OfStudent, Replaces):
    """Record the day on which a service was given for the first time, or correct that day."""

    service_id: ServiceId
    given_on: Day


class EarlierTerms(Value):
    """Terms on which a service was given until it got others."""

    terms: ServiceTerms
    last_day: Day = Field(description="The day before the next terms began.")


class Service(OfStudent, Movable):
    """A service a student receives; open until it is terminated."""

    kind: ClassVar[str] = "service"

    service_id: ServiceId
    iep_id: IEPId
    lea: LeaCode
    terms: ServiceTerms = Field(description="The last terms. They may begin on a day to come.")
    earlier_terms: tuple[EarlierTerms, ...] = Field(default=(), description="Terms before, earliest first.")
    first_given_on: OrBlank[Day | None] = Field(
        default=None, description="The day of the first session; blank until the LEA records it."
    )
    end_on: OrBlank[Day | None] = None
    termination_reason: OrBlank[TerminationReasonCode | None] = None

    @property
    def record_id(self) -> str:
        return str(self.service_id)

    @property
    def open(self) -> bool:
        """Whether the service has not been terminated."""
        return self.end_on is None

    @property
    def earliest_end(self) -> date:
        """The first day on which the service can end: its first day, or that of its first session."""
        return self.first_given_on or self.terms.begin_on

    @property
    def terms_since(self) -> date:
        """The first day of the last terms."""
        return self.earlier_terms[-1].last_day + timedelta(days=1) if self.earlier_terms else self.begin_on

    @property
    def begin_on(self) -> date:
        """The first day of the service."""
        return self.terms.begin_on

    def with_terms(self, terms: ServiceTerms, since: date) -> dict[str, object]:
        """What changes if the service has these terms since a day.

        The present terms become earlier ones. If they began on that day or later, they are replaced.
        """
        if since <= self.terms_since:
            return {"terms": terms}
        before = EarlierTerms(terms=self.terms, last_day=since - timedelta(days=1))
        return {"terms": terms, "earlier_terms": (*self.earlier_terms, before)}

    def terms_on(self, day: date) -> ServiceTerms:
        """The terms on a day; before the service begins, its first terms."""
        return next((one.terms for one in self.earlier_terms if day <= one.last_day), self.terms)


class ServiceAdded(Service, Event):
    """A service was recorded."""


class FirstSessionGiven(Service, Event):
    """A service was given for the first time, or the day of that was corrected."""


class ServiceTermsReplaced(Service, Event):
    """A service is given on other terms from a day on, or these terms were corrected."""


class ServiceReassigned(Service, Event):
    """Another provider gives a service from a day on, or the provider was corrected."""

    reassignment_id: ReassignmentId


class ServiceTerminated(Service, Event):
    """A service was ended."""


class ServiceMoved(Service, Event):
    """A service came from another State ID, or went to one (`moved_to`)."""


class SessionKind(Choice):
    """Whether a session took place. A make-up session takes the place of a missed one."""

    GIVEN = "given"
    MAKE_UP = "make-up"
    MISSED = "missed"


class MissedBecause(Choice):
    """Why a session did not take place. The codes are this project's own."""

    STUDENT_ABSENT = "student absent"
    STUDENT_ELSEWHERE = "student at another activity"
    STUDENT_REFUSED = "student refused"
    PROVIDER_ABSENT = "provider absent"
    SCHOOL_CLOSED = "school closed"
    OTHER = "other"


class SessionFacts(OfStudent):
    """What there is to say of a session of a service."""

    service_id: ServiceId
    given_on: Day = Field(description="The day of the session; of a missed one the day planned for it.")
    start_time: OrBlank[ClockTime | None] = None
    minutes: int = Field(ge=1, le=600, description="Of a missed session: the minutes planned.")
    provider_id: StaffId = Field(description="Who gave the session, or was to give it.")
    session_kind: OrBlank[SessionKind] = SessionKind.GIVEN
    missed_because: OrBlank[MissedBecause | None] = Field(
        default=None, description="Of a missed session, and of no other."
    )


class RecordSession(SessionFacts, Command):
    """Record a session of a service that was given, or one that was missed."""

    creates: ClassVar[str] = "session_id"

    session_id: SessionId


class CorrectSession(SessionFacts, Replaces):
    """Correct a session that was entered wrongly. It states the whole session, right this time."""

    session_id: SessionId
    recorded_on: Day = Field(description="The day for which the session is recorded until now.")


class RemoveSession(OfStudent, Replaces):
    """Remove a session that should not have been entered."""

    session_id: SessionId
    service_id: ServiceId
    recorded_on: Day = Field(description="The day for which the session is recorded.")


class Session(SessionFacts, Movable):
    """A session of a service, given or missed."""

    kind: ClassVar[str] = "session"
    by_name: ClassVar[bool] = True

    session_id: SessionId
    lea: LeaCode
    removed: bool = False

    @property
    def record_id(self) -> str:
        return str(self.session_id)

    @property
    def delivered(self) -> bool:
        """Whether the session took place."""
        return self.session_kind is not SessionKind.MISSED


class SessionRecorded(Session, Event):
    """A session of a service was recorded."""


class SessionCorrected(Session, Event):
    """A session that was entered wrongly was corrected."""


class SessionRemoved(Session, Event):
    """A session that should not have been entered was removed."""


class SessionMoved(Session, Event):
    """A session came from another State ID, or went to one (`moved_to`)."""


class OpenService(Value):
    """A service that blocks a transfer, and the LEA that provides it."""

    service_id: ServiceId
    lea: OrBlank[LeaCode | None] = Field(
        default=None, description="The LEA that provides it; blank: the one that owned the student."
    )
    service_code: ServiceCode
    begin_on: Day


class DoneSince(Value):
    """What other LEAs did for the student on or after the begin date of a claim. If the claim is won, these
    days are the claimant's."""

    services: tuple[OpenService, ...] = Field(
        default=(), description="Services that had not ended before that day. The earliest, at most 100."
    )
    service_count: int = Field(default=0, ge=0, description="How many services.")
    meetings: tuple[Day, ...] = Field(default=(), description="Of submitted IEPs: the team meetings.")
    evaluations: tuple[Day, ...] = Field(
        default=(), description="Of evaluations: the last of report, signed waiver and determination."
    )


class TransferAnswerState(Choice):
    """The answer of `provision` to a requested transfer."""

    CLEARED = "cleared"
    BLOCKED = "blocked"
    RELEASED = "released"


class TransferAnswer(OfStudent, Movable):
    """Whether the owning LEA's open services block a transfer."""

    kind: ClassVar[str] = "transfer_answer"

    claim_id: ClaimId
    state: TransferAnswerState
    from_lea: LeaCode
    to_lea: LeaCode
    begin_on: Day
    number: int = Field(default=1, ge=1, description="The ordinal of the answer among the student's.")
    open_services: tuple[OpenService, ...] = Field(default=(), description="The earliest, at most 100.")
    open_count: int = Field(default=0, ge=0, description="How many services are open.")
    done_since: DoneSince | None = Field(
        default=None, description="If no service is open and the claim is dated back over something."
    )

    @property
    def record_id(self) -> str:
        return str(self.claim_id)


class TransferCleared(TransferAnswer, Event):
    """No service is open; the old LEA can add none from here on."""


class TransferBlocked(TransferAnswer, Event):
    """Services are open at the old LEA; they are listed."""


class TransferReleased(TransferAnswer, Event):
    """The LEA terminated the last service that blocked a refused transfer. The claimant can claim again."""


class TransferAnswerMoved(TransferAnswer, Event):
    """An answer came from another State ID, or went to one (`moved_to`)."""


COMMANDS = (
    RegisterProvider,
    AddService,
    ChangeServiceTerms,
    ReassignProvider,
    RecordFirstSession,
    RecordSession,
    CorrectSession,
    RemoveSession,
    TerminateService,
    AssignService,
)
EVENTS = (
    ServiceAdded,
    FirstSessionGiven,
    ServiceTermsReplaced,
    ServiceReassigned,
    SessionRecorded,
    SessionCorrected,
    SessionRemoved,
    SessionMoved,
    ServiceTerminated,
    TransferCleared,
    TransferBlocked,
    TransferReleased,
    ProviderRegistered,
    ServiceMoved,
    TransferAnswerMoved,
)
