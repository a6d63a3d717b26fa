"""The record stays consistent after any commands in any order."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from contracts.access import Actor, Role
from contracts.activities import SpedActivity
from contracts.decision import Accepted, Ask, Known
from contracts.evaluations import (
    Evaluation,
    EvaluationDate,
    EvaluationExceptionKind,
    EvaluationStage,
    ParentDecision,
)
from contracts.forms import FormCode, Placement, Transition
from contracts.ieps import (
    IEP,
    ApproveIEPDeletion,
    IEPDeletion,
    IEPStage,
    IEPType,
    RemoveIEPForm,
)
from contracts.message import Command
from services.ieps.domain import DECIDERS
from services.ieps.domain.contents import contents_of, described
from services.ieps.domain.stages import STEPS, open_evaluation
from tests.unit.ieps import scenario
from tests.unit.scenario import STUDENT, TODAY, actor, id_named

EVALUATION_NAMES = ("evaluation", "other evaluation", "re-evaluation")
EVALUATIONS = st.sampled_from(EVALUATION_NAMES)
IEP_NAMES = ("IEP", "other IEP", "amendment", "amendment of it")
IEPS = st.sampled_from(IEP_NAMES)
TYPES = st.sampled_from(IEPType)
DAYS = st.sampled_from([date(2017, 5, 15), date(2017, 5, 22), date(2017, 6, 30)])
PLACEMENTS = st.sampled_from(
    [
        Placement(environment=environment, percent_in_regular_class=share, justification="Because.")
        for environment, share in (("RC80", 90), ("RC39", 10), ("SS", None))
    ]
)

COMMANDS: st.SearchStrategy[Command] = st.one_of(
    st.builds(scenario.request, EVALUATIONS),
    st.builds(
        scenario.parent_says, st.sampled_from(ParentDecision), st.just(scenario.CONSENTED), EVALUATIONS
    ),
    st.builds(lambda under: scenario.report(under=under), EVALUATIONS),
    st.builds(lambda under: scenario.determine("AUT", under=under), EVALUATIONS),
    st.builds(lambda under: scenario.determine(under=under), EVALUATIONS),
    st.builds(lambda under: scenario.reevaluate(under=under), EVALUATIONS),
    st.builds(lambda under: scenario.waive(under=under), EVALUATIONS),
    st.builds(lambda under: scenario.close(under=under), EVALUATIONS),
    st.builds(lambda under: scenario.extend(under=under), EVALUATIONS),
    st.builds(lambda kind: scenario.exception(kind), st.sampled_from(EvaluationExceptionKind)),
    st.builds(scenario.correct_date, st.sampled_from(EvaluationDate), DAYS, EVALUATIONS),
    st.builds(scenario.draft, IEPS, TYPES, DAYS, DAYS),
    st.builds(lambda under, form: scenario.save(form, under=under), IEPS, PLACEMENTS | st.just(Transition())),
    st.builds(
        lambda under, form: RemoveIEPForm(student_id=STUDENT, iep_id=id_named(under), form=form),
        IEPS,
        st.sampled_from([FormCode.LRE, FormCode.AMD, FormCode.TRN]),
    ),
    st.builds(scenario.make_official, IEPS, DAYS),
    st.builds(scenario.submit, IEPS),
    st.builds(scenario.discard, IEPS),
    st.builds(scenario.request_deletion, IEPS),
    st.builds(scenario.leave, DAYS),
    st.builds(lambda under, day: scenario.correct(under, entered_on=day), IEPS, DAYS),
    st.builds(lambda under, day: scenario.correct(under, exited_on=day), IEPS, DAYS),
    st.builds(lambda under: scenario.correct(under, never_left=True), IEPS),
    st.builds(scenario.void, IEPS),
    st.builds(scenario.revoke, DAYS),
    st.builds(scenario.amend, IEPS, IEPS, DAYS, PLACEMENTS.map(lambda form: (form,)) | st.just(())),
)
Move = Command | int
"""A command; or, by number, one of those that the record is ready for."""

NEXT = st.integers(0, 5)
MOVES: st.SearchStrategy[Move] = st.booleans().flatmap(lambda likely: NEXT if likely else COMMANDS)
LIVES = st.lists(MOVES, min_size=10, max_size=40)
_NAMES = {id_named(name): name for name in (*EVALUATION_NAMES, *IEP_NAMES)}


_NO_CALENDARS = defaultdict[str, Known](Known)


def ready_for(known: Known) -> list[Command]:
    """The commands that are possible next."""
    steps: list[Command] = [] if known.all(Evaluation) else [scenario.request()]
    for evaluation in known.all(Evaluation):
        steps += _next_step(evaluation.stage, _NAMES[evaluation.evaluation_id])
    free = [name for name in IEP_NAMES if known.get(IEP, id_named(name)) is None]
    for iep in known.all(IEP):
        name = _NAMES[iep.iep_id]
        match iep.stage:
            case IEPStage.DRAFT:
                steps.append(scenario.make_official(name))
            case IEPStage.OFFICIAL:
                steps.append(scenario.submit(name))
            case IEPStage.SUBMITTED:
                steps += [scenario.amend(name, new, scenario.BEGINS) for new in free[:1]]
            case _:
                pass
    steps += [scenario.approve_deletion(_NAMES[one.iep_id]) for one in known.all(IEPDeletion)]
    return [*steps, scenario.draft()]


def _next_step(stage: EvaluationStage, under: str) -> list[Command]:
    match stage:
        case EvaluationStage.REQUESTED:
            return [scenario.parent_says(under=under)]
        case EvaluationStage.CONSENTED:
            return [scenario.report(under=under)]
        case EvaluationStage.BEGUN:
            return [scenario.report(scenario.AGAIN, under)]
        case EvaluationStage.COMPLETED:
            return [scenario.determine("AUT", under=under)]
        case EvaluationStage.CLOSED:
            return [scenario.request("other evaluation")]
        case _:
            return []


def _sender(command: Command) -> Actor:
    """Another person than the usual one decides about a deletion."""
    if isinstance(command, ApproveIEPDeletion):
        return Actor(sub="the.other", lea="017", roles=frozenset({Role.COORDINATOR}))
    return actor()


class Life:
    """A student's record that gets one command after another, and the IEPs submitted on the way."""

    def __init__(self) -> None:
        self.known = Known(scenario.open_record())
        self.submitted: dict[str, str] = {}

    def live(self, moves: Sequence[Move]) -> "Life":
        """Send all commands, and check the record after each."""
        for number, move in enumerate(moves):
            options = ready_for(self.known)
            self._ask(options[move % len(options)] if isinstance(move, int) else move, number)
            self.check()
        return self

    def _ask(self, command: Command, number: int) -> None:
        decision = DECIDERS[type(command)](
            Known(scenario.opened([*self.known], command)).beside(_NO_CALENDARS),
            Ask(command, _sender(command), id_named(f"command {number}"), TODAY),
        )
        for record in decision.records if isinstance(decision, Accepted) else ():
            assert self.known.revision(record.kind, record.record_id) == record.revision - 1
            assert self.known.learn(record)

    def check(self) -> None:
        """Check the promises of ieps."""
        self._evaluations()
        self._lines()
        self._submitted_stays()
        self._in_special_education_once()

    def _evaluations(self) -> None:
        evaluations = self.known.all(Evaluation)
        still = [e for e in evaluations if e.open]
        assert len(still) <= 1
        assert open_evaluation(self.known) in (*still, None)
        ordinals = sorted(e.determination for e in evaluations if e.determination)
        assert ordinals == list(range(1, len(ordinals) + 1))
        for evaluation in evaluations:
            days = [day for name in list(STEPS)[:-2] if (day := getattr(evaluation, name))]
            assert days == sorted(days)

    def _in_special_education_once(self) -> None:
        standing = [activity for activity in self.known.all(SpedActivity) if not activity.voided]
        spans = sorted((one.entered_on, one.exited_on or date.max) for one in standing)
        assert all(one[1] <= following[0] for one, following in pairwise(spans))
        assert sum(activity.open for activity in standing) <= 1

    def _lines(self) -> None:
        ieps = [iep for iep in self.known.all(IEP) if not iep.over]
        assert max(Counter(iep.amends for iep in ieps if iep.amends).values(), default=0) <= 1
        first = [iep for iep in ieps if iep.stage is IEPStage.SUBMITTED and iep.iep_type is IEPType.INITIAL]
        if all(activity.revision == 1 for activity in self.known.all(SpedActivity)):
            assert sum(iep.amends is None for iep in first) <= 1
        for iep in ieps:
            description = described(contents_of(self.known, iep))
            assert {name: getattr(iep, name) for name in description} == description
            if iep.amends:
                amended = self.known.get(IEP, iep.amends)
                assert amended is not None
                assert amended.stage is IEPStage.SUBMITTED
                assert (iep.meeting_on, iep.iep_type) == (amended.meeting_on, amended.iep_type)
                assert iep.amendment == amended.amendment + 1

    def _submitted_stays(self) -> None:
        for iep in self.known.all(IEP):
            contents = contents_of(self.known, iep)
            body = iep.model_dump_json(exclude={"stage", "revision"}) + contents.model_dump_json()
            if iep.stage is IEPStage.SUBMITTED:
                assert contents.official
                self.submitted.setdefault(iep.record_id, body)
            if iep.record_id in self.submitted:
                assert iep.stage in (IEPStage.SUBMITTED, IEPStage.DELETED)
                assert self.submitted[iep.record_id] == body
        assert self.submitted.keys() <= {iep.record_id for iep in self.known.all(IEP)}


@settings(max_examples=300, deadline=None)
@given(LIVES)
def test_no_sequence_of_commands_breaks_the_record(moves: Sequence[Move]) -> None:
    """No commands cause two open evaluations or two lines of amendments, or enter a student twice at a time.
    A submitted IEP is deleted at most."""
    Life().live(moves)


def test_such_sequences_reach_a_line_of_amendments() -> None:
    """The random commands do reach amendments of amendments."""

    def reaches(moves: Sequence[Move]) -> bool:
        record = Life().live(moves)
        return any(iep.amendment > 1 for iep in record.known.all(IEP))

    moves = find(
        LIVES,
        reaches,
        settings=settings(max_examples=2_000, deadline=None, database=None, phases=[Phase.generate]),
    )
    assert reaches(moves)
