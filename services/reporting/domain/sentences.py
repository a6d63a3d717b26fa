"""What each event about a student says, as one plain sentence. It names no person.

So a sentence repeats no text that a person typed. The list of changed fields has it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from contracts.catalog import BRIDGE
from contracts.codes import (
    EXCEPTIONALITIES,
    EXCEPTIONALITY_DETAILS,
    EXIT_REASONS,
    LEAS,
    SERVICES,
    TERMINATION_REASONS,
)
from contracts.evaluations import EvaluationDate
from contracts.provision import Service

Body = Mapping[str, Any]

_DECISIONS = {
    "consented": "The parent consented to the evaluation on {}.",
    "refused": "The parent refused the evaluation on {}.",
    "no response": "The parent did not answer the request for permission by {}.",
}


_DATES = {
    EvaluationDate.REFERRED: "the day of the referral",
    EvaluationDate.RECEIVED_BY_APPRAISAL: "the day on which pupil appraisal received the referral",
    EvaluationDate.PERMISSION_REQUESTED: "the day of the request for permission to evaluate",
    EvaluationDate.DECIDED: "the day of the parent's decision",
    EvaluationDate.BEGUN: "the day on which the re-evaluation began",
    EvaluationDate.REPORT_DISSEMINATED: "the day of the evaluation's report",
    EvaluationDate.DETERMINED: "the day of the determination of eligibility",
    EvaluationDate.PARENT_SIGNED: "the day on which the parent signed the triennial waiver",
    EvaluationDate.CLOSED: "the day on which the evaluation was closed",
}


def _lea(body: Body, field: str = "lea") -> str:
    return LEAS.label(body[field])


def _since(day: date | str | None) -> str:
    return f"from {day} on" if day else "since birth"


def _terms_since(body: Body) -> date:
    """The first day of a service's last terms."""
    return Service.model_validate(body).terms_since


def _school(body: Body) -> tuple[str, str]:
    stay = body["schools"][-1]
    return stay["school"], stay["begin_on"]


def _separated(body: Body) -> str:
    bears = f"{body['into']} now" if body["into"] else "the State ID again"
    return f"eScholar took the merge back: the person bears {bears}."


def _proposer(body: Body) -> str:
    return "eScholar" if body["proposed_by"] == BRIDGE else "A secure ID manager"


def _bears(body: Body) -> str:
    if body["retired"]:
        return "nobody bears the State ID"
    return f"the student bears {body['into']}" if body["into"] else "the student bears the State ID again"


def _stands(what: str) -> Callable[[Body], str]:
    """The sentence of a record that goes along with a merged State ID."""

    def sentence(body: Body) -> str:
        if body.get("moved_to"):
            return f"{what} stands under the State ID {body['moved_to']} from now on."
        came = f", and belongs to {body['belongs_to']}" if body.get("belongs_to") else " again"
        return f"{what} stands under this State ID{came}."

    return sentence


def _moved(body: Body) -> str:
    school, begin_on = _school(body)
    return f"{_lea(body)} moved the student to the school site {school} {_since(begin_on)}."


def _stay_corrected(body: Body) -> str:
    school, begin_on = _school(body)
    return f"{_lea(body)} corrected the school stay: school site {school} {_since(begin_on)}."


def _jurisdiction_ended(body: Body) -> str:
    reason = body.get("end_reason")
    because = f" Reason: {reason}." if reason else ""
    return f"The jurisdiction of {_lea(body)} ended on {body['end_on']}.{because}"


def _claim_corrected(body: Body) -> str:
    school = body["schools"][0]["school"]
    return (
        f"The claim of {_lea(body)} was corrected: school site {school} {_since(body['begin_on'])}."
        f" Reason: {body['correction_reason']}."
    )


def _claim_withdrawn(body: Body) -> str:
    since = _since(body["begin_on"])
    return f"The claim of {_lea(body)} {since} was withdrawn. Reason: {body['correction_reason']}."


def _refused(body: Body) -> str:
    codes: Sequence[str] = [finding["code"] for finding in body["findings"]]
    because = f" ({', '.join(codes)})" if codes else ""
    return f"SER refused the claim of {_lea(body, 'to_lea')}{because}."


