"""A service's terms, now and before, and how they differ, as people say it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from console.fields import flat
from console.words import label_of
from contracts.provision import Service, ServiceTerms


@dataclass(frozen=True, slots=True)
class TermsInTime:
    """Terms, the days on which they hold, and what differs from the terms before; blank for the first.

    `last_day`: None if they hold until the service ends.
    """

    terms: ServiceTerms
    since: date
    last_day: date | None
    differs: str


def terms_of(service: Service) -> Sequence[TermsInTime]:
    """All terms of a service, the last ones first."""
    return [*_in_time(service)][::-1]


def _in_time(service: Service) -> Iterator[TermsInTime]:
    since, before = service.begin_on, None
    for earlier in service.earlier_terms:
        yield TermsInTime(earlier.terms, since, earlier.last_day, differences(before, earlier.terms))
        since, before = earlier.last_day + timedelta(days=1), earlier.terms
    yield TermsInTime(service.terms, since, None, differences(before, service.terms))


def differences(before: ServiceTerms | None, after: ServiceTerms) -> str:
    """What differs: `Minutes per session 30 → 45; provider's number T-1 → none`."""
    if before is None:
        return ""
    was, now = flat(before), flat(after)
    changed = [
        f"{label_of(name, 'ServiceTerms')} {was.get(name, 'none')} → {now.get(name, 'none')}"
        for name in ServiceTerms.model_fields
        if was.get(name) != now.get(name)
    ]
    return "; ".join(text if not place else text[:1].lower() + text[1:] for place, text in enumerate(changed))
