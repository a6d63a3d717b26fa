"""The search box on a real database: names in three forms, with typing errors."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio
from sqlalchemy import text

from contracts.access import Role
from contracts.dates import day_at
from contracts.identity import Person
from contracts.jurisdiction import EndReason, JurisdictionEnded, SchoolStay, StudentClaimed
from contracts.message import Event, Record
from contracts.students import Profile, StudentAdded, StudentCorrected
from services.students.app import SERVICE
from services.students.domain import REACTIONS
from services.students.placing import place
from services.students.words import LONGEST_WORD
from tests.integration.querying import ServiceQueries, service_queries
from tests.unit.scenario import id_named, react_with
from tests.unit.students.events import service, terminated

EBR, JEFFERSON, CADDO = "017", "026", "009"
AUGUST, OCTOBER = date(2017, 8, 10), date(2017, 10, 10)

PEOPLE = (
    "Jonathan Quentin Testerson",
    "Jon Testerson",
    "Mary-Ann Sample",
    "María José De La Cruz Ejemplo",
    "Ke'Shawn O'Testley",
    "Stephen Thibodoux-Sampley",
    "Steven Sampley Jr",
    "Renée Boudrot",
    "Catherine Smithson-Testa",
    "Li Wu",
    "Zoë St. Example",
    "Testerson Jonas",
)
NUMBERS = {name: f"{2000000001 + place}" for place, name in enumerate(PEOPLE)}


@pytest_asyncio.fixture
async def queries(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ServiceQueries]:
    """The service's database, with no student in it, and its queries."""
    async with service_queries(SERVICE, database("students"), tmp_path) as made:
        yield made


@pytest_asyncio.fixture
async def full(queries: ServiceQueries) -> ServiceQueries:
    """The same database with the people above, all students of East Baton Rouge."""
    await queries.keep(*(student(number, named_like(name)) for name, number in NUMBERS.items()))
    return queries


def named_like(name: str, **more: Any) -> Person:
    """A person from a name: the first word, perhaps a middle name, the last name."""
    words = name.split()
    first, middle, last, suffix = words[0], None, words[1:], None
    if words[-1] == "Jr":
        last, suffix = words[1:-1], "Jr"
    if len(words) == 3 and not suffix and words[1] != "St.":
        middle, last = words[1], words[2:]
    facts = {"first_name": first, "middle_name": middle, "last_name": " ".join(last), "suffix": suffix}
    return Person(**(facts | {"birth_on": date(2008, 3, 5), "sex": "F"} | more))


def student(number: str, person: Person, lea: str = EBR) -> StudentAdded:
    """A student an LEA added."""
    return StudentAdded(
        student_id=number,
        revision=1,
        person=person,
        identity_revision=1,
        profile=Profile(grade="04"),
        added_by=lea,
    )


def facts(number: str, *events: Event) -> list[Record]:
    """What the service keeps of other services' events about a student."""
    about = [event.model_copy(update={"student_id": number}) for event in events]
    return [fact for event in about for fact in react_with(REACTIONS, [], event) if isinstance(fact, Record)]


def spell(lea: str, begin_on: date) -> StudentClaimed:
    """An LEA owns the student since a day."""
    return StudentClaimed(
        student_id=NUMBERS["Li Wu"],
        revision=1,
        spell_id=id_named(f"{lea} {begin_on}"),
        lea=lea,
        begin_on=begin_on,
        schools=(SchoolStay(school=f"{lea}001", begin_on=begin_on),),
    )


async def found(
    queries: ServiceQueries, typed: str, lea: str = EBR, *roles: Role, limit: int = 20
) -> dict[str, Any]:
    """The search box's answer."""
    headers = {"Authorization": f"Bearer {queries.issuer.token(lea, roles or (Role.READER,), 'a.reader')}"}
    answer = await queries.http.post(
        "/students/search", headers=headers, json={"text": typed, "limit": limit}
    )
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def numbers(queries: ServiceQueries, typed: str, lea: str = EBR, *roles: Role) -> list[str]:
    """The State IDs of the matches, best first."""
    return [line["student_id"] for line in (await found(queries, typed, lea, *roles))["students"]]


