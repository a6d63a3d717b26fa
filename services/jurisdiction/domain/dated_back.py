"""Days that go from one LEA to another because of a claim that is dated back, and what happened on them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from contracts.codes import LEAS
from contracts.dates import child_counts
from contracts.errors import Finding
from contracts.jurisdiction import Spell, Transfer
from contracts.provision import TransferAnswer
from services.jurisdiction.domain import rules
from services.jurisdiction.domain.sentences import services_named
from services.jurisdiction.domain.tiling import tiling


def counts_moved(spells: Iterable[Spell], changed: Spell, today: date, at: str) -> Iterator[Finding]:
    """A warning for each past child count on whose day another LEA has the student now, or none has.

    `changed`: the spell that is new, or is another one than among the `spells`.
    """
    before = {spell.spell_id: spell for spell in spells}
    after = tiling((before | {changed.spell_id: changed}).values())
    first = min(spell.begin_on for spell in (*before.values(), changed))
    for day in child_counts(first, today):
        was, now = _covering(before.values(), day), _covering(after, day)
        if was and (now is None or now.lea != was.lea):
            yield rules.COUNT_MOVED.broken(
                at=at,
                day=day,
                owner=LEAS.label(was.lea),
                now=LEAS.label(now.lea) if now else "no LEA",
            )


def _covering(spells: Iterable[Spell], day: date) -> Spell | None:
    return next((spell for spell in spells if spell.covers(day)), None)


def done_by_others(transfer: Transfer, event: TransferAnswer) -> Iterator[Finding]:
    """Warnings that name what the owner did on or after the begin date of a won claim."""
    if done := event.done_since:
        whose = {"owner": LEAS.label(transfer.from_lea), "day": transfer.begin_on}
        if done.services:
            services = services_named(done.services, done.service_count)
            yield rules.SERVICES_MOVED.broken(at="begin_on", services=services, **whose)
        if done.meetings:
            yield rules.MEETINGS_MOVED.broken(at="begin_on", meetings=_days(done.meetings), **whose)
        if done.evaluations:
            yield rules.EVALUATIONS_MOVED.broken(at="begin_on", evaluations=_days(done.evaluations), **whose)


def _days(days: Sequence[date]) -> str:
    return ", ".join(map(str, days))
