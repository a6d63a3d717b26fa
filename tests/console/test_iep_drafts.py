"""The screen that begins an IEP: whose forms it may begin with."""

from datetime import date
from uuid import uuid4

from console.answers import ListedIEP
from console.pages.ieps import may_be_copied
from contracts.ieps import IEPStage, IEPType


def iep(stage: IEPStage, lea: str = "017") -> ListedIEP:
    """An IEP of an LEA."""
    return ListedIEP(
        student_id="1000000001",
        revision=1,
        iep_id=uuid4(),
        lea=lea,
        iep_type=IEPType.REVIEW,
        stage=stage,
        meeting_on=date(2026, 5, 4),
        begin_on=date(2026, 5, 11),
        contents_revision=1,
        light=None,
        changed_by=None,
        changed_at=None,
        deletion=None,
    )


def test_a_draft_begins_with_the_forms_of_any_other_iep() -> None:
    """Of a finished one, another LEA's draft, or a draft that was thrown away; not of a deleted one."""
    copied = {stage for stage in IEPStage if may_be_copied(iep(stage), "017")}

    assert copied == {IEPStage.OFFICIAL, IEPStage.SUBMITTED, IEPStage.DISCARDED}
    assert may_be_copied(iep(IEPStage.DRAFT, lea="009"), "017")
