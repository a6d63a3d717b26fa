"""The federal files of the child count, over HTTP."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError

from contracts.access import STATE, Role
from contracts.jurisdiction import SchoolStay
from contracts.students import Profile
from deploy.population.cells import CellKey, compare
from deploy.population.cells_file import read_cells
from deploy.population.codes import SCHOOL_AGE, Disability
from deploy.population.leas import read_leas
from deploy.population.population import (
    LOUISIANA_2017,
    LOUISIANA_LEAS,
    Selection,
    populate,
    select_cells,
    select_pupils,
)
from services.reporting.domain.federal import directory
from services.reporting.domain.federal.specification import specification
from services.reporting.domain.federal.text import Format, records_in
from services.reporting.queries import federal
from tests.integration.querying import codes
from tests.integration.reporting_queries import ReportingQueries, reporting_queries
from tests.integration.test_reporting_published import child_of
from tests.unit.reporting.events import LAST_YEAR, Child, Publisher

COUNT_DAY = date(2024, 10, 1)
ANNA = Child("1000000001", birth_on=date(2016, 4, 2))
SMALL = Child("1000000002", birth_on=date(2020, 12, 1), grade="PK", codes=("DD",), environment="REC10YSVCS")
HOME = ANNA.changed(student="1000000003", environment="HH", sex="F")
AWAY = ANNA.changed(student="1000000004", lea="026", races=())
LEARNER = ANNA.changed(student="1000000005")
RARE = Selection(frozenset(Disability(code) for code in ("DB", "TBI", "VI")), frozenset({SCHOOL_AGE}))


@pytest_asyncio.fixture
async def reporting(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ReportingQueries]:
    """Reporting, with five children of two LEAs. One is an English learner, one is taught at home."""
    async with reporting_queries(database("reporting"), tmp_path) as found:
        publisher = Publisher()
        learner = LEARNER.added(profile=Profile(grade="03", english_learner=True))
        moved = (
            SchoolStay(school="017001", begin_on=LAST_YEAR),
            SchoolStay(school="017002", begin_on=COUNT_DAY),
            SchoolStay(school="017009", begin_on=date(2024, 10, 2)),
        )
        events = [event for child in (ANNA, SMALL, HOME, AWAY) for event in child.all_events()]
        events += [learner, LEARNER.claimed(schools=moved), *LEARNER.all_events()[2:]]
        await found.receive(publisher.publish(*events))
        await found.receive(publisher.heartbeats())
        yield found


async def records(
    reporting: ReportingQueries, file: str, level: str, form: Format = Format.CSV, **parameters: str
) -> list[Mapping[str, str]]:
    """The data records of a file of 2024-25, as the state gets it."""
    answer = await reporting.get(
        f"/federal-files/{file}/2024-25/{level}/text", STATE, Role.STATE, format=form, **parameters
    )
    assert answer.status_code == 200, answer.text
    return records_in(specification(file, 2024), answer.text, form)


def amounts(found: list[Mapping[str, str]], *columns: str) -> Counter[tuple[str, ...]]:
    """The amounts of the rows that have these columns filled in, and no other category."""
    others = {name for one in found for name in one if name.endswith("ID")} - {"StateLEAIDNumber", *columns}
    return Counter(
        {
            tuple(one[name] for name in columns): int(one["Amount"])
            for one in found
            if all(one[name] for name in columns) and not any(one[name] for name in others)
        }
    )


async def test_the_files_at_each_level(reporting: ReportingQueries) -> None:
    """Each level has its children: the state all, an LEA its own, a school those whom it teaches."""
    state = await records(reporting, "002", "SEA")
    leas = await records(reporting, "002", "LEA")
    schools = await records(reporting, "002", "SCH")
    totals = {
        (one["StateLEAIDNumber"], one["StateSchoolIDNumber"]): one["Amount"]
        for one in [*state, *leas, *schools]
        if one["TotalIndicator"] == "Y"
        and not any(one[name] for name in ("GenderID", "AgeID"))
        and not any(
            one[name]
            for name in ("DisabilityCategoryID", "RaceEthnicityID", "LEPStatusID", "EdEnvironmentID")
        )
    }
    assert {unit: amount for unit, amount in totals.items() if amount != "0"} == {
        ("", ""): "4",
        ("017", ""): "3",
        ("026", ""): "1",
        ("017", "017001"): "1",
        ("017", "017002"): "1",
        ("026", "026001"): "1",
    }
    assert totals["001", ""] == "0"
    assert amounts(state, "LEPStatusID") == {("LEP",): 1, ("NLEP",): 3}
    assert amounts(state, "RaceEthnicityID")["MISSING",] == 1
    early = await records(reporting, "089", "SEA")
    assert len(early) == 1243
    assert amounts(early, "AgeID") == {("3",): 1, ("4",): 0, ("AGE05NOTK",): 0}


@pytest.mark.parametrize("form", Format)
async def test_the_formats(reporting: ReportingQueries, form: Format) -> None:
    """Each format holds the same records; the file has its federal name."""
    assert await records(reporting, "089", "LEA", form) == await records(reporting, "089", "LEA")
    answer = await reporting.get("/federal-files/089/2024-25/LEA/text", STATE, Role.STATE, format=form)
    name = f"LALEACWDECv000001.{form}"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert name in answer.text.split("\r\n")[0]


async def test_what_the_checks_find(reporting: ReportingQueries) -> None:
    """The answer has every check: a missing race, last year's rows, and a child outside the schools."""
    found = await reporting.get_for_state("/federal-files/002/2024-25/SCH")
    numbers = {one["check"]: one["found"] for one in found["checks"] if one["found"]}
    assert numbers == {"C10": 1}
    assert (found["given"], found["complete"], found["children"]) == (True, True, 3)
    assert [(one["code"], one["children"]) for one in found["not_at_level"]] == [("RPT-431", 1)]
    state = await reporting.get_for_state("/federal-files/002/2024-25/SEA")
    assert state["last_year"] == "2023-24"
    assert {
        "unit": "the state",
        "set": "TOT",
        "values": [],
        "before": 4,
        "now": 4,
        "remarkable": False,
    } in state["comparison"]
    assert [one["check"] for one in state["checks"]] == [f"C{number}" for number in range(1, 15)]
    again = await reporting.get_for_state("/federal-files/002/2024-25/SEA")
    assert again["digest"] == state["digest"] != found["digest"]


