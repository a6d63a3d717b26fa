"""The rules of jurisdiction. One reading order: `rules`, `facts`, then a file for each behaviour, then the tables below."""

from contracts.jurisdiction import ClaimJurisdiction, Spell, Transfer, TransferSchool
from contracts.provision import TransferBlocked, TransferCleared
from contracts.students import StudentAdded, StudentCorrected
from services.jurisdiction.domain import claims, facts, schools, transfers
from services.jurisdiction.domain.rules import RULES

DECIDERS = {
    ClaimJurisdiction: claims.claim,
    TransferSchool: schools.transfer_school,
}

REACTIONS = {
    StudentAdded: facts.note_student,
    StudentCorrected: facts.note_student,
    TransferCleared: transfers.complete,
    TransferBlocked: transfers.refuse,
}

STORED = (Spell, Transfer, facts.KnownStudent, facts.Answer)

__all__ = ["DECIDERS", "REACTIONS", "RULES", "STORED"]
