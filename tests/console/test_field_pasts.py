"""The history of each field of a student's record."""

from datetime import UTC, datetime
from typing import Any

from console.answers import Happening
from console.field_pasts import field_changes


def event(day: int, by: str | None, *changed: tuple[str, Any, Any]) -> Happening:
    """An event of October 2026 that changed some fields."""
    return Happening(
        at=datetime(2026, 10, day, tzinfo=UTC),
        service="students",
        event="ProfileSaved",
        kind="student",
        sentence="The LEA saved a profile of the student.",
        by_lea="017" if by else None,
        by=by,
        command_id=None,
        changed=tuple({"field": name, "before": old, "after": new} for name, old, new in changed),
    )


def test_each_field_has_its_changes_newest_first() -> None:
    """A change says who made it and when. Fields that have no value are left out."""
    timeline = [
        event(9, None, ("person.last_name", "Richard", "Richard-Guidry")),
        event(5, "d.ray", ("profile.grade", "03", "04"), ("earlier_profiles", [], [{"grade": "03"}])),
        event(1, "m.landry", ("profile.grade", None, "03"), ("person.suffix", None, None)),
    ]
    shown = [(one.path, one.by, one.before, one.after) for one in field_changes(timeline)]
    assert shown == [
        ("person.last_name", "", "Richard", "Richard-Guidry"),
        ("profile.grade", "d.ray", "03", "04"),
        ("profile.grade", "m.landry", None, "03"),
    ]