def _determined(body: Body) -> str:
    found = [
        f"{EXCEPTIONALITIES.label(one['code'])}{', primary' if one['primary'] else ''}{_details(one)}"
        for one in body["exceptionalities"]
    ]
    result = f"found {'; '.join(found)}" if found else "found no exceptionality"
    return f"{_lea(body)} determined eligibility on {body['determined_on']}: the evaluation {result}."


def _details(exceptionality: Body) -> str:
    """The details of an exceptionality, in brackets; blank if it has none."""
    labels = [EXCEPTIONALITY_DETAILS.label(code) for code in exceptionality["details"]]
    return f" [{', '.join(labels)}]" if labels else ""


def _extended(body: Body) -> str:
    last = body["extensions"][-1]
    by = f"to {last['until']}" if last["until"] else f"by {last['business_days']} business days"
    return f"{_lea(body)} extended the evaluation {by}. Reason: {last['kind']}."


def _exception(body: Body) -> str:
    last = body["exceptions"][-1]
    agreed = f" The agreed due date is {last['agreed_due_on']}." if last["agreed_due_on"] else ""
    return f"{_lea(body)} recorded an exception on {last['occurred_on']}: {last['kind']}.{agreed}"


def _date_corrected(body: Body) -> str:
    correction = body["correction"]
    before = f" It was {correction['before']}." if correction["before"] else ""
    return f"{_lea(body)} corrected {_DATES[correction['field']]} to {correction['after']}.{before}"


def _part_c(body: Body) -> str:
    served = "has" if body["served"] else "has not"
    return f"{_lea(body)} recorded that early intervention {served} served the child."


def _service(body: Body) -> str:
    return SERVICES.label(body["terms"]["service_code"])


def _session(body: Body) -> str:
    """A session in words: `a session of 30 minutes on 2018-03-06`."""
    because = f" ({body['missed_because']})" if body["missed_because"] else ""
    kind = "a" if body["session_kind"] == "given" else f"a {body['session_kind']}"
    return f"{kind} session of {body['minutes']} minutes on {body['given_on']}{because}"


def _terminated(body: Body) -> str:
    reason = TERMINATION_REASONS.label(body["termination_reason"])
    return (
        f"{_lea(body)} terminated the service {_service(body)}. Last day: {body['end_on']}. Reason: {reason}."
    )


def _blocked(body: Body) -> str:
    count = body["open_count"]
    services = "1 open service" if count == 1 else f"{count} open services"
    return f"{_lea(body, 'from_lea')} has {services}. This blocks the claim of {_lea(body, 'to_lea')}."


def _draft(body: Body) -> str:
    of = f"amendment {body['amendment']} of the" if body["amendment"] else "the"
    return f"{of} {body['iep_type']} IEP that begins on {body['begin_on']}"


def _exit_reason(body: Body) -> str:
    return EXIT_REASONS.label(body["exit_reason"])


def _corrected(body: Body) -> str:
    exit = f"exit on {body['exited_on']} ({_exit_reason(body)})" if body["exited_on"] else "no exit"
    return f"{_lea(body)} corrected the sped activity: entry on {body['entered_on']}, {exit}."