async def test_the_first_year_has_nothing_to_compare_with(reporting: ReportingQueries) -> None:
    """SER does not have the layout of the year before the first one."""
    found = await reporting.get_for_state("/federal-files/002/2019-20/SEA")
    assert (found["last_year"], found["comparison"], found["children"]) == (None, [], 0)


async def test_an_lea_gets_its_part(reporting: ReportingQueries) -> None:
    """An LEA sees its own rows, not the state's file and no other LEA's."""
    path = "/federal-files/002/2024-25"
    answer = await reporting.get(f"{path}/LEA/text", "026")
    found = records_in(specification("002", 2024), answer.text, Format.CSV)
    assert {one["StateLEAIDNumber"] for one in found} == {"026"}
    assert "-026-DRAFT," in answer.text
    for level, lea in (("SEA", None), ("LEA", "017")):
        answer = await reporting.get(f"{path}/{level}", "026", **({"lea": lea} if lea else {}))
        assert (answer.status_code, codes(answer)) == (403, ["RPT-020"])


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("002/2025-26/SEA", "RPT-420"),
        ("002/2018-19/SEA", "RPT-420"),
        ("002/2024-26/SEA", "RPT-420"),
        ("089/2024-25/SCH", "RPT-421"),
        ("005/2024-25/SEA", "MSG-002"),
        ("002/2024/SEA", "MSG-002"),
    ],
)
async def test_what_ser_does_not_have(reporting: ReportingQueries, path: str, code: str) -> None:
    """A year without a layout, a level without a file and a file that SER does not make are refused."""
    for end in ("", "/text"):
        answer = await reporting.get(f"/federal-files/{path}{end}", STATE, Role.STATE)
        assert (answer.status_code, codes(answer)) == (422, [code])


async def test_the_known_files(reporting: ReportingQueries) -> None:
    """The list says which years and levels each file has."""
    known = await reporting.get_for_state("/federal-files")
    assert [(one["file"], one["levels"]) for one in known] == [
        ("002", ["SEA", "LEA", "SCH"]),
        ("089", ["SEA", "LEA"]),
        ("009", ["SEA", "LEA"]),
    ]
    assert known[0]["years"] == ["2019-20", "2020-21", "2021-22", "2022-23", "2023-24", "2024-25"]


async def test_missing_events_and_grades(reporting: ReportingQueries) -> None:
    """Without every event the file says INCOMPLETE. A child without a grade on the day has a warning."""
    late = ANNA.changed(student="1000000009", grade=None)
    messages = Publisher().publish(*late.all_events())
    await reporting.receive(messages[:1], messages[1:])
    claims = Publisher().publish(late.claimed(), late.claimed("second"), late.claimed("third"))
    await reporting.receive(claims[2:])
    found = await reporting.get_for_state("/federal-files/002/2024-25/LEA")
    numbers = {one["check"]: one["found"] for one in found["checks"] if one["found"]}
    assert (numbers["C11"], numbers["C14"]) == (1, 1)
    answer = await reporting.get("/federal-files/002/2024-25/LEA/text", STATE, Role.STATE)
    assert "-INCOMPLETE," in answer.text


