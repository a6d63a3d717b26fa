"""The words of the screens: what fields, stages, statuses and kinds are called."""

import re

from pydantic import BaseModel

from contracts.attachments import MediaType
from contracts.catalog import commands
from contracts.codes import EXCEPTIONALITIES, LEAS
from contracts.ieps import IEP, PlanKind
from contracts.roles import STATE

_LABELS = {
    "active_from": "Works here from",
    "active_through": "Works here through",
    "adjustments": "Adjusted requirements",
    "after": "Scores after the break",
    "agencies": "Agencies",
    "agency": "Agency",
    "agency_consent_on": "Consent to invite agencies on",
    "agency_likely": "An agency is likely to provide transition services",
    "agreed_due_on": "Due date that the parent and the LEA agreed on",
    "alternate_assessment": "The student takes the alternate assessment",
    "alternate_standards": "Learns by alternate academic standards",
    "annual_goal": "Annual goal",
    "applies_to": "Applies to",
    "approved_on": "Approved on",
    "parent_agreed_on": "Parent agreed on",
    "area": "Area of instruction",
    "areas": "Areas",
    "assessment": "In assessment",
    "assessments": "Transition assessments",
    "at_home_school": "Attends the home school",
    "before": "Scores before the break",
    "begin_on": "Begin date",
    "begun_on": "Begun on",
    "break_began_on": "Break began on",
    "break_ended_on": "Break ended on",
    "breaks": "Breaks in instruction",
    "business": "A business day all the same",
    "business_days": "Business days more",
    "certified_for": "Certified for",
    "closed_on": "Closed on",
    "conference_refused_on": "Parent refused the conference on",
    "consulted_on": "Private school consulted on",
    "contact_method": "How the parent was informed",
    "continues_in_part_c": "The child continues in early intervention after the third birthday",
    "copies": "Begin with the forms of",
    "coordinator_id": "Coordinator's number",
    "coordinator_type": "The coordinator is a",
    "courses_of_study": "Courses of study",
    "criterion": "Criterion",
    "decided_on": "Decided on",
    "decision": "Parent's decision",
    "delivery": "Delivery",
    "details": "Details",
    "determined_on": "Eligibility determined on",
    "diploma_pathway": "Pathway to a diploma",
    "district_assessments": "Results of state and district assessments",
    "domain": "About",
    "effective_on": "In effect from",
    "eligible": "Eligible for extended school year",
    "eligible_for_part_c_on": "Found eligible for Part C on",
    "email": "Email",
    "end_on": "Last day",
    "ends_services": "The open services end with the exit",
    "english_learner": "English learner",
    "entered_on": "Entered on",
    "environment": "Educational environment",
    "evaluation_results": "Results of evaluations",
    "evidence": "Evidence",
    "exception": "Exception",
    "exceptionalities": "Exceptionalities",
    "exit_reason": "Exit reason",
    "exited_on": "Exited on",
    "expected_on": "Expected to graduate on",
    "extended_school_year": "Extended school year",
    "extension": "Kind of extension",
    "extensive_supports": "Needs extensive, individual instruction and supports",
    "factor": "Special factor",
    "frequency": "Sessions per",
    "goals": "Goals",
    "given_on": "First given on",
    "hispanic": "Hispanic or Latino",
    "home_language": "Home language",
    "iep_type": "Type of IEP",
    "informed_on": "Parent informed on",
    "instruction": "In instruction",
    "invited_on": "Invited on",
    "justification": "Why this placement",
    "late_reason": "Why the team met late",
    "lea_signed_on": "LEA signed on",
    "linked_goal_areas": "Areas whose annual goals serve the transition",
    "local_student_id": "Local student ID",
    "measurable": "The goal is measurable",
    "meeting_on": "IEP team met on",
    "military_connected": "Military-connected",
    "minutes_per_session": "Minutes per session",
    "most_business_days": "Business days at most",
    "never_left": "The exit was recorded in error: the student never left",
    "none_needed": "The team found that none are needed",
    "notice_on": "Written notice sent on",
    "occurred_on": "Since",
    "parent_approval": "The parent approves it",
    "parent_consents": "Parent consents to the first services",
    "parent_informed_on": "Parent informed on",
    "parent_notified_on": "Parent notified on",
    "parent_refusal_on": "Parent refused the evaluation or services on",
    "parent_signed_on": "Parent signed on",
    "percent_in_regular_class": "Percent of the day in the regular class",
    "permission_requested_on": "Permission requested on",
    "plan_kind": "Kind of plan",
    "personnel_supports": "Supports for those who work with the student",
    "primary": "Primary",
    "private_school": "Private school",
    "progress_measured_by": "How progress is measured",
    "progress_reported": "When progress is reported",
    "provider_id": "Provider's number",
    "provider_type": "Kind of provider",
    "received_by_appraisal_on": "Pupil appraisal received the referral on",
    "referred_on": "Referred on",
    "refused_on": "Parent refused on",
    "report_disseminated_on": "Report disseminated on",
    "revoked_on": "Parent revoked on",
    "school": "School",
    "screened_on": "Screened on",
    "served": "Early intervention (Part C) served the child",
    "service_code": "Service",
    "services": "Services",
    "sessions": "Sessions",
    "signed_on": "Signed on",
    "significant_cognitive_disability": "Has a significant cognitive disability",
    "special_factors": "Special factors",
    "start_counts": "The day on which a clock starts counts as day 1",
    "student_invited_on": "Student invited on",
    "sufficient_progress": "The new LEA makes sufficient progress",
    "teacher_of_record": "Teacher of record's number",
    "terms": "School terms",
    "transition_conference_on": "Transition conference held on",
    "transportation": "Needs special transportation to the school",
    "until": "Until",
    "window_begin": "For clocks that start from",
    "window_end": "For clocks that start through",
    "AlternateAssessment.explanation": "Why the alternate assessment fits",
    "AmendmentForm.explanation": "What the amendment changes, and why",
    "BeginReevaluation.reason": "Why the student is evaluated again",
    "CalendarDay.reason": "Reason",
    "CalendarDay.school": "A school day all the same",
    "CorrectClaim.reason": "What was wrong with the claim",
    "WithdrawClaim.reason": "What was wrong with the claim",
    "WriteOnTransfer.text": "Message",
    "CloseEvaluation.reason": "Why it is closed",
    "CloseJurisdiction.reason": "Why the student leaves",
    "CorrectEvaluation.day": "Right date",
    "CorrectEvaluation.field": "Date to correct",
    "CorrectEvaluation.reason": "Why it is corrected",
    "DeleteAttachment.reason": "Why the file is deleted",
    "DeclineIEPDeletion.reason": "Why the IEP stays",
    "Exceptionality.code": "Exceptionality",
    "ExitSpecialEducation.reason": "Exit reason",
    "ExplainDelay.explanation": "More about it",
    "ExplainDelay.reason": "Why it is late",
    "ExtendEvaluation.until": "Extended until",
    "ExtensionRule.source": "Source in law",
    "Graduation.reason": "Reason for the adjustments",
    "PlannedService.begin_on": "Begin date",
    "PostsecondaryGoal.text": "Goal",
    "PublishCalendar.days": "Days to add",
    "CorrectSession.given_on": "Day",
    "RecordSession.given_on": "Day",
    "RecordSession.service_id": "Service",
    "RecordSession.session_kind": "Session",
    "CorrectSession.session_kind": "Session",
    "RecordSession.missed_because": "Why it was missed",
    "CorrectSession.missed_because": "Why it was missed",
    "ReassignProvider.from_on": "From",
    "ReassignProvider.provider_id": "New provider",
    "RemoveGuardian.reason": "Why the guardian is removed",
    "RequestIEPDeletion.reason": "Why the IEP is to be deleted",
    "SpecialFactor.plan": "What the team plans for it",
    "Transition.goals": "Postsecondary goals",
    "Transition.services": "Transition services",
    "TransitionAssessment.assessment": "Assessment",
    "TransitionAssessment.on": "On",
}
"""Labels by the name of the field, or by message and field. A field without one is called by its own name."""