TYPED = {
    # as it is
    "Jonathan Testerson": "Jonathan Quentin Testerson",
    "Testerson, Jonathan": "Jonathan Quentin Testerson",
    "Jonathan Quentin Testerson": "Jonathan Quentin Testerson",
    "jon testerson": "Jon Testerson",
    "TESTERSON,JON": "Jon Testerson",
    "Testerson Jonas": "Testerson Jonas",
    "Jonas, Testerson": "Testerson Jonas",
    "Li Wu": "Li Wu",
    "wu, li": "Li Wu",
    # a letter too many, too few, wrong, or two swapped
    "Jonathann Testerson": "Jonathan Quentin Testerson",
    "Jonathan Testersn": "Jonathan Quentin Testerson",
    "Jonathan Testarson": "Jonathan Quentin Testerson",
    "Jnoathan Tesetrson": "Jonathan Quentin Testerson",
    "Tseterson, Jno": "Jon Testerson",
    # as it sounds
    "Katherine Smithson": "Catherine Smithson-Testa",
    "Stefen Thibodeaux": "Stephen Thibodoux-Sampley",
    "Keyshawn Otestly": "Ke'Shawn O'Testley",
    "Renee Boudreau": "Renée Boudrot",
    # accents, apostrophes, hyphens, case, particles, suffixes
    "maria jose de la cruz": "María José De La Cruz Ejemplo",
    "Maria Delacruz": "María José De La Cruz Ejemplo",
    "ejemplo, maría": "María José De La Cruz Ejemplo",
    "KESHAWN OTESTLEY": "Ke'Shawn O'Testley",
    "ke’shawn o testley": "Ke'Shawn O'Testley",
    "mary ann sample": "Mary-Ann Sample",
    "Maryann Sample": "Mary-Ann Sample",
    "Sampel, Mary": "Mary-Ann Sample",
    "Stephen Thibodoux": "Stephen Thibodoux-Sampley",
    "Stephen Sampley": "Stephen Thibodoux-Sampley",
    "thibodouxsampley stephen": "Stephen Thibodoux-Sampley",
    "Sampley Jr, Steven": "Steven Sampley Jr",
    "Steven Sampley": "Steven Sampley Jr",
    "zoe st example": "Zoë St. Example",
    # only a part of it, or an initial
    "Smithson": "Catherine Smithson-Testa",
    "Boud": "Renée Boudrot",
    "R Boudrot": "Renée Boudrot",
    "Q Testerson": "Jonathan Quentin Testerson",
    # one word is something else altogether
    "Kitty Smithson": "Catherine Smithson-Testa",
    "Catherine Smithson-Marriedname": "Catherine Smithson-Testa",
}


async def test_the_best_match_comes_first(full: ServiceQueries) -> None:
    """A search finds the student first with common spellings and typing errors."""
    names = {number: name for name, number in NUMBERS.items()}
    best = {typed: names.get(next(iter(await numbers(full, typed)), "")) for typed in TYPED}
    assert best == TYPED


async def test_nothing_is_made_up(full: ServiceQueries) -> None:
    """Unknown names, signs and text like a query language find nobody and cause no error."""
    for typed in (
        "Xqzvw Kjhgf",
        "Jonathan Xqzvw",
        ",",
        " - ' ",
        "%",
        "_",
        "'; drop table search",
        "🙂",
        "9" * 9,
    ):
        assert await numbers(full, typed) == [], typed


async def test_a_line_shows_what_tells_students_apart(full: ServiceQueries) -> None:
    """A line has State ID, name, birth date, sex, grade, owner and open services."""
    number = NUMBERS["Steven Sampley Jr"]
    await full.keep(*facts(number, spell(EBR, AUGUST), service()))
    (line, *_) = (await found(full, "Steven Sampley"))["students"]
    assert line == {
        "student_id": number,
        "first_name": "Steven",
        "middle_name": None,
        "last_name": "Sampley",
        "suffix": "Jr",
        "formerly": [],
        "lea": EBR,
        "birth_on": "2008-03-05",
        "sex": "F",
        "grade": "04",
        "school": "017001",
        "open_services": True,
        "inactive": False,
        "matched": "name",
    }


