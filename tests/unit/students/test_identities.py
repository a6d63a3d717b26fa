"""The mirror of eScholar, and the other services' events."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from contracts.decision import Accepted, Ask, Known
from contracts.facts import keepers, owner
from contracts.identity import Identity, Person
from contracts.jurisdiction import JurisdictionResumed, SpellMoved
from contracts.message import Command, Event, Record
from contracts.provision import ServiceMoved
from contracts.students import AddStudent, GuardianSaved, Profile, SaveGuardian, Student, StudentCorrected
from services.students.domain import DECIDERS, REACTIONS, STORED, TOGETHER
from services.students.domain.facts import KnownService, SpellWithSchools
from tests.unit.events import corrected_claim, corrected_to, ended, moved_to, resumed, withdrawn
from tests.unit.scenario import STUDENT, TODAY, actor, id_named, react_with
from tests.unit.students.events import (
    EBR,
    JEFFERSON,
    OCTOBER,
    added,
    assigned,
    claimed,
    corrected,
    parent,
    person,
    ready,
    records_after,
    service,
    terminated,
)

ADD = AddStudent(student_id=STUDENT, profile=Profile(grade="03"))


def test_an_identity_is_kept_whole() -> None:
    """The service stores a person from eScholar and publishes nothing until an LEA adds the student."""
    event = assigned()
    assert react_with(REACTIONS, [], event) == [Identity(student_id=STUDENT, revision=1, person=event.person)]


def test_a_correction_reaches_the_student() -> None:
    """eScholar's correction replaces the demographic fields at once, and leaves the profile alone."""
    new = person(first_name="Tess", birth_on=OCTOBER.replace(year=2009))
    fact, correction = react_with(REACTIONS, ready(), corrected(new))
    assert isinstance(fact, Identity)
    assert isinstance(correction, StudentCorrected)
    assert (correction.revision, correction.person, correction.identity_revision) == (2, new, 2)
    assert correction.profile == added().profile


def test_a_correction_of_nobody_is_only_kept() -> None:
    """The service keeps a correction of a person whom no LEA has added yet."""
    assert len(react_with(REACTIONS, records_after(assigned()), corrected(person()))) == 1


def test_an_older_snapshot_never_replaces_a_newer() -> None:
    """A late, older snapshot of eScholar changes nothing."""
    student = added().model_copy(update={"identity_revision": 3})
    for revision in (2, 3):
        effects = react_with(REACTIONS, [student], corrected(person(first_name="Old"), revision))
        assert not any(isinstance(effect, Student) for effect in effects)


def test_a_spell_is_kept_with_its_schools() -> None:
    """The service keeps LEA, days, school sites and local student ID of a spell."""
    claim = claimed().model_copy(update={"local_student_id": "E-1204"})
    (fact,) = react_with(REACTIONS, [], claim)
    assert fact == SpellWithSchools(
        student_id=STUDENT,
        revision=1,
        spell_id=claim.spell_id,
        lea=EBR,
        begin_on=claim.begin_on,
        schools=claim.schools,
        local_student_id="E-1204",
    )


def test_a_service_is_open_until_it_is_terminated() -> None:
    """The Open Services column follows provision's events."""
    (opened,) = react_with(REACTIONS, [], service())
    (closed,) = react_with(REACTIONS, [], terminated(service()))
    assert isinstance(opened, KnownService)
    assert isinstance(closed, KnownService)
    assert (opened.end_on, closed.end_on) == (None, OCTOBER)
    assert (closed.record_id, closed.revision) == (opened.record_id, 2)


MOVING: set[type[Event]] = {SpellMoved, JurisdictionResumed, ServiceMoved}
"""The events by which other services' records come and go."""