_OWN_NUMBER = "Your LEA's own number; never a Social Security number"

_DATE = "Month/day/year, or t for today"

_FILE_HINT = "PDF, image, Word, Excel, PowerPoint or text; at most 25 MB"

_HINTS = {
    "AddAttachment.file": _FILE_HINT,
    "AddAttachment.description": "For example: Healthcare plan",
    "ReplaceAttachment.file": _FILE_HINT,
    "RequestEvaluation.coordinator_id": _OWN_NUMBER,
    "BeginReevaluation.coordinator_id": _OWN_NUMBER,
    "AssignCoordinator.coordinator_id": _OWN_NUMBER,
    "RecordTriennialWaiver.parent_signed_on": f"{_DATE}; this day becomes the new evaluation date",
    "ExtendEvaluation.business_days": "As the extension says: a number of days, or a date",
    "PublishCalendar.start_counts": "Otherwise the day on which a clock starts is day 0",
    "DetermineEligibility.determined_on": f"{_DATE}; of a re-evaluation blank is the day of its report",
    "GuardianDetails.relationship": "For example parent, grandparent, foster parent",
    "Profile.effective_on": "Blank: from today",
    "GeneralInformation.participants": "Roles of those who met, one a line; no names",
    "InstructionalPlan.objectives": "One a line",
    "Accommodations.instruction": "One a line",
    "Accommodations.assessment": "One a line",
    "Accommodations.personnel_supports": "One a line, such as training",
    "GiftedTalented.areas": "One a line",
    "GiftedTalented.goals": "One a line",
    "Graduation.adjustments": "One a line",
    "Transition.services": "One a line",
    "Transition.linked_goal_areas": "Areas of instructional plans, one a line",
    "BreakScores.before": "At least two of the two weeks before, with commas between",
    "BreakScores.after": "At least two of the two weeks after, with commas between",
    "Exceptionality.details": "Only those that begin with the exceptionality's code",
    "ClaimJurisdiction.local_student_id": _OWN_NUMBER,
    "ChangeServiceTerms.effective_on": f"{_DATE}; the first day of the new terms",
    "ReassignProvider.from_on": f"{_DATE}; the first day of the new provider",
    "RecordSession.minutes": "Blank: as the terms say",
    "RecordSession.provider_id": "Blank: the provider of the service",
    "RecordSession.start_time": "Hours and minutes, such as 09:30 or 13:00",
    "CorrectSession.start_time": "Hours and minutes, such as 09:30 or 13:00",
    "CorrectSession.provider_id": _OWN_NUMBER,
    "RegisterProvider.provider_id": _OWN_NUMBER,
    "RegisterProvider.certified_for": "Tick none if it is not recorded",
    "ServiceTerms.teacher_of_record": _OWN_NUMBER,
    "ServiceTerms.provider_id": _OWN_NUMBER,
}

