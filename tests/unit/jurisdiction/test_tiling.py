"""Jurisdictions tile time, whatever is asked and however the messages arrive."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.facts import latest_spell
from contracts.jurisdiction import Transfer, TransferState
from contracts.provision import Service
from services.provision.domain.facts import waiting_claims
from tests.unit.jurisdiction.conversation import STEPS, Story

ONE_DAY = timedelta(days=1)


def check(story: Story) -> None:
    """What holds at every moment."""
    spells = story.spells()
    assert [spell.end_on is None for spell in spells] == [False] * (len(spells) - 1) + [True] * bool(spells)
    for earlier, later in pairwise(spells):
        assert earlier.end_on is not None
        assert earlier.begin_on <= earlier.end_on == later.begin_on - ONE_DAY
    open_at = {service.lea for service in story.provision.known.all(Service) if service.open}
    assert open_at <= {story.owner()}


def check_calm(story: Story) -> None:
    """What holds when every message has arrived."""
    check(story)
    assert not [t for t in story.jurisdiction.known.all(Transfer) if t.state is TransferState.REQUESTED]
    for ask in story.asked:
        party = next(p for p in (story.jurisdiction, story.provision) if type(ask.command) in p.decides)
        assert len(party.outcomes[ask.command_id]) == (0 if ask in party.held else 1)
    latest = latest_spell(story.provision.known)
    assert (latest.lea if latest else None) == story.owner()
    assert not story.provision.held or story.owner() is None
    if waiting_claims(story.provision.known):
        assert [service for service in story.provision.known.all(Service) if service.open]


def live(story: Story) -> Story:
    """Let a story happen, looking at every moment of it."""
    for _ in range(STEPS):
        story.step()
        check(story)
    story.drain()
    check_calm(story)
    return story


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_jurisdictions_tile_time(data: st.DataObject) -> None:
    """No gap, no overlap, one owner, open services at the owner only, one final answer to each command."""
    live(Story(lambda possibilities: data.draw(st.integers(0, possibilities - 1))))


def test_the_stories_are_worth_telling() -> None:
    """Among five hundred lives everything that can happen between two LEAs does happen."""
    happened: Counter[str] = Counter()
    for seed in range(500):
        story = live(Story(Random(seed).randrange))
        happened += story.happened
        for party in (story.jurisdiction, story.provision):
            happened.update(
                found.code for given in party.outcomes.values() for answer in given for found in answer
            )
    for event in ("TransferCompleted", "TransferRefused", "TransferReleased", "ServiceTerminated"):
        assert happened[event] >= 50, event
    for code in ("JUR-003", "JUR-004", "JUR-005", "JUR-006", "PRO-004", "PRO-008", "PRO-012", "ACC-005"):
        assert happened[code] > 10, code