def test_every_event_is_remembered() -> None:
    """The service stores a record for each event, so that a repeated event is a duplicate."""
    events: tuple[Event, ...] = (
        assigned(),
        corrected(person()),
        claimed(),
        moved_to(claimed(), f"{EBR}002", OCTOBER),
        corrected_to(claimed(), f"{EBR}002", OCTOBER),
        ended(claimed(), OCTOBER),
        resumed(ended(claimed(), OCTOBER)),
        withdrawn(claimed()),
        corrected_claim(claimed(), OCTOBER),
        service(),
        terminated(service()),
    )
    links = {message for message in TOGETHER if issubclass(message, Event)}
    assert {type(event) for event in events} | links | MOVING == set(REACTIONS)
    for event in events:
        stored = [fact for fact in react_with(REACTIONS, ready(), event) if type(fact) in STORED]
        facts = [fact for fact in stored if isinstance(fact, Record) and not fact.apart]
        assert [(fact.kind, fact.record_id, fact.revision) for fact in facts] == [
            (event.kind, event.record_id, event.revision)
        ]


def take(known: Known, message: Event | Command) -> None:
    """The service takes one message: it drops an older event, and decides a command."""
    match message:
        case Command():
            ask = Ask(command=message, actor=actor(), command_id=id_named("it"), on=TODAY)
            decision = DECIDERS[type(message)](known, ask)
            effects = list(decision.records) if isinstance(decision, Accepted) else []
        case Event():
            newer = message.revision > known.revision(message.kind, message.record_id)
            effects = (
                [e for e in react_with(REACTIONS, list(known), message) if isinstance(e, Record)]
                if newer
                else []
            )
    for effect in effects:
        assert known.learn(effect), "a reaction or a decision brings newer states only"


SNAPSHOTS = st.lists(
    st.builds(person, first_name=st.sampled_from(["Ada", "Bea", "Cy", "Dee"])), min_size=1, max_size=6
)


@given(SNAPSHOTS, st.data())
def test_snapshots_in_any_order_end_in_the_same_student(people: list[Person], data: st.DataObject) -> None:
    """The student has the newest snapshot, in any order of snapshots and repetitions."""
    snapshots = [assigned(who, n) if n == 1 else corrected(who, n) for n, who in enumerate(people, 1)]
    repeats = data.draw(st.lists(st.sampled_from(snapshots), max_size=6))
    order: list[Event | Command] = list(data.draw(st.permutations([*snapshots, *repeats])))
    order.insert(data.draw(st.integers(1, len(order))), ADD)
    known = Known()
    for message in order:
        take(known, message)
    student, mirror = known.one(Student), known.one(Identity)
    assert student is not None
    assert mirror is not None
    assert (student.person, student.identity_revision) == (people[-1], len(people))
    assert (mirror.person, mirror.revision) == (people[-1], len(people))


def test_other_services_events_in_any_order_end_in_the_same_owner() -> None:
    """The owner and the open services are the same in any order of events."""
    first, speech = claimed(), service()
    second = claimed(JEFFERSON, OCTOBER, "the second claim")
    events: tuple[Event, ...] = (
        first,
        ended(first, OCTOBER),
        second,
        speech,
        terminated(speech),
        service("transport"),
    )
    for order in permutations(events):
        known = Known()
        for event in (*order, *order):
            take(known, event)
        assert owner(known, OCTOBER) == JEFFERSON
        assert keepers(known) == frozenset((EBR, JEFFERSON))
        still_open = [fact.service_id for fact in known.all(KnownService) if fact.end_on is None]
        assert still_open == [id_named("transport")]


def test_a_life_so_far() -> None:
    """Identity, adding, jurisdiction, parent and correction each find the earlier records."""
    known = Known()
    mother = SaveGuardian(student_id=STUDENT, guardian_id=id_named("mother"), guardian=parent())
    for message in (assigned(), ADD, claimed(), mother, corrected(person(last_name="Corrected"))):
        take(known, message)
    student = known.one(Student)
    assert student is not None
    assert (student.revision, student.person.last_name) == (2, "Corrected")
    assert [type(record) for record in known.all(GuardianSaved)] == [GuardianSaved]