_COMMANDS = {
    "DiscardIEP": "Throw IEP draft away",
    "ModifyStateId": "Modify State ID",
    "ApproveStateId": "Approve the change of a State ID",
    "CloseSplit": "Close the split of a State ID",
    "AssignGuardian": "Assign a parent or guardian to another State ID",
    "AssignAttachment": "Assign an attachment to another State ID",
    "AssignSpell": "Assign a spell to another State ID",
    "AssignEvaluation": "Assign an evaluation to another State ID",
    "AssignIEP": "Assign an IEP to another State ID",
    "AssignService": "Assign a service to another State ID",
    "DeclineStateId": "Refuse the change of a State ID",
}

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]*")

FORMS = {
    "GSI": "General information",
    "IPL": "Instructional plan",
    "GTI": "Gifted and talented",
    "ACC": "Accommodations",
    "ALT": "Alternate assessment",
    "TRN": "Transition services",
    "GRD": "Graduation",
    "ESY": "Extended school year",
    "PRG": "Program and services",
    "LRE": "Placement",
    "SIT": "Site determination",
    "SVP": "Services plan",
    "AMD": "Amendment",
    "SIG": "Signatures",
}
"""The forms of an IEP, in the order in which a team fills them in."""

SERVICES = {
    "students": "students and guardians",
    "jurisdiction": "jurisdiction",
    "ieps": "evaluations and IEPs",
    "provision": "services",
    "reporting": "reports and history",
}
"""What the services are called on a screen."""