async def test_open_services_follow_provision(full: ServiceQueries) -> None:
    """Open Services is Yes while one service is open, and No when the last was terminated."""
    number = NUMBERS["Li Wu"]
    speech, transport = service("speech"), service("transport")
    shown = []
    for event in (speech, transport, terminated(speech), terminated(transport)):
        await full.keep(*facts(number, event))
        shown.append((await found(full, "Li Wu"))["students"][0]["open_services"])
    assert shown == [True, True, True, False]


async def test_a_state_id_finds_one_student(full: ServiceQueries) -> None:
    """A State ID, also typed in groups, finds only that student. A wrong one finds nobody."""
    number = NUMBERS["Jon Testerson"]
    assert await numbers(full, number) == [number]
    assert await numbers(full, f" {number[:4]} {number[4:7]}-{number[7:]} ") == [number]
    assert await numbers(full, "9999999999") == []


async def test_an_lea_finds_its_own_students(full: ServiceQueries) -> None:
    """An LEA finds its own students by name. The state and auditors find all students."""
    number = NUMBERS["Li Wu"]
    await full.keep(*facts(number, spell(JEFFERSON, AUGUST)))
    assert await numbers(full, "Li Wu", EBR) == []
    assert await numbers(full, "Li Wu", JEFFERSON) == [number]
    assert await numbers(full, "Li Wu", "LA", Role.STATE) == [number]
    assert await numbers(full, "Li Wu", CADDO, Role.AUDITOR) == [number]
    assert await full.access_log() == [(lea, "", "search", True) for lea in (EBR, JEFFERSON, "LA", CADDO)]


async def test_the_owner_changes_in_any_order_of_events(full: ServiceQueries) -> None:
    """The new LEA finds a transferred student, and the old LEA does not, in any order of events."""
    old, new = spell(EBR, AUGUST), spell(JEFFERSON, OCTOBER)
    end = JurisdictionEnded.of(old, end_on=OCTOBER)
    for name, order in (("Li Wu", (old, end, new)), ("Jon Testerson", (old, new, end))):
        await full.keep(*facts(NUMBERS[name], *order[:1]))
        assert NUMBERS[name] in await numbers(full, name, EBR)
        for event in order[1:]:
            await full.keep(*facts(NUMBERS[name], event))
        assert NUMBERS[name] not in await numbers(full, name, EBR)
        assert await numbers(full, name, JEFFERSON) == [NUMBERS[name]]


async def test_a_claim_from_a_day_to_come(full: ServiceQueries) -> None:
    """Until the first day of the new LEA the old one finds its student. On that day the new one does."""
    number, tomorrow = NUMBERS["Li Wu"], day_at(datetime.now(UTC)) + timedelta(days=1)
    old, new = spell(EBR, AUGUST), spell(JEFFERSON, tomorrow)
    end = JurisdictionEnded.of(old, end_on=tomorrow - timedelta(days=1))
    await full.keep(*facts(number, old, new, end))
    (line,) = (await found(full, "Li Wu", EBR))["students"]
    assert (line["student_id"], line["lea"]) == (number, EBR)
    assert await numbers(full, "Li Wu", JEFFERSON) == []
    begun = spell(JEFFERSON, OCTOBER).model_copy(update={"spell_id": new.spell_id, "revision": 2})
    earlier = end.model_copy(update={"end_on": OCTOBER - timedelta(days=1), "revision": 3})
    await full.keep(*facts(number, begun, earlier))
    async with full.engine.begin() as database:
        set_back = f"UPDATE search SET lea = '{EBR}', next_on = '{OCTOBER}' WHERE subject = '{number}'"
        await database.execute(text(set_back))
    await place(full.engine)
    assert await numbers(full, "Li Wu", EBR) == []
    assert await numbers(full, "Li Wu", JEFFERSON) == [number]


