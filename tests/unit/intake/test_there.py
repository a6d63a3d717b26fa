"""Records that are there already."""

from intake.sending.there import THERE, is_there
from services.ieps.domain.evaluation_rules import EVALUATION_KNOWN
from services.ieps.domain.iep_rules import IEP_KNOWN
from services.jurisdiction.domain.rules import ALREADY_OWNER
from services.provision.domain.rules import ID_USED
from services.students.domain.rules import ALREADY_ADDED, IDENTITY_UNKNOWN


def test_the_rules_that_say_so() -> None:
    """The codes are those of the services' rules about records that are there already."""
    rules = (ALREADY_ADDED, ALREADY_OWNER, EVALUATION_KNOWN, IEP_KNOWN, ID_USED)
    assert {rule.code for rule in rules} == THERE


def test_a_row_that_is_there_blocks_no_other() -> None:
    """A claim on the LEA's own student blocks no later row; with another error it does."""
    owned = {"code": ALREADY_OWNER.code, "severity": "error"}
    unknown = {"code": IDENTITY_UNKNOWN.code, "severity": "error"}
    assert is_there([owned, {"code": "STU-012", "severity": "warning"}])
    assert not is_there([owned, unknown])
    assert not is_there([])
