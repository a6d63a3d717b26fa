"""What eScholar's bridge says of merged State IDs in a simulated run, and commands that collide with it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from random import Random
from uuid import UUID

from contracts.catalog import BRIDGE
from contracts.forms import AmendmentForm
from contracts.identity import IdentityMerged, IdentityRetired, IdentitySeparated
from contracts.ieps import AmendIEP, DraftIEP, MakeIEPOfficial, SubmitIEP
from contracts.jurisdiction import ClaimJurisdiction
from contracts.message import Command, Event
from contracts.provision import AddService, TerminateService
from deploy.demo.history import StudentHistory
from tests.simulation.tokens import Sender

Send = Callable[[Command | Event, str, Sender, float], object]
_FIRST_REVISION = 100
"""eScholar counts everything it says of a State ID. The corrections of a run have lower numbers."""


def merges(
    histories: Sequence[StudentHistory], leas: Sequence[str], day: date, seconds: float, draw: Random
) -> Iterator[tuple[Command | Event, str, Sender, float]]:
    """Messages with their ids, senders and times: none for most runs, or a story of two to four State IDs.

    eScholar merges, turns a merge round, takes it back, also under a new State ID, and retires. The bridge
    repeats and reorders what it says.
    """
    if len(histories) < 2 or draw.random() < 0.5:
        return
    ids = [history.pupil.state_id for history in histories]
    spare = f"{9000000001 + draw.randrange(2)}"
    said = list(_links([*ids, spare], draw, seconds))
    yield from said
    for message, identity, sender, at in draw.sample(said, draw.randrange(len(said) + 1)):
        yield message, identity, sender, at + draw.choice((0.01, 1.0, 30.0))
    for history in histories:
        for other in histories:
            if other is not history and draw.random() < 0.5:
                yield from _across(history, other.pupil.state_id, leas, day, seconds, draw)


def _links(
    ids: Sequence[str], draw: Random, seconds: float
) -> Iterator[tuple[Command | Event, str, Sender, float]]:
    at, revisions = draw.uniform(5, seconds), dict.fromkeys(ids, _FIRST_REVISION)
    for _ in range(draw.randrange(1, 7)):
        state_id, into = draw.sample(list(ids), 2)
        revisions[state_id] += 1
        names = {"student_id": state_id, "revision": revisions[state_id]}
        word: Event = draw.choices(
            (
                IdentityMerged(**names, into=into, reason="one child"),
                IdentitySeparated(**names, into=draw.choice((None, None, into)), reason="two children"),
                IdentityRetired(**names, reason="nobody's"),
            ),
            (6, 3, 1),
        )[0]
        yield word, _new_id(draw), Sender(BRIDGE), at
        at = max(0.0, at + draw.choice((-5.0, 0.01, 0.5, 5.0, 20.0)))


def _across(
    history: StudentHistory, survivor: str, leas: Sequence[str], day: date, seconds: float, draw: Random
) -> Iterator[tuple[Command | Event, str, Sender, float]]:
    """Commands about a student's records, sent under another State ID: they may stand there by now."""
    commands = [step.message for step in history.commands]
    iep = next(command for command in commands if isinstance(command, DraftIEP))
    service = draw.choice([command for command in commands if isinstance(command, AddService)])
    names = {"student_id": survivor, "iep_id": UUID(_new_id(draw))}
    form = AmendmentForm(informed_on=day, contact_method="telephone", explanation="more minutes")
    terms = service.terms.model_copy(update={"begin_on": day})
    claimant = draw.choice(leas)
    sent: Sequence[Command] = (
        AmendIEP(**names, amends=iep.iep_id, begin_on=day, amendment=form),
        MakeIEPOfficial(**names, signed_on=day),
        SubmitIEP(**names),
        service.model_copy(
            update={"student_id": survivor, "service_id": UUID(_new_id(draw)), "terms": terms}
        ),
        TerminateService(student_id=survivor, service_id=service.service_id, end_on=day, reason="GOALS"),
        ClaimJurisdiction(
            student_id=survivor, begin_on=day + timedelta(days=draw.randrange(40)), school=f"{claimant}001"
        ),
    )
    at = draw.uniform(30, seconds)
    lea = draw.choice(leas)
    for command in sent:
        sender = claimant if isinstance(command, ClaimJurisdiction) else lea
        at += draw.expovariate(1)
        yield command, _new_id(draw), Sender(sender), at


def _new_id(draw: Random) -> str:
    return str(UUID(int=draw.getrandbits(128), version=4))