SENTENCES: Mapping[str, Callable[[Body], str]] = {
    "StudentMoved": _stands("The student's record"),
    "GuardianMoved": _stands("A parent or guardian"),
    "AttachmentMoved": _stands("An attachment"),
    "SpellMoved": _stands("A spell"),
    "TransferMoved": _stands("A claim"),
    "EvaluationMoved": _stands("An evaluation"),
    "PartCTransitionMoved": _stands("The way from early intervention"),
    "IEPMoved": _stands("An IEP"),
    "IEPDeletionMoved": _stands("A request to delete an IEP"),
    "SpedActivityMoved": _stands("A time in special education"),
    "ConsentMoved": _stands("A parent's decision about services"),
    "ServiceMoved": _stands("A service"),
    "SessionMoved": _stands("A session of a service"),
    "TransferAnswerMoved": _stands("The answer to a claim"),
    "IdentityAssigned": lambda _: "eScholar assigned the State ID.",
    "IdentityCorrected": lambda _: "eScholar corrected the demographic fields.",
    "IdentityMerged": lambda body: f"eScholar merged the State ID into {body['into']}.",
    "IdentitySeparated": _separated,
    "IdentityRetired": lambda _: "eScholar retired the State ID: nobody bears it.",
    "IdentitySplit": lambda body: f"eScholar split the State ID: one of two persons bears {body['new_id']}.",
    "StateIdMerged": lambda body: f"The State ID {body['current_id']} stands for this one from now on.",
    "StateIdSeparated": lambda _: "The State ID stands for itself again.",
    "StateIdRetired": lambda _: "Nobody bears the State ID any more.",
    "StateIdChangeProposed": lambda body: f"{_proposer(body)} proposed that {_bears(body)}. It waits.",
    "StateIdChangeApproved": lambda body: f"A secure ID manager approved that {_bears(body)}.",
    "StateIdChangeDeclined": lambda body: f"It was declined that {_bears(body)}.",
    "StateIdShared": lambda body: f"Two persons shared a State ID. The other one is {body['with_id']}.",
    "SplitClosed": lambda body: (
        f"A secure ID manager has worked through the records that may be those of {body['with_id']}."
    ),
    "StudentAdded": lambda body: (
        f"{_lea(body, 'added_by')} added the student to the special-education record."
    ),
    "ProfileSaved": lambda _: "The LEA saved a profile of the student.",
    "StudentCorrected": lambda _: "SER replaced the demographic fields by eScholar's correction.",
    "GuardianSaved": lambda _: "The LEA saved a parent or guardian.",
    "GuardianRemoved": lambda body: f"The LEA removed a parent or guardian on {body['removed_on']}.",
    "AttachmentAdded": lambda body: f"{_lea(body)} added an attachment on {body['kept_on']}.",
    "AttachmentDescribed": lambda _: "The LEA described an attachment anew.",
    "AttachmentReplaced": lambda body: f"{_lea(body)} replaced an attachment on {body['kept_on']}.",
    "AttachmentDeleted": lambda body: f"The LEA deleted an attachment on {body['deleted_on']}.",
    "StudentClaimed": lambda body: f"{_lea(body)} took jurisdiction {_since(body['begin_on'])}.",
    "JurisdictionEnded": _jurisdiction_ended,
    "JurisdictionResumed": lambda body: f"The jurisdiction of {_lea(body)} goes on.",
    "ClaimWithdrawn": _claim_withdrawn,
    "ClaimCorrected": _claim_corrected,
    "SchoolTransferred": _moved,
    "SchoolTransferCorrected": _stay_corrected,
    "TransferRequested": lambda body: (
        f"{_lea(body, 'to_lea')} claimed the student of {_lea(body, 'from_lea')} {_since(body['begin_on'])}."
    ),
    "TransferCompleted": lambda body: f"{_lea(body, 'to_lea')} won its claim on the student.",
    "TransferRefused": _refused,
    "TransferMessageWritten": lambda body: (
        f"A message was written about the claim of {_lea(body, 'to_lea')}."
    ),
    "TransferEscalated": lambda body: (
        f"The state office was asked to help with the claim of {_lea(body, 'to_lea')}."
    ),
    "EvaluationRequested": lambda body: (
        f"{_lea(body)} asked the parent on {body['permission_requested_on']} for permission to evaluate."
    ),
    "ParentDecisionRecorded": lambda body: _DECISIONS[body["parent_decision"]].format(body["decided_on"]),
    "EvaluationCompleted": lambda body: (
        f"{_lea(body)} disseminated the report of the evaluation on {body['report_disseminated_on']}."
    ),
    "EligibilityDetermined": _determined,
    "ReevaluationBegun": lambda body: (
        f"{_lea(body)} began a re-evaluation on {body['begun_on']}. Reason: {body['reevaluation_reason']}."
    ),
    "TriennialWaiverRecorded": lambda body: (
        f"The parent signed a triennial waiver on {body['parent_signed_on']}: no re-evaluation is needed."
    ),
    "CoordinatorAssigned": lambda body: f"{_lea(body)} named a coordinator of the evaluation.",
    "EvaluationExtended": _extended,
    "DelayExplained": lambda body: (
        f"{_lea(body)} explained the delay of the evaluation: {body['delay_reason']}."
    ),
    "EvaluationExceptionRecorded": _exception,
    "EvaluationClosed": lambda body: (
        f"{_lea(body)} closed the evaluation on {body['closed_on']}. Reason: {body['close_reason']}."
    ),
    "EvaluationCorrected": _date_corrected,
    "PartCTransitionRecorded": _part_c,
    "IEPDrafted": lambda body: f"{_lea(body)} drafted {_draft(body)}.",
    "IEPFormsSaved": lambda body: f"{_lea(body)} changed forms of {_draft(body)}.",
    "IEPMadeOfficial": lambda body: f"{_lea(body)} made {_draft(body)} official.",
    "IEPContentsMadeOfficial": lambda _: "The forms of the IEP became official.",
    "IEPSubmitted": lambda body: f"{_lea(body)} submitted {_draft(body)} to the state.",
    "IEPAmendmentBegun": lambda body: f"{_lea(body)} began {_draft(body)}.",
    "IEPDiscarded": lambda body: f"{_lea(body)} discarded {_draft(body)}.",
    "IEPDeletionRequested": lambda body: f"{_lea(body)} requested the deletion of the IEP.",
    "IEPDeletionApproved": lambda _: "A second person approved the deletion of the IEP.",
    "IEPDeletionDeclined": lambda _: "A second person declined the deletion of the IEP.",
    "IEPDeleted": lambda body: f"SER deleted {_draft(body)}.",
    "SpedActivityBegun": lambda body: f"The student entered special education on {body['entered_on']}.",
    "SpedActivityEnded": lambda body: (
        f"The student exited special education on {body['exited_on']}. Reason: {_exit_reason(body)}."
    ),
    "SpedActivityCorrected": _corrected,
    "SpedActivityVoided": lambda body: (
        f"{_lea(body)} voided the entry into special education on {body['entered_on']}. It never counts."
    ),
    "InitialServicesRefused": lambda body: f"The parent refused the first services on {body['refused_on']}.",
    "ConsentRevoked": lambda body: f"The parent revoked the consent to services on {body['revoked_on']}.",
    "ServiceAdded": lambda body: (
        f"{_lea(body)} added the service {_service(body)} {_since(body['terms']['begin_on'])}."
    ),
    "FirstSessionGiven": lambda body: (
        f"{_lea(body)} gave the service {_service(body)} for the first time on {body['first_given_on']}."
    ),
    "ServiceTermsReplaced": lambda body: (
        f"{_lea(body)} gives the service {_service(body)} on other terms {_since(_terms_since(body))}."
    ),
    "ServiceReassigned": lambda body: (
        f"{_lea(body)} gave the service {_service(body)} to another provider {_since(_terms_since(body))}."
    ),
    "SessionRecorded": lambda body: f"{_lea(body)} recorded {_session(body)}.",
    "SessionCorrected": lambda body: f"{_lea(body)} corrected a session. It is now {_session(body)}.",
    "SessionRemoved": lambda body: f"{_lea(body)} removed {_session(body)}. It should not have been entered.",
    "ServiceTerminated": _terminated,
    "TransferCleared": lambda body: (
        f"{_lea(body, 'from_lea')} has no open service. Nothing blocks the claim of {_lea(body, 'to_lea')}."
    ),
    "TransferBlocked": _blocked,
    "TransferReleased": lambda body: (
        f"{_lea(body, 'from_lea')} ended its last open service. {_lea(body, 'to_lea')} can claim again."
    ),
}
"""The sentence of each event, from its body. Of an event whose body is large the sentence needs no body."""

LARGE = frozenset({"iep_contents"})
"""The kinds of records whose events have a large body."""
