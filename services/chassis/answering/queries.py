"""Reads a service's records about one subject."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.decision import Known
from contracts.message import Record
from services.chassis.keeping.statements import FOUND_WITH, found

AnyRecord = TypeVar("AnyRecord", bound=Record)

_KNOWN = f"""
    SELECT kind, body::text FROM records WHERE subject = $1 AND kind = ANY($5::text[])
    UNION ALL SELECT kind, body::text
    FROM unnest($2::text[], $3::text[], $4::text[]) AS opened (kind, record_id, beside)
    JOIN contents USING (kind, record_id) WHERE {FOUND_WITH.format(subject="$1")}
"""


async def known(
    database: AsyncConnection,
    subject: str,
    stored: Iterable[type[Record]],
    opened: Sequence[tuple[type[Record], object]] = (),
) -> Known:
    """The service's records about one subject; of the records stored apart the `opened` ones."""
    models = {model.kind: model for model in stored}
    kinds, ids = [model.kind for model, _ in opened], [str(record_id) for _, record_id in opened]
    beside = [model.found_with for model, _ in opened]
    rows = await found(database, _KNOWN, subject, kinds, ids, beside, list(models))
    return Known(models[kind].model_validate_json(body) for kind, body in rows)


async def known_together(
    database: AsyncConnection,
    subject: str,
    together: Callable[[Callable[[str], Known]], Iterable[str]],
    stored: Iterable[type[Record]],
) -> Known:
    """The service's records about a subject, beside those about the subjects that `together` names.

    `together` gets what is known of each subject so far. It is asked until it names no further one.
    """
    models = tuple(stored)
    found = {subject: await known(database, subject, models)}
    while missing := {*together(lambda name: found.get(name) or Known())} - found.keys():
        for name in sorted(missing):
            found[name] = await known(database, name, models)
    return found[subject].beside(found)


async def first_opened(
    database: AsyncConnection, subjects: Iterable[str], kind: type[AnyRecord], record_id: object
) -> AnyRecord | None:
    """A record stored apart, under the first of these subjects that has it."""
    for subject in dict.fromkeys(subjects):
        if found := (await known(database, subject, (kind,), [(kind, record_id)])).get(kind, record_id):
            return found
    return None