async def test_a_student_whose_last_lea_closed_its_jurisdiction(full: ServiceQueries) -> None:
    """The last LEA still finds the student, who has no owner. Other LEAs' writers see that they may claim."""
    number, old = NUMBERS["Li Wu"], spell(JEFFERSON, AUGUST)
    gone = JurisdictionEnded.of(old, end_on=OCTOBER, end_reason=EndReason.LEFT_STATE)
    await full.keep(*facts(number, old, gone))
    for lea, typed in ((JEFFERSON, "Li Wu"), (CADDO, number)):
        (line,) = (await found(full, typed, lea, Role.WRITER))["students"]
        assert (line["student_id"], line["lea"]) == (number, None)
    await full.keep(*facts(number, spell(CADDO, date(2017, 11, 1))))
    (line,) = (await found(full, "Li Wu", CADDO))["students"]
    assert line["lea"] == CADDO


async def test_a_writer_finds_another_leas_student_by_state_id(full: ServiceQueries) -> None:
    """An LEA that may claim a student finds name and owner by State ID; the access log has it."""
    number = NUMBERS["Li Wu"]
    await full.keep(*facts(number, spell(JEFFERSON, AUGUST), service()))
    (line,) = (await found(full, number, CADDO, Role.WRITER))["students"]
    shown = {column: value for column, value in line.items() if value not in (None, [])}
    assert shown == {"student_id": number, "first_name": "Li", "last_name": "Wu", "lea": JEFFERSON} | {
        "matched": "state_id"
    }
    assert await numbers(full, number, CADDO, Role.READER) == []
    assert await numbers(full, number, JEFFERSON, Role.READER) == [number]
    assert await full.access_log() == [
        (CADDO, number, "search", True),
        (CADDO, number, "search", False),
        (JEFFERSON, number, "search", True),
    ]


async def test_a_corrected_name_is_found_and_so_is_the_former(full: ServiceQueries) -> None:
    """After a correction both names find the student, and the line shows the former name."""
    before = student(NUMBERS["Li Wu"], named_like("Li Wu"))
    new = StudentCorrected.of(before, person=named_like("Okoro Wurtenberg"), identity_revision=2)
    await full.keep(new)
    for typed in ("Okoro Wurtenburg", "Wu, Li"):
        (line,) = (await found(full, typed))["students"]
        assert (line["student_id"], line["last_name"]) == (new.student_id, "Wurtenberg")
        assert line["formerly"] == ["Li Wu"]
    back = StudentCorrected.of(new, person=named_like("Li Wu"), identity_revision=3)
    await full.keep(back)
    (line,) = (await found(full, "Okoro Wurtenberg"))["students"]
    assert (line["last_name"], line["formerly"]) == ("Wu", ["Okoro Wurtenberg"])


async def test_a_short_form_finds_the_long_one(queries: ServiceQueries) -> None:
    """Bill finds William and Liz finds Elizabeth. The exact name comes first."""
    people = ["William Sampleton", "Bill Sampleton", "Elizabeth Sampleton", "Wilma Other"]
    await queries.keep(*(student(f"{3000000000 + n}", named_like(name)) for n, name in enumerate(people)))
    assert await numbers(queries, "Bill Sampleton") == ["3000000001", "3000000000"]
    assert (await numbers(queries, "Sampleton, Liz"))[0] == "3000000002"
    assert await numbers(queries, "William Sampleton") == ["3000000000", "3000000001"]


async def test_somebody_with_one_name(queries: ServiceQueries) -> None:
    """A person with a single name is found by it and shown with it."""
    one = named_like("Li Wu", first_name="", last_name="Sukarnoputri")
    await queries.keep(student("3000000000", one), student("3000000001", named_like("Sukarnoputra Example")))
    (line, *_) = (await found(queries, "Sukarnoputri"))["students"]
    assert (line["student_id"], line["first_name"], line["last_name"]) == ("3000000000", None, "Sukarnoputri")


