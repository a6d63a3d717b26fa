"""A student's jurisdictions never overlap, and only a closed one leaves a gap, whatever happens."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.facts import owner
from contracts.jurisdiction import Spell, Transfer, TransferState
from contracts.provision import Service
from services.provision.domain.facts import waiting_claims
from tests.unit.events import AUGUST
from tests.unit.jurisdiction.conversation import STEPS, Conversation

ONE_DAY = timedelta(days=1)
LAST = AUGUST + timedelta(days=2 * STEPS)
"""A day after all first days of claims."""


def check(conversation: Conversation) -> None:
    """Checks the rules that hold at every moment."""
    spells = conversation.spells()
    for spell in spells:
        assert spell.end_reason is None or spell.end_on is not None
        assert spell.end_on is None or spell.begin_on <= spell.end_on
    for earlier, later in pairwise(spells):
        assert earlier.end_on is not None
        assert earlier.end_on < later.begin_on
        assert earlier.end_reason or earlier.end_on == later.begin_on - ONE_DAY
    if spells:
        assert spells[-1].end_on is None or spells[-1].end_reason
    withdrawn = len(spells) < len(conversation.jurisdiction.known.all(Spell))
    if not withdrawn and not any(spell.end_reason for spell in spells):
        assert open_at(conversation) <= {conversation.owner()}


def open_at(conversation: Conversation) -> set[str]:
    """The LEAs with open services. After a closed spell, and after a withdrawn claim, they end as soon as
    provision receives the event."""
    return {service.lea for service in conversation.provision.known.all(Service) if service.open}


def check_drained(conversation: Conversation) -> None:
    """Checks the rules that hold when every event has arrived."""
    check(conversation)
    assert not [
        t for t in conversation.jurisdiction.known.all(Transfer) if t.state is TransferState.REQUESTED
    ]
    for ask in conversation.commands:
        participant = next(
            p for p in (conversation.jurisdiction, conversation.provision) if type(ask.command) in p.decides
        )
        assert len(participant.outcomes[ask.command_id]) == (0 if ask in participant.held else 1)
    assert owner(conversation.provision.known, LAST) == conversation.owner()
    assert open_at(conversation) <= {conversation.owner()}
    assert not conversation.provision.held or conversation.owner() is None
    if waiting_claims(conversation.provision.known):
        assert [service for service in conversation.provision.known.all(Service) if service.open]


def run(conversation: Conversation) -> Conversation:
    """Runs a conversation and checks it after every step."""
    for _ in range(STEPS):
        conversation.step()
        check(conversation)
    conversation.drain()
    check_drained(conversation)
    return conversation


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_jurisdictions_tile_time(data: st.DataObject) -> None:
    """A student has one owner at a time. When every event has arrived, only the owner has open services."""
    run(Conversation(lambda possibilities: data.draw(st.integers(0, possibilities - 1))))


def test_conversations_cover_every_outcome() -> None:
    """Five hundred random conversations between LEAs reach every outcome of a transfer."""
    counts: Counter[str] = Counter()
    for seed in range(500):
        conversation = run(Conversation(Random(seed).randrange))
        counts += conversation.counts
        for participant in (conversation.jurisdiction, conversation.provision):
            counts.update(
                found.code for given in participant.outcomes.values() for answer in given for found in answer
            )
    for event in (
        *("TransferCompleted", "TransferRefused", "TransferReleased", "ServiceTerminated"),
        *("JurisdictionEnded", "JurisdictionResumed", "ClaimWithdrawn", "ClaimCorrected"),
    ):
        assert counts[event] >= 50, event
    for code in (
        *("JUR-003", "JUR-004", "JUR-005", "JUR-006", "JUR-021", "JUR-022"),
        *("PRO-004", "PRO-008", "PRO-012", "ACC-005"),
    ):
        assert counts[code] > 10, code