async def test_units_outside_the_directory(
    reporting: ReportingQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Children of an LEA that is not reported, or closed, and of schools that are not, have a reason."""
    lines = "017,017001,no,,,\n017,017002,yes,,2024-06-30,\n026,,{},{},,\n"
    head = "lea,school,reported,open_from,open_through,grades\n"
    expected = {("no", ""): "RPT-430", ("yes", "2025-01-01"): "RPT-435"}
    for (reported, opened), code in expected.items():
        units = directory.read(head + lines.format(reported, opened))
        monkeypatch.setattr(federal, "directory", lambda _, units=units: units)
        found = await reporting.get_for_state("/federal-files/002/2024-25/SCH")
        reasons = {one["code"]: one["children"] for one in found["not_at_level"]}
        assert reasons == {code: 1, "RPT-431": 1, "RPT-432": 1, "RPT-433": 1}


async def test_a_child_without_a_school(reporting: ReportingQueries) -> None:
    """A child whose school site begins after the day has none on it."""
    later = ANNA.changed(student="1000000008")
    stays = (SchoolStay(school="017001", begin_on=date(2024, 10, 2)),)
    await reporting.receive_events(later.added(), later.claimed(schools=stays), *later.all_events()[2:])
    found = await reporting.get_for_state("/federal-files/002/2024-25/SCH")
    assert {"RPT-434": 1}.items() <= {one["code"]: one["children"] for one in found["not_at_level"]}.items()


async def test_a_change_since_last_year(reporting: ReportingQueries) -> None:
    """Twenty-three new children of one LEA are a remarkable change; whoever is gone leaves a row empty."""
    new = [ANNA.changed(student=f"10000001{n:02d}", codes=("AUT",)) for n in range(23)]
    began = [one.submitted(begin_on=date(2024, 1, 8), meeting_on=date(2024, 1, 8)) for one in new]
    gone = ANNA.changed(student="1000000200", codes=("TBI",))
    events = [event for one in new for event in (*one.all_events()[:3], one.entered())] + began
    events += [*gone.all_events()[:4], gone.entered(exited_on=date(2024, 5, 1), revision=2)]
    await reporting.receive_events(*events)
    found = await reporting.get_for_state("/federal-files/002/2024-25/SEA")
    numbers = {one["check"]: one["found"] for one in found["checks"] if one["found"]}
    assert (numbers["C7"], numbers["C8"]) == (8, 4)
    assert {
        (one["set"], one["before"], one["now"]) for one in found["comparison"] if one["values"] == ["AUT"]
    } == {("ST3", 0, 23)}


PATH = "/federal-files/002/2024-25/LEA"


async def certify(
    reporting: ReportingQueries, path: str = PATH, *roles: Role, by: str = STATE, **changes: Any
) -> httpx.Response:
    """The answer to somebody who certifies the file as it is now."""
    digest = (await reporting.get_for_state(path))["digest"]
    body = {"digest": digest} | changes
    return await reporting.queries.post(f"{path}/certifications", body, by, *(roles or (Role.STATE,)))


async def test_a_certified_file_stays(reporting: ReportingQueries) -> None:
    """Certified bytes stay, whatever the records become; a later certification is the next version."""
    first = await certify(reporting, format="txt")
    assert first.status_code == 200, first.text
    stamp = first.json()
    text = await reporting.get(f"{PATH}/certifications/1/text", STATE, Role.AUDITOR)
    assert sha256(text.content).hexdigest() == stamp["sha256"]
    assert stamp["name"] == "LALEAIDEADISABv000001.txt"
    assert stamp["name"] in text.headers["content-disposition"]
    assert "DRAFT" not in text.text
    assert (stamp["certified_by"], stamp["as_of"], stamp["students"]) == ("LA/a.reader", "2024-10-01", 4)
    assert stamp["warnings"] == [
        "RPT-410 Students without a value for race: 1. The file reports them as MISSING."
    ]
    publisher = Publisher(Counter({("jurisdiction", ANNA.student): 1}))
    await reporting.receive(publisher.publish(ANNA.claimed(revision=2, end_on=date(2024, 9, 1))))
    draft = await reporting.get(f"{PATH}/text", STATE, Role.STATE, format="txt")
    assert "v000002.txt" in draft.headers["content-disposition"]
    again = await reporting.get(f"{PATH}/certifications/1/text", STATE, Role.STATE)
    assert again.content == text.content
    assert (await certify(reporting, format="csv")).json()["version"] == 2
    versions = await reporting.get_for_state(f"{PATH}/certifications")
    assert [(one["version"], one["students"], one["format"]) for one in versions] == [
        (2, 3, "csv"),
        (1, 4, "txt"),
    ]
    for verb in ("DELETE FROM", "TRUNCATE"):
        with pytest.raises(DBAPIError, match="stays as it is"):
            async with reporting.queries.engine.begin() as database:
                await database.execute(sql(f"{verb} certified_files"))


async def test_what_cannot_be_certified(reporting: ReportingQueries) -> None:
    """Other numbers than somebody looked at, a role that may not, missing events and an unknown version."""
    for changes, code in (({"digest": "0" * 64}, "RPT-422"), ({"comment": "It is 123-45-6789."}, "REC-005")):
        answer = await certify(reporting, **changes)
        assert (answer.status_code, codes(answer)) == (422, [code])
    for path, by, role in ((PATH, STATE, Role.AUDITOR), (PATH, "017", Role.COORDINATOR)):
        answer = await certify(reporting, path, role, by=by)
        assert (answer.status_code, codes(answer)) == (403, ["ACC-004"])
    for end in ("", "/1/text"):
        answer = await reporting.get(f"{PATH}/certifications{end}", "017")
        assert (answer.status_code, codes(answer)) == (403, ["ACC-004"])
    answer = await reporting.get(f"{PATH}/certifications/7/text", STATE, Role.STATE)
    assert (answer.status_code, codes(answer)) == (404, ["RPT-425"])
    gap = Publisher(Counter({("ieps", ANNA.student): 9}))
    await reporting.receive(gap.publish(ANNA.submitted("later")))
    answer = await certify(reporting)
    assert (answer.status_code, codes(answer)) == (422, ["RPT-423"])


async def test_a_remarkable_change_is_explained(reporting: ReportingQueries) -> None:
    """The comparison is with the certified file of the year before. A remarkable change needs a comment."""
    before = "/federal-files/002/2023-24/SEA"
    assert (await certify(reporting, before)).json()["students"] == 4
    new = [ANNA.changed(student=f"10000001{n:02d}") for n in range(21)]
    publisher = Publisher()
    events = publisher.publish(*(event for one in new for event in one.all_events()))
    await reporting.receive(events, publisher.heartbeats())
    path = "/federal-files/002/2024-25/SEA"
    found = await reporting.get_for_state(path)
    total = next(one for one in found["comparison"] if one["set"] == "TOT")
    assert (found["last_year_certified"], total["before"], total["now"]) == (True, 4, 25)
    answer = await certify(reporting, path)
    assert (answer.status_code, codes(answer)) == (422, ["RPT-424"])
    answer = await certify(reporting, path, comment="A new LEA entered its students.")
    assert answer.json()["comment"] == "A new LEA entered its students."


def cells_of(found: list[Mapping[str, str]]) -> Iterator[tuple[CellKey, int]]:
    """The cells of the published file, from the rows of FS002 that have a disability."""
    for one in found:
        disability, amount = one["DisabilityCategoryID"], int(one["Amount"])
        if not disability or one["TotalIndicator"] == "Y":
            continue
        if one["AgeID"]:
            years = int(one["AgeID"].removeprefix("AGE").removesuffix("K"))
            band = "6-11" if years < 12 else "12-17" if years < 18 else "18-21"
            for environment in ("", one["EdEnvironmentID"]):
                yield _key(disability, environment, "total", ""), amount
                yield _key(disability, environment, "ageband", band), amount
        elif one["RaceEthnicityID"]:
            yield _key(disability, "", "race", one["RaceEthnicityID"]), amount
            yield _key(disability, "", "sex", one["GenderID"]), amount


def _key(disability: str, environment: str, breakdown: str, value: str) -> CellKey:
    found: Any = ("6-21", disability, environment or None, breakdown, value)
    return CellKey(*found)


async def test_the_published_cells(database: Callable[[str], str], tmp_path: Path) -> None:
    """For the children of three disabilities, the rows of FS002 add up to each published cell."""
    cells = read_cells(LOUISIANA_2017)
    pupils = select_pupils(populate(cells, read_leas(LOUISIANA_LEAS), COUNT_DAY).pupils, RARE)
    async with reporting_queries(database("reporting"), tmp_path) as reporting:
        await reporting.receive_events(*(event for one in pupils for event in child_of(one).all_events()))
        counted: Counter[CellKey] = Counter()
        for key, amount in cells_of(await records(reporting, "002", "SEA")):
            counted[key] += amount
    comparison = compare(select_cells(cells, RARE), counted)
    assert not [str(difference) for difference in comparison.differences]
    assert comparison.total == 135
