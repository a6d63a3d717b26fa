"""The forms of a draft: adding, replacing, removing. Only MakeIEPOfficial validates their contents."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from contracts.decision import Ask, Decision, Known, Refused, verdict
from contracts.errors import Finding
from contracts.forms import AmendmentForm, Form, FormCode, InstructionalPlan
from contracts.ieps import IEP, IEPContents, IEPFormsSaved, IEPStage, RemoveIEPForm, SaveIEPForms
from contracts.message import Record
from contracts.revisions import differing, moved_on
from contracts.types import IEPId
from services.ieps.domain import iep_rules as rules
from services.ieps.domain.contents import Forms, contents_of, described
from services.ieps.domain.lines import out_of_turn
from services.ieps.domain.standing import Standing, standing
from services.ieps.domain.unfinished import of_another

_Key = tuple[int, str]
_ORDER = {code.value: place for place, code in enumerate(FormCode)}


def save(known: Known, ask: Ask[SaveIEPForms]) -> Decision:
    """Add forms to a draft, or replace forms of the draft."""
    changed = ask.command.forms
    stands = standing(known, ask, also=repeated(changed))
    if not isinstance(stands, Standing):
        return stands
    match known.get(IEP, ask.command.iep_id):
        case IEP(stage=IEPStage.DRAFT, amends=amends) as draft:
            contents = contents_of(known, draft)
            moved = _moved(known, ask.command, _differing(contents.forms, changed))
            foreign = of_another(draft, ask.actor)
            broken = (*stands.found, *foreign, *misplaced_amendment(amends, changed), *moved)
            return verdict(broken, _saved(draft, contents, merged(contents.forms, changed), ask))
        case other:
            return Refused((*stands.found, out_of_turn(other, IEPStage.DRAFT)))


def remove(known: Known, ask: Ask[RemoveIEPForm]) -> Decision:
    """Remove a form from a draft. The area identifies an instructional plan."""
    command = ask.command
    stands = standing(known, ask, also=_unnamed(command))
    if not isinstance(stands, Standing):
        return stands
    match known.get(IEP, command.iep_id):
        case IEP(stage=IEPStage.DRAFT) as draft:
            contents = contents_of(known, draft)
            kept = tuple(form for form in contents.forms if _key(form) != _key_of(command))
            moved = _moved(known, command, () if len(kept) == len(contents.forms) else ("form",))
            foreign = of_another(draft, ask.actor)
            broken = (*stands.found, *foreign, *_stays(draft, kept, command), *moved)
            return verdict(broken, _saved(draft, contents, kept, ask))
        case other:
            return Refused((*stands.found, out_of_turn(other, IEPStage.DRAFT)))


def merged(earlier: Iterable[Form], changed: Iterable[Form]) -> Forms:
    """The earlier forms, replaced by the changed ones where both have one, in the order of the IEP."""
    return tuple(by_key((*earlier, *changed)).values())


def by_key(forms: Iterable[Form]) -> Mapping[_Key, Form]:
    """The forms by code and area, in the order of the IEP. Of two with one key the last counts."""
    found = {_key(form): form for form in forms}
    return {key: found[key] for key in sorted(found)}


def repeated(forms: Forms) -> Iterator[Finding]:
    """A finding for each form that a command has more than once."""
    times = Counter(map(_key, forms))
    for key, form in by_key(forms).items():
        if times[key] > 1:
            yield rules.FORM_TWICE.broken(at="forms", form=name_of(form))


def misplaced_amendment(amends: IEPId | None, forms: Forms) -> Iterator[Finding]:
    """The finding that the command adds the Amendments form to an IEP that is no amendment."""
    if amends is None and any(isinstance(form, AmendmentForm) for form in forms):
        yield rules.AMENDS_NOTHING.broken(at="forms")


def name_of(form: Form) -> str:
    """The name of a form in a finding: `LRE`, or `IPL[reading]` for the instructional plan of an area."""
    return f"{form.form}[{form.area}]" if isinstance(form, InstructionalPlan) else form.form


def _saved(draft: IEP, earlier: IEPContents, forms: Forms, ask: Ask[Any]) -> Sequence[Record]:
    contents = IEPContents.of(earlier, lea=ask.actor.lea, forms=forms)
    return [contents, IEPFormsSaved.of(draft, lea=ask.actor.lea, **described(contents))]


def _moved(known: Known, command: SaveIEPForms | RemoveIEPForm, fields: Iterable[str]) -> Iterator[Finding]:
    """The finding that another user has changed the draft since the sender saw it."""
    return moved_on(known, command, IEP, command.iep_id, fields=fields)


def _differing(earlier: Forms, changed: Forms) -> Iterator[str]:
    has = by_key(earlier)
    for number, form in enumerate(changed):
        yield from differing(has.get(_key(form)), form, at=f"forms.{number}")


def _key(form: Form) -> _Key:
    area = form.area if isinstance(form, InstructionalPlan) else ""
    return _ORDER[form.form], area.casefold()


def _key_of(command: RemoveIEPForm) -> _Key:
    return _ORDER[command.form], (command.area or "").casefold()


def _unnamed(command: RemoveIEPForm) -> Iterator[Finding]:
    if command.form is FormCode.IPL and not command.area:
        yield rules.AREA_UNNAMED.broken(at="area")


def _stays(draft: IEP, kept: Forms, command: RemoveIEPForm) -> Iterator[Finding]:
    if command.form is FormCode.AMD and draft.amends:
        yield rules.AMENDMENT_FORM_STAYS.broken(at="form")
    elif len(kept) == len(draft.forms) and not any(_unnamed(command)):
        yield rules.FORM_ABSENT.broken(at="form", form=command.form)