FILE_KINDS = {
    MediaType.PDF: "PDF",
    MediaType.JPEG: "Image",
    MediaType.PNG: "Image",
    MediaType.GIF: "Image",
    MediaType.TIFF: "Image",
    MediaType.HEIC: "Image",
    MediaType.WEBP: "Image",
    MediaType.WORD: "Word",
    MediaType.EXCEL: "Excel",
    MediaType.POWERPOINT: "PowerPoint",
    MediaType.TEXT: "Text",
}
"""The kinds of files as people call them."""

ROLES = {
    "reader": "reader",
    "writer": "writer",
    "iep-submitter": "IEP submitter",
    "secure-id-manager": "Secure ID manager",
    "coordinator": "coordinator",
    "state": "state office",
    "auditor": "auditor",
}


def _federal_disabilities() -> dict[str, str]:
    """The federal disabilities by their codes. Deafness and hard of hearing are both *Hearing Impairment*."""
    found: dict[str, str] = {}
    for one in EXCEPTIONALITIES.values():
        if one.edfacts:
            found[one.edfacts] = f"{one.label.partition(':')[0]} ({one.edfacts})"
    return found


DISABILITIES = _federal_disabilities()

AGE_GROUPS = {
    "3-5": "ages 3 through 5",
    "6-21": "ages 6 through 21",
    "5K-21": "age 5 in kindergarten through age 21",
}
"""The ages that the child count reports together, by the name of the group."""


def form_name(code: str, area: str | None = None) -> str:
    """What a form is called; an instructional plan with its area: `Instructional plan: reading`."""
    name = FORMS.get(code, code)
    return f"{name}: {area}" if area else name


def capital(text: str) -> str:
    """A text with a capital at its beginning. The rest stays as it is: `LEA determines need`."""
    return f"{text[:1].upper()}{text[1:]}"


def count_of(number: int, noun: str) -> str:
    """A number of things: `1 IEP draft`, `1,204 IEP drafts`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def source(source: str) -> str:
    """The source of a rule or a fact: a law or a federal file, or this system itself."""
    return "this system's own rule" if source == "project" else source


def unit(code: str) -> str:
    """A unit of a federal file: an LEA by its name, a school by its code."""
    return "The whole state" if code == "the state" else LEAS.label(code) if code in LEAS else code


def sender(key: str) -> str:
    """Who sent a command: the services' `017/m.landry` is `m.landry, East Baton Rouge (017)`."""
    lea, _, user = key.partition("/")
    place = "State office" if lea == STATE else LEAS.label(lea)
    return f"{user}, {place}" if user else key


def label_of(name: str, model: str = "") -> str:
    """The label of a field; `model`: the name of the message that it belongs to."""
    return _LABELS.get(f"{model}.{name}") or _LABELS.get(name) or name.replace("_", " ").capitalize()


def named_label(name: str) -> str | None:
    """The label of a field that has one of its own; None: it has none, or it is no field."""
    return _LABELS.get(name)


def choice_label(value: str) -> str:
    """One of a few values as a form shows it. A value may be the name of a field: `decided_on`."""
    return label_of(value) if "_" in value else capital(value)


def hint_of(model: type[BaseModel], name: str) -> str:
    """What stands below the label of a field; blank if nothing."""
    return _HINTS.get(f"{model.__name__}.{name}", "")


def path_label(path: str) -> str:
    """A field of a message by its dotted path: `terms.minutes_per_session` is *Minutes per session*."""
    named = [part for part in path.split(".") if not part.isdigit()]
    return label_of(named[-1]) if named else ""


def command_label(name: str) -> str:
    """A command as a button says it: `Save guardian`, `Submit IEP`."""
    first, *more = _WORD.findall(name) or [name]
    return _COMMANDS.get(name) or " ".join((first, *(one if one.isupper() else one.lower() for one in more)))


def iep_name(iep: IEP) -> str:
    """An IEP in a line: `Review, amendment 2`; a plan of another kind says so: `Review, services plan`."""
    kind = "" if iep.plan_kind is PlanKind.IEP else f", {iep.plan_kind}"
    amendment = f", amendment {iep.amendment}" if iep.amendment else ""
    return f"{iep.iep_type.capitalize()}{kind}{amendment}"


COMMANDS = {name: command_label(name) for name in commands()}
"""Every command, and what the screens call it."""
