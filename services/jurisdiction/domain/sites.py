"""The school sites of an LEA. The state registers them; claims and school transfers check them."""

from collections.abc import Iterable, Iterator
from datetime import date

from contracts.access import Actor, Role
from contracts.codes import LEAS
from contracts.decision import Ask, Decision, Known, verdict
from contracts.errors import LEA_UNKNOWN, ROLE_MISSING, Finding
from contracts.jurisdiction import (
    ClaimJurisdiction,
    CorrectClaim,
    CorrectSchoolTransfer,
    RegisterSchoolSites,
    SchoolDirectory,
    SchoolSite,
    SchoolSitesRegistered,
    TransferSchool,
)
from contracts.revisions import differing, moved_on
from contracts.types import LeaCode, SchoolCode
from services.jurisdiction.domain import rules

AtSchool = ClaimJurisdiction | TransferSchool | CorrectSchoolTransfer
"""The commands that name a school site and a first day there."""

NamesSchool = Ask[ClaimJurisdiction] | Ask[TransferSchool] | Ask[CorrectSchoolTransfer]
"""The same commands as they are asked."""


def looks_at(command: AtSchool, actor: Actor) -> Iterable[str]:
    """The directory of the sender's LEA; none if the school site belongs to another LEA."""
    return (f"lea/{actor.lea}",) if command.school.startswith(actor.lea) else ()


def directory_of_claim(command: CorrectClaim, actor: Actor) -> Iterable[str]:
    """The directory of the LEA whose school site the correction names, or else of the sender's LEA."""
    return (f"lea/{command.school[:3] if command.school else actor.lea}",)


def register(known: Known, ask: Ask[RegisterSchoolSites]) -> Decision:
    """The state adds sites to an LEA's directory, or replaces their entries."""
    command, earlier = ask.command, known.one(SchoolDirectory)
    sites = {site.school: site for site in (*(earlier.sites if earlier else ()), *command.sites)}
    listed = tuple(sites[school] for school in sorted(sites))
    revision = earlier.revision + 1 if earlier else 1
    return verdict(
        _broken(known, ask), [SchoolSitesRegistered(lea=command.lea, revision=revision, sites=listed)]
    )


def _broken(known: Known, ask: Ask[RegisterSchoolSites]) -> Iterator[Finding]:
    command, named = ask.command, set[str]()
    if not ask.actor.has(Role.STATE):
        yield ROLE_MISSING.broken(role=Role.STATE)
    yield from moved_on(known, command, SchoolDirectory, fields=_differing(known, command))
    if command.lea not in LEAS:
        yield LEA_UNKNOWN.broken(at="lea", lea=command.lea)
    for number, site in enumerate(command.sites):
        yield from _unfit(site, command, f"sites.{number}")
        if site.school in named:
            yield rules.SITE_TWICE.broken(at=f"sites.{number}.school", school=site.school)
        named.add(site.school)


def _differing(known: Known, command: RegisterSchoolSites) -> Iterator[str]:
    directory = known.one(SchoolDirectory)
    for number, site in enumerate(command.sites):
        yield from differing(directory and directory.site(site.school), site, at=f"sites.{number}")


def _unfit(site: SchoolSite, command: RegisterSchoolSites, at: str) -> Iterator[Finding]:
    if not site.school.startswith(command.lea):
        yield rules.SCHOOL_ELSEWHERE.broken(at=f"{at}.school", school=site.school, lea=command.lea)
    if site.closed_on is not None and site.closed_on < site.open_on:
        yield rules.SITE_CLOSES_EARLY.broken(at=f"{at}.closed_on", day=site.closed_on, opened=site.open_on)


def closed(known: Known, ask: NamesSchool) -> Iterator[Finding]:
    """The finding that the school is not an open site of the sender's LEA on the begin date."""
    return closed_on(known, ask.actor.lea, ask.command.school, ask.command.begin_on)


def closed_on(known: Known, lea: LeaCode, school: SchoolCode, day: date) -> Iterator[Finding]:
    """The finding that the school is not a site of the LEA that is open on the day."""
    if not school.startswith(lea):
        yield rules.SCHOOL_ELSEWHERE.broken(at="school", school=school, lea=lea)
        return
    directory = known.of(f"lea/{lea}").one(SchoolDirectory)
    if directory is None:
        return  # the command waits for it: see `unregistered`
    site = directory.site(school)
    if site is None:
        yield rules.SCHOOL_UNKNOWN.broken(at="school", school=school, lea=LEAS.label(lea))
    elif not site.open_at(day):
        yield rules.SCHOOL_CLOSED.broken(at="school", school=school, day=day, **_days(site))


def unregistered(known: Known, ask: NamesSchool) -> Finding | None:
    """The finding that the state has not registered the school sites of the sender's LEA."""
    return unregistered_by(known, ask.actor.lea)


def unregistered_by(known: Known, lea: LeaCode) -> Finding | None:
    """The finding that the state has not registered the school sites of the LEA."""
    if known.of(f"lea/{lea}").one(SchoolDirectory):
        return None
    return rules.NO_DIRECTORY.broken(at="school", lea=LEAS.label(lea))


def _days(site: SchoolSite) -> dict[str, object]:
    return {"opened": site.open_on, "closed": site.closed_on or "further notice"}