async def test_a_state_id_with_a_slip(full: ServiceQueries) -> None:
    """For an unknown State ID the LEA gets its own students whose State IDs differ by one digit or
    one swap."""
    number = NUMBERS["Jon Testerson"]
    assert number == "2000000002"
    for typed in ("2000000020", "2000100002", "0200000002", "9000000002"):
        body = await found(full, typed)
        assert number in [line["student_id"] for line in body["students"]], typed
        assert body["instead"]
        assert (await found(full, typed, JEFFERSON))["students"] == []
    assert (await found(full, number))["instead"] is False
    assert (await found(full, "2000110002"))["students"] == []


async def test_no_word_is_looked_up_in_too_many_spellings(full: ServiceQueries) -> None:
    """PostgreSQL looks up at most 300 spellings of a word of any length."""
    async with full.engine.connect() as database:
        for length in range(1, LONGEST_WORD + 1):
            word = ("abcdefghijklmnopqrstuvwxyz" * 2)[:length]
            spellings = await database.scalar(text("SELECT cardinality(nearly(:word))"), {"word": word})
            assert spellings is not None
            assert spellings <= 300, length
    for typed in ("abcdefghij" * 20, "ab " * 66, "abcdefghijklmnopqrstuvwxy " * 7):
        assert await numbers(full, typed) == []


async def test_a_name_may_be_corrected_by_moving_a_word(full: ServiceQueries) -> None:
    """A correction that moves a word from the given to the family name changes the search."""
    before = student(NUMBERS["Li Wu"], named_like("Li Wu", first_name="Lopez Juan", last_name="Garcia"))
    await full.keep(before)
    assert await numbers(full, "Garcialopez") == []
    moved = named_like("Li Wu", first_name="Juan", last_name="Garcia Lopez")
    await full.keep(StudentCorrected.of(before, person=moved, identity_revision=2))
    assert await numbers(full, "Garcialopez, Juan") == [before.student_id]


async def test_there_may_be_more(queries: ServiceQueries) -> None:
    """The answer has the requested number of lines, and says if there are more."""
    crowd = [student(f"{3000000000 + n}", named_like("Alva Samename")) for n in range(7)]
    await queries.keep(*crowd)
    first = await found(queries, "Samename", limit=5)
    assert ([line["student_id"][-1] for line in first["students"]], first["more"]) == (list("01234"), True)
    every = await found(queries, "Samename", limit=7)
    assert (len(every["students"]), every["more"]) == (7, False)


async def test_a_batch_of_students_is_searchable_when_it_is_saved(queries: ServiceQueries) -> None:
    """A thousand students saved in one batch are found at once."""
    await queries.keep(*(student(f"{3000000000 + n}", named_like(f"Ada Sample{n:04}")) for n in range(1000)))
    assert (await numbers(queries, "Sample0777, Ada"))[0] == "3000000777"
    assert (await numbers(queries, "Ada Sample0042"))[0] == "3000000042"
    assert await numbers(queries, "3000000999") == ["3000000999"]


async def test_two_batches_with_the_same_new_names_do_not_wait_for_each_other(
    queries: ServiceQueries,
) -> None:
    """Two processes save the same new names in opposite order without a deadlock."""
    insert = text(
        "INSERT INTO records (subject, kind, record_id, revision, body)"
        " VALUES (:subject, 'student', '', 1, CAST(:body AS jsonb))"
    )

    def row(number: int, name: str) -> dict[str, str]:
        one = student(f"{number}", named_like(name))
        return {"subject": one.student_id, "body": one.model_dump_json()}

    async with queries.engine.connect() as here, queries.engine.connect() as there:
        await there.execute(text("SET lock_timeout = '1s'"))
        await here.execute(insert, row(3000000001, "Uno Firstname"))
        await there.execute(insert, row(3000000002, "Dos Secondname"))
        await here.execute(insert, row(3000000003, "Dos Secondname"))
        await there.execute(insert, row(3000000004, "Uno Firstname"))
        await here.commit()
        await there.commit()
    assert await numbers(queries, "Uno Firstname") == ["3000000001", "3000000004"]
    assert await numbers(queries, "Dos Secondnaem") == ["3000000002", "3000000003"]
