"""The breaks in instruction of the demonstration."""

from datetime import date, timedelta

from deploy.demo.breaks import breaks_before


def test_the_last_two_breaks_between_school_terms() -> None:
    """Before October 2017 they were the winter of 2016 and the summer of 2017."""
    assert breaks_before(date(2017, 10, 1)) == [
        (date(2016, 12, 17), date(2017, 1, 3)),
        (date(2017, 5, 27), date(2017, 8, 9)),
    ]


def test_before_the_first_calendars_a_break_has_ten_days() -> None:
    """A count of an early year has breaks, too."""
    for first, last in breaks_before(date(2010, 10, 1)):
        assert last - first == timedelta(days=9)
        assert last < date(2010, 10, 1)
