"""The rules accept the realistic school years with which the benchmark measures cost."""

from contracts.ieps import IEP, DraftIEP, IEPStage
from contracts.message import Record
from services.ieps.domain import DECIDERS, REACTIONS
from tests.unit.ieps.school_years import A_YEAR, arrival, drafted, iep_id, school_years
from tests.unit.scenario import decide_with, new_records, records_after

_STUDENT = "1000000001"


def lived(ieps: int) -> list[Record]:
    """The records of ieps after a student's school years. The test fails if ieps refuses a command."""
    past = records_after(REACTIONS, *arrival(_STUDENT))
    for command in school_years(_STUDENT, ieps):
        past += new_records(decide_with(DECIDERS, past, command))
    return past


def test_realistic_iep() -> None:
    """A complete IEP of realistic length is about 39 KB of JSON."""
    size = len(drafted(_STUDENT, 1).model_dump_json())
    assert 38_500 < size < 39_500


def test_school_years() -> None:
    """A student of two school years has six IEPs; the last one is official and can be submitted."""
    newest = {record.record_id: record for record in lived(2 * A_YEAR) if isinstance(record, IEP)}
    stages = [newest[str(iep_id(_STUDENT, number))].stage for number in range(1, 2 * A_YEAR + 1)]
    assert stages == [IEPStage.SUBMITTED] * (2 * A_YEAR - 1) + [IEPStage.OFFICIAL]


def test_same_each_time() -> None:
    """The same student has the same school years whenever they are made."""
    once, again = (list(school_years(_STUDENT, A_YEAR)) for _ in range(2))
    assert once == again
    assert isinstance(once[4], DraftIEP)
